package dev.evolute.kernels.cpu.f32;

import dev.evolute.kernels.BatchStatistics;
import dev.evolute.kernels.Buffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Batch normalisation of {@code x [n x d]} (Ioffe and Szegedy 2015), channel by channel, with
 * {@code <u> = sum_i u_i / n}, {@code r = rstd}, {@code xh = r (x - mean)}, {@code g = gamma}:
 *
 * <pre>
 *   forward  y   = g xh + bias
 *   vjp      dx  = g r D(dy),  dg = n <xh dy>,  dbias = n <dy>,  D(u) = u - <u> - xh <xh u>
 *   jvp      y'  = g r D(x') + g' xh + bias'
 *   tangent  dx' = (g' r - g r^2 <xh x'>) D(dy) + g r (D(dy') - r <xh dy> D(x') - xh <xh' dy>)
 *            dg' = n (<xh dy'> + <xh' dy>),  <xh' dy> = r (<x' dy> - <x'><dy> - <xh x'><xh dy>)
 * </pre>
 *
 * since {@code xh' = r D(x')} and {@code r' = -r^2 <xh x'>}. So each is one pass that forms sums a
 * channel, some arithmetic on channels in fp64, and one pass that writes {@code a u + b v + c w + e
 * (x - centre) + f} with numbers a channel: all of it memory-bound. Sums are formed in fp64 in
 * blocks of rows that are added in order. In evaluation r does not depend on x, and D is 1.
 */
final class BatchNorm {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final ValueLayout.OfFloat E = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final ValueLayout.OfDouble D = ValueLayout.JAVA_DOUBLE_UNALIGNED;
  private static final long BYTES = Float.BYTES;

  /** Rows a block of a sum: a strip of them, a few cache lines wide, stays in L1. */
  static final int BLOCK = 256;

  /** Channels below which rows are too short for a loop and go several at a time. */
  private static final int SHORT = 64;

  /** What the threads of one call share; all arrays are d long but for the two named. */
  static final class Work {
    int n;
    int d;
    double[] mean = new double[0];
    double[] rstd;
    double[] gamma;
    double[] gammaDot;
    double[] shift;

    /** Sums {@code [block][sum][channel]}; in the end the first block has the totals. */
    double[] sums = new double[0];

    int count;

    /** Coefficients of a row, or of the L rows of {@code period} elements when rows are short. */
    int period;

    float[] centre = new float[0];
    float[] a;
    float[] b;
    float[] c;
    float[] e;
    float[] f;

    int blocks() {
      return (n + BLOCK - 1) / BLOCK;
    }

    private double mean(int k, int j) {
      return sums[k * d + j] / n;
    }
  }

  private static final ThreadLocal<Work> WORK = ThreadLocal.withInitial(Work::new);

  private BatchNorm() {}

  /** Room for {@code count} sums a channel of {@code [n x d]}. */
  static Work work(int n, int d, int count) {
    Work w = WORK.get();
    w.n = n;
    w.d = d;
    w.count = count;
    w.period = d < SHORT ? d * L : d;
    int length = Math.max(1, w.blocks()) * count * d;
    if (w.sums.length < length) {
      w.sums = new double[length];
    }
    if (w.mean.length < d) {
      w.mean = new double[d];
      w.rstd = new double[d];
      w.gamma = new double[d];
      w.gammaDot = new double[d];
      w.shift = new double[d];
    }
    if (w.centre.length < w.period) {
      w.centre = new float[w.period];
      w.a = new float[w.period];
      w.b = new float[w.period];
      w.c = new float[w.period];
      w.e = new float[w.period];
      w.f = new float[w.period];
    }
    java.util.Arrays.fill(w.sums, 0, count * d, 0);
    return w;
  }

  // Passes that form sums, on blocks [from, to).

  /** Mean of each block and the sum of squares around it: exact for any offset of the data. */
  static void moments(Work w, MemorySegment x, long from, long to) {
    int d = w.d;
    for (int block = (int) from; block < to; block++) {
      long row = (long) block * BLOCK;
      int rows = (int) Math.min(BLOCK, w.n - row);
      int at = block * 2 * d;
      int j = 0;
      for (; j <= d - Wide.L; j += Wide.L) {
        blockMean(x, row * d + j, d, rows, w.sums, at + j);
        blockSquares(x, row * d + j, d, rows, w.sums, at + j, at + d + j);
      }
      for (; j < d; j++) {
        double sum = 0;
        for (int i = 0; i < rows; i++) {
          sum += get(x, (row + i) * d + j);
        }
        double mean = sum / rows;
        double squares = 0;
        for (int i = 0; i < rows; i++) {
          double centred = get(x, (row + i) * d + j) - mean;
          squares = Math.fma(centred, centred, squares);
        }
        w.sums[at + j] = mean;
        w.sums[at + d + j] = squares;
      }
    }
  }

