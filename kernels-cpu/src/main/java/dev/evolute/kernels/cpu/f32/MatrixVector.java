package dev.evolute.kernels.cpu.f32;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@code y = M x}: what a product comes to whose result is a single row or column. Each element of
 * M is used once, so that its bandwidth is the limit, from memory or from a cache; a register tile
 * would compute with one lane of each vector, or wait for its few sums.
 *
 * <pre>
 *   along   rows of M without gaps       four rows at once are multiplied by x in L1
 *   across  columns of M without gaps    four columns at once are added to a block of y in L1
 * </pre>
 *
 * The four lie a quarter of M apart: neighbours all come to the end of a page at once. Beyond the
 * caches four columns are so a tenth to two thirds faster, and four rows in f32 two fifths faster
 * than one after the other, if a load needs one cache line only. So a row's first vector is read
 * from where such loads begin, and the elements before it through a mask; which lane adds up an
 * element depends on that, in which order it is added does not.
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

  /** For each lane the one that is 8, 4, 2 or 1 lanes away. */
  private static final VectorShuffle<Float> EIGHT = away(8);

  private static final VectorShuffle<Float> FOUR = away(4);
  private static final VectorShuffle<Float> TWO = away(2);
  private static final VectorShuffle<Float> ONE = away(1);

  /** A block of y, and behind it the lanes of the sums of {@link #along}. */
  private final MemorySegment room = Arena.ofAuto().allocate((BLOCK + 4 * L) * BYTES, 64);

  private MemorySegment copy = MemorySegment.NULL;

  private static VectorShuffle<Float> away(int lanes) {
    return VectorShuffle.fromOp(S, i -> (i ^ lanes) % L);
  }

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
        rows(count, k, mi, row, x, block, block + BLOCK * BYTES);
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

  /** Rows times x, four at once, the last four some of them once more; fewer one by one. */
  private static void rows(int count, int k, long m, long row, long x, long y, long lanes) {
    if (count < 4) {
      for (int i = 0; i < count; i++) {
        fours(1, k, m + i * row, row, 0, x, y + i * BYTES, lanes);
      }
      return;
    }
    int far = count / 4;
    // Rows that are a multiple of L apart begin at the same place of a cache line.
    far -= far > L ? far % L : 0;
    fours(far, k, m, row, far, x, y, lanes);
    int done = 4 * far;
    while (done < count) {
      int i = Math.min(done, count - 4);
      fours(1, k, m + i * row, row, 1, x, y + i * BYTES, lanes);
      done = i + 4;
    }
  }

  /**
   * Rows times x, each together with those that are 1, 2 and 3 times {@code far} rows behind it.
   */
  private static void fours(
      int count, int k, long m, long row, int far, long x, long y, long lanes) {
    long step = far * row;
    boolean alike = step % V == 0 && k >= 4 * L;
    for (int i = 0; i < count; i++) {
      long mi = m + i * row;
      along(k, alike ? ahead(mi) : 0, mi, step, x, lanes);
      for (int j = 0; j < 4; j++) {
        ALL.set(E, y + (i + j * far) * BYTES & PLACE, total(lanes + j * V));
      }
    }
  }

  /** Elements before the first that a whole vector can be read from without two cache lines. */
  private static int ahead(long row) {
    long gap = -row & V - 1;
    return gap % BYTES == 0 ? (int) (gap / BYTES) : 0;
  }

  /**
   * Leaves the L sums of each of four dot products of k elements in {@code lanes}: the sum of
   * elements i, i + L, i + 2 L and so on, in this order, in lane i - head modulo L.
   *
   * @param head elements before the first whole vector, less than L
   * @param step bytes from one row to the next
   */
  private static void along(int k, int head, long m0, long step, long x, long lanes) {
    FloatVector s0 = FloatVector.zero(S);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    long m1 = m0 + step;
    long m2 = m1 + step;
    long m3 = m2 + step;
    if (head > 0) {
      VectorMask<Float> in = S.indexInRange(head - L, L);
      long at = (head - L) * BYTES;
      FloatVector xi = masked(x + at, in);
      s0 = masked(m0 + at, in).fma(xi, s0);
      s1 = masked(m1 + at, in).fma(xi, s1);
      s2 = masked(m2 + at, in).fma(xi, s2);
      s3 = masked(m3 + at, in).fma(xi, s3);
    }
    int i = head;
    int next = Memory.unknown(L);
    for (; i <= k - L; i += next) {
      long at = i * BYTES;
      FloatVector xi = FloatVector.fromMemorySegment(S, ALL, x + at & PLACE, LE);
      s0 = FloatVector.fromMemorySegment(S, ALL, m0 + at & PLACE, LE).fma(xi, s0);
      s1 = FloatVector.fromMemorySegment(S, ALL, m1 + at & PLACE, LE).fma(xi, s1);
      s2 = FloatVector.fromMemorySegment(S, ALL, m2 + at & PLACE, LE).fma(xi, s2);
      s3 = FloatVector.fromMemorySegment(S, ALL, m3 + at & PLACE, LE).fma(xi, s3);
    }
    if (i < k) {
      VectorMask<Float> in = S.indexInRange(0, k - i);
      long at = i * BYTES;
      FloatVector xi = masked(x + at, in);
      s0 = masked(m0 + at, in).fma(xi, s0);
      s1 = masked(m1 + at, in).fma(xi, s1);
      s2 = masked(m2 + at, in).fma(xi, s2);
      s3 = masked(m3 + at, in).fma(xi, s3);
    }
    s0.intoMemorySegment(ALL, lanes & PLACE, LE);
    s1.intoMemorySegment(ALL, lanes + V & PLACE, LE);
    s2.intoMemorySegment(ALL, lanes + 2 * V & PLACE, LE);
    s3.intoMemorySegment(ALL, lanes + 3 * V & PLACE, LE);
  }

  private static FloatVector masked(long address, VectorMask<Float> in) {
    return FloatVector.fromMemorySegment(S, ALL, address & PLACE, LE, in);
  }

  /**
   * The sum of L lanes: of those that are half of L apart, then a quarter, so that it does not
   * matter in which lane the first one stands. (reduceLanes adds in another order once compiled.)
   */
  private static float total(long lanes) {
    FloatVector s = FloatVector.fromMemorySegment(S, ALL, lanes & PLACE, LE);
    if (L > 8) {
      s = s.add(s.rearrange(EIGHT));
    }
    if (L > 4) {
      s = s.add(s.rearrange(FOUR));
    }
    if (L > 2) {
      s = s.add(s.rearrange(TWO));
    }
    s = s.add(s.rearrange(ONE));
    return s.lane(0);
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
