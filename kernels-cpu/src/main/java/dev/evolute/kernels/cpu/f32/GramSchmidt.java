package dev.evolute.kernels.cpu.f32;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;

/**
 * Products with a tall block of rows {@code V [k x n]}: the two halves of Gram-Schmidt, and sums of
 * columns, which are the second half with all coefficients 1.
 *
 * <pre>
 *   dots        c = V x                      eight rows pass over x at once
 *   combine     y = y + V^T c                four rows pass at once over a chunk of y, in fp64
 *   columnSums  row_j = beta row_j + sum_i X_ij
 * </pre>
 *
 * Each row is read once, in fp64 arithmetic. Bound by the memory bandwidth of V. Loops over vectors
 * stand in methods of their own, {@code ...Whole}, for the reason given at {@link Reductions}.
 */
final class GramSchmidt {
  /** Rows that pass over x together. */
  static final int ROWS = 8;

  /** Elements of x that stay in L2 while all rows pass over them, and of one partial sum. */
  static final int BLOCK = 32_768;

  /** Elements of y (and columns of a sum) that stay in L2 while every row passes over them. */
  static final int CHUNK = 8192;

  /** Columns that a sum of columns should have at least. */
  private static final int LONG_ROW = 2048;

  private static final ValueLayout.OfFloat E = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final long BYTES = Float.BYTES;

  private static final ThreadLocal<double[]> SUMS =
      ThreadLocal.withInitial(() -> new double[CHUNK]);

  private GramSchmidt() {}

  private static double get(MemorySegment x, long i) {
    return x.get(E, i * BYTES);
  }

  /**
   * {@code out_r = <v_j+r, x>} for up to eight rows of v {@code [k x .]} on the n columns from
   * {@code at} on. A group that is not full reads its last row again, which costs no memory
   * traffic, and gives what nobody uses.
   */
  static void dots(
      MemorySegment v,
      int j,
      int k,
      long stride,
      MemorySegment x,
      long at,
      int n,
      double[] out,
      int to) {
    int whole = n - n % Wide.L;
    Arrays.fill(out, to, to + ROWS, 0);
    if (whole > 0) {
      int last = k - 1 - j;
      long r0 = j * stride + at;
      long r1 = r0 + Math.min(1, last) * stride;
      long r2 = r0 + Math.min(2, last) * stride;
      long r3 = r0 + Math.min(3, last) * stride;
      if (last < 4) {
        dotsWhole(v, r0, r1, r2, r3, x, at, whole, out, to);
      } else {
        long r4 = r0 + 4 * stride;
        long r5 = r0 + Math.min(5, last) * stride;
        long r6 = r0 + Math.min(6, last) * stride;
        long r7 = r0 + Math.min(7, last) * stride;
        dotsWhole(v, r0, r1, r2, r3, r4, r5, r6, r7, x, at, whole, out, to);
      }
    }
    for (int r = 0; r < Math.min(ROWS, k - j); r++) {
      long row = (j + r) * stride + at;
      double sum = out[to + r];
      for (int i = whole; i < n; i++) {
        sum = Math.fma(get(v, row + i), get(x, at + i), sum);
      }
      out[to + r] = sum;
    }
  }

  private static void dotsWhole(
      MemorySegment v,
      long r0,
      long r1,
      long r2,
      long r3,
      long r4,
      long r5,
      long r6,
      long r7,
      MemorySegment x,
      long at,
      int n,
      double[] out,
      int to) {
    DoubleVector s0 = DoubleVector.zero(Wide.S);
    DoubleVector s1 = s0;
    DoubleVector s2 = s0;
    DoubleVector s3 = s0;
    DoubleVector s4 = s0;
    DoubleVector s5 = s0;
    DoubleVector s6 = s0;
    DoubleVector s7 = s0;
    for (int i = 0; i < n; i += Wide.L) {
      DoubleVector xi = Wide.load(x, at + i);
      s0 = Wide.load(v, r0 + i).fma(xi, s0);
      s1 = Wide.load(v, r1 + i).fma(xi, s1);
      s2 = Wide.load(v, r2 + i).fma(xi, s2);
      s3 = Wide.load(v, r3 + i).fma(xi, s3);
      s4 = Wide.load(v, r4 + i).fma(xi, s4);
      s5 = Wide.load(v, r5 + i).fma(xi, s5);
      s6 = Wide.load(v, r6 + i).fma(xi, s6);
      s7 = Wide.load(v, r7 + i).fma(xi, s7);
    }
    double[] lanes = Reductions.LANES.get();
    s0.intoArray(lanes, 0);
    out[to] = Reductions.total(lanes);
    s1.intoArray(lanes, 0);
    out[to + 1] = Reductions.total(lanes);
    s2.intoArray(lanes, 0);
    out[to + 2] = Reductions.total(lanes);
    s3.intoArray(lanes, 0);
    out[to + 3] = Reductions.total(lanes);
    s4.intoArray(lanes, 0);
    out[to + 4] = Reductions.total(lanes);
    s5.intoArray(lanes, 0);
    out[to + 5] = Reductions.total(lanes);
    s6.intoArray(lanes, 0);
    out[to + 6] = Reductions.total(lanes);
    s7.intoArray(lanes, 0);
    out[to + 7] = Reductions.total(lanes);
  }