  /** Two chains of rows hide the latency of the additions. */
  private static void blockMean(
      MemorySegment x, long at, int d, int rows, double[] sums, int mean) {
    DoubleVector s0 = DoubleVector.zero(Wide.S);
    DoubleVector s1 = s0;
    int i = 0;
    for (; i <= rows - 2; i += 2) {
      s0 = s0.add(Wide.load(x, at));
      s1 = s1.add(Wide.load(x, at + d));
      at += 2L * d;
    }
    if (i < rows) {
      s0 = s0.add(Wide.load(x, at));
    }
    s0.add(s1).div(rows).intoArray(sums, mean);
  }

  /** A method of its own: with the loop above in one, C2 may stop inlining. */
  private static void blockSquares(
      MemorySegment x, long at, int d, int rows, double[] sums, int mean, int squares) {
    DoubleVector centre = DoubleVector.fromArray(Wide.S, sums, mean);
    DoubleVector s0 = DoubleVector.zero(Wide.S);
    DoubleVector s1 = s0;
    int i = 0;
    for (; i <= rows - 2; i += 2) {
      DoubleVector c0 = Wide.load(x, at).sub(centre);
      DoubleVector c1 = Wide.load(x, at + d).sub(centre);
      s0 = c0.fma(c0, s0);
      s1 = c1.fma(c1, s1);
      at += 2L * d;
    }
    if (i < rows) {
      DoubleVector c0 = Wide.load(x, at).sub(centre);
      s0 = c0.fma(c0, s0);
    }
    s0.add(s1).intoArray(sums, squares);
  }

  /** {@code sum u} and {@code sum u (x - mean)}. */
  static void pairs(Work w, MemorySegment x, MemorySegment u, long from, long to) {
    for (int block = (int) from; block < to; block++) {
      pair(w, block, x, u, 0);
    }
  }

  /**
   * The seven sums of the tangent: of dy, x' and dy', each also times {@code x - mean}, and of
   * {@code x' dy}.
   */
  static void sums(
      Work w,
      MemorySegment x,
      MemorySegment dy,
      MemorySegment xDot,
      MemorySegment dyDot,
      long from,
      long to) {
    for (int block = (int) from; block < to; block++) {
      pair(w, block, x, dy, 0);
      pair(w, block, x, xDot, 2);
      pair(w, block, x, dyDot, 4);
      long row = (long) block * BLOCK;
      int rows = (int) Math.min(BLOCK, w.n - row);
      int at = (block * w.count + 6) * w.d;
      int j = 0;
      for (; j <= w.d - Wide.L; j += Wide.L) {
        product(xDot, dy, row * w.d + j, w.d, rows, w.sums, at + j);
      }
      for (; j < w.d; j++) {
        double sum = 0;
        for (int i = 0; i < rows; i++) {
          sum = Math.fma(get(xDot, (row + i) * w.d + j), get(dy, (row + i) * w.d + j), sum);
        }
        w.sums[at + j] = sum;
      }
    }
  }

  /** Sums k and k + 1 of a block. */
  private static void pair(Work w, int block, MemorySegment x, MemorySegment u, int k) {
    int d = w.d;
    long row = (long) block * BLOCK;
    int rows = (int) Math.min(BLOCK, w.n - row);
    int at = (block * w.count + k) * d;
    int j = 0;
    for (; j <= d - Wide.L; j += Wide.L) {
      pair(x, u, row * d + j, d, rows, w.mean, j, w.sums, at + j, at + d + j);
    }
    for (; j < d; j++) {
      double sum = 0;
      double product = 0;
      for (int i = 0; i < rows; i++) {
        double value = get(u, (row + i) * d + j);
        sum += value;
        product = Math.fma(value, get(x, (row + i) * d + j) - w.mean[j], product);
      }
      w.sums[at + j] = sum;
      w.sums[at + d + j] = product;
    }
  }

