package dev.evolute.kernels.cpu.f32;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@code y = M x}: what a product comes to whose result is a single row or column. Each element of
 * M is used once, so that its bandwidth is the limit, from memory or from a cache; a register tile
 * would compute with one lane of each vector, or wait for its few sums.
 *
 * <pre>
 *   along   rows of M without gaps       row by row
 *   across  columns of M without gaps    four columns at once are added to a block of y in L1
 * </pre>
 *
 * The four columns lie a quarter of M apart: beyond the caches that is a tenth to two thirds faster
 * than two or four neighbours, which all come to the end of a page at once. Rows are as fast one at
 * a time; the lanes of their sums are added for several rows together, which overlap there.
 *
 * <p>All addresses and steps in bytes, in memory that is alive and large enough. The bits of y_i
 * depend on M's row i and on x only, not on where a block begins.
 */
final class MatrixVector {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();
  private static final long BYTES = Float.BYTES;
  private static final long V = L * BYTES;
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final ValueLayout.OfFloat E = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final MemorySegment ALL = Memory.ALL;
  private static final long PLACE = Memory.PLACE;

  /** Elements of y in a block: it stays in L2, and rows of M are read in long stretches. */
  private static final int BLOCK = 16_384;

  /** Rows whose sums wait for their lanes to be added. */
  private static final int ROWS = 16;

  /** A block of y, and behind it the lanes of the sums of {@link #along}. */
  private final MemorySegment room = Arena.ofAuto().allocate((BLOCK + ROWS * L) * BYTES, 64);

  private MemorySegment copy = MemorySegment.NULL;

  /** The address of x without gaps: where it stands, or of a copy. */
  long dense(long x, long step, int k) {
    if (step == BYTES || k == 1) {
      return x;
    }
    if (copy.byteSize() < k * BYTES) {
      copy = Arena.ofAuto().allocate(k * BYTES, 64);
    }
    for (int i = 0; i < k; i++) {
      copy.set(E, i * BYTES, ALL.get(E, x + i * step & PLACE));
    }
    return copy.address();
  }

  /**
   * {@code y = alpha M x + beta y}, n elements.
   *
   * @param m element (0, 0) of M {@code [n x k]}, row and col from one row and column to the next;
   *     one of them is an element
   * @param x k elements without gaps
   * @param y the first element, step from one to the next; not read if beta is 0
   */
  void run(
      float alpha,
      int n,
      int k,
      long m,
      long row,
      long col,
      long x,
      float beta,
      long y,
      long step) {
    long block = room.address();
    for (int i = 0; i < n; i += BLOCK) {
      int count = Math.min(BLOCK, n - i);
      long mi = m + i * row;
      if (col == BYTES) {
        rows(count, k, mi, row, x, block);
      } else {
        clear(count, block);
        int quarter = k / 4;
        for (int c = 0; c < quarter; c++) {
          across(count, mi + c * col, quarter * col, x + c * BYTES, quarter * BYTES, block);
        }
        for (int c = 4 * quarter; c < k; c++) {
          across(count, mi + c * col, x + c * BYTES, block);
        }
      }
      if (step == BYTES) {
        Merge.rows(1, count, alpha, block, 0, beta, y + i * BYTES, 0);
      } else {
        Merge.column(count, alpha, block, beta, y + i * step, step);
      }
    }
  }

  private static void clear(int count, long y) {
    FloatVector zero = FloatVector.zero(S);
    for (int i = 0; i < count; i += L) {
      zero.intoMemorySegment(ALL, y + i * BYTES & PLACE, LE);
    }
  }

  /** Rows times x, one after the other. */
  private static void rows(int count, int k, long m, long row, long x, long y) {
    long lanes = y + BLOCK * BYTES;
    int whole = k / L * L;
    for (int i = 0; i < count; i += ROWS) {
      int rows = Math.min(ROWS, count - i);
      for (int r = 0; r < rows; r++) {
        along(whole, m + (i + r) * row, x, lanes + r * V);
      }
      for (int r = 0; r < rows; r++) {
        float sum = 0;
        // Lane by lane: reduceLanes adds in another order once it is compiled.
        for (int lane = 0; lane < L; lane++) {
          sum += ALL.get(E, lanes + r * V + lane * BYTES & PLACE);
        }
        for (long at = whole * BYTES; at < k * BYTES; at += BYTES) {
          long mi = m + (i + r) * row + at;
          sum = Math.fma(ALL.get(E, mi & PLACE), ALL.get(E, x + at & PLACE), sum);
        }
        ALL.set(E, y + (i + r) * BYTES & PLACE, sum);
      }
    }
  }

