package dev.evolute.kernels.cpu.f32;

import dev.evolute.kernels.Activation;
import dev.evolute.kernels.cpu.Erf;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Activations with first and second derivative, each output written only if it is wanted.
 *
 * <pre>
 *   relu      z+                  [z > 0]                 0
 *   tanh      t                   1 - t^2                 -2 t (1 - t^2)
 *   sigmoid   s = 1/(1+exp(-z))   s (1-s)                 s (1-s) (1-2s)
 *   softplus  z+ + log1p exp -|z| s                       s (1-s)
 *   silu      z s                 s + z s (1-s)           s (1-s) (2 + z (1-2s))
 *   gelu      z Phi               Phi + z phi             phi (2 - z^2)
 * </pre>
 *
 * The smooth ones are scalar, in fp64: the JVM's vector exp and tanh differ in the last bit from
 * what the same call gives before it is compiled, so that results would depend on when that
 * happens. Bound by those scalar functions, some 5 ns each.
 */
final class Activations {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final ValueLayout.OfFloat E = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final long BYTES = Float.BYTES;
  private static final double SQRT_HALF = Math.sqrt(0.5);
  private static final double PHI_0 = 1 / Math.sqrt(2 * Math.PI);

  private Activations() {}

  /** Elements {@code [from, to)}; each of value, first, second may be null. */
  static void run(
      Activation f,
      MemorySegment z,
      MemorySegment value,
      MemorySegment first,
      MemorySegment second,
      long from,
      long to) {
    switch (f.kind()) {
      case IDENTITY -> leaky((float) 1, z, value, first, second, from, to);
      case RELU -> leaky((float) 0, z, value, first, second, from, to);
      case LEAKY_RELU -> leaky((float) f.slope(), z, value, first, second, from, to);
      case TANH -> tanh(z, value, first, second, from, to);
      case SIGMOID -> sigmoid(z, value, first, second, from, to);
      case SOFTPLUS -> softplus(z, value, first, second, from, to);
      case SILU -> silu(z, value, first, second, from, to);
      case GELU -> gelu(z, value, first, second, from, to);
    }
  }

  private static void leaky(
      float slope,
      MemorySegment z,
      MemorySegment value,
      MemorySegment first,
      MemorySegment second,
      long from,
      long to) {
    if (value != null && slope == 0) {
      reluValue(z, value, from, to);
    } else if (value != null) {
      leakyValue(slope, z, value, from, to);
    }
    if (first != null) {
      leakySlope(slope, z, first, from, to);
    }
    if (second != null) {
      Elementwise.fill(0, second, from, to);
    }
  }

  /** {@code max(z, 0)} is 0 even where z is minus infinity; NaN stays NaN. */
  private static void reluValue(MemorySegment z, MemorySegment value, long from, long to) {
    FloatVector zero = FloatVector.zero(S);
    long i = from;
    for (; i <= to - L; i += L) {
      FloatVector x = FloatVector.fromMemorySegment(S, z, i * BYTES, LE);
      x.max(zero).intoMemorySegment(value, i * BYTES, LE);
    }
    for (; i < to; i++) {
      value.set(E, i * BYTES, Math.max(z.get(E, i * BYTES), 0));
    }
  }

  /** {@code slope min(z, 0) + max(z, 0)}: exact, one of the two being 0, and without a mask. */
  private static void leakyValue(
      float slope, MemorySegment z, MemorySegment value, long from, long to) {
    FloatVector low = FloatVector.broadcast(S, slope);
    FloatVector zero = FloatVector.zero(S);
    long i = from;
    for (; i <= to - L; i += L) {
      FloatVector x = FloatVector.fromMemorySegment(S, z, i * BYTES, LE);
      x.min(zero).fma(low, x.max(zero)).intoMemorySegment(value, i * BYTES, LE);
    }
    for (; i < to; i++) {
      float x = z.get(E, i * BYTES);
      value.set(E, i * BYTES, Math.fma(Math.min(x, 0), slope, Math.max(x, 0)));
    }
  }

  /** Scalar: C2 boxes the comparison of vectors of two lanes. */
  private static void leakySlope(
      float slope, MemorySegment z, MemorySegment first, long from, long to) {
    for (long i = from; i < to; i++) {
      first.set(E, i * BYTES, z.get(E, i * BYTES) <= 0 ? slope : 1);
    }
  }

  private static void put(MemorySegment to, long i, double x) {
    if (to != null) {
      to.set(E, i * BYTES, (float) x);
    }
  }

  private static void tanh(
      MemorySegment z,
      MemorySegment value,
      MemorySegment first,
      MemorySegment second,
      long from,
      long to) {
    for (long i = from; i < to; i++) {
      double t = Math.tanh(z.get(E, i * BYTES));
      double slope = (1 - t) * (1 + t);
      put(value, i, t);
      put(first, i, slope);
      put(second, i, -2 * t * slope);
    }
  }

  /** {@code s(z)} from exp(-|z|), which cannot overflow; NaN stays NaN. */
  private static double logistic(double z) {
    double e = Math.exp(-Math.abs(z));
    return z < 0 ? e / (1 + e) : 1 / (1 + e);
  }

  /** {@code s(z) (1 - s(z))}, without cancellation on either side. */
  private static double logisticSlope(double z) {
    double e = Math.exp(-Math.abs(z));
    return e / ((1 + e) * (1 + e));
  }

  /** {@code 1 - 2 s(z)}. */
  private static double tilt(double z) {
    return -Math.tanh(z / 2);
  }

  private static void sigmoid(
      MemorySegment z,
      MemorySegment value,
      MemorySegment first,
      MemorySegment second,
      long from,
      long to) {
    for (long i = from; i < to; i++) {
      double x = z.get(E, i * BYTES);
      if (value != null) {
        put(value, i, logistic(x));
      }
      if (first != null || second != null) {
        double slope = logisticSlope(x);
        put(first, i, slope);
        put(second, i, slope * tilt(x));
      }
    }
  }

  private static void softplus(
      MemorySegment z,
      MemorySegment value,
      MemorySegment first,
      MemorySegment second,
      long from,
      long to) {
    for (long i = from; i < to; i++) {
      double x = z.get(E, i * BYTES);
      if (value != null) {
        put(value, i, Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))));
      }
      if (first != null) {
        put(first, i, logistic(x));
      }
      if (second != null) {
        put(second, i, logisticSlope(x));
      }
    }
  }

  /** {@code a b}, and 0 where b is 0 even if a is infinite: the limit of what decays like exp. */
  private static double decayed(double a, double b) {
    return b == 0 ? 0 : a * b;
  }

  private static void silu(
      MemorySegment z,
      MemorySegment value,
      MemorySegment first,
      MemorySegment second,
      long from,
      long to) {
    for (long i = from; i < to; i++) {
      double x = z.get(E, i * BYTES);
      double s = logistic(x);
      put(value, i, decayed(x, s));
      if (first != null || second != null) {
        double slope = logisticSlope(x);
        put(first, i, s + decayed(x, slope));
        put(second, i, decayed(2 + x * tilt(x), slope));
      }
    }
  }

  private static void gelu(
      MemorySegment z,
      MemorySegment value,
      MemorySegment first,
      MemorySegment second,
      long from,
      long to) {
    for (long i = from; i < to; i++) {
      double x = z.get(E, i * BYTES);
      double below = Erf.erfc(-x * SQRT_HALF) / 2;
      double density = PHI_0 * Math.exp(-x * x / 2);
      put(value, i, decayed(x, below));
      put(first, i, below + decayed(x, density));
      put(second, i, decayed(2 - x * x, density));
    }
  }
}