  private static void pair(
      MemorySegment x,
      MemorySegment u,
      long at,
      int d,
      int rows,
      double[] mean,
      int j,
      double[] sums,
      int sum,
      int product) {
    DoubleVector centre = DoubleVector.fromArray(Wide.S, mean, j);
    DoubleVector s0 = DoubleVector.zero(Wide.S);
    DoubleVector s1 = s0;
    DoubleVector p0 = s0;
    DoubleVector p1 = s0;
    int i = 0;
    for (; i <= rows - 2; i += 2) {
      DoubleVector u0 = Wide.load(u, at);
      DoubleVector u1 = Wide.load(u, at + d);
      s0 = s0.add(u0);
      s1 = s1.add(u1);
      p0 = Wide.load(x, at).sub(centre).fma(u0, p0);
      p1 = Wide.load(x, at + d).sub(centre).fma(u1, p1);
      at += 2L * d;
    }
    if (i < rows) {
      DoubleVector u0 = Wide.load(u, at);
      s0 = s0.add(u0);
      p0 = Wide.load(x, at).sub(centre).fma(u0, p0);
    }
    s0.add(s1).intoArray(sums, sum);
    p0.add(p1).intoArray(sums, product);
  }

  private static void product(
      MemorySegment u, MemorySegment v, long at, int d, int rows, double[] sums, int place) {
    DoubleVector s0 = DoubleVector.zero(Wide.S);
    DoubleVector s1 = s0;
    int i = 0;
    for (; i <= rows - 2; i += 2) {
      s0 = Wide.load(u, at).fma(Wide.load(v, at), s0);
      s1 = Wide.load(u, at + d).fma(Wide.load(v, at + d), s1);
      at += 2L * d;
    }
    if (i < rows) {
      s0 = Wide.load(u, at).fma(Wide.load(v, at), s0);
    }
    s0.add(s1).intoArray(sums, place);
  }

  // Arithmetic on channels, by the calling thread.

  /** Merges the moments of the blocks (Chan, Golub and LeVeque 1983) and keeps the statistics. */
  static void train(Work w, BatchStatistics s) {
    int d = w.d;
    for (int block = 1; block < w.blocks(); block++) {
      double before = (double) block * BLOCK;
      double rows = Math.min(BLOCK, w.n - before);
      int at = block * 2 * d;
      for (int j = 0; j < d; j++) {
        double delta = w.sums[at + j] - w.sums[j];
        w.sums[j] += delta * (rows / (before + rows));
        w.sums[d + j] += w.sums[at + d + j] + delta * delta * (before * rows / (before + rows));
      }
    }
    for (int j = 0; j < d; j++) {
      double mean = w.sums[j];
      double squares = w.sums[d + j];
      put(s.mean(), j, mean);
      put(s.rstd(), j, 1 / Math.sqrt(squares / w.n + s.epsilon()));
      if (s.runningMean() != null && s.momentum() != 0) {
        move(s.runningMean(), j, s.momentum(), mean);
        move(s.runningVariance(), j, s.momentum(), squares / (w.n - 1));
      }
    }
  }

  static void evaluate(Work w, BatchStatistics s) {
    for (int j = 0; j < w.d; j++) {
      put(s.mean(), j, get(s.runningMean(), j));
      put(s.rstd(), j, 1 / Math.sqrt(get(s.runningVariance(), j) + s.epsilon()));
    }
  }

  private static void move(Buffer running, int j, double momentum, double batch) {
    put(running, j, (1 - momentum) * get(running, j) + momentum * batch);
  }

  private static double get(Buffer x, int j) {
    return x.segment().get(D, (long) j * Double.BYTES);
  }

  private static void put(Buffer x, int j, double value) {
    x.segment().set(D, (long) j * Double.BYTES, value);
  }

  /** Statistics and factors in fp64; what is null is 0. */
  static void load(Work w, BatchStatistics s, Buffer gamma, Buffer gammaDot, Buffer shift) {
    for (int j = 0; j < w.d; j++) {
      w.mean[j] = get(s.mean(), j);
      w.rstd[j] = get(s.rstd(), j);
      w.gamma[j] = get(gamma.segment(), j);
      w.gammaDot[j] = gammaDot == null ? 0 : get(gammaDot.segment(), j);
      w.shift[j] = shift == null ? 0 : get(shift.segment(), j);
    }
  }

