package dev.evolute.kernels.cpu.f32;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Element-wise kernels on {@code [from, to)}. Bound by memory beyond the caches. Whole vectors
 * first, then one masked vector; {@code beta = 0} never reads the output.
 */
final class Elementwise {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final ValueLayout.OfFloat E = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final long BYTES = Float.BYTES;

  private Elementwise() {}

  private static FloatVector load(MemorySegment x, long i) {
    return FloatVector.fromMemorySegment(S, x, i * BYTES, LE);
  }

  private static FloatVector load(MemorySegment x, long i, VectorMask<Float> inside) {
    return FloatVector.fromMemorySegment(S, x, i * BYTES, LE, inside);
  }

  /** {@code x = value}. */
  static void fill(float value, MemorySegment x, long from, long to) {
    FloatVector all = FloatVector.broadcast(S, value);
    long i = from;
    for (; i <= to - L; i += L) {
      all.intoMemorySegment(x, i * BYTES, LE);
    }
    all.intoMemorySegment(x, i * BYTES, LE, S.indexInRange(i, to));
  }

  /**
   * {@code count} elements from byte {@code offset} on, times {@code factor}; 0 clears, NaN too.
   */
  static void scale(float factor, MemorySegment x, long offset, int count) {
    for (int i = 0; i < count; i += L) {
      VectorMask<Float> inside = S.indexInRange(i, count);
      long place = offset + i * BYTES;
      FloatVector y =
          factor == 0
              ? FloatVector.zero(S)
              : FloatVector.fromMemorySegment(S, x, place, LE, inside).mul(factor);
      y.intoMemorySegment(x, place, LE, inside);
    }
  }

  /** {@code y = alpha x + beta y}. */
  static void axpby(float alpha, MemorySegment x, float beta, MemorySegment y, long from, long to) {
    FloatVector a = FloatVector.broadcast(S, alpha);
    FloatVector b = FloatVector.broadcast(S, beta);
    long i = from;
    if (beta == 0) {
      for (; i <= to - L; i += L) {
        load(x, i).mul(a).intoMemorySegment(y, i * BYTES, LE);
      }
      VectorMask<Float> inside = S.indexInRange(i, to);
      load(x, i, inside).mul(a).intoMemorySegment(y, i * BYTES, LE, inside);
    } else {
      for (; i <= to - L; i += L) {
        load(x, i).fma(a, load(y, i).mul(b)).intoMemorySegment(y, i * BYTES, LE);
      }
      VectorMask<Float> inside = S.indexInRange(i, to);
      FloatVector sum = load(x, i, inside).fma(a, load(y, i, inside).mul(b));
      sum.intoMemorySegment(y, i * BYTES, LE, inside);
    }
  }

  /** {@code y = p (.) q + beta y}. */
  static void mul(
      MemorySegment p, MemorySegment q, float beta, MemorySegment y, long from, long to) {
    FloatVector b = FloatVector.broadcast(S, beta);
    long i = from;
    if (beta == 0) {
      for (; i <= to - L; i += L) {
        load(p, i).mul(load(q, i)).intoMemorySegment(y, i * BYTES, LE);
      }
      VectorMask<Float> inside = S.indexInRange(i, to);
      load(p, i, inside).mul(load(q, i, inside)).intoMemorySegment(y, i * BYTES, LE, inside);
    } else {
      for (; i <= to - L; i += L) {
        load(p, i).fma(load(q, i), load(y, i).mul(b)).intoMemorySegment(y, i * BYTES, LE);
      }
      VectorMask<Float> inside = S.indexInRange(i, to);
      FloatVector sum = load(p, i, inside).fma(load(q, i, inside), load(y, i, inside).mul(b));
      sum.intoMemorySegment(y, i * BYTES, LE, inside);
    }
  }

  /** {@code y = p (.) q + u (.) v + beta y}. */
  static void mulAdd(
      MemorySegment p,
      MemorySegment q,
      MemorySegment u,
      MemorySegment v,
      float beta,
      MemorySegment y,
      long from,
      long to) {
    FloatVector b = FloatVector.broadcast(S, beta);
    long i = from;
    if (beta == 0) {
      for (; i <= to - L; i += L) {
        FloatVector sum = load(u, i).fma(load(v, i), load(p, i).mul(load(q, i)));
        sum.intoMemorySegment(y, i * BYTES, LE);
      }
    } else {
      for (; i <= to - L; i += L) {
        FloatVector sum = load(u, i).fma(load(v, i), load(p, i).mul(load(q, i)));
        load(y, i).fma(b, sum).intoMemorySegment(y, i * BYTES, LE);
      }
    }
    VectorMask<Float> inside = S.indexInRange(i, to);
    FloatVector sum = load(p, i, inside).mul(load(q, i, inside));
    sum = load(u, i, inside).fma(load(v, i, inside), sum);
    if (beta != 0) {
      sum = load(y, i, inside).fma(b, sum);
    }
    sum.intoMemorySegment(y, i * BYTES, LE, inside);
  }

  /** {@code y_ij = x_ij + row_j} on rows {@code [from, to)} of {@code [n x d]}. */
  static void addRow(
      MemorySegment x, MemorySegment row, MemorySegment y, int d, long from, long to) {
    for (long i = from; i < to; i++) {
      addRow(x, row, y, d, i * d);
    }
  }

  private static void addRow(MemorySegment x, MemorySegment row, MemorySegment y, int d, long at) {
    int j = 0;
    for (; j <= d - L; j += L) {
      load(x, at + j).add(load(row, j)).intoMemorySegment(y, (at + j) * BYTES, LE);
    }
    VectorMask<Float> inside = S.indexInRange(j, d);
    FloatVector sum = load(x, at + j, inside).add(load(row, j, inside));
    sum.intoMemorySegment(y, (at + j) * BYTES, LE, inside);
  }

  /** {@code row_j = sum_i x_ij + beta row_j} on columns {@code [from, to)} of {@code [n x d]}. */
  static void columnSums(
      MemorySegment x, int n, int d, float beta, MemorySegment row, int from, int to) {
    int j = from;
    for (; j <= to - L; j += L) {
      FloatVector sum = FloatVector.zero(S);
      for (int i = 0; i < n; i++) {
        sum = sum.add(load(x, (long) i * d + j));
      }
      if (beta != 0) {
        sum = load(row, j).fma(FloatVector.broadcast(S, beta), sum);
      }
      sum.intoMemorySegment(row, j * BYTES, LE);
    }
    for (; j < to; j++) {
      float sum = 0;
      for (int i = 0; i < n; i++) {
        sum += x.get(E, ((long) i * d + j) * BYTES);
      }
      float old = beta == 0 ? 0 : beta * row.get(E, j * BYTES);
      row.set(E, j * BYTES, sum + old);
    }
  }
}
