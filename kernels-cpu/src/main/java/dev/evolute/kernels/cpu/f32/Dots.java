package dev.evolute.kernels.cpu.f32;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;

/**
 * Blocks of {@code A B^T} whose operands both have their inner index without gaps: dot products
 * that read A and B where they stand. A product of few rows or columns would use each element of a
 * transposed copy of B too seldom to pay for it. Bound by the fused multiply-adds, from L2 by
 * loads: ten for 25 products.
 */
final class Dots {
  private static final int L = FloatVector.SPECIES_PREFERRED.length();
  private static final long BYTES = Float.BYTES;
  private static final ValueLayout.OfFloat E = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final MemorySegment ALL = Memory.ALL;
  private static final long PLACE = Memory.PLACE;

  /** Rows and columns of a tile. */
  static final int SIZE = Gemm.WIDE ? 5 : 3;

  /** The sums of a tile, lane by lane. */
  private final MemorySegment lanes = Arena.ofAuto().allocate(SIZE * SIZE * L * BYTES, 64);

  /**
   * {@code T_ij = sum_k A_ik B_jk}, at most SIZE rows and columns; addresses and strides in bytes.
   * The bits of an element depend on its row of A and its row of B only.
   */
  void run(int rows, int cols, int k, long a, long ar, long b, long br, long t, long tr) {
    int steps = k / L;
    long sums = lanes.address();
    if (Gemm.WIDE) {
      Dots5.run(rows, cols, steps, a, ar, b, br, sums);
    } else {
      Dots3.run(rows, cols, steps, a, ar, b, br, sums);
    }
    long tail = steps * L * BYTES;
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < cols; j++) {
        float sum = across(sums + (i * SIZE + j) * L * BYTES);
        sum = rest(k - steps * L, a + i * ar + tail, b + j * br + tail, sum);
        ALL.set(E, t + i * tr + j * BYTES & PLACE, sum);
      }
    }
  }

  /** The sum of the lanes, one by one. */
  private static float across(long lanes) {
    float sum = 0;
    for (int lane = 0; lane < L; lane++) {
      sum += ALL.get(E, lanes + lane * BYTES & PLACE);
    }
    return sum;
  }

  private static float rest(int count, long a, long b, float sum) {
    for (int i = 0; i < count; i++) {
      long at = i * BYTES;
      sum = Math.fma(ALL.get(E, a + at & PLACE), ALL.get(E, b + at & PLACE), sum);
    }
    return sum;
  }
}