  /** Adds the blocks of all sums in order. */
  static void total(Work w) {
    int length = w.count * w.d;
    for (int block = 1; block < w.blocks(); block++) {
      for (int i = 0; i < length; i++) {
        w.sums[i] += w.sums[block * length + i];
      }
    }
  }

  static void forward(Work w) {
    for (int j = 0; j < w.d; j++) {
      coefficients(w, j, 0, 0, 0, w.gamma[j] * w.rstd[j], w.shift[j]);
    }
  }

  static void vjp(Work w, boolean training, float beta, MemorySegment dgamma, MemorySegment dbias) {
    for (int j = 0; j < w.d; j++) {
      double r = w.rstd[j];
      double slope = w.gamma[j] * r;
      double e = training ? -slope * r * r * w.mean(1, j) : 0;
      double f = training ? -slope * w.mean(0, j) : 0;
      coefficients(w, j, slope, 0, 0, e, f);
      accumulate(dgamma, j, r * w.sums[w.d + j], beta);
      accumulate(dbias, j, w.sums[j], beta);
    }
  }

  static void jvp(Work w, boolean training) {
    for (int j = 0; j < w.d; j++) {
      double r = w.rstd[j];
      double slope = w.gamma[j] * r;
      double e = w.gammaDot[j] * r - (training ? slope * r * r * w.mean(1, j) : 0);
      double f = w.shift[j] - (training ? slope * w.mean(0, j) : 0);
      coefficients(w, j, slope, 0, 0, e, f);
    }
  }

  static void tangent(
      Work w, boolean training, float beta, MemorySegment dgamma, MemorySegment dbias) {
    for (int j = 0; j < w.d; j++) {
      double r = w.rstd[j];
      double slope = w.gamma[j] * r;
      if (training) {
        double dy = w.mean(0, j);
        double dyX = r * w.mean(1, j);
        double xDot = w.mean(2, j);
        double xDotX = r * w.mean(3, j);
        double dyDot = w.mean(4, j);
        double dyDotX = r * w.mean(5, j);
        double dyXDot = r * (w.mean(6, j) - xDot * dy - xDotX * dyX);
        double a = w.gammaDot[j] * r - slope * r * xDotX;
        double c = -slope * r * dyX;
        double e = -r * (a * dyX + slope * (dyDotX + dyXDot) + c * xDotX);
        double f = -a * dy - slope * dyDot - c * xDot;
        coefficients(w, j, a, slope, c, e, f);
        accumulate(dgamma, j, w.n * (dyDotX + dyXDot), beta);
      } else {
        coefficients(w, j, w.gammaDot[j] * r, slope, 0, 0, 0);
        accumulate(dgamma, j, r * (w.sums[5 * w.d + j] + w.sums[6 * w.d + j]), beta);
      }
      accumulate(dbias, j, w.sums[4 * w.d + j], beta);
    }
  }

  /**
   * Rounds the coefficients of a channel. What the mean loses in rounding to the centre goes into
   * f: {@code e (x - mean) + f}, where {@code x - centre} is exact for x near the mean.
   */
  private static void coefficients(
      Work w, int j, double a, double b, double c, double e, double f) {
    float centre = (float) w.mean[j];
    double rest = e == 0 ? 0 : e * (centre - w.mean[j]);
    for (int i = j; i < w.period; i += w.d) {
      w.centre[i] = centre;
      w.a[i] = (float) a;
      w.b[i] = (float) b;
      w.c[i] = (float) c;
      w.e[i] = (float) e;
      w.f[i] = (float) (f + rest);
    }
  }

  private static void accumulate(MemorySegment out, int j, double value, double beta) {
    double kept = beta == 0 ? 0 : beta * get(out, j);
    out.set(E, j * BYTES, (float) (value + kept));
  }

  private static float get(MemorySegment x, long i) {
    return x.get(E, i * BYTES);
  }

  private static FloatVector load(MemorySegment x, long i) {
    return FloatVector.fromMemorySegment(S, Memory.of(x), Memory.at(x, i * BYTES), LE);
  }

  private static void store(FloatVector v, MemorySegment x, long i) {
    v.intoMemorySegment(Memory.of(x), Memory.at(x, i * BYTES), LE);
  }

  private static FloatVector load(float[] x, int i) {
    return FloatVector.fromArray(S, x, i);
  }

