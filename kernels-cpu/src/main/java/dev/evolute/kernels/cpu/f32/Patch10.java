package dev.evolute.kernels.cpu.f32;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The register tile of convolutions on a machine with 32 vector registers: 10 rows by 2 vectors.
 * Unlike the tiles of a matrix product, its left side is not strided: row r and step t meet at
 * {@code a[rows_r + steps_t]}, so that a patch is read where it stands in the image and one tile
 * serves outputs, inputs and weights. The additions and range checks that this costs hide behind
 * the fused multiply-adds: 220 GFLOP/s, against 225 with strides (Zen 5). Bound by the FMA ports.
 */
final class Patch10 {
  static final int MR = 10;
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();
  private static final int NR = 2 * L;
  private static final long STEP = (long) NR * Float.BYTES;
  private static final long HALF = (long) L * Float.BYTES;
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

  private Patch10() {}

  /**
   * {@code tile [MR x NR] = sum_t a[rows_r + steps_t] b_t}: offsets {@code rows} from {@code at}
   * on, {@code b [kc x NR]} from byte {@code bo} on.
   */
  static void run(
      float[] a, int[] rows, int at, int[] steps, int kc, MemorySegment b, long bo, float[] tile) {
    int r0 = rows[at];
    int r1 = rows[at + 1];
    int r2 = rows[at + 2];
    int r3 = rows[at + 3];
    int r4 = rows[at + 4];
    int r5 = rows[at + 5];
    int r6 = rows[at + 6];
    int r7 = rows[at + 7];
    int r8 = rows[at + 8];
    int r9 = rows[at + 9];
    FloatVector zero = FloatVector.zero(S);
    FloatVector c00 = zero;
    FloatVector c01 = zero;
    FloatVector c10 = zero;
    FloatVector c11 = zero;
    FloatVector c20 = zero;
    FloatVector c21 = zero;
    FloatVector c30 = zero;
    FloatVector c31 = zero;
    FloatVector c40 = zero;
    FloatVector c41 = zero;
    FloatVector c50 = zero;
    FloatVector c51 = zero;
    FloatVector c60 = zero;
    FloatVector c61 = zero;
    FloatVector c70 = zero;
    FloatVector c71 = zero;
    FloatVector c80 = zero;
    FloatVector c81 = zero;
    FloatVector c90 = zero;
    FloatVector c91 = zero;
    for (int t = 0; t < kc; t++) {
      int s = steps[t];
      FloatVector b0 = FloatVector.fromMemorySegment(S, b, bo, LE);
      FloatVector b1 = FloatVector.fromMemorySegment(S, b, bo + HALF, LE);
      FloatVector x = FloatVector.broadcast(S, a[s + r0]);
      c00 = x.fma(b0, c00);
      c01 = x.fma(b1, c01);
      x = FloatVector.broadcast(S, a[s + r1]);
      c10 = x.fma(b0, c10);
      c11 = x.fma(b1, c11);
      x = FloatVector.broadcast(S, a[s + r2]);
      c20 = x.fma(b0, c20);
      c21 = x.fma(b1, c21);
      x = FloatVector.broadcast(S, a[s + r3]);
      c30 = x.fma(b0, c30);
      c31 = x.fma(b1, c31);
      x = FloatVector.broadcast(S, a[s + r4]);
      c40 = x.fma(b0, c40);
      c41 = x.fma(b1, c41);
      x = FloatVector.broadcast(S, a[s + r5]);
      c50 = x.fma(b0, c50);
      c51 = x.fma(b1, c51);
      x = FloatVector.broadcast(S, a[s + r6]);
      c60 = x.fma(b0, c60);
      c61 = x.fma(b1, c61);
      x = FloatVector.broadcast(S, a[s + r7]);
      c70 = x.fma(b0, c70);
      c71 = x.fma(b1, c71);
      x = FloatVector.broadcast(S, a[s + r8]);
      c80 = x.fma(b0, c80);
      c81 = x.fma(b1, c81);
      x = FloatVector.broadcast(S, a[s + r9]);
      c90 = x.fma(b0, c90);
      c91 = x.fma(b1, c91);
      bo += STEP;
    }
    c00.intoArray(tile, 0);
    c01.intoArray(tile, L);
    c10.intoArray(tile, NR);
    c11.intoArray(tile, NR + L);
    c20.intoArray(tile, 2 * NR);
    c21.intoArray(tile, 2 * NR + L);
    c30.intoArray(tile, 3 * NR);
    c31.intoArray(tile, 3 * NR + L);
    c40.intoArray(tile, 4 * NR);
    c41.intoArray(tile, 4 * NR + L);
    c50.intoArray(tile, 5 * NR);
    c51.intoArray(tile, 5 * NR + L);
    c60.intoArray(tile, 6 * NR);
    c61.intoArray(tile, 6 * NR + L);
    c70.intoArray(tile, 7 * NR);
    c71.intoArray(tile, 7 * NR + L);
    c80.intoArray(tile, 8 * NR);
    c81.intoArray(tile, 8 * NR + L);
    c90.intoArray(tile, 9 * NR);
    c91.intoArray(tile, 9 * NR + L);
  }

