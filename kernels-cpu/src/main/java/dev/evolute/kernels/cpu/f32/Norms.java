package dev.evolute.kernels.cpu.f32;

import static dev.evolute.kernels.cpu.f32.Lanes.BYTES;
import static dev.evolute.kernels.cpu.f32.Lanes.L;
import static dev.evolute.kernels.cpu.f32.Lanes.LE;
import static dev.evolute.kernels.cpu.f32.Lanes.S;
import static dev.evolute.kernels.cpu.f32.Lanes.across;
import static dev.evolute.kernels.cpu.f32.Lanes.get;
import static dev.evolute.kernels.cpu.f32.Lanes.put;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;

/**
 * LayerNorm and RMSNorm of the rows of {@code x [n x d]}; the formulas stand in {@link
 * dev.evolute.kernels.NormKernels}. Each row is passed over for its sums, in fp64, and again, from
 * the nearest cache, for the output. What is summed over rows is summed by blocks of rows that
 * depend on n alone, in fp64, and the blocks are added in order. Bound by memory beyond the caches,
 * within them by the conversions to fp64.
 */
final class Norms {
  /** Fewest rows a block, and most blocks: what bounds the memory of the partial sums. */
  private static final int ROWS = 16;

  private static final int BLOCKS = 64;

  /** Room for the lanes of a vector, then the sums of a row. */
  private static final int SUMS = 64;

  private static final ThreadLocal<double[]> ROOM =
      ThreadLocal.withInitial(() -> new double[SUMS + 8]);

  private Norms() {}

  /** Rows whose sums are formed together. */
  static int blockRows(int n) {
    return Math.max(ROWS, (n + BLOCKS - 1) / BLOCKS);
  }

  static int blocks(int n) {
    return (n + blockRows(n) - 1) / blockRows(n);
  }

  /** Rows {@code [from, to)} of {@code y = gain h + bias}; bias may be null. */
  static void forward(
      boolean centred,
      double eps,
      MemorySegment x,
      MemorySegment gain,
      MemorySegment bias,
      MemorySegment y,
      MemorySegment stats,
      int n,
      int d,
      long from,
      long to) {
    double[] room = ROOM.get();
    for (long i = from; i < to; i++) {
      double mean = centred ? sum(x, i * d, d, room) / d : 0;
      double r = 1 / Math.sqrt(squares(x, i * d, d, mean, room) / d + eps);
      put((float) mean, stats, i);
      put((float) r, stats, n + i);
      if (bias == null) {
        scale((float) mean, (float) r, x, gain, y, i * d, d);
      } else {
        scale((float) mean, (float) r, x, gain, bias, y, i * d, d);
      }
    }
  }

  private static double sum(MemorySegment x, long at, int d, double[] room) {
    DoubleVector s0 = DoubleVector.zero(Wide.S);
    DoubleVector s1 = s0;
    int j = 0;
    for (; j <= d - 2 * Wide.L; j += 2 * Wide.L) {
      s0 = s0.add(Wide.load(x, at + j));
      s1 = s1.add(Wide.load(x, at + j + Wide.L));
    }
    double sum = across(s0.add(s1), room);
    for (; j < d; j++) {
      sum += get(x, at + j);
    }
    return sum;
  }

  /** {@code sum_j (x_j - mean)^2}, about the mean: no cancellation. */
  private static double squares(MemorySegment x, long at, int d, double mean, double[] room) {
    DoubleVector m = DoubleVector.broadcast(Wide.S, mean);
    DoubleVector s0 = DoubleVector.zero(Wide.S);
    DoubleVector s1 = s0;
    int j = 0;
    for (; j <= d - 2 * Wide.L; j += 2 * Wide.L) {
      DoubleVector x0 = Wide.load(x, at + j).sub(m);
      DoubleVector x1 = Wide.load(x, at + j + Wide.L).sub(m);
      s0 = x0.fma(x0, s0);
      s1 = x1.fma(x1, s1);
    }
    double sum = across(s0.add(s1), room);
    for (; j < d; j++) {
      double c = get(x, at + j) - mean;
      sum = Math.fma(c, c, sum);
    }
    return sum;
  }

  private static void scale(
      float mean, float r, MemorySegment x, MemorySegment gain, MemorySegment y, long at, int d) {
    int j = 0;
    for (; j <= d - L; j += L) {
      fromMemorySegment(S, x, (at + j) * BYTES, LE)
          .sub(broadcast(S, mean))
          .mul(broadcast(S, r))
          .mul(fromMemorySegment(S, gain, j * BYTES, LE))
          .intoMemorySegment(y, (at + j) * BYTES, LE);
    }
    for (; j < d; j++) {
      put((get(x, at + j) - mean) * r * get(gain, j), y, at + j);
    }
  }