  // Passes that write, on rows [from, to).

  /** {@code y = e (x - centre) + f}. */
  static void scale(Work w, MemorySegment x, MemorySegment y, long from, long to) {
    for (long at = from * w.d; at < to * w.d; at += w.period) {
      int count = (int) Math.min(w.period, to * w.d - at);
      scale(x, y, at, count, w.centre, w.e, w.f);
    }
  }

  private static void scale(
      MemorySegment x, MemorySegment y, long at, int count, float[] centre, float[] e, float[] f) {
    int j = 0;
    for (; j <= count - L; j += L) {
      FloatVector result = load(x, at + j).sub(load(centre, j)).fma(load(e, j), load(f, j));
      store(result, y, at + j);
    }
    for (; j < count; j++) {
      y.set(E, (at + j) * BYTES, Math.fma(get(x, at + j) - centre[j], e[j], f[j]));
    }
  }

  /** {@code out = a u + e (x - centre) + f + beta out}. */
  static void combine(
      Work w, MemorySegment x, MemorySegment u, float beta, MemorySegment out, long from, long to) {
    for (long at = from * w.d; at < to * w.d; at += w.period) {
      int count = (int) Math.min(w.period, to * w.d - at);
      combine(x, u, beta, out, at, count, w.centre, w.a, w.e, w.f);
    }
  }

  private static void combine(
      MemorySegment x,
      MemorySegment u,
      float beta,
      MemorySegment out,
      long at,
      int count,
      float[] centre,
      float[] a,
      float[] e,
      float[] f) {
    FloatVector keep = FloatVector.broadcast(S, beta);
    int j = 0;
    for (; j <= count - L; j += L) {
      FloatVector sum = load(x, at + j).sub(load(centre, j)).fma(load(e, j), load(f, j));
      sum = load(u, at + j).fma(load(a, j), sum);
      if (beta != 0) {
        sum = load(out, at + j).fma(keep, sum);
      }
      store(sum, out, at + j);
    }
    for (; j < count; j++) {
      float sum = Math.fma(get(x, at + j) - centre[j], e[j], f[j]);
      sum = Math.fma(get(u, at + j), a[j], sum);
      if (beta != 0) {
        sum = Math.fma(get(out, at + j), beta, sum);
      }
      out.set(E, (at + j) * BYTES, sum);
    }
  }

  /** {@code out = a dy + b dy' + c x' + e (x - centre) + f + beta out}. */
  static void combine(
      Work w,
      MemorySegment x,
      MemorySegment dy,
      MemorySegment xDot,
      MemorySegment dyDot,
      float beta,
      MemorySegment out,
      long from,
      long to) {
    for (long at = from * w.d; at < to * w.d; at += w.period) {
      int count = (int) Math.min(w.period, to * w.d - at);
      combine(x, dy, xDot, dyDot, beta, out, at, count, w.centre, w.a, w.b, w.c, w.e, w.f);
    }
  }

  private static void combine(
      MemorySegment x,
      MemorySegment dy,
      MemorySegment xDot,
      MemorySegment dyDot,
      float beta,
      MemorySegment out,
      long at,
      int count,
      float[] centre,
      float[] a,
      float[] b,
      float[] c,
      float[] e,
      float[] f) {
    FloatVector keep = FloatVector.broadcast(S, beta);
    int j = 0;
    for (; j <= count - L; j += L) {
      FloatVector sum = load(x, at + j).sub(load(centre, j)).fma(load(e, j), load(f, j));
      sum = load(dy, at + j).fma(load(a, j), sum);
      sum = load(dyDot, at + j).fma(load(b, j), sum);
      sum = load(xDot, at + j).fma(load(c, j), sum);
      if (beta != 0) {
        sum = load(out, at + j).fma(keep, sum);
      }
      store(sum, out, at + j);
    }
    for (; j < count; j++) {
      float sum = Math.fma(get(x, at + j) - centre[j], e[j], f[j]);
      sum = Math.fma(get(dy, at + j), a[j], sum);
      sum = Math.fma(get(dyDot, at + j), b[j], sum);
      sum = Math.fma(get(xDot, at + j), c[j], sum);
      if (beta != 0) {
        sum = Math.fma(get(out, at + j), beta, sum);
      }
      out.set(E, (at + j) * BYTES, sum);
    }
  }
}
