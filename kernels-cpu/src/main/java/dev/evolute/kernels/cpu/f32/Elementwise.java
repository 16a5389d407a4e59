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
 *
 * <p>Each loop over vectors stands in a method of its own, {@code ...Whole}, for the reason given
 * at {@link Reductions}.
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

  /** How far whole vectors reach from {@code from} on. */
  private static long whole(long from, long to) {
    return to - (to - from) % L;
  }

  /** {@code x = value}. */
  static void fill(float value, MemorySegment x, long from, long to) {
    long whole = whole(from, to);
    if (whole > from) {
      fillWhole(value, x, from, whole);
    }
    for (long i = whole; i < to; i++) {
      set(x, i, value);
    }
  }

  private static void fillWhole(float value, MemorySegment x, long from, long to) {
    FloatVector all = FloatVector.broadcast(S, value);
    for (long i = from; i < to; i += L) {
      all.intoMemorySegment(x, i * BYTES, LE);
    }
  }

  /** {@code y = alpha x + beta y}. */
  static void axpby(float alpha, MemorySegment x, float beta, MemorySegment y, long from, long to) {
    long whole = whole(from, to);
    if (beta == 0) {
      if (whole > from) {
        scaleWhole(alpha, x, y, from, whole);
      }
      for (long i = whole; i < to; i++) {
        set(y, i, get(x, i) * alpha);
      }
    } else {
      if (whole > from) {
        axpbyWhole(alpha, x, beta, y, from, whole);
      }
      for (long i = whole; i < to; i++) {
        set(y, i, Math.fma(get(x, i), alpha, get(y, i) * beta));
      }
    }
  }

  private static void scaleWhole(
      float alpha, MemorySegment x, MemorySegment y, long from, long to) {
    FloatVector a = FloatVector.broadcast(S, alpha);
    for (long i = from; i < to; i += L) {
      load(x, i).mul(a).intoMemorySegment(y, i * BYTES, LE);
    }
  }

  private static void axpbyWhole(
      float alpha, MemorySegment x, float beta, MemorySegment y, long from, long to) {
    FloatVector a = FloatVector.broadcast(S, alpha);
    FloatVector b = FloatVector.broadcast(S, beta);
    for (long i = from; i < to; i += L) {
      load(x, i).fma(a, load(y, i).mul(b)).intoMemorySegment(y, i * BYTES, LE);
    }
  }

  /** {@code y_ij = alpha column_i x_ij + beta y_ij} on rows {@code [from, to)} of [n x d]. */
  static void scaleRows(
      double alpha,
      MemorySegment x,
      MemorySegment column,
      double beta,
      MemorySegment y,
      int d,
      long from,
      long to) {
    for (long i = from; i < to; i++) {
      axpby((float) (alpha * get(column, i)), x, (float) beta, y, i * d, (i + 1) * d);
    }
  }

  /** {@code y = p (.) q + beta y}. */
  static void mul(
      MemorySegment p, MemorySegment q, float beta, MemorySegment y, long from, long to) {
    long whole = whole(from, to);
    if (beta == 0) {
      if (whole > from) {
        mulWhole(p, q, y, from, whole);
      }
      for (long i = whole; i < to; i++) {
        set(y, i, get(p, i) * get(q, i));
      }
    } else {
      if (whole > from) {
        mulWhole(p, q, beta, y, from, whole);
      }
      for (long i = whole; i < to; i++) {
        set(y, i, Math.fma(get(p, i), get(q, i), get(y, i) * beta));
      }
    }
  }

  private static void mulWhole(
      MemorySegment p, MemorySegment q, MemorySegment y, long from, long to) {
    for (long i = from; i < to; i += L) {
      load(p, i).mul(load(q, i)).intoMemorySegment(y, i * BYTES, LE);
    }
  }

  private static void mulWhole(
      MemorySegment p, MemorySegment q, float beta, MemorySegment y, long from, long to) {
    FloatVector b = FloatVector.broadcast(S, beta);
    for (long i = from; i < to; i += L) {
      load(p, i).fma(load(q, i), load(y, i).mul(b)).intoMemorySegment(y, i * BYTES, LE);
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
    long whole = whole(from, to);
    if (beta == 0) {
      if (whole > from) {
        mulAddWhole(p, q, u, v, y, from, whole);
      }
      for (long i = whole; i < to; i++) {
        set(y, i, Math.fma(get(u, i), get(v, i), get(p, i) * get(q, i)));
      }
    } else {
      if (whole > from) {
        mulAddWhole(p, q, u, v, beta, y, from, whole);
      }
      for (long i = whole; i < to; i++) {
        float sum = Math.fma(get(u, i), get(v, i), get(p, i) * get(q, i));
        set(y, i, Math.fma(get(y, i), beta, sum));
      }
    }
  }

  private static void mulAddWhole(
      MemorySegment p,
      MemorySegment q,
      MemorySegment u,
      MemorySegment v,
      MemorySegment y,
      long from,
      long to) {
    for (long i = from; i < to; i += L) {
      FloatVector sum = load(u, i).fma(load(v, i), load(p, i).mul(load(q, i)));
      sum.intoMemorySegment(y, i * BYTES, LE);
    }
  }

  private static void mulAddWhole(
      MemorySegment p,
      MemorySegment q,
      MemorySegment u,
      MemorySegment v,
      float beta,
      MemorySegment y,
      long from,
      long to) {
    FloatVector b = FloatVector.broadcast(S, beta);
    for (long i = from; i < to; i += L) {
      FloatVector sum = load(u, i).fma(load(v, i), load(p, i).mul(load(q, i)));
      load(y, i).fma(b, sum).intoMemorySegment(y, i * BYTES, LE);
    }
  }

  /** {@code y_ij = x_ij + row_j} on rows {@code [from, to)} of {@code [n x d]}. */
  static void addRow(
      MemorySegment x, MemorySegment row, MemorySegment y, int d, long from, long to) {
    int whole = d - d % L;
    for (long i = from; i < to; i++) {
      long at = i * d;
      if (whole > 0) {
        addRowWhole(x, row, y, whole, at);
      }
      for (int j = whole; j < d; j++) {
        set(y, at + j, get(x, at + j) + get(row, j));
      }
    }
  }

  private static void addRowWhole(
      MemorySegment x, MemorySegment row, MemorySegment y, int d, long at) {
    for (int j = 0; j < d; j += L) {
      load(x, at + j).add(load(row, j)).intoMemorySegment(y, (at + j) * BYTES, LE);
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
}