  private static void scale(
      float mean,
      float r,
      MemorySegment x,
      MemorySegment gain,
      MemorySegment bias,
      MemorySegment y,
      long at,
      int d) {
    int j = 0;
    for (; j <= d - L; j += L) {
      FloatVector h =
          fromMemorySegment(S, x, (at + j) * BYTES, LE)
              .sub(broadcast(S, mean))
              .mul(broadcast(S, r));
      h.fma(fromMemorySegment(S, gain, j * BYTES, LE), fromMemorySegment(S, bias, j * BYTES, LE))
          .intoMemorySegment(y, (at + j) * BYTES, LE);
    }
    for (; j < d; j++) {
      put(Math.fma((get(x, at + j) - mean) * r, get(gain, j), get(bias, j)), y, at + j);
    }
  }

  /**
   * Blocks {@code [from, to)} of rows of the vjp: dx, unless null, and the block's share of dgain
   * and dbias in {@code sums [blocks x 2 x d]}.
   */
  static void vjp(
      boolean centred,
      MemorySegment x,
      MemorySegment stats,
      MemorySegment gain,
      MemorySegment dy,
      float beta,
      MemorySegment dx,
      double[] sums,
      int n,
      int d,
      long from,
      long to) {
    double[] room = ROOM.get();
    int rows = blockRows(n);
    for (long block = from; block < to; block++) {
      int base = Math.toIntExact(block * 2 * d);
      Arrays.fill(sums, base, base + 2 * d, 0);
      for (long i = block * rows; i < Math.min(n, (block + 1) * rows); i++) {
        float mean = get(stats, i);
        float r = get(stats, n + i);
        cotangents(mean, r, x, gain, dy, i * d, d, sums, base, room);
        if (dx != null) {
          double meanOfDh = centred ? room[SUMS] / d : 0;
          double meanOfHDh = room[SUMS + 1] / d;
          cotangent(mean, r, meanOfDh, meanOfHDh, x, gain, dy, beta, dx, i * d, d);
        }
      }
    }
  }

  /** A row's sums of dh and of h dh into room; its h dy and dy onto sums. */
  private static void cotangents(
      double mean,
      double r,
      MemorySegment x,
      MemorySegment gain,
      MemorySegment dy,
      long at,
      int d,
      double[] sums,
      int base,
      double[] room) {
    DoubleVector m = DoubleVector.broadcast(Wide.S, mean);
    DoubleVector inverse = DoubleVector.broadcast(Wide.S, r);
    DoubleVector dhs = DoubleVector.zero(Wide.S);
    DoubleVector hdhs = dhs;
    int j = 0;
    for (; j <= d - Wide.L; j += Wide.L) {
      DoubleVector h = Wide.load(x, at + j);
      DoubleVector y = Wide.load(dy, at + j);
      DoubleVector dh = Wide.load(gain, j).mul(y);
      h = h.sub(m).mul(inverse);
      dhs = dhs.add(dh);
      hdhs = h.fma(dh, hdhs);
      h.fma(y, DoubleVector.fromArray(Wide.S, sums, base + j)).intoArray(sums, base + j);
      y.add(DoubleVector.fromArray(Wide.S, sums, base + d + j)).intoArray(sums, base + d + j);
    }
    double sum = across(dhs, room);
    double product = across(hdhs, room);
    for (; j < d; j++) {
      double h = (get(x, at + j) - mean) * r;
      double y = get(dy, at + j);
      double dh = get(gain, j) * y;
      sum += dh;
      product = Math.fma(h, dh, product);
      sums[base + j] = Math.fma(h, y, sums[base + j]);
      sums[base + d + j] += y;
    }
    room[SUMS] = sum;
    room[SUMS + 1] = product;
  }

  /** {@code dx = r (dh - mean(dh) - h mean(h dh)) + beta dx} on one row. */
  private static void cotangent(
      float mean,
      float r,
      double meanOfDh,
      double meanOfHDh,
      MemorySegment x,
      MemorySegment gain,
      MemorySegment dy,
      float beta,
      MemorySegment dx,
      long at,
      int d) {
    float a = (float) meanOfDh;
    float b = (float) -meanOfHDh;
    int j = 0;
    for (; j <= d - L; j += L) {
      FloatVector h =
          fromMemorySegment(S, x, (at + j) * BYTES, LE)
              .sub(broadcast(S, mean))
              .mul(broadcast(S, r));
      FloatVector dh =
          fromMemorySegment(S, gain, j * BYTES, LE)
              .mul(fromMemorySegment(S, dy, (at + j) * BYTES, LE));
      FloatVector change = h.fma(broadcast(S, b), dh.sub(broadcast(S, a))).mul(broadcast(S, r));
      if (beta == 0) {
        change.intoMemorySegment(dx, (at + j) * BYTES, LE);
      } else {
        FloatVector old = fromMemorySegment(S, dx, (at + j) * BYTES, LE);
        old.fma(broadcast(S, beta), change).intoMemorySegment(dx, (at + j) * BYTES, LE);
      }
    }
    for (; j < d; j++) {
      float h = (get(x, at + j) - mean) * r;
      float dh = get(gain, j) * get(dy, at + j);
      put(Math.fma(h, b, dh - a) * r, beta, dx, at + j);
    }
  }

