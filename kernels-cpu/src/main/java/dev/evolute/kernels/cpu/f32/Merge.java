package dev.evolute.kernels.cpu.f32;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/** {@code C = alpha T + beta C} for sums T that stand in memory of their own. */
public final class Merge {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();
  private static final long BYTES = Float.BYTES;
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final ValueLayout.OfFloat E = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final MemorySegment ALL = Memory.ALL;
  private static final long PLACE = Memory.PLACE;

  private Merge() {}

  /**
   * In native memory.
   *
   * @param from element (0, 0) of T, readable a whole vector wide; fromRow bytes from one row to
   *     the next
   * @param to element (0, 0) of C, not read if beta is 0
   */
  public static void rows(
      int rows, int width, float alpha, long from, long fromRow, float beta, long to, long toRow) {
    int whole = width / L * L;
    if (whole > 0) {
      whole(rows, whole, alpha, from, fromRow, beta, to, toRow);
    }
    int left = width - whole;
    if (left == 0) {
      return;
    }
    from += whole * BYTES;
    to += whole * BYTES;
    if (Gemm.WIDE) {
      masked(rows, left, alpha, from, fromRow, beta, to, toRow);
      return;
    }
    // C2 makes objects of the masks of narrower vectors.
    for (int r = 0; r < rows; r++) {
      column(left, alpha, from + r * fromRow, beta, to + r * toRow, BYTES);
    }
  }

  private static void whole(
      int rows, int width, float alpha, long from, long fromRow, float beta, long to, long toRow) {
    FloatVector scale = FloatVector.broadcast(S, alpha);
    FloatVector rest = FloatVector.broadcast(S, beta);
    for (int r = 0; r < rows; r++) {
      for (int j = 0; j < width; j += L) {
        long at = to + j * BYTES & PLACE;
        FloatVector x =
            FloatVector.fromMemorySegment(S, ALL, from + j * BYTES & PLACE, LE).mul(scale);
        if (beta != 0) {
          x = FloatVector.fromMemorySegment(S, ALL, at, LE).fma(rest, x);
        }
        x.intoMemorySegment(ALL, at, LE);
      }
      from += fromRow;
      to += toRow;
    }
  }

  /** Rows of less than a vector. */
  private static void masked(
      int rows, int width, float alpha, long from, long fromRow, float beta, long to, long toRow) {
    FloatVector scale = FloatVector.broadcast(S, alpha);
    FloatVector rest = FloatVector.broadcast(S, beta);
    VectorMask<Float> inside = S.indexInRange(0, width);
    for (int r = 0; r < rows; r++) {
      long at = to & PLACE;
      FloatVector x = FloatVector.fromMemorySegment(S, ALL, from & PLACE, LE).mul(scale);
      if (beta != 0) {
        x = FloatVector.fromMemorySegment(S, ALL, at, LE, inside).fma(rest, x);
      }
      x.intoMemorySegment(ALL, at, LE, inside);
      from += fromRow;
      to += toRow;
    }
  }

  /** Elements of T without gaps, to elements of C that stand {@code step} bytes apart. */
  static void column(int count, float alpha, long from, float beta, long to, long step) {
    for (int i = 0; i < count; i++) {
      float x = ALL.get(E, from + i * BYTES & PLACE) * alpha;
      long at = to + i * step & PLACE;
      ALL.set(E, at, beta == 0 ? x : Math.fma(ALL.get(E, at), beta, x));
    }
  }

  /**
   * One row of a C that stands on the heap, which {@link Memory#ALL} cannot reach; from and to in
   * bytes. The other loops stay free of it, because one loop over both kinds of memory is more than
   * C2 always inlines.
   */
  public static void row(
      int width, float alpha, MemorySegment t, long from, float beta, MemorySegment c, long to) {
    FloatVector scale = FloatVector.broadcast(S, alpha);
    FloatVector rest = FloatVector.broadcast(S, beta);
    int j = 0;
    for (; j <= width - L; j += L) {
      FloatVector x = FloatVector.fromMemorySegment(S, t, from + j * BYTES, LE).mul(scale);
      if (beta != 0) {
        x = FloatVector.fromMemorySegment(S, c, to + j * BYTES, LE).fma(rest, x);
      }
      x.intoMemorySegment(c, to + j * BYTES, LE);
    }
    for (; j < width; j++) {
      float x = t.get(E, from + j * BYTES) * alpha;
      long at = to + j * BYTES;
      c.set(E, at, beta == 0 ? x : Math.fma(c.get(E, at), beta, x));
    }
  }
}
