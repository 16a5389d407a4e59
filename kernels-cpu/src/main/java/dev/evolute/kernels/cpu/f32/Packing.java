package dev.evolute.kernels.cpu.f32;

import dev.evolute.kernels.Matrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Copies blocks of a matrix into the panels that the register tile reads, padded with zeros: what
 * the padding computes is never stored, but old bits there might be denormal and slow.
 */
final class Packing {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();
  private static final int MR = Gemm.MR;
  private static final int NR = Gemm.NR;
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final ValueLayout.OfFloat E = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final long BYTES = Float.BYTES;

  private Packing() {}

  /** Rows {@code [i0, i1)}, inner indices {@code [p, p + kc)} of A into panels {@code [kc][MR]}. */
  static void rows(Matrix a, int i0, int i1, int p, int kc, float[] panels) {
    MemorySegment source = a.buffer().segment();
    long stride = a.stride();
    for (int i = i0; i < i1; i += MR) {
      int at = (i - i0) * kc;
      int count = Math.min(MR, i1 - i);
      if (count < MR) {
        java.util.Arrays.fill(panels, at, at + MR * kc, 0);
      }
      if (a.transposed()) {
        for (int k = 0; k < kc; k++) {
          gather(source, ((p + k) * stride + i) * BYTES, count, panels, at + k * MR);
        }
      } else {
        for (int r = 0; r < count; r++) {
          spread(source, ((i + r) * stride + p) * BYTES, kc, panels, at + r);
        }
      }
    }
  }

  private static void gather(MemorySegment source, long offset, int count, float[] to, int at) {
    for (int r = 0; r < count; r++) {
      to[at + r] = source.get(E, offset + r * BYTES);
    }
  }

  private static void spread(MemorySegment source, long offset, int kc, float[] to, int at) {
    for (int k = 0; k < kc; k++) {
      to[at + k * MR] = source.get(E, offset + k * BYTES);
    }
  }

  /**
   * Columns {@code [j0, j1)}, inner indices {@code [p, p + kc)} of B into panels {@code
   * [depth][NR]}, the rows of each panel from {@code row} on.
   */
  static void columns(
      Matrix b, int p, int kc, int j0, int j1, MemorySegment panels, int row, int depth) {
    MemorySegment source = b.buffer().segment();
    long stride = b.stride();
    for (int j = j0; j < j1; j += NR) {
      long at = ((long) (j - j0) * depth + (long) row * NR) * BYTES;
      int count = Math.min(NR, j1 - j);
      if (count < NR) {
        panels.asSlice(at, (long) kc * NR * BYTES).fill((byte) 0);
      }
      if (b.transposed()) {
        transpose(source, (j * stride + p) * BYTES, stride * BYTES, count, kc, panels, at);
      } else if (count == NR) {
        copyRows(source, (p * stride + j) * BYTES, stride * BYTES, kc, panels, at);
      } else {
        for (int k = 0; k < kc; k++) {
          MemorySegment.copy(
              source,
              ((p + k) * stride + j) * BYTES,
              panels,
              at + (long) k * NR * BYTES,
              count * BYTES);
        }
      }
    }
  }

  private static void copyRows(
      MemorySegment source, long from, long step, int kc, MemorySegment panels, long at) {
    for (int k = 0; k < kc; k++) {
      FloatVector.fromMemorySegment(S, source, from, LE).intoMemorySegment(panels, at, LE);
      FloatVector.fromMemorySegment(S, source, from + L * BYTES, LE)
          .intoMemorySegment(panels, at + L * BYTES, LE);
      from += step;
      at += NR * BYTES;
    }
  }

  /** Stored rows become panel columns; eight k at a time so that the writes stay in L1. */
  private static void transpose(
      MemorySegment source,
      long from,
      long step,
      int count,
      int kc,
      MemorySegment panels,
      long at) {
    for (int k0 = 0; k0 < kc; k0 += 8) {
      int k1 = Math.min(kc, k0 + 8);
      for (int j = 0; j < count; j++) {
        long read = from + j * step;
        long write = at + j * BYTES;
        for (int k = k0; k < k1; k++) {
          panels.set(E, write + k * (NR * BYTES), source.get(E, read + k * BYTES));
        }
      }
    }
  }
}