  private static void dotsWhole(
      MemorySegment v,
      long r0,
      long r1,
      long r2,
      long r3,
      MemorySegment x,
      long at,
      int n,
      double[] out,
      int to) {
    DoubleVector s0 = DoubleVector.zero(Wide.S);
    DoubleVector s1 = s0;
    DoubleVector s2 = s0;
    DoubleVector s3 = s0;
    for (int i = 0; i < n; i += Wide.L) {
      DoubleVector xi = Wide.load(x, at + i);
      s0 = Wide.load(v, r0 + i).fma(xi, s0);
      s1 = Wide.load(v, r1 + i).fma(xi, s1);
      s2 = Wide.load(v, r2 + i).fma(xi, s2);
      s3 = Wide.load(v, r3 + i).fma(xi, s3);
    }
    double[] lanes = Reductions.LANES.get();
    s0.intoArray(lanes, 0);
    out[to] = Reductions.total(lanes);
    s1.intoArray(lanes, 0);
    out[to + 1] = Reductions.total(lanes);
    s2.intoArray(lanes, 0);
    out[to + 2] = Reductions.total(lanes);
    s3.intoArray(lanes, 0);
    out[to + 3] = Reductions.total(lanes);
  }

  /** {@code y = y + sum_j c_j v_j} on elements {@code [from, to)}; y is rounded once. */
  static void combine(
      double[] c, MemorySegment v, int k, long stride, MemorySegment y, long from, long to) {
    double[] sums = SUMS.get();
    for (long at = from; at < to; at += CHUNK) {
      int n = (int) Math.min(CHUNK, to - at);
      load(y, at, sums, n);
      int j = 0;
      for (; j <= k - 4; j += 4) {
        add(c[j], c[j + 1], c[j + 2], c[j + 3], v, at + j * stride, stride, sums, n);
      }
      for (; j < k; j++) {
        add(c[j], v, at + j * stride, sums, n);
      }
      store(sums, y, at, n);
    }
  }

  /**
   * Rows of length d that {@link #columnSums} reads as one, so that its rows are never short: sums
   * of {@code group} columns of each kind, which are added up at the end.
   */
  static int group(int d) {
    return Math.max(1, LONG_ROW / d);
  }

  /**
   * {@code sum_i X_ij} for the columns {@code [from, to)} of the first {@code size} elements of x,
   * taken as rows of length {@code width}; the last row may end early.
   *
   * @param row receives {@code sum + beta row} if it is not null
   * @param sums receives the sums else
   */
  static void columnSums(
      MemorySegment x,
      long size,
      int width,
      double beta,
      MemorySegment row,
      double[] sums,
      int from,
      int to) {
    double[] chunk = SUMS.get();
    long rows = size / width;
    int rest = (int) (size % width);
    for (int at = from; at < to; at += CHUNK) {
      int n = Math.min(CHUNK, to - at);
      Arrays.fill(chunk, 0, n, 0);
      if (row != null && beta != 0) {
        add(beta, row, at, chunk, n);
      }
      long i = 0;
      for (; i <= rows - 4; i += 4) {
        add(1, 1, 1, 1, x, i * width + at, width, chunk, n);
      }
      for (; i < rows; i++) {
        add(1, x, i * width + at, chunk, n);
      }
      if (at < rest) {
        add(1, x, rows * width + at, chunk, Math.min(n, rest - at));
      }
      if (row != null) {
        store(chunk, row, at, n);
      } else {
        System.arraycopy(chunk, 0, sums, at, n);
      }
    }
  }

  /** {@code row_j = sum_g sums_gj + beta row_j} over the groups of {@link #group}. */
  static void fold(double[] sums, int groups, int d, double beta, MemorySegment row) {
    for (int j = 0; j < d; j++) {
      double sum = beta == 0 ? 0 : beta * get(row, j);
      for (int g = 0; g < groups; g++) {
        sum += sums[g * d + j];
      }
      row.set(E, j * BYTES, (float) sum);
    }
  }