  /** Rows {@code [from, to)} of {@code y' = gain h' + gain' h + bias'}; bias' may be null. */
  static void jvp(
      boolean centred,
      MemorySegment x,
      MemorySegment stats,
      MemorySegment gain,
      MemorySegment xTangent,
      MemorySegment gainTangent,
      MemorySegment biasTangent,
      MemorySegment yTangent,
      int n,
      int d,
      long from,
      long to) {
    double[] room = ROOM.get();
    for (long i = from; i < to; i++) {
      float mean = get(stats, i);
      float r = get(stats, n + i);
      double meanOfX = centred ? sum(xTangent, i * d, d, room) / d : 0;
      double meanOfHX = products(mean, r, x, xTangent, i * d, d, room) / d;
      tangent(mean, r, meanOfX, meanOfHX, x, gain, xTangent, gainTangent, yTangent, i * d, d);
      if (biasTangent != null) {
        Elementwise.addRow(yTangent, biasTangent, yTangent, d, i, i + 1);
      }
    }
  }

  /** {@code sum_j h_j x'_j}. */
  private static double products(
      double mean, double r, MemorySegment x, MemorySegment xt, long at, int d, double[] room) {
    DoubleVector m = DoubleVector.broadcast(Wide.S, mean);
    DoubleVector inverse = DoubleVector.broadcast(Wide.S, r);
    DoubleVector s = DoubleVector.zero(Wide.S);
    int j = 0;
    for (; j <= d - Wide.L; j += Wide.L) {
      s = Wide.load(x, at + j).sub(m).mul(inverse).fma(Wide.load(xt, at + j), s);
    }
    double sum = across(s, room);
    for (; j < d; j++) {
      sum = Math.fma((get(x, at + j) - mean) * r, (double) get(xt, at + j), sum);
    }
    return sum;
  }

  private static void tangent(
      float mean,
      float r,
      double meanOfX,
      double meanOfHX,
      MemorySegment x,
      MemorySegment gain,
      MemorySegment xt,
      MemorySegment gt,
      MemorySegment yt,
      long at,
      int d) {
    float a = (float) meanOfX;
    float b = (float) -meanOfHX;
    int j = 0;
    for (; j <= d - L; j += L) {
      FloatVector h =
          fromMemorySegment(S, x, (at + j) * BYTES, LE)
              .sub(broadcast(S, mean))
              .mul(broadcast(S, r));
      FloatVector ht =
          h.fma(
                  broadcast(S, b),
                  fromMemorySegment(S, xt, (at + j) * BYTES, LE).sub(broadcast(S, a)))
              .mul(broadcast(S, r));
      ht.fma(
              fromMemorySegment(S, gain, j * BYTES, LE),
              h.mul(fromMemorySegment(S, gt, j * BYTES, LE)))
          .intoMemorySegment(yt, (at + j) * BYTES, LE);
    }
    for (; j < d; j++) {
      float h = (get(x, at + j) - mean) * r;
      float ht = Math.fma(h, b, get(xt, at + j) - a) * r;
      put(Math.fma(ht, get(gain, j), h * get(gt, j)), yt, at + j);
    }
  }

