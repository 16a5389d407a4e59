package dev.evolute.kernels.cpu.f32;

import dev.evolute.kernels.Matrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Copies blocks of operands to where the register tile reads them fastest. */
final class Packing {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();
  private static final int NR = Gemm.NR;
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final ValueLayout.OfFloat E = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final long BYTES = Float.BYTES;

  /** Elements between copied rows, so that they do not all fall into one set of the cache. */
  static final int PAD = 16;

  private Packing() {}

  /**
   * A block {@code [mc x kc]} of A without gaps: row by row where it stands so, else k by k, {@link
   * #PAD} elements after each.
   */
  static void block(
      MemorySegment a, long ao, long ar, long ak, int mc, int kc, MemorySegment block) {
    boolean byRows = ak == BYTES;
    int lines = byRows ? mc : kc;
    long length = (byRows ? kc : mc) * BYTES;
    long step = byRows ? ar : ak;
    for (int i = 0; i < lines; i++) {
      MemorySegment.copy(a, ao + i * step, block, i * (length + PAD * BYTES), length);
    }
  }

  /**
   * Inner indices {@code [p, p + kc)} and panels {@code [q0, q1)} of B {@code [k x n]}, each panel
   * {@code [kc][NR]}.
   */
  static void panels(
      Matrix b, long offset, int p, int kc, int q0, int q1, int n, MemorySegment panels) {
    MemorySegment source = b.buffer().segment();
    long stride = b.stride() * BYTES;
    for (int q = q0; q < q1; q++) {
      int j = Gemm.panelStart(q, n);
      int width = Gemm.panelStart(q + 1, n) - j;
      long at = (long) (q - q0) * kc * NR * BYTES;
      if (b.transposed()) {
        if (width < L) {
          clear(panels, at, kc);
        }
        transpose(source, offset + j * stride + p * BYTES, stride, width, kc, panels, at);
      } else if (width >= L) {
        copyRows(source, offset + p * stride + j * BYTES, stride, width, kc, panels, at);
      } else {
        clear(panels, at, kc);
        copyShortRows(source, offset + p * stride + j * BYTES, stride, width, kc, panels, at);
      }
    }
  }

  /** What padding computes is never used, but old bits there might be denormal and slow. */
  private static void clear(MemorySegment panels, long at, int kc) {
    FloatVector zero = FloatVector.zero(S);
    for (int k = 0; k < kc; k++) {
      zero.intoMemorySegment(panels, at, LE);
      at += NR * BYTES;
    }
  }

  private static void copyRows(
      MemorySegment source, long from, long step, int width, int kc, MemorySegment to, long at) {
    long last = (width - L) * BYTES;
    for (int k = 0; k < kc; k++) {
      for (long j = 0; j < last; j += L * BYTES) {
        FloatVector.fromMemorySegment(S, source, from + j, LE).intoMemorySegment(to, at + j, LE);
      }
      FloatVector.fromMemorySegment(S, source, from + last, LE)
          .intoMemorySegment(to, at + last, LE);
      from += step;
      at += NR * BYTES;
    }
  }

  private static void copyShortRows(
      MemorySegment source, long from, long step, int width, int kc, MemorySegment to, long at) {
    for (int k = 0; k < kc; k++) {
      for (int j = 0; j < width; j++) {
        to.set(E, at + j * BYTES, source.get(E, from + j * BYTES));
      }
      from += step;
      at += NR * BYTES;
    }
  }

  /** Stored rows become panel columns; eight k at a time so that the writes stay in L1. */
  private static void transpose(
      MemorySegment source, long from, long step, int width, int kc, MemorySegment to, long at) {
    for (int k0 = 0; k0 < kc; k0 += 8) {
      int k1 = Math.min(kc, k0 + 8);
      for (int j = 0; j < width; j++) {
        long read = from + j * step;
        long write = at + j * BYTES;
        for (int k = k0; k < k1; k++) {
          to.set(E, write + k * (NR * BYTES), source.get(E, read + k * BYTES));
        }
      }
    }
  }
}