  /** The same for the first half of the columns only: all there is when they are few. */
  static void runHalf(
      float[] a, int[] rows, int at, int[] steps, int kc, MemorySegment b, long bo, float[] tile) {
    int r0 = rows[at];
    int r1 = rows[at + 1];
    int r2 = rows[at + 2];
    int r3 = rows[at + 3];
    int r4 = rows[at + 4];
    int r5 = rows[at + 5];
    int r6 = rows[at + 6];
    int r7 = rows[at + 7];
    int r8 = rows[at + 8];
    int r9 = rows[at + 9];
    FloatVector zero = FloatVector.zero(S);
    FloatVector c0 = zero;
    FloatVector c1 = zero;
    FloatVector c2 = zero;
    FloatVector c3 = zero;
    FloatVector c4 = zero;
    FloatVector c5 = zero;
    FloatVector c6 = zero;
    FloatVector c7 = zero;
    FloatVector c8 = zero;
    FloatVector c9 = zero;
    for (int t = 0; t < kc; t++) {
      int s = steps[t];
      FloatVector row = FloatVector.fromMemorySegment(S, b, bo, LE);
      FloatVector x = FloatVector.broadcast(S, a[s + r0]);
      c0 = x.fma(row, c0);
      x = FloatVector.broadcast(S, a[s + r1]);
      c1 = x.fma(row, c1);
      x = FloatVector.broadcast(S, a[s + r2]);
      c2 = x.fma(row, c2);
      x = FloatVector.broadcast(S, a[s + r3]);
      c3 = x.fma(row, c3);
      x = FloatVector.broadcast(S, a[s + r4]);
      c4 = x.fma(row, c4);
      x = FloatVector.broadcast(S, a[s + r5]);
      c5 = x.fma(row, c5);
      x = FloatVector.broadcast(S, a[s + r6]);
      c6 = x.fma(row, c6);
      x = FloatVector.broadcast(S, a[s + r7]);
      c7 = x.fma(row, c7);
      x = FloatVector.broadcast(S, a[s + r8]);
      c8 = x.fma(row, c8);
      x = FloatVector.broadcast(S, a[s + r9]);
      c9 = x.fma(row, c9);
      bo += STEP;
    }
    c0.intoArray(tile, 0);
    c1.intoArray(tile, NR);
    c2.intoArray(tile, 2 * NR);
    c3.intoArray(tile, 3 * NR);
    c4.intoArray(tile, 4 * NR);
    c5.intoArray(tile, 5 * NR);
    c6.intoArray(tile, 6 * NR);
    c7.intoArray(tile, 7 * NR);
    c8.intoArray(tile, 8 * NR);
    c9.intoArray(tile, 9 * NR);
  }
}