  /**
   * Blocks {@code [from, to)} of rows of the tangent of the vjp: dx', unless null, and the block's
   * share of dgain' and dbias' in {@code sums [blocks x 2 x d]}.
   */
  static void vjpTangent(
      boolean centred,
      MemorySegment x,
      MemorySegment stats,
      MemorySegment gain,
      MemorySegment dy,
      MemorySegment xt,
      MemorySegment gt,
      MemorySegment dyt,
      float beta,
      MemorySegment dxt,
      double[] sums,
      int n,
      int d,
      long from,
      long to) {
    double[] room = ROOM.get();
    int rows = blockRows(n);
    for (long block = from; block < to; block++) {
      int base = Math.toIntExact(block * 2 * d);
      Arrays.fill(sums, base, base + 2 * d, 0);
      for (long i = block * rows; i < Math.min(n, (block + 1) * rows); i++) {
        float mean = get(stats, i);
        float r = get(stats, n + i);
        double meanOfX = centred ? sum(xt, i * d, d, room) / d : 0;
        double meanOfHX = products(mean, r, x, xt, i * d, d, room) / d;
        shares(mean, r, meanOfX, meanOfHX, x, xt, dy, dyt, i * d, d, sums, base);
        if (dxt != null) {
          means(mean, r, meanOfX, meanOfHX, x, xt, gain, gt, dy, dyt, i * d, d, room);
          double meanOfDh = centred ? room[SUMS] : 0;
          double meanOfDhTangent = centred ? room[SUMS + 2] : 0;
          cotangentTangent(
              mean,
              r,
              (float) meanOfX,
              (float) meanOfHX,
              (float) meanOfDh,
              (float) room[SUMS + 1],
              (float) meanOfDhTangent,
              (float) room[SUMS + 3],
              x,
              gain,
              dy,
              xt,
              gt,
              dyt,
              beta,
              dxt,
              i * d,
              d);
        }
      }
    }
  }

  /** A row's {@code h dy' + h' dy} and {@code dy'} onto sums. */
  private static void shares(
      double mean,
      double r,
      double meanOfX,
      double meanOfHX,
      MemorySegment x,
      MemorySegment xt,
      MemorySegment dy,
      MemorySegment dyt,
      long at,
      int d,
      double[] sums,
      int base) {
    DoubleVector m = DoubleVector.broadcast(Wide.S, mean);
    DoubleVector inverse = DoubleVector.broadcast(Wide.S, r);
    DoubleVector a = DoubleVector.broadcast(Wide.S, meanOfX);
    DoubleVector b = DoubleVector.broadcast(Wide.S, -meanOfHX);
    int j = 0;
    for (; j <= d - Wide.L; j += Wide.L) {
      DoubleVector h = Wide.load(x, at + j).sub(m).mul(inverse);
      DoubleVector ht = h.fma(b, Wide.load(xt, at + j).sub(a)).mul(inverse);
      DoubleVector yt = Wide.load(dyt, at + j);
      DoubleVector sum = h.fma(yt, DoubleVector.fromArray(Wide.S, sums, base + j));
      ht.fma(Wide.load(dy, at + j), sum).intoArray(sums, base + j);
      yt.add(DoubleVector.fromArray(Wide.S, sums, base + d + j)).intoArray(sums, base + d + j);
    }
    for (; j < d; j++) {
      double h = (get(x, at + j) - mean) * r;
      double ht = Math.fma(h, -meanOfHX, get(xt, at + j) - meanOfX) * r;
      double yt = get(dyt, at + j);
      sums[base + j] = Math.fma(ht, (double) get(dy, at + j), Math.fma(h, yt, sums[base + j]));
      sums[base + d + j] += yt;
    }
  }

  /** A row's means of dh, h dh, dh' and h dh' + h' dh into room. */
  private static void means(
      double mean,
      double r,
      double meanOfX,
      double meanOfHX,
      MemorySegment x,
      MemorySegment xt,
      MemorySegment gain,
      MemorySegment gt,
      MemorySegment dy,
      MemorySegment dyt,
      long at,
      int d,
      double[] room) {
    DoubleVector m = DoubleVector.broadcast(Wide.S, mean);
    DoubleVector inverse = DoubleVector.broadcast(Wide.S, r);
    DoubleVector a = DoubleVector.broadcast(Wide.S, meanOfX);
    DoubleVector b = DoubleVector.broadcast(Wide.S, -meanOfHX);
    DoubleVector dhs = DoubleVector.zero(Wide.S);
    DoubleVector hdhs = dhs;
    DoubleVector dhts = dhs;
    DoubleVector hdhts = dhs;
    int j = 0;
    for (; j <= d - Wide.L; j += Wide.L) {
      DoubleVector h = Wide.load(x, at + j).sub(m).mul(inverse);
      DoubleVector ht = h.fma(b, Wide.load(xt, at + j).sub(a)).mul(inverse);
      DoubleVector g = Wide.load(gain, j);
      DoubleVector y = Wide.load(dy, at + j);
      DoubleVector dh = g.mul(y);
      DoubleVector dht = g.fma(Wide.load(dyt, at + j), Wide.load(gt, j).mul(y));
      dhs = dhs.add(dh);
      hdhs = h.fma(dh, hdhs);
      dhts = dhts.add(dht);
      hdhts = ht.fma(dh, h.fma(dht, hdhts));
    }
    double sum = across(dhs, room);
    double product = across(hdhs, room);
    double sumTangent = across(dhts, room);
    double productTangent = across(hdhts, room);
    for (; j < d; j++) {
      double h = (get(x, at + j) - mean) * r;
      double ht = Math.fma(h, -meanOfHX, get(xt, at + j) - meanOfX) * r;
      double y = get(dy, at + j);
      double dh = get(gain, j) * y;
      double dht = Math.fma((double) get(gain, j), (double) get(dyt, at + j), get(gt, j) * y);
      sum += dh;
      product = Math.fma(h, dh, product);
      sumTangent += dht;
      productTangent = Math.fma(ht, dh, Math.fma(h, dht, productTangent));
    }
    room[SUMS] = sum / d;
    room[SUMS + 1] = product / d;
    room[SUMS + 2] = sumTangent / d;
    room[SUMS + 3] = productTangent / d;
  }

