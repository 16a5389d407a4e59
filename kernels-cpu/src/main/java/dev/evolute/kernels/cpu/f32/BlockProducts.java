package dev.evolute.kernels.cpu.f32;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products of small blocks that one thread holds in arrays, {@code C += A B}, where a causal mask
 * makes all but a band of one of them zero. Nothing is packed: A is broadcast from either
 * orientation, element (i, k) at {@code i * rs + k * ks}; rows of B and C are vectors. Whole tiles
 * of {@link #MR} rows and {@link #NR} columns are computed, so what stands beyond a block's edge is
 * read and overwritten, but never enters what stands inside. Bound by the FMA ports.
 */
final class BlockProducts {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();

  /** Only AVX-512 (and SVE) have the registers that eight rows need. */
  private static final boolean WIDE = S.vectorBitSize() >= 512;

  static final int NR = 2 * L;
  static final int MR = WIDE ? 8 : 4;

  private BlockProducts() {}

  /**
   * {@code C [rows x cols] += A [rows x depth] B [depth x cols]}, for A zero outside {@code low <=
   * k - i <= high}.
   */
  static void bandTimes(
      int low,
      int high,
      int rows,
      int cols,
      int depth,
      float[] a,
      int rs,
      int ks,
      float[] b,
      int ldb,
      float[] c,
      int ldc) {
    for (int j = 0; j < cols; j += NR) {
      for (int i = 0; i < rows; i += MR) {
        int from = Math.max(0, i + low);
        int to = Math.min(depth, i + MR + high);
        tile(to - from, a, i * rs + from * ks, rs, ks, b, from * ldb + j, ldb, c, i * ldc + j, ldc);
      }
    }
  }

  /**
   * {@code C [rows x cols] += A [rows x depth] B [depth x cols]}, where only {@code low <= j - i <=
   * high} of C is wanted.
   */
  static void intoBand(
      int low,
      int high,
      int rows,
      int cols,
      int depth,
      float[] a,
      int rs,
      float[] b,
      int ldb,
      float[] c,
      int ldc) {
    for (int j = 0; j < cols; j += NR) {
      int from = Math.max(0, (j - high) / MR * MR);
      int to = Math.min(rows, j + NR - low);
      for (int i = from; i < to; i += MR) {
        tile(depth, a, i * rs, rs, 1, b, j, ldb, c, i * ldc + j, ldc);
      }
    }
  }

  private static void tile(
      int depth,
      float[] a,
      int ao,
      int rs,
      int ks,
      float[] b,
      int bo,
      int ldb,
      float[] c,
      int co,
      int ldc) {
    if (WIDE) {
      tile8(depth, a, ao, rs, ks, b, bo, ldb, c, co, ldc);
    } else {
      tile4(depth, a, ao, rs, ks, b, bo, ldb, c, co, ldc);
    }
  }

  /** {@code C [8 x NR] += A [8 x depth] B [depth x NR]}. */
  private static void tile8(
      int depth,
      float[] a,
      int ao,
      int rs,
      int ks,
      float[] b,
      int bo,
      int ldb,
      float[] c,
      int co,
      int ldc) {
    FloatVector c00 = FloatVector.fromArray(S, c, co);
    FloatVector c01 = FloatVector.fromArray(S, c, co + L);
    FloatVector c10 = FloatVector.fromArray(S, c, co + ldc);
    FloatVector c11 = FloatVector.fromArray(S, c, co + ldc + L);
    FloatVector c20 = FloatVector.fromArray(S, c, co + 2 * ldc);
    FloatVector c21 = FloatVector.fromArray(S, c, co + 2 * ldc + L);
    FloatVector c30 = FloatVector.fromArray(S, c, co + 3 * ldc);
    FloatVector c31 = FloatVector.fromArray(S, c, co + 3 * ldc + L);
    FloatVector c40 = FloatVector.fromArray(S, c, co + 4 * ldc);
    FloatVector c41 = FloatVector.fromArray(S, c, co + 4 * ldc + L);
    FloatVector c50 = FloatVector.fromArray(S, c, co + 5 * ldc);
    FloatVector c51 = FloatVector.fromArray(S, c, co + 5 * ldc + L);
    FloatVector c60 = FloatVector.fromArray(S, c, co + 6 * ldc);
    FloatVector c61 = FloatVector.fromArray(S, c, co + 6 * ldc + L);
    FloatVector c70 = FloatVector.fromArray(S, c, co + 7 * ldc);
    FloatVector c71 = FloatVector.fromArray(S, c, co + 7 * ldc + L);
    for (int k = 0; k < depth; k++) {
      FloatVector b0 = FloatVector.fromArray(S, b, bo);
      FloatVector b1 = FloatVector.fromArray(S, b, bo + L);
      FloatVector x = FloatVector.broadcast(S, a[ao]);
      c00 = x.fma(b0, c00);
      c01 = x.fma(b1, c01);
      x = FloatVector.broadcast(S, a[ao + rs]);
      c10 = x.fma(b0, c10);
      c11 = x.fma(b1, c11);
      x = FloatVector.broadcast(S, a[ao + 2 * rs]);
      c20 = x.fma(b0, c20);
      c21 = x.fma(b1, c21);
      x = FloatVector.broadcast(S, a[ao + 3 * rs]);
      c30 = x.fma(b0, c30);
      c31 = x.fma(b1, c31);
      x = FloatVector.broadcast(S, a[ao + 4 * rs]);
      c40 = x.fma(b0, c40);
      c41 = x.fma(b1, c41);
      x = FloatVector.broadcast(S, a[ao + 5 * rs]);
      c50 = x.fma(b0, c50);
      c51 = x.fma(b1, c51);
      x = FloatVector.broadcast(S, a[ao + 6 * rs]);
      c60 = x.fma(b0, c60);
      c61 = x.fma(b1, c61);
      x = FloatVector.broadcast(S, a[ao + 7 * rs]);
      c70 = x.fma(b0, c70);
      c71 = x.fma(b1, c71);
      ao += ks;
      bo += ldb;
    }
    c00.intoArray(c, co);
    c01.intoArray(c, co + L);
    c10.intoArray(c, co + ldc);
    c11.intoArray(c, co + ldc + L);
    c20.intoArray(c, co + 2 * ldc);
    c21.intoArray(c, co + 2 * ldc + L);
    c30.intoArray(c, co + 3 * ldc);
    c31.intoArray(c, co + 3 * ldc + L);
    c40.intoArray(c, co + 4 * ldc);
    c41.intoArray(c, co + 4 * ldc + L);
    c50.intoArray(c, co + 5 * ldc);
    c51.intoArray(c, co + 5 * ldc + L);
    c60.intoArray(c, co + 6 * ldc);
    c61.intoArray(c, co + 6 * ldc + L);
    c70.intoArray(c, co + 7 * ldc);
    c71.intoArray(c, co + 7 * ldc + L);
  }

  /** {@code C [4 x NR] += A [4 x depth] B [depth x NR]}. */
  private static void tile4(
      int depth,
      float[] a,
      int ao,
      int rs,
      int ks,
      float[] b,
      int bo,
      int ldb,
      float[] c,
      int co,
      int ldc) {
    FloatVector c00 = FloatVector.fromArray(S, c, co);
    FloatVector c01 = FloatVector.fromArray(S, c, co + L);
    FloatVector c10 = FloatVector.fromArray(S, c, co + ldc);
    FloatVector c11 = FloatVector.fromArray(S, c, co + ldc + L);
    FloatVector c20 = FloatVector.fromArray(S, c, co + 2 * ldc);
    FloatVector c21 = FloatVector.fromArray(S, c, co + 2 * ldc + L);
    FloatVector c30 = FloatVector.fromArray(S, c, co + 3 * ldc);
    FloatVector c31 = FloatVector.fromArray(S, c, co + 3 * ldc + L);
    for (int k = 0; k < depth; k++) {
      FloatVector b0 = FloatVector.fromArray(S, b, bo);
      FloatVector b1 = FloatVector.fromArray(S, b, bo + L);
      FloatVector x = FloatVector.broadcast(S, a[ao]);
      c00 = x.fma(b0, c00);
      c01 = x.fma(b1, c01);
      x = FloatVector.broadcast(S, a[ao + rs]);
      c10 = x.fma(b0, c10);
      c11 = x.fma(b1, c11);
      x = FloatVector.broadcast(S, a[ao + 2 * rs]);
      c20 = x.fma(b0, c20);
      c21 = x.fma(b1, c21);
      x = FloatVector.broadcast(S, a[ao + 3 * rs]);
      c30 = x.fma(b0, c30);
      c31 = x.fma(b1, c31);
      ao += ks;
      bo += ldb;
    }
    c00.intoArray(c, co);
    c01.intoArray(c, co + L);
    c10.intoArray(c, co + ldc);
    c11.intoArray(c, co + ldc + L);
    c20.intoArray(c, co + 2 * ldc);
    c21.intoArray(c, co + 2 * ldc + L);
    c30.intoArray(c, co + 3 * ldc);
    c31.intoArray(c, co + 3 * ldc + L);
  }
}