  /** Leaves L sums of a dot product of k elements, whole vectors, in {@code lanes}. */
  private static void along(int k, long row, long x, long lanes) {
    FloatVector s0 = FloatVector.zero(S);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int i = 0;
    for (; i <= k - 4 * L; i += 4 * L) {
      long p = row + i * BYTES & PLACE;
      long q = x + i * BYTES & PLACE;
      FloatVector x0 = FloatVector.fromMemorySegment(S, ALL, q, LE);
      FloatVector x1 = FloatVector.fromMemorySegment(S, ALL, q + V, LE);
      FloatVector x2 = FloatVector.fromMemorySegment(S, ALL, q + 2 * V, LE);
      FloatVector x3 = FloatVector.fromMemorySegment(S, ALL, q + 3 * V, LE);
      s0 = FloatVector.fromMemorySegment(S, ALL, p, LE).fma(x0, s0);
      s1 = FloatVector.fromMemorySegment(S, ALL, p + V, LE).fma(x1, s1);
      s2 = FloatVector.fromMemorySegment(S, ALL, p + 2 * V, LE).fma(x2, s2);
      s3 = FloatVector.fromMemorySegment(S, ALL, p + 3 * V, LE).fma(x3, s3);
    }
    s0 = s0.add(s1).add(s2.add(s3));
    for (; i <= k - L; i += L) {
      FloatVector xi = FloatVector.fromMemorySegment(S, ALL, x + i * BYTES & PLACE, LE);
      s0 = FloatVector.fromMemorySegment(S, ALL, row + i * BYTES & PLACE, LE).fma(xi, s0);
    }
    s0.intoMemorySegment(ALL, lanes & PLACE, LE);
  }

  private static void add(float x, long m, long sum) {
    ALL.set(E, sum & PLACE, Math.fma(ALL.get(E, m & PLACE), x, ALL.get(E, sum & PLACE)));
  }

  /** Adds four columns, each times its element of x: {@code col} and {@code step} bytes apart. */
  private static void across(int count, long m0, long col, long x, long step, long y) {
    FloatVector x0 = FloatVector.broadcast(S, ALL.get(E, x & PLACE));
    FloatVector x1 = FloatVector.broadcast(S, ALL.get(E, x + step & PLACE));
    FloatVector x2 = FloatVector.broadcast(S, ALL.get(E, x + 2 * step & PLACE));
    FloatVector x3 = FloatVector.broadcast(S, ALL.get(E, x + 3 * step & PLACE));
    long m1 = m0 + col;
    long m2 = m1 + col;
    long m3 = m2 + col;
    int whole = count / L * L;
    int next = Memory.unknown(L);
    for (int i = 0; i < whole; i += next) {
      long at = i * BYTES;
      long yi = y + at & PLACE;
      FloatVector s = FloatVector.fromMemorySegment(S, ALL, yi, LE);
      s = FloatVector.fromMemorySegment(S, ALL, m0 + at & PLACE, LE).fma(x0, s);
      s = FloatVector.fromMemorySegment(S, ALL, m1 + at & PLACE, LE).fma(x1, s);
      s = FloatVector.fromMemorySegment(S, ALL, m2 + at & PLACE, LE).fma(x2, s);
      s = FloatVector.fromMemorySegment(S, ALL, m3 + at & PLACE, LE).fma(x3, s);
      s.intoMemorySegment(ALL, yi, LE);
    }
    tail(whole, count, m0, x, y);
    tail(whole, count, m1, x + step, y);
    tail(whole, count, m2, x + 2 * step, y);
    tail(whole, count, m3, x + 3 * step, y);
  }

  /** Adds one column. */
  private static void across(int count, long m, long x, long y) {
    FloatVector x0 = FloatVector.broadcast(S, ALL.get(E, x & PLACE));
    int whole = count / L * L;
    for (int i = 0; i < whole; i += L) {
      long at = i * BYTES;
      long yi = y + at & PLACE;
      FloatVector s = FloatVector.fromMemorySegment(S, ALL, yi, LE);
      s = FloatVector.fromMemorySegment(S, ALL, m + at & PLACE, LE).fma(x0, s);
      s.intoMemorySegment(ALL, yi, LE);
    }
    tail(whole, count, m, x, y);
  }

  private static void tail(int whole, int count, long m, long x, long y) {
    float xi = ALL.get(E, x & PLACE);
    for (int i = whole; i < count; i++) {
      add(xi, m + i * BYTES, y + i * BYTES);
    }
  }
}