  /**
   * {@code dx' = r (dh' - mean(dh') - h mean(h dh + ..)' - h' mean(h dh)) - r mean(h x') dx + beta
   * dx'} on one row.
   */
  private static void cotangentTangent(
      float mean,
      float r,
      float meanOfX,
      float meanOfHX,
      float meanOfDh,
      float meanOfHDh,
      float meanOfDhTangent,
      float meanOfHDhTangent,
      MemorySegment x,
      MemorySegment gain,
      MemorySegment dy,
      MemorySegment xt,
      MemorySegment gt,
      MemorySegment dyt,
      float beta,
      MemorySegment dxt,
      long at,
      int d) {
    float shrink = -r * meanOfHX;
    int j = 0;
    for (; j <= d - L; j += L) {
      FloatVector h =
          fromMemorySegment(S, x, (at + j) * BYTES, LE)
              .sub(broadcast(S, mean))
              .mul(broadcast(S, r));
      FloatVector ht =
          h.fma(
                  broadcast(S, -meanOfHX),
                  fromMemorySegment(S, xt, (at + j) * BYTES, LE).sub(broadcast(S, meanOfX)))
              .mul(broadcast(S, r));
      FloatVector g = fromMemorySegment(S, gain, j * BYTES, LE);
      FloatVector y = fromMemorySegment(S, dy, (at + j) * BYTES, LE);
      FloatVector dh = g.mul(y);
      FloatVector dht =
          g.fma(
              fromMemorySegment(S, dyt, (at + j) * BYTES, LE),
              fromMemorySegment(S, gt, j * BYTES, LE).mul(y));
      FloatVector inner = h.fma(broadcast(S, -meanOfHDh), dh.sub(broadcast(S, meanOfDh)));
      FloatVector outer =
          h.fma(broadcast(S, -meanOfHDhTangent), dht.sub(broadcast(S, meanOfDhTangent)));
      outer = inner.fma(broadcast(S, shrink), ht.fma(broadcast(S, -meanOfHDh), outer));
      FloatVector change = outer.mul(broadcast(S, r));
      if (beta == 0) {
        change.intoMemorySegment(dxt, (at + j) * BYTES, LE);
      } else {
        FloatVector old = fromMemorySegment(S, dxt, (at + j) * BYTES, LE);
        old.fma(broadcast(S, beta), change).intoMemorySegment(dxt, (at + j) * BYTES, LE);
      }
    }
    for (; j < d; j++) {
      float h = (get(x, at + j) - mean) * r;
      float ht = Math.fma(h, -meanOfHX, get(xt, at + j) - meanOfX) * r;
      float y = get(dy, at + j);
      float dh = get(gain, j) * y;
      float dht = Math.fma(get(gain, j), get(dyt, at + j), get(gt, j) * y);
      float inner = Math.fma(h, -meanOfHDh, dh - meanOfDh);
      float outer = Math.fma(h, -meanOfHDhTangent, dht - meanOfDhTangent);
      outer = Math.fma(inner, shrink, Math.fma(ht, -meanOfHDh, outer));
      put(outer * r, beta, dxt, at + j);
    }
  }

  /** {@code out_j = the blocks' shares in order + beta out_j}; shares are 2 d apart. */
  static void total(double[] sums, int from, int blocks, int d, float beta, MemorySegment out) {
    for (int block = 1; block < blocks; block++) {
      add(sums, from, from + block * 2 * d, d);
    }
    for (int j = 0; j < d; j++) {
      put(blocks == 0 ? 0 : (float) sums[from + j], beta, out, j);
    }
  }

  private static void add(double[] sums, int to, int from, int d) {
    for (int j = 0; j < d; j++) {
      sums[to + j] += sums[from + j];
    }
  }
}
