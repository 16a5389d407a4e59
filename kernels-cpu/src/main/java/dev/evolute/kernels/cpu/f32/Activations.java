package dev.evolute.kernels.cpu.f32;

import static dev.evolute.kernels.cpu.f32.Elementary.ERF_LIMIT;
import static dev.evolute.kernels.cpu.f32.Elementary.ERF_ONE;
import static dev.evolute.kernels.cpu.f32.Elementary.EXP_LIMIT;
import static dev.evolute.kernels.cpu.f32.Elementary.GAUSS_LIMIT;
import static dev.evolute.kernels.cpu.f32.Elementary.GELU_CUBIC;
import static dev.evolute.kernels.cpu.f32.Elementary.GELU_CUBIC_LOW;
import static dev.evolute.kernels.cpu.f32.Elementary.GELU_LIMIT;
import static dev.evolute.kernels.cpu.f32.Elementary.GELU_LINEAR;
import static dev.evolute.kernels.cpu.f32.Elementary.GELU_LINEAR_LOW;
import static dev.evolute.kernels.cpu.f32.Elementary.HALF;
import static dev.evolute.kernels.cpu.f32.Elementary.LARGEST;
import static dev.evolute.kernels.cpu.f32.Elementary.MILLS;
import static dev.evolute.kernels.cpu.f32.Elementary.MILLS_1;
import static dev.evolute.kernels.cpu.f32.Elementary.MILLS_INVERSE;
import static dev.evolute.kernels.cpu.f32.Elementary.MILLS_LOW;
import static dev.evolute.kernels.cpu.f32.Elementary.MILLS_SHIFT;
import static dev.evolute.kernels.cpu.f32.Elementary.MILLS_SPAN;
import static dev.evolute.kernels.cpu.f32.Elementary.ONE;
import static dev.evolute.kernels.cpu.f32.Elementary.S;
import static dev.evolute.kernels.cpu.f32.Elementary.TWO;
import static dev.evolute.kernels.cpu.f32.Elementary.ZERO;
import static dev.evolute.kernels.cpu.f32.Elementary.aboveZero;
import static dev.evolute.kernels.cpu.f32.Elementary.all;
import static dev.evolute.kernels.cpu.f32.Elementary.atMost;
import static dev.evolute.kernels.cpu.f32.Elementary.bounded;
import static dev.evolute.kernels.cpu.f32.Elementary.domain;
import static dev.evolute.kernels.cpu.f32.Elementary.inverse;
import static dev.evolute.kernels.cpu.f32.Elementary.lift;
import static dev.evolute.kernels.cpu.f32.Elementary.lifted;
import static dev.evolute.kernels.cpu.f32.Elementary.mantissa;
import static dev.evolute.kernels.cpu.f32.Elementary.mills;
import static dev.evolute.kernels.cpu.f32.Elementary.octave;
import static dev.evolute.kernels.cpu.f32.Elementary.octaveInverse;
import static dev.evolute.kernels.cpu.f32.Elementary.octaves;
import static dev.evolute.kernels.cpu.f32.Elementary.oneOr;
import static dev.evolute.kernels.cpu.f32.Elementary.orOdd;
import static dev.evolute.kernels.cpu.f32.Elementary.outside;
import static dev.evolute.kernels.cpu.f32.Elementary.positive;
import static dev.evolute.kernels.cpu.f32.Elementary.power;
import static dev.evolute.kernels.cpu.f32.Elementary.rescale;
import static dev.evolute.kernels.cpu.f32.Elementary.scale;
import static dev.evolute.kernels.cpu.f32.Elementary.sign;
import static jdk.incubator.vector.FloatVector.broadcast;

import dev.evolute.kernels.Activation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * Functions of one argument with first and second derivative, each output written only if it is
 * wanted.
 *
 * <pre>
 *   exp       e^x                  e^x                     e^x
 *   expm1     e^x - 1              e^x                     e^x
 *   log       log x                1/x                     -1/x^2
 *   log1p     log(1+x)             1/(1+x)                 -1/(1+x)^2
 *   sqrt      r                    1/(2r)                  -1/(4 x r)
 *   1/x       r                    -r^2                    2 r^3
 *   relu      x+                   [x > 0]                 0
 *   tanh      t                    4 e / (1+e)^2           -2 t t'            e = exp(-2|x|)
 *   sigmoid   s = (e or 1)/(1+e)   e / (1+e)^2             s' (1-2s)          e = exp(-|x|)
 *   softplus  x+ + log1p(e)        s                       s'
 *   silu      x+ - T, T = a e/(1+e), a = |x|: [x > 0] - sign T'(a), -T''(a)
 *   gelu      x+ - T, T = a (1 - Phi(a)); tanh form: as silu with e = exp(-v(a))
 *   erf       sign (1 - exp(-u)), u = a (1 + Q(a))  2/sqrt(pi) exp(-x^2)  -2 x erf'
 * </pre>
 *
 * Everything decays through an exponential of a negative argument, so that small values and
 * derivatives keep their relative precision down to the denormal numbers: the last factor of a
 * product is {@code down}, the second half of the scaling of the exponential. Where a sum of two
 * stands for a number ({@code x, xLow}), the second holds what rounding took from the first.
 *
 * <p>Bound by arithmetic: some 25 instructions for exp, some 100 for GELU, in two or three chains.
 */
final class Activations {
  private static final int L = S.length();
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final ValueLayout.OfFloat E = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final long BYTES = Float.BYTES;

  /** Elements between one pass and the next over them: they stay in the first-level cache. */
  private static final int BLOCK = 512;