  private static void load(MemorySegment y, long at, double[] sums, int n) {
    int whole = n - n % Wide.L;
    if (whole > 0) {
      loadWhole(y, at, sums, whole);
    }
    for (int i = whole; i < n; i++) {
      sums[i] = get(y, at + i);
    }
  }

  private static void loadWhole(MemorySegment y, long at, double[] sums, int n) {
    for (int i = 0; i < n; i += Wide.L) {
      Wide.load(y, at + i).intoArray(sums, i);
    }
  }

  private static void store(double[] sums, MemorySegment y, long at, int n) {
    int whole = n - n % Wide.L;
    if (whole > 0) {
      storeWhole(sums, y, at, whole);
    }
    for (int i = whole; i < n; i++) {
      y.set(E, (at + i) * BYTES, (float) sums[i]);
    }
  }

  private static void storeWhole(double[] sums, MemorySegment y, long at, int n) {
    for (int i = 0; i < n; i += Wide.L) {
      Wide.store(DoubleVector.fromArray(Wide.S, sums, i), y, at + i);
    }
  }

  /** {@code sums_i = sums_i + sum_r c_r v_ri} for the four rows of v from r0 on. */
  private static void add(
      double c0,
      double c1,
      double c2,
      double c3,
      MemorySegment v,
      long r0,
      long stride,
      double[] sums,
      int n) {
    long r1 = r0 + stride;
    long r2 = r1 + stride;
    long r3 = r2 + stride;
    int whole = n - n % Wide.L;
    if (whole > 0) {
      addWhole(c0, c1, c2, c3, v, r0, r1, r2, r3, sums, whole);
    }
    for (int i = whole; i < n; i++) {
      double sum = Math.fma(get(v, r0 + i), c0, sums[i]);
      sum = Math.fma(get(v, r1 + i), c1, sum);
      sum = Math.fma(get(v, r2 + i), c2, sum);
      sums[i] = Math.fma(get(v, r3 + i), c3, sum);
    }
  }

  private static void addWhole(
      double c0,
      double c1,
      double c2,
      double c3,
      MemorySegment v,
      long r0,
      long r1,
      long r2,
      long r3,
      double[] sums,
      int n) {
    DoubleVector f0 = DoubleVector.broadcast(Wide.S, c0);
    DoubleVector f1 = DoubleVector.broadcast(Wide.S, c1);
    DoubleVector f2 = DoubleVector.broadcast(Wide.S, c2);
    DoubleVector f3 = DoubleVector.broadcast(Wide.S, c3);
    for (int i = 0; i < n; i += Wide.L) {
      DoubleVector sum = DoubleVector.fromArray(Wide.S, sums, i);
      sum = Wide.load(v, r0 + i).fma(f0, sum);
      sum = Wide.load(v, r1 + i).fma(f1, sum);
      sum = Wide.load(v, r2 + i).fma(f2, sum);
      Wide.load(v, r3 + i).fma(f3, sum).intoArray(sums, i);
    }
  }

  /** {@code sums_i = sums_i + c v_i} for the row of v at {@code row}. */
  private static void add(double c, MemorySegment v, long row, double[] sums, int n) {
    int whole = n - n % Wide.L;
    if (whole > 0) {
      addWhole(c, v, row, sums, whole);
    }
    for (int i = whole; i < n; i++) {
      sums[i] = Math.fma(get(v, row + i), c, sums[i]);
    }
  }

  private static void addWhole(double c, MemorySegment v, long row, double[] sums, int n) {
    DoubleVector factor = DoubleVector.broadcast(Wide.S, c);
    for (int i = 0; i < n; i += Wide.L) {
      DoubleVector sum = DoubleVector.fromArray(Wide.S, sums, i);
      Wide.load(v, row + i).fma(factor, sum).intoArray(sums, i);
    }
  }

  /** {@code x = factor x} on elements {@code [from, to)}, multiplied in fp64 and rounded once. */
  static void scale(double factor, MemorySegment x, long from, long to) {
    long whole = to - (to - from) % Wide.L;
    if (whole > from) {
      scaleWhole(factor, x, from, whole);
    }
    for (long i = whole; i < to; i++) {
      x.set(E, i * BYTES, (float) (get(x, i) * factor));
    }
  }

  private static void scaleWhole(double factor, MemorySegment x, long from, long to) {
    DoubleVector factors = DoubleVector.broadcast(Wide.S, factor);
    for (long i = from; i < to; i += Wide.L) {
      Wide.store(Wide.load(x, i).mul(factors), x, i);
    }
  }
}
