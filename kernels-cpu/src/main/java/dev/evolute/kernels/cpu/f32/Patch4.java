package dev.evolute.kernels.cpu.f32;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** {@link Patch10} for machines with 16 vector registers: 4 rows by 2 vectors. */
final class Patch4 {
  static final int MR = 4;
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();
  private static final int NR = 2 * L;
  private static final long STEP = (long) NR * Float.BYTES;
  private static final long HALF = (long) L * Float.BYTES;
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

  private Patch4() {}

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
    FloatVector zero = FloatVector.zero(S);
    FloatVector c00 = zero;
    FloatVector c01 = zero;
    FloatVector c10 = zero;
    FloatVector c11 = zero;
    FloatVector c20 = zero;
    FloatVector c21 = zero;
    FloatVector c30 = zero;
    FloatVector c31 = zero;
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
  }
}
