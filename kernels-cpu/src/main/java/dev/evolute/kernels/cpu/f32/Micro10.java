package dev.evolute.kernels.cpu.f32;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The register tile of a machine with 32 vector registers: 10 rows by 2 vectors, 20 accumulators,
 * two loads and ten broadcasts a step. Bound by the FMA ports. C2 keeps every accumulator in a
 * register; more rows, or k unrolled by hand, would spill or run C1 out of virtual registers.
 */
final class Micro10 {
  static final int MR = 10;
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();
  private static final int NR = 2 * L;
  private static final long STEP = (long) NR * Float.BYTES;
  private static final long HALF = (long) L * Float.BYTES;
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

  private Micro10() {}

  /**
   * {@code tile [MR x NR] = sum_k a_k b_k^T}: {@code a [kc x MR]} from {@code ao} on, {@code b [kc
   * x NR]} from byte {@code bo} on.
   */
  static void run(int kc, float[] a, int ao, MemorySegment b, long bo, float[] tile) {
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
    for (int k = 0; k < kc; k++) {
      FloatVector b0 = FloatVector.fromMemorySegment(S, b, bo, LE);
      FloatVector b1 = FloatVector.fromMemorySegment(S, b, bo + HALF, LE);
      FloatVector x = FloatVector.broadcast(S, a[ao]);
      c00 = x.fma(b0, c00);
      c01 = x.fma(b1, c01);
      x = FloatVector.broadcast(S, a[ao + 1]);
      c10 = x.fma(b0, c10);
      c11 = x.fma(b1, c11);
      x = FloatVector.broadcast(S, a[ao + 2]);
      c20 = x.fma(b0, c20);
      c21 = x.fma(b1, c21);
      x = FloatVector.broadcast(S, a[ao + 3]);
      c30 = x.fma(b0, c30);
      c31 = x.fma(b1, c31);
      x = FloatVector.broadcast(S, a[ao + 4]);
      c40 = x.fma(b0, c40);
      c41 = x.fma(b1, c41);
      x = FloatVector.broadcast(S, a[ao + 5]);
      c50 = x.fma(b0, c50);
      c51 = x.fma(b1, c51);
      x = FloatVector.broadcast(S, a[ao + 6]);
      c60 = x.fma(b0, c60);
      c61 = x.fma(b1, c61);
      x = FloatVector.broadcast(S, a[ao + 7]);
      c70 = x.fma(b0, c70);
      c71 = x.fma(b1, c71);
      x = FloatVector.broadcast(S, a[ao + 8]);
      c80 = x.fma(b0, c80);
      c81 = x.fma(b1, c81);
      x = FloatVector.broadcast(S, a[ao + 9]);
      c90 = x.fma(b0, c90);
      c91 = x.fma(b1, c91);
      ao += MR;
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
}
