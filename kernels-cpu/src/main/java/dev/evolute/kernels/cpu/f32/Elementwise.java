package dev.evolute.kernels.cpu.f32;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Element-wise kernels on {@code [from, to)}. Bound by memory beyond the caches. Whole vectors
 * first, the rest one by one with the same operations, so that an element's bits do not depend on
 * where a range ends; no masks, which C2 boxes at some vector widths. {@code beta = 0} never reads
 * the output.
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

  private static float get(MemorySegment x, long i) {
    return x.get(E, i * BYTES);
  }

  private static void set(MemorySegment x, long i, float value) {
    x.set(E, i * BYTES, value);
  }

  /** {@code x = value}. */
  static void fill(float value, MemorySegment x, long from, long to) {
    FloatVector all = FloatVector.broadcast(S, value);
    long i = from;
    for (; i <= to - L; i += L) {
      all.intoMemorySegment(x, i * BYTES, LE);
    }
    for (; i < to; i++) {
      set(x, i, value);
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
      for (; i < to; i++) {
        set(y, i, get(x, i) * alpha);
      }
    } else {
      for (; i <= to - L; i += L) {
        load(x, i).fma(a, load(y, i).mul(b)).intoMemorySegment(y, i * BYTES, LE);
      }
      for (; i < to; i++) {
        set(y, i, Math.fma(get(x, i), alpha, get(y, i) * beta));
      }
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
      for (; i < to; i++) {
        set(y, i, get(p, i) * get(q, i));
      }
    } else {
      for (; i <= to - L; i += L) {
        load(p, i).fma(load(q, i), load(y, i).mul(b)).intoMemorySegment(y, i * BYTES, LE);
      }
      for (; i < to; i++) {
        set(y, i, Math.fma(get(p, i), get(q, i), get(y, i) * beta));
      }
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
      for (; i < to; i++) {
        set(y, i, Math.fma(get(u, i), get(v, i), get(p, i) * get(q, i)));
      }
    } else {
      for (; i <= to - L; i += L) {
        FloatVector sum = load(u, i).fma(load(v, i), load(p, i).mul(load(q, i)));
        load(y, i).fma(b, sum).intoMemorySegment(y, i * BYTES, LE);
      }
      for (; i < to; i++) {
        float sum = Math.fma(get(u, i), get(v, i), get(p, i) * get(q, i));
        set(y, i, Math.fma(get(y, i), beta, sum));
      }
    }
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
    for (; j < d; j++) {
      set(y, at + j, get(x, at + j) + get(row, j));
    }
  }

  /** {@code y = y + x} on {@code count} elements from {@code yAt} and {@code xAt} on. */
  static void addTo(MemorySegment x, long xAt, MemorySegment y, long yAt, int count) {
    int j = 0;
    for (; j <= count - L; j += L) {
      load(y, yAt + j).add(load(x, xAt + j)).intoMemorySegment(y, (yAt + j) * BYTES, LE);
    }
    for (; j < count; j++) {
      set(y, yAt + j, get(y, yAt + j) + get(x, xAt + j));
    }
  }

  /** {@code y = y (.) x} on {@code count} elements from {@code yAt} and {@code xAt} on. */
  static void multiplyTo(MemorySegment x, long xAt, MemorySegment y, long yAt, int count) {
    int j = 0;
    for (; j <= count - L; j += L) {
      load(y, yAt + j).mul(load(x, xAt + j)).intoMemorySegment(y, (yAt + j) * BYTES, LE);
    }
    for (; j < count; j++) {
      set(y, yAt + j, get(y, yAt + j) * get(x, xAt + j));
    }
  }

  /** {@code row_j = sum_i x_ij + beta row_j}, x {@code [n x d]}. */
  static void columnSums(MemorySegment x, int n, int d, float beta, MemorySegment row) {
    int j = 0;
    for (; j <= d - L; j += L) {
      FloatVector sum = FloatVector.zero(S);
      for (int i = 0; i < n; i++) {
        sum = sum.add(load(x, (long) i * d + j));
      }
      if (beta != 0) {
        sum = load(row, j).fma(FloatVector.broadcast(S, beta), sum);
      }
      sum.intoMemorySegment(row, j * BYTES, LE);
    }
    for (; j < d; j++) {
      float sum = 0;
      for (int i = 0; i < n; i++) {
        sum += get(x, (long) i * d + j);
      }
      set(row, j, beta == 0 ? sum : Math.fma(get(row, j), beta, sum));
    }
  }
}