  private static final FloatVector FOUR = all(4);

  /** {@code phi(0) = 1/sqrt(2 pi)}. */
  private static final FloatVector PHI_0 = all(1 / Math.sqrt(2 * Math.PI));

  /** {@code erf'(0) = 2/sqrt(pi)}. */
  private static final FloatVector ERF_1 = all(2 / Math.sqrt(Math.PI));

  private static final MemorySegment ALL = Memory.ALL;
  private static final long PLACE = Memory.PLACE;

  /** Bytes of a vector, and of a block with a line between it and the next. */
  private static final long V = L * BYTES;

  private static final long ROOM = BLOCK * BYTES + 64;

  /** Where in the scratch the parts of an exponential stand, {@code (p + 1) scale down}. */
  private static final long P = 0;

  private static final long SCALE = ROOM;
  private static final long DOWN = 2 * ROOM;

  /** Where goes what nobody wants. */
  private static final long SINK = 3 * ROOM;

  /** Where the parts of a logarithm stand: its argument, -k, f. */
  private static final long ARGUMENT = DOWN;

  private static final long OCTAVE = P;
  private static final long FRACTION = SCALE;

  /** What a thread keeps between passes, and where operands stand that the passes cannot reach. */
  private static final class Scratch {
    private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);

    private final MemorySegment all = Arena.ofAuto().allocate(11 * ROOM, 64);

    /** Address of what is kept between passes. */
    final long parts = all.address();

    final MemorySegment z = block(4);
    final MemorySegment value = block(5);
    final MemorySegment first = block(6);
    final MemorySegment second = block(7);

    /** What the fused kernels keep: biased arguments, derivatives. */
    final MemorySegment sum = block(8);

    final MemorySegment slope = block(9);
    final MemorySegment bend = block(10);

    private MemorySegment block(int i) {
      return all.asSlice(i * ROOM, BLOCK * BYTES);
    }
  }

  private Activations() {}

  /**
   * {@code count} elements from {@code z[from]} on, results from {@code [at]} on; each of value,
   * first, second may be null.
   */
  static void run(
      Activation f,
      MemorySegment z,
      long from,
      MemorySegment value,
      MemorySegment first,
      MemorySegment second,
      long at,
      long count) {
    Scratch s = Scratch.OF_THREAD.get();
    long whole = 0;
    if (reaches(z) && reaches(value) && reaches(first) && reaches(second)) {
      whole = count - count % L;
      for (long i = 0; i < whole; i += BLOCK) {
        long v = place(value, at + i);
        long d1 = place(first, at + i);
        long d2 = place(second, at + i);
        block(f, s.parts, place(z, from + i), v, d1, d2, Math.min(BLOCK, whole - i) * BYTES);
      }
    }
    for (long i = whole; i < count; i += BLOCK) {
      long n = Math.min(BLOCK, count - i);
      MemorySegment v = value == null ? null : s.value;
      MemorySegment d1 = first == null ? null : s.first;
      MemorySegment d2 = second == null ? null : s.second;
      copy(z, from + i, s.z, 0, n);
      long full = (n + L - 1) / L * V;
      block(f, s.parts, place(s.z, 0), place(v, 0), place(d1, 0), place(d2, 0), full);
      copy(v, 0, value, at + i, n);
      copy(d1, 0, first, at + i, n);
      copy(d2, 0, second, at + i, n);
    }
  }

  private static long orSink(long y, long s) {
    return y != 0 ? y : s + SINK;
  }

  private static boolean reaches(MemorySegment x) {
    return x == null || Memory.reaches(x);
  }

  /** The address of element i, 0 where nothing is wanted. */
  private static long place(MemorySegment x, long i) {
    return x == null ? 0 : x.address() + i * BYTES;
  }

  /** The value replaces z; the slope, which may be null, stands from {@code [slopeAt]} on. */
  static void inPlace(
      Activation f, MemorySegment z, long at, MemorySegment slope, long slopeAt, long count) {
    if (slope == null) {
      run(f, z, at, z, null, null, at, count);
      return;
    }
    Scratch s = Scratch.OF_THREAD.get();
    for (long i = 0; i < count; i += BLOCK) {
      long n = Math.min(BLOCK, count - i);
      run(f, z, at + i, s.sum, s.slope, null, 0, n);
      copy(s.sum, 0, z, at + i, n);
      copy(s.slope, 0, slope, slopeAt + i, n);
    }
  }

  /** {@link #run} at {@code z_ij + row_j}, z {@code [n x d]}, on rows {@code [from, to)}. */
  static void biased(
      Activation f,
      MemorySegment z,
      MemorySegment row,
      MemorySegment value,
      MemorySegment first,
      MemorySegment second,
      int d,
      long from,
      long to) {
    MemorySegment sum = Scratch.OF_THREAD.get().sum;
    long m;
    for (long at = from * d; at < to * d; at += m) {
      m = Math.min(BLOCK, to * d - at);
      long part;
      for (long i = 0; i < m; i += part) {
        long j = (at + i) % d;
        part = Math.min(d - j, m - i);
        add(z, at + i, row, j, sum, i, part);
      }
      run(f, sum, 0, value, first, second, at, m);
    }
  }

  private static void add(
      MemorySegment x, long from, MemorySegment row, long j, MemorySegment y, long at, long n) {
    long i = 0;
    for (; i <= n - L; i += L) {
      FloatVector a = FloatVector.fromMemorySegment(S, x, (from + i) * BYTES, LE);
      FloatVector b = FloatVector.fromMemorySegment(S, row, (j + i) * BYTES, LE);
      a.add(b).intoMemorySegment(y, (at + i) * BYTES, LE);
    }
    for (; i < n; i++) {
      float sum = x.get(E, (from + i) * BYTES) + row.get(E, (j + i) * BYTES);
      y.set(E, (at + i) * BYTES, sum);
    }
  }

  /** {@code y = f'(z) (.) u + beta y} on {@code [from, to)}. */
  static void product(
      Activation f,
      MemorySegment z,
      MemorySegment u,
      float beta,
      MemorySegment y,
      long from,
      long to) {
    MemorySegment slope = Scratch.OF_THREAD.get().slope;
    for (long at = from; at < to; at += BLOCK) {
      long n = Math.min(BLOCK, to - at);
      run(f, z, at, null, slope, null, 0, n);
      multiply(slope, u, at, beta, y, at, n);
    }
  }

  /** {@code y = f'(z) (.) du + f''(z) (.) dz (.) u + beta y} on {@code [from, to)}. */
  static void productTangent(
      Activation f,
      MemorySegment z,
      MemorySegment u,
      MemorySegment dz,
      MemorySegment du,
      float beta,
      MemorySegment y,
      long from,
      long to) {
    MemorySegment slope = Scratch.OF_THREAD.get().slope;
    MemorySegment bend = Scratch.OF_THREAD.get().bend;
    for (long at = from; at < to; at += BLOCK) {
      long n = Math.min(BLOCK, to - at);
      run(f, z, at, null, slope, bend, 0, n);
      multiply(bend, u, at, 0, bend, 0, n);
      multiply(bend, dz, at, beta, y, at, n);
      multiply(slope, du, at, 1, y, at, n);
    }
  }

  /** {@code y = slope (.) u + beta y}, u from {@code [from]} on, y from {@code [at]} on. */
  private static void multiply(
      MemorySegment slope,
      MemorySegment u,
      long from,
      float beta,
      MemorySegment y,
      long at,
      long n) {
    FloatVector b = all(beta);
    long i = 0;
    for (; i <= n - L; i += L) {
      FloatVector p = FloatVector.fromMemorySegment(S, slope, i * BYTES, LE);
      FloatVector q = FloatVector.fromMemorySegment(S, u, (from + i) * BYTES, LE);
      FloatVector sum = p.mul(q);
      if (beta != 0) {
        sum = FloatVector.fromMemorySegment(S, y, (at + i) * BYTES, LE).fma(b, sum);
      }
      sum.intoMemorySegment(y, (at + i) * BYTES, LE);
    }
    for (; i < n; i++) {
      float sum = slope.get(E, i * BYTES) * u.get(E, (from + i) * BYTES);
      if (beta != 0) {
        sum = Math.fma(y.get(E, (at + i) * BYTES), beta, sum);
      }
      y.set(E, (at + i) * BYTES, sum);
    }
  }

  private static void copy(MemorySegment x, long from, MemorySegment y, long at, long count) {
    if (y != null) {
      MemorySegment.copy(x, from * BYTES, y, at * BYTES, count * BYTES);
    }
  }

  /**
   * At most BLOCK elements, whole vectors, by address: {@code n} bytes from each on, 0 for what is
   * not wanted. Derivatives first: the value may replace z.
   */
  private static void block(
      Activation f, long s, long z, long value, long first, long second, long n) {
    switch (f.kind()) {
      case IDENTITY -> leaky(1, z, value, first, second, n);
      case RELU -> leaky(0, z, value, first, second, n);
      case LEAKY_RELU -> leaky(f.slope(), z, value, first, second, n);
      case SQRT -> sqrt(z, value, first, second, n);
      case RECIPROCAL -> reciprocal(z, value, first, second, n);
      case EXP -> exp(z, value, first, second, n);
      case EXPM1 -> {
        exp(z, 0, first, second, n);
        if (value != 0) {
          expm1(z, value, n);
        }
      }
      case LOG -> {
        logSlopes(0, z, first, second, n);
        if (value != 0 && !ordinaryLog(s, z, value, n)) {
          logParts(s, n);
          log(s, value, n);
        }
      }
      case LOG1P -> {
        logSlopes(1, z, first, second, n);
        if (value != 0) {
          log1pParts(s, z, n);
          log1p(s, z, value, n);
        }
      }
      case TANH -> {
        decay(s, 2, z, n);
        tanh(s, z, value, first, second, n);
      }
      case SIGMOID -> {
        decay(s, 1, z, n);
        sigmoid(s, z, value, first, second, n);
      }
      case SOFTPLUS -> {
        decay(s, 1, z, n);
        if (first != 0 || second != 0) {
          sigmoid(s, z, first, second, 0, n);
        }
        if (value != 0) {
          softplus(s, z, value, n);
        }
      }
      case SILU -> {
        decay(s, 1, z, n);
        if (first != 0 || second != 0) {
          gated(s, EXP_LIMIT, 1, 0, z, orSink(first, s), orSink(second, s), n);
        }
        if (value != 0) {
          gated(s, EXP_LIMIT, z, value, n);
        }
      }
      case GELU_TANH -> {
        geluDecay(s, z, n);
        if (first != 0 || second != 0) {
          gated(s, GELU_LIMIT, GELU_LINEAR, GELU_CUBIC, z, orSink(first, s), orSink(second, s), n);
        }
        if (value != 0) {
          gated(s, GELU_LIMIT, z, value, n);
        }
      }
      case GELU -> {
        gaussDecay(s, GAUSS_LIMIT, 0.5f, z, n);
        gelu(s, z, value, first, second, n);
      }
      case ERF -> {
        if (first != 0 || second != 0) {
          gaussDecay(s, ERF_LIMIT, 1, z, n);
          erfSlopes(s, z, orSink(first, s), orSink(second, s), n);
        }
        if (value != 0) {
          erfDecay(s, z, n);
          erf(s, z, value, n);
        }
      }
    }
  }

  private static void leaky(double slope, long z, long value, long first, long second, long n) {
    if (first != 0) {
      leakySlope(slope, z, first, n);
    }
    if (second != 0) {
      zero(second, n);
    }
    if (value != 0 && slope == 0) {
      relu(z, value, n);
    } else if (value != 0) {
      leaky(slope, z, value, n);
    }
  }

  private static void leakySlope(double slope, long z, long first, long n) {
    FloatVector low = all(slope);
    for (long i = 0; i < n; i += V) {
      FloatVector up = aboveZero(FloatVector.fromMemorySegment(S, ALL, z + i & PLACE, LE));
      up.add(low.mul(ONE.sub(up))).intoMemorySegment(ALL, first + i & PLACE, LE);
    }
  }

  private static void zero(long y, long n) {
    for (long i = 0; i < n; i += V) {
      ZERO.intoMemorySegment(ALL, y + i & PLACE, LE);
    }
  }

  private static void relu(long z, long value, long n) {
    for (long i = 0; i < n; i += V) {
      FloatVector x = FloatVector.fromMemorySegment(S, ALL, z + i & PLACE, LE);
      x.max(ZERO).intoMemorySegment(ALL, value + i & PLACE, LE);
    }
  }

  /** {@code max(x, 0) + slope min(x, 0)}: exact, one of the two being 0. */
  private static void leaky(double slope, long z, long value, long n) {
    FloatVector low = all(slope);
    for (long i = 0; i < n; i += V) {
      FloatVector x = FloatVector.fromMemorySegment(S, ALL, z + i & PLACE, LE);
      x.min(ZERO).fma(low, x.max(ZERO)).intoMemorySegment(ALL, value + i & PLACE, LE);
    }
  }

  /** All three are the same. */
  private static void exp(long z, long value, long first, long second, long n) {
    long y = first != 0 ? first : second != 0 ? second : value;
    if (y != 0) {
      exp(z, y, n);
    }
    if (second != 0 && second != y) {
      move(y, second, n);
    }
    if (value != 0 && value != y) {
      move(y, value, n);
    }
  }

  private static void exp(long z, long y, long n) {
    for (long i = 0; i < n; i += V) {
      FloatVector x = FloatVector.fromMemorySegment(S, ALL, z + i & PLACE, LE);
      VectorMath.exp(x).intoMemorySegment(ALL, y + i & PLACE, LE);
    }
  }

  private static void move(long x, long y, long n) {
    for (long i = 0; i < n; i += V) {
      FloatVector.fromMemorySegment(S, ALL, x + i & PLACE, LE)
          .intoMemorySegment(ALL, y + i & PLACE, LE);
    }
  }

  private static void expm1(long z, long value, long n) {
    for (long i = 0; i < n; i += V) {
      FloatVector x = FloatVector.fromMemorySegment(S, ALL, z + i & PLACE, LE);
      FloatVector sign = sign(x);
      FloatVector y = bounded(x);
      FloatVector k = octaves(y);
      FloatVector scale = scale(k);
      FloatVector down = rescale(k);
      FloatVector one = inverse(down);
      FloatVector p = Elementary.expm1(y, ZERO, k);
      FloatVector e = p.fma(scale, scale.sub(one)).mul(down);
      e.abs().mul(sign).intoMemorySegment(ALL, value + i & PLACE, LE);
    }
  }

  /**
   * Logarithms of positive normal numbers; whether all were. Keeps the arguments, which the value
   * may replace.
   */
  private static boolean ordinaryLog(long s, long z, long value, long n) {
    FloatVector odd = broadcast(S, 0);
    for (long i = 0; i < n; i += V) {
      FloatVector x = FloatVector.fromMemorySegment(S, ALL, z + i & PLACE, LE);
      odd = orOdd(odd, x);
      FloatVector log = Elementary.log(octave(x), mantissa(x).sub(ONE));
      x.intoMemorySegment(ALL, s + ARGUMENT + i & PLACE, LE);
      log.intoMemorySegment(ALL, value + i & PLACE, LE);
    }
    odd.intoMemorySegment(ALL, s + SINK & PLACE, LE);
    return !anySign(s + SINK);
  }

  /** Whether a sign bit is set in the vector at this address. */
  private static boolean anySign(long x) {
    for (long i = 0; i < V; i += BYTES) {
      if (Math.copySign(1, ALL.get(E, x + i & PLACE)) < 0) {
        return true;
      }
    }
    return false;
  }

  /** {@code x = 2^k (1 + f)}. */
  private static void logParts(long s, long n) {
    for (long i = 0; i < n; i += V) {
      FloatVector x = FloatVector.fromMemorySegment(S, ALL, s + ARGUMENT + i & PLACE, LE);
      FloatVector y = atMost(LARGEST, x);
      FloatVector lifted = lifted(y);
      octave(lifted).add(lift(y)).intoMemorySegment(ALL, s + OCTAVE + i & PLACE, LE);
      mantissa(lifted).sub(ONE).intoMemorySegment(ALL, s + FRACTION + i & PLACE, LE);
    }
  }

  /** {@code 1 + x = 2^k (1 + f)}, hence {@code f = 2^-k x + (2^-k - 1)}, rounded once. */
  private static void log1pParts(long s, long z, long n) {
    for (long i = 0; i < n; i += V) {
      FloatVector x = FloatVector.fromMemorySegment(S, ALL, z + i & PLACE, LE);
      FloatVector y = atMost(LARGEST, x);
      FloatVector u = y.add(ONE);
      FloatVector scale = octaveInverse(u);
      octave(u).intoMemorySegment(ALL, s + OCTAVE + i & PLACE, LE);
      scale.fma(y, scale.sub(ONE)).intoMemorySegment(ALL, s + FRACTION + i & PLACE, LE);
    }
  }

  private static void log(long s, long value, long n) {
    for (long i = 0; i < n; i += V) {
      FloatVector x = FloatVector.fromMemorySegment(S, ALL, s + ARGUMENT + i & PLACE, LE);
      FloatVector outside = outside(x);
      FloatVector k = FloatVector.fromMemorySegment(S, ALL, s + OCTAVE + i & PLACE, LE);
      FloatVector f = FloatVector.fromMemorySegment(S, ALL, s + FRACTION + i & PLACE, LE);
      FloatVector log = Elementary.log(k, f);
      log.add(outside).intoMemorySegment(ALL, value + i & PLACE, LE);
    }
  }

  private static void log1p(long s, long z, long value, long n) {
    for (long i = 0; i < n; i += V) {
      FloatVector x = FloatVector.fromMemorySegment(S, ALL, z + i & PLACE, LE);
      FloatVector sign = sign(x);
      FloatVector outside = outside(x.add(ONE));
      FloatVector k = FloatVector.fromMemorySegment(S, ALL, s + OCTAVE + i & PLACE, LE);
      FloatVector f = FloatVector.fromMemorySegment(S, ALL, s + FRACTION + i & PLACE, LE);
      FloatVector log = Elementary.log(k, f).add(outside);
      log.abs().mul(sign).intoMemorySegment(ALL, value + i & PLACE, LE);
    }
  }

  /** Of log(shift + x). */
  private static void logSlopes(double shift, long z, long first, long second, long n) {
    if (first == 0 && second == 0) {
      return;
    }
    FloatVector one = all(shift);
    for (long i = 0; i < n; i += V) {
      FloatVector x = FloatVector.fromMemorySegment(S, ALL, z + i & PLACE, LE).add(one);
      FloatVector r = domain(x).div(x.abs());
      if (first != 0) {
        r.intoMemorySegment(ALL, first + i & PLACE, LE);
      }
      if (second != 0) {
        r.mul(r).neg().intoMemorySegment(ALL, second + i & PLACE, LE);
      }
    }
  }

  private static void sqrt(long z, long value, long first, long second, long n) {
    for (long i = 0; i < n; i += V) {
      FloatVector x = FloatVector.fromMemorySegment(S, ALL, z + i & PLACE, LE);
      FloatVector r = x.sqrt();
      if (first != 0 || second != 0) {
        FloatVector slope = HALF.div(r.abs());
        if (first != 0) {
          slope.intoMemorySegment(ALL, first + i & PLACE, LE);
        }
        if (second != 0) {
          slope.mul(HALF).div(x.abs()).neg().intoMemorySegment(ALL, second + i & PLACE, LE);
        }
      }
      if (value != 0) {
        r.intoMemorySegment(ALL, value + i & PLACE, LE);
      }
    }
  }

  private static void reciprocal(long z, long value, long first, long second, long n) {
    for (long i = 0; i < n; i += V) {
      FloatVector x = FloatVector.fromMemorySegment(S, ALL, z + i & PLACE, LE);
      FloatVector r = ONE.div(x);
      if (first != 0 || second != 0) {
        FloatVector square = r.mul(r);
        if (first != 0) {
          square.neg().intoMemorySegment(ALL, first + i & PLACE, LE);
        }
        if (second != 0) {
          square.mul(r.add(r)).intoMemorySegment(ALL, second + i & PLACE, LE);
        }
      }
      if (value != 0) {
        r.intoMemorySegment(ALL, value + i & PLACE, LE);
      }
    }
  }

  /** Parts of {@code exp(-c |x|)}. */
  private static void decay(long s, float factor, long z, long n) {
    FloatVector c = broadcast(S, factor);
    for (long i = 0; i < n; i += V) {
      FloatVector x = FloatVector.fromMemorySegment(S, ALL, z + i & PLACE, LE);
      FloatVector y = atMost(broadcast(S, EXP_LIMIT), x.abs().mul(c)).neg();
      FloatVector k = octaves(y);
      FloatVector scale = scale(k);
      FloatVector down = rescale(k);
      FloatVector p = Elementary.expm1(y, ZERO, k);
      p.intoMemorySegment(ALL, s + P + i & PLACE, LE);
      scale.intoMemorySegment(ALL, s + SCALE + i & PLACE, LE);
      down.intoMemorySegment(ALL, s + DOWN + i & PLACE, LE);
    }
  }

  /** Parts of {@code exp(-c x^2)}; the square is a sum of two. */
  private static void gaussDecay(long s, float most, float factor, long z, long n) {
    FloatVector limit = broadcast(S, most);
    FloatVector c = broadcast(S, factor);
    for (long i = 0; i < n; i += V) {
      FloatVector x = FloatVector.fromMemorySegment(S, ALL, z + i & PLACE, LE);
      FloatVector a = atMost(limit, x.abs());
      FloatVector square = a.mul(a).neg();
      FloatVector low = a.fma(a, square).neg().mul(c);
      FloatVector y = square.mul(c);
      FloatVector k = octaves(y);
      FloatVector scale = scale(k);
      FloatVector down = rescale(k);
      FloatVector p = Elementary.expm1(y, low, k);
      p.intoMemorySegment(ALL, s + P + i & PLACE, LE);
      scale.intoMemorySegment(ALL, s + SCALE + i & PLACE, LE);
      down.intoMemorySegment(ALL, s + DOWN + i & PLACE, LE);
    }
  }

  /**
   * Parts of {@code exp(-v(|x|))}, {@code v(a) = (LINEAR + CUBIC a^2) a}. A relative error of v
   * would be v times as large in the exponential, so v is a sum of two.
   */
  private static void geluDecay(long s, long z, long n) {
    FloatVector linear = broadcast(S, GELU_LINEAR);
    FloatVector factor = broadcast(S, GELU_CUBIC);
    for (long i = 0; i < n; i += V) {
      FloatVector x = FloatVector.fromMemorySegment(S, ALL, z + i & PLACE, LE);
      FloatVector a = atMost(broadcast(S, GELU_LIMIT), x.abs());
      FloatVector square = a.mul(a);
      FloatVector squareLow = a.fma(a, square.neg());
      FloatVector cubic = factor.mul(square);
      FloatVector cubicLow = factor.fma(square, cubic.neg());
      FloatVector c = cubic.add(linear);
      FloatVector back = c.sub(cubic);
      FloatVector cLow = cubic.sub(c.sub(back)).add(linear.sub(back)).add(cubicLow);
      cLow = factor.fma(squareLow, cLow).add(square.fma(GELU_CUBIC_LOW, GELU_LINEAR_LOW));
      FloatVector v = a.mul(c).neg();
      FloatVector vLow = a.fma(cLow, a.fma(c, v)).neg();
      FloatVector k = octaves(v);
      FloatVector scale = scale(k);
      FloatVector down = rescale(k);
      FloatVector p = Elementary.expm1(v, vLow, k);
      p.intoMemorySegment(ALL, s + P + i & PLACE, LE);
      scale.intoMemorySegment(ALL, s + SCALE + i & PLACE, LE);
      down.intoMemorySegment(ALL, s + DOWN + i & PLACE, LE);
    }
  }

  /** {@code tanh |x| = (1-e)/(1+e)}, where {@code 1-e}, by -expm1, is precise near 0. */
  private static void tanh(long s, long z, long value, long first, long second, long n) {
    for (long i = 0; i < n; i += V) {
      FloatVector x = FloatVector.fromMemorySegment(S, ALL, z + i & PLACE, LE);
      FloatVector p = FloatVector.fromMemorySegment(S, ALL, s + P + i & PLACE, LE);
      FloatVector scale = FloatVector.fromMemorySegment(S, ALL, s + SCALE + i & PLACE, LE);
      FloatVector down = FloatVector.fromMemorySegment(S, ALL, s + DOWN + i & PLACE, LE);
      FloatVector sign = sign(x);
      FloatVector base = scale.sub(inverse(down));
      FloatVector loss = p.fma(scale, base);
      FloatVector lossLow = p.fma(scale, base.sub(loss)).mul(down);
      loss = loss.mul(down);
      FloatVector d = loss.add(TWO);
      FloatVector dLow = TWO.sub(d).add(loss).add(lossLow);
      FloatVector w = ONE.div(d);
      FloatVector t = loss.mul(w);
      FloatVector rest = t.fma(d.neg(), loss).add(t.neg().fma(dLow, lossLow));
      t = rest.fma(w, t).abs().mul(sign);
      if (first != 0 || second != 0) {
        FloatVector e = p.fma(scale, scale);
        FloatVector slope = e.mul(w).mul(w).mul(FOUR).mul(down).mul(sign.mul(sign));
        if (first != 0) {
          slope.intoMemorySegment(ALL, first + i & PLACE, LE);
        }
        if (second != 0) {
          t.mul(slope).mul(TWO).neg().intoMemorySegment(ALL, second + i & PLACE, LE);
        }
      }
      if (value != 0) {
        t.intoMemorySegment(ALL, value + i & PLACE, LE);
      }
    }
  }

  /** {@code 1 - 2 s(|x|) = -(1-e)/(1+e)}. */
  private static void sigmoid(long s, long z, long value, long first, long second, long n) {
    for (long i = 0; i < n; i += V) {
      FloatVector x = FloatVector.fromMemorySegment(S, ALL, z + i & PLACE, LE);
      FloatVector p = FloatVector.fromMemorySegment(S, ALL, s + P + i & PLACE, LE);
      FloatVector scale = FloatVector.fromMemorySegment(S, ALL, s + SCALE + i & PLACE, LE);
      FloatVector down = FloatVector.fromMemorySegment(S, ALL, s + DOWN + i & PLACE, LE);
      FloatVector sign = sign(x);
      FloatVector e = p.fma(scale, scale);
      FloatVector above = oneOr(e.mul(down), x);
      FloatVector base = scale.sub(inverse(down));
      FloatVector d = e.fma(down, ONE);
      FloatVector w = ONE.div(d);
      if (first != 0 || second != 0) {
        FloatVector slope = e.mul(w).mul(w).mul(down).mul(sign.mul(sign));
        if (first != 0) {
          slope.intoMemorySegment(ALL, first + i & PLACE, LE);
        }
        if (second != 0) {
          FloatVector tilt = p.fma(scale, base).mul(down).mul(w).mul(sign);
          slope.mul(tilt).intoMemorySegment(ALL, second + i & PLACE, LE);
        }
      }
      if (value != 0) {
        FloatVector dLow = e.fma(down, ONE.sub(d));
        FloatVector t = above.mul(w);
        t = t.fma(d.neg(), above).sub(t.mul(dLow)).fma(w, t);
        t.mul(sign.mul(sign)).intoMemorySegment(ALL, value + i & PLACE, LE);
      }
    }
  }

  /** {@code log1p(e)} as in {@link #log1pParts}. */
  private static void softplus(long s, long z, long value, long n) {
    for (long i = 0; i < n; i += V) {
      FloatVector x = FloatVector.fromMemorySegment(S, ALL, z + i & PLACE, LE);
      FloatVector p = FloatVector.fromMemorySegment(S, ALL, s + P + i & PLACE, LE);
      FloatVector scale = FloatVector.fromMemorySegment(S, ALL, s + SCALE + i & PLACE, LE);
      FloatVector down = FloatVector.fromMemorySegment(S, ALL, s + DOWN + i & PLACE, LE);
      FloatVector sign = sign(x);
      FloatVector positive = positive(x);
      FloatVector e = p.fma(scale, scale).mul(down);
      FloatVector u = e.add(ONE);
      FloatVector back = octaveInverse(u);
      FloatVector log = Elementary.log(octave(u), back.fma(e, back.sub(ONE)));
      log.add(positive).mul(sign.mul(sign)).intoMemorySegment(ALL, value + i & PLACE, LE);
    }
  }

  /**
   * {@code x s(v(x))} with {@code v = (linear + cubic a^2) a}, {@code a = |x|}: {@code T = a e /
   * (1+e)}, {@code T' = e (1+e-a v') / (1+e)^2}, {@code T'' = -e / (1+e)^2 (2 v' + a v'' - a v'^2
   * (1-e)/(1+e))}.
   */
  private static void gated(
      long s, float most, float c1, float c3, long z, long first, long second, long n) {
    FloatVector limit = broadcast(S, most);
    FloatVector linear = broadcast(S, c1);
    FloatVector cubic = broadcast(S, c3);
    FloatVector three = broadcast(S, 3);
    FloatVector six = broadcast(S, 6);
    for (long i = 0; i < n; i += V) {
      FloatVector x = FloatVector.fromMemorySegment(S, ALL, z + i & PLACE, LE);
      FloatVector p = FloatVector.fromMemorySegment(S, ALL, s + P + i & PLACE, LE);
      FloatVector scale = FloatVector.fromMemorySegment(S, ALL, s + SCALE + i & PLACE, LE);
      FloatVector down = FloatVector.fromMemorySegment(S, ALL, s + DOWN + i & PLACE, LE);
      FloatVector sign = sign(x);
      FloatVector a = atMost(limit, x.abs());
      FloatVector base = scale.sub(inverse(down));
      FloatVector e = p.fma(scale, scale);
      FloatVector d = e.fma(down, ONE);
      FloatVector w = ONE.div(d);
      FloatVector part = cubic.mul(a).mul(a);
      FloatVector v1 = part.fma(three, linear);
      FloatVector slope = e.mul(w).mul(w);
      FloatVector t = slope.mul(a.neg().fma(v1, d)).mul(down);
      HALF.fma(sign, HALF).sub(t.mul(sign)).intoMemorySegment(ALL, first + i & PLACE, LE);
      FloatVector tilt = p.fma(scale, base).mul(down).mul(w);
      FloatVector bend = a.mul(v1).mul(v1).fma(tilt, part.fma(six, v1.add(v1)));
      FloatVector u = slope.mul(bend).mul(down);
      u.mul(sign.mul(sign)).intoMemorySegment(ALL, second + i & PLACE, LE);
    }
  }

  private static void gated(long s, float most, long z, long value, long n) {
    FloatVector limit = broadcast(S, most);
    for (long i = 0; i < n; i += V) {
      FloatVector x = FloatVector.fromMemorySegment(S, ALL, z + i & PLACE, LE);
      FloatVector p = FloatVector.fromMemorySegment(S, ALL, s + P + i & PLACE, LE);
      FloatVector scale = FloatVector.fromMemorySegment(S, ALL, s + SCALE + i & PLACE, LE);
      FloatVector down = FloatVector.fromMemorySegment(S, ALL, s + DOWN + i & PLACE, LE);
      FloatVector sign = sign(x);
      FloatVector positive = positive(x);
      FloatVector a = atMost(limit, x.abs());
      FloatVector e = p.fma(scale, scale);
      FloatVector d = e.fma(down, ONE);
      FloatVector w = ONE.div(d);
      FloatVector dLow = e.fma(down, ONE.sub(d));
      FloatVector above = a.mul(e);
      FloatVector aboveLow = a.fma(e, above.neg());
      FloatVector t = above.mul(w);
      FloatVector rest = t.fma(d.neg(), above).sub(t.mul(dLow)).add(aboveLow);
      t = rest.fma(w, t).mul(down);
      positive.sub(t).abs().mul(sign).intoMemorySegment(ALL, value + i & PLACE, LE);
    }
  }

  /**
   * {@code 1 - Phi(a) = M(a) exp(-a^2/2)}, {@code T' = (M - a phi(0)) exp}, {@code T'' = -(2 - a^2)
   * phi(0) exp}. What rounding takes from M, from the product a M, and from the sum 1 + p in exp is
   * carried to the end: four roundings one after the other would be more than 2 ulp.
   *
   * <p>M is fitted by {@code q = 1 - v}, {@code v = 2A/(a + A)}. What v and the sum lost is the
   * same as an error in a, by {@code delta}, and {@code M' = a M - phi(0)} corrects it.
   */
  private static void gelu(long s, long z, long value, long first, long second, long n) {
    for (long i = 0; i < n; i += V) {
      FloatVector x = FloatVector.fromMemorySegment(S, ALL, z + i & PLACE, LE);
      FloatVector p = FloatVector.fromMemorySegment(S, ALL, s + P + i & PLACE, LE);
      FloatVector scale = FloatVector.fromMemorySegment(S, ALL, s + SCALE + i & PLACE, LE);
      FloatVector down = FloatVector.fromMemorySegment(S, ALL, s + DOWN + i & PLACE, LE);
      FloatVector sign = sign(x);
      FloatVector positive = positive(x);
      FloatVector a = atMost(broadcast(S, GAUSS_LIMIT), x.abs());
      FloatVector d = a.add(MILLS_SHIFT);
      FloatVector q = ONE.sub(MILLS_SPAN.div(d));
      FloatVector bent = mills(q);
      FloatVector h = bent.fma(q, MILLS_1);
      FloatVector hLow = bent.fma(q, MILLS_1.sub(h));
      FloatVector v = ONE.sub(q);
      FloatVector g = h.fma(q, MILLS);
      FloatVector gLow = h.fma(q, MILLS.sub(g)).add(hLow.fma(q, MILLS_LOW));
      FloatVector dLow = a.sub(d.sub(MILLS_SHIFT));
      FloatVector delta = d.fma(v, MILLS_SPAN.neg()).mul(d).fma(MILLS_INVERSE, dLow);
      FloatVector m = g.mul(v);
      FloatVector mLow = g.fma(v, m.neg()).add(gLow.mul(v));
      mLow = a.fma(m, PHI_0.neg()).fma(delta, mLow);
      FloatVector e = p.fma(scale, scale);
      if (first != 0) {
        FloatVector t = m.sub(a.mul(PHI_0)).add(mLow).mul(e).mul(down);
        HALF.fma(sign, HALF).sub(t.mul(sign)).intoMemorySegment(ALL, first + i & PLACE, LE);
      }
      if (second != 0) {
        FloatVector bend = a.fma(a.neg(), TWO).mul(PHI_0);
        bend.mul(e).mul(down).mul(sign.mul(sign)).intoMemorySegment(ALL, second + i & PLACE, LE);
      }
      if (value != 0) {
        FloatVector am = a.mul(m);
        FloatVector amLow = a.fma(mLow, a.fma(m, am.neg()));
        FloatVector b = p.add(ONE);
        FloatVector bLow = ONE.sub(b).add(p);
        FloatVector t = am.mul(b);
        FloatVector tLow = am.fma(bLow, am.fma(b, t.neg()));
        t = t.add(amLow.fma(b, tLow)).mul(scale).mul(down);
        positive.sub(t).abs().mul(sign).intoMemorySegment(ALL, value + i & PLACE, LE);
      }
    }
  }

  /** {@code -u(|x|)}. */
  private static void erfDecay(long s, long z, long n) {
    for (long i = 0; i < n; i += V) {
      FloatVector x = FloatVector.fromMemorySegment(S, ALL, z + i & PLACE, LE);
      FloatVector a = atMost(ERF_ONE, x.abs());
      FloatVector u = Elementary.erfDecay(a).fma(a, a);
      u.neg().intoMemorySegment(ALL, s + P + i & PLACE, LE);
    }
  }

  /** {@code 1 - exp(-u)}, by -expm1, which is precise near 0. */
  private static void erf(long s, long z, long value, long n) {
    for (long i = 0; i < n; i += V) {
      FloatVector sign = sign(FloatVector.fromMemorySegment(S, ALL, z + i & PLACE, LE));
      FloatVector u = FloatVector.fromMemorySegment(S, ALL, s + P + i & PLACE, LE);
      FloatVector k = octaves(u);
      FloatVector scale = power(k);
      FloatVector p = Elementary.expm1(u, ZERO, k);
      p.fma(scale.neg(), ONE.sub(scale)).mul(sign).intoMemorySegment(ALL, value + i & PLACE, LE);
    }
  }

  private static void erfSlopes(long s, long z, long first, long second, long n) {
    for (long i = 0; i < n; i += V) {
      FloatVector x = FloatVector.fromMemorySegment(S, ALL, z + i & PLACE, LE);
      FloatVector p = FloatVector.fromMemorySegment(S, ALL, s + P + i & PLACE, LE);
      FloatVector scale = FloatVector.fromMemorySegment(S, ALL, s + SCALE + i & PLACE, LE);
      FloatVector down = FloatVector.fromMemorySegment(S, ALL, s + DOWN + i & PLACE, LE);
      FloatVector sign = sign(x);
      FloatVector a = atMost(broadcast(S, ERF_LIMIT), x.abs());
      FloatVector slope = p.fma(scale, scale).mul(ERF_1);
      slope.mul(down).mul(sign.mul(sign)).intoMemorySegment(ALL, first + i & PLACE, LE);
      FloatVector bend = slope.mul(a).mul(TWO).mul(down);
      bend.mul(sign.neg()).intoMemorySegment(ALL, second + i & PLACE, LE);
    }
  }
}
