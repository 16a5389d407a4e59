package dev.evolute.kernels.cpu.f32;

import static dev.evolute.kernels.cpu.f32.Elementary.ERF_LIMIT;
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
import static dev.evolute.kernels.cpu.f32.Elementary.below1;
import static dev.evolute.kernels.cpu.f32.Elementary.bounded;
import static dev.evolute.kernels.cpu.f32.Elementary.domain;
import static dev.evolute.kernels.cpu.f32.Elementary.inverse;
import static dev.evolute.kernels.cpu.f32.Elementary.lift;
import static dev.evolute.kernels.cpu.f32.Elementary.lifted;
import static dev.evolute.kernels.cpu.f32.Elementary.mills;
import static dev.evolute.kernels.cpu.f32.Elementary.octave;
import static dev.evolute.kernels.cpu.f32.Elementary.octaveInverse;
import static dev.evolute.kernels.cpu.f32.Elementary.octaves;
import static dev.evolute.kernels.cpu.f32.Elementary.oneOr;
import static dev.evolute.kernels.cpu.f32.Elementary.outside;
import static dev.evolute.kernels.cpu.f32.Elementary.positive;
import static dev.evolute.kernels.cpu.f32.Elementary.rescale;
import static dev.evolute.kernels.cpu.f32.Elementary.scale;
import static dev.evolute.kernels.cpu.f32.Elementary.sign;

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
 *   erf       sign (1 - 2 (1 - Phi(a sqrt 2)))  2/sqrt(pi) exp(-x^2)  -2 x erf'
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
  private static final FloatVector SQRT_2 = all(Math.sqrt(2));

  /** {@code phi(0) = 1/sqrt(2 pi)}. */
  private static final FloatVector PHI_0 = all(1 / Math.sqrt(2 * Math.PI));

  /** {@code erf'(0) = 2/sqrt(pi)}. */
  private static final FloatVector ERF_1 = all(2 / Math.sqrt(Math.PI));

  /** What a thread keeps between passes, and where it completes a vector at the end of a range. */
  private static final class Scratch {
    private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);

    final MemorySegment z = block();
    final MemorySegment value = block();
    final MemorySegment first = block();
    final MemorySegment second = block();

    /** Parts of an exponential: {@code (p + 1) scale down}; of a logarithm: -k and f. */
    final MemorySegment p = block();

    final MemorySegment scale = block();
    final MemorySegment down = block();
    final MemorySegment near = block();

    /** What the fused kernels keep: biased arguments, derivatives. */
    final MemorySegment sum = block();

    final MemorySegment slope = block();
    final MemorySegment bend = block();

    private static MemorySegment block() {
      return Arena.ofAuto().allocate(BLOCK * BYTES, 64);
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
    long rest = count % L;
    long whole = count - rest;
    for (long i = 0; i < whole; i += BLOCK) {
      block(f, s, z, from + i, value, first, second, at + i, Math.min(BLOCK, whole - i));
    }
    if (rest > 0) {
      copy(z, from + whole, s.z, 0, rest);
      MemorySegment v = value == null ? null : s.value;
      MemorySegment d1 = first == null ? null : s.first;
      MemorySegment d2 = second == null ? null : s.second;
      block(f, s, s.z, 0, v, d1, d2, 0, L);
      copy(v, 0, value, at + whole, rest);
      copy(d1, 0, first, at + whole, rest);
      copy(d2, 0, second, at + whole, rest);
    }
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

  /** At most BLOCK elements, whole vectors. Derivatives first: the value may replace z. */
  private static void block(
      Activation f,
      Scratch s,
      MemorySegment z,
      long from,
      MemorySegment value,
      MemorySegment first,
      MemorySegment second,
      long at,
      long n) {
    switch (f.kind()) {
      case IDENTITY -> leaky(1, z, from, value, first, second, at, n);
      case RELU -> leaky(0, z, from, value, first, second, at, n);
      case LEAKY_RELU -> leaky(f.slope(), z, from, value, first, second, at, n);
      case SQRT -> sqrt(z, from, value, first, second, at, n);
      case RECIPROCAL -> reciprocal(z, from, value, first, second, at, n);
      case EXP -> exp(z, from, value, first, second, at, n);
      case EXPM1 -> expm1(z, from, value, first, second, at, n);
      case LOG -> {
        logSlopes(0, z, from, first, second, at, n);
        if (value != null) {
          logParts(s, z, from, n);
          log(s, z, from, value, at, n);
        }
      }
      case LOG1P -> {
        logSlopes(1, z, from, first, second, at, n);
        if (value != null) {
          log1pParts(s, z, from, n);
          log1p(s, z, from, value, at, n);
        }
      }
      case TANH -> {
        decay(s, TWO, z, from, n);
        tanh(s, z, from, value, first, second, at, n);
      }
      case SIGMOID -> {
        decay(s, ONE, z, from, n);
        sigmoid(s, z, from, value, first, second, at, n);
      }
      case SOFTPLUS -> {
        decay(s, ONE, z, from, n);
        if (first != null || second != null) {
          sigmoid(s, z, from, first, second, null, at, n);
        }
        if (value != null) {
          softplus(s, z, from, value, at, n);
        }
      }
      case SILU -> {
        decay(s, ONE, z, from, n);
        gated(s, EXP_LIMIT, ONE, ZERO, z, from, value, first, second, at, n);
      }
      case GELU_TANH -> {
        geluDecay(s, z, from, n);
        gated(s, GELU_LIMIT, GELU_LINEAR, GELU_CUBIC, z, from, value, first, second, at, n);
      }
      case GELU -> {
        gaussDecay(s, GAUSS_LIMIT, HALF, z, from, n);
        gelu(s, z, from, value, first, second, at, n);
      }
      case ERF -> {
        gaussDecay(s, ERF_LIMIT, ONE, z, from, n);
        erfNear(s, z, from, n);
        erf(s, z, from, value, first, second, at, n);
      }
    }
  }

  /** {@code max(x, 0) + slope min(x, 0)}: exact, one of the two being 0. */
  private static void leaky(
      double slope,
      MemorySegment z,
      long from,
      MemorySegment value,
      MemorySegment first,
      MemorySegment second,
      long at,
      long n) {
    FloatVector low = all(slope);
    for (long i = 0; i < n; i += L) {
      FloatVector x = FloatVector.fromMemorySegment(S, z, (from + i) * BYTES, LE);
      if (first != null) {
        FloatVector up = aboveZero(x);
        up.add(low.mul(ONE.sub(up))).intoMemorySegment(first, (at + i) * BYTES, LE);
      }
      if (second != null) {
        ZERO.intoMemorySegment(second, (at + i) * BYTES, LE);
      }
      if (value != null) {
        FloatVector y = slope == 0 ? x.max(ZERO) : x.min(ZERO).fma(low, x.max(ZERO));
        y.intoMemorySegment(value, (at + i) * BYTES, LE);
      }
    }
  }

  private static void exp(
      MemorySegment z,
      long from,
      MemorySegment value,
      MemorySegment first,
      MemorySegment second,
      long at,
      long n) {
    for (long i = 0; i < n; i += L) {
      FloatVector x = FloatVector.fromMemorySegment(S, z, (from + i) * BYTES, LE);
      FloatVector e = VectorMath.exp(x);
      if (first != null) {
        e.intoMemorySegment(first, (at + i) * BYTES, LE);
      }
      if (second != null) {
        e.intoMemorySegment(second, (at + i) * BYTES, LE);
      }
      if (value != null) {
        e.intoMemorySegment(value, (at + i) * BYTES, LE);
      }
    }
  }

  private static void expm1(
      MemorySegment z,
      long from,
      MemorySegment value,
      MemorySegment first,
      MemorySegment second,
      long at,
      long n) {
    for (long i = 0; i < n; i += L) {
      FloatVector x = FloatVector.fromMemorySegment(S, z, (from + i) * BYTES, LE);
      FloatVector sign = sign(x);
      FloatVector y = bounded(x);
      FloatVector k = octaves(y);
      FloatVector scale = scale(k);
      FloatVector down = rescale(k);
      FloatVector one = inverse(down);
      FloatVector p = Elementary.expm1(y, ZERO, k);
      if (first != null || second != null) {
        FloatVector e = p.fma(scale, scale).mul(down).mul(sign.mul(sign));
        if (first != null) {
          e.intoMemorySegment(first, (at + i) * BYTES, LE);
        }
        if (second != null) {
          e.intoMemorySegment(second, (at + i) * BYTES, LE);
        }
      }
      if (value != null) {
        FloatVector e = p.fma(scale, scale.sub(one)).mul(down);
        e.abs().mul(sign).intoMemorySegment(value, (at + i) * BYTES, LE);
      }
    }
  }

  /** {@code x = 2^k (1 + f)}. */
  private static void logParts(Scratch s, MemorySegment z, long from, long n) {
    MemorySegment k = s.p;
    MemorySegment f = s.scale;
    for (long i = 0; i < n; i += L) {
      FloatVector x = FloatVector.fromMemorySegment(S, z, (from + i) * BYTES, LE);
      FloatVector y = atMost(LARGEST, x);
      FloatVector lifted = lifted(y);
      octave(lifted).add(lift(y)).intoMemorySegment(k, i * BYTES, LE);
      octaveInverse(lifted).fma(lifted, ONE.neg()).intoMemorySegment(f, i * BYTES, LE);
    }
  }

  /** {@code 1 + x = 2^k (1 + f)}, hence {@code f = 2^-k x + (2^-k - 1)}, rounded once. */
  private static void log1pParts(Scratch s, MemorySegment z, long from, long n) {
    MemorySegment k = s.p;
    MemorySegment f = s.scale;
    for (long i = 0; i < n; i += L) {
      FloatVector x = FloatVector.fromMemorySegment(S, z, (from + i) * BYTES, LE);
      FloatVector y = atMost(LARGEST, x);
      FloatVector u = y.add(ONE);
      FloatVector scale = octaveInverse(u);
      octave(u).intoMemorySegment(k, i * BYTES, LE);
      scale.fma(y, scale.sub(ONE)).intoMemorySegment(f, i * BYTES, LE);
    }
  }

  private static void log(
      Scratch s, MemorySegment z, long from, MemorySegment value, long at, long n) {
    for (long i = 0; i < n; i += L) {
      FloatVector x = FloatVector.fromMemorySegment(S, z, (from + i) * BYTES, LE);
      FloatVector outside = outside(x);
      FloatVector k = FloatVector.fromMemorySegment(S, s.p, i * BYTES, LE);
      FloatVector f = FloatVector.fromMemorySegment(S, s.scale, i * BYTES, LE);
      FloatVector log = Elementary.log(k, f);
      log.add(outside).intoMemorySegment(value, (at + i) * BYTES, LE);
    }
  }

  private static void log1p(
      Scratch s, MemorySegment z, long from, MemorySegment value, long at, long n) {
    for (long i = 0; i < n; i += L) {
      FloatVector x = FloatVector.fromMemorySegment(S, z, (from + i) * BYTES, LE);
      FloatVector sign = sign(x);
      FloatVector outside = outside(x.add(ONE));
      FloatVector k = FloatVector.fromMemorySegment(S, s.p, i * BYTES, LE);
      FloatVector f = FloatVector.fromMemorySegment(S, s.scale, i * BYTES, LE);
      FloatVector log = Elementary.log(k, f).add(outside);
      log.abs().mul(sign).intoMemorySegment(value, (at + i) * BYTES, LE);
    }
  }

  /** Of log(shift + x). */
  private static void logSlopes(
      double shift,
      MemorySegment z,
      long from,
      MemorySegment first,
      MemorySegment second,
      long at,
      long n) {
    if (first == null && second == null) {
      return;
    }
    FloatVector one = all(shift);
    for (long i = 0; i < n; i += L) {
      FloatVector x = FloatVector.fromMemorySegment(S, z, (from + i) * BYTES, LE).add(one);
      FloatVector r = domain(x).div(x.abs());
      if (first != null) {
        r.intoMemorySegment(first, (at + i) * BYTES, LE);
      }
      if (second != null) {
        r.mul(r).neg().intoMemorySegment(second, (at + i) * BYTES, LE);
      }
    }
  }

  private static void sqrt(
      MemorySegment z,
      long from,
      MemorySegment value,
      MemorySegment first,
      MemorySegment second,
      long at,
      long n) {
    for (long i = 0; i < n; i += L) {
      FloatVector x = FloatVector.fromMemorySegment(S, z, (from + i) * BYTES, LE);
      FloatVector r = x.sqrt();
      if (first != null || second != null) {
        FloatVector slope = HALF.div(r.abs());
        if (first != null) {
          slope.intoMemorySegment(first, (at + i) * BYTES, LE);
        }
        if (second != null) {
          slope.mul(HALF).div(x.abs()).neg().intoMemorySegment(second, (at + i) * BYTES, LE);
        }
      }
      if (value != null) {
        r.intoMemorySegment(value, (at + i) * BYTES, LE);
      }
    }
  }

  private static void reciprocal(
      MemorySegment z,
      long from,
      MemorySegment value,
      MemorySegment first,
      MemorySegment second,
      long at,
      long n) {
    for (long i = 0; i < n; i += L) {
      FloatVector x = FloatVector.fromMemorySegment(S, z, (from + i) * BYTES, LE);
      FloatVector r = ONE.div(x);
      if (first != null || second != null) {
        FloatVector square = r.mul(r);
        if (first != null) {
          square.neg().intoMemorySegment(first, (at + i) * BYTES, LE);
        }
        if (second != null) {
          square.mul(r.add(r)).intoMemorySegment(second, (at + i) * BYTES, LE);
        }
      }
      if (value != null) {
        r.intoMemorySegment(value, (at + i) * BYTES, LE);
      }
    }
  }

  /** Parts of {@code exp(-c |x|)}. */
  private static void decay(Scratch s, FloatVector c, MemorySegment z, long from, long n) {
    for (long i = 0; i < n; i += L) {
      FloatVector x = FloatVector.fromMemorySegment(S, z, (from + i) * BYTES, LE);
      FloatVector y = atMost(EXP_LIMIT, x.abs().mul(c)).neg();
      FloatVector k = octaves(y);
      FloatVector scale = scale(k);
      FloatVector down = rescale(k);
      FloatVector p = Elementary.expm1(y, ZERO, k);
      p.intoMemorySegment(s.p, i * BYTES, LE);
      scale.intoMemorySegment(s.scale, i * BYTES, LE);
      down.intoMemorySegment(s.down, i * BYTES, LE);
    }
  }

  /** Parts of {@code exp(-c x^2)}; the square is a sum of two. */
  private static void gaussDecay(
      Scratch s, FloatVector limit, FloatVector c, MemorySegment z, long from, long n) {
    for (long i = 0; i < n; i += L) {
      FloatVector x = FloatVector.fromMemorySegment(S, z, (from + i) * BYTES, LE);
      FloatVector a = atMost(limit, x.abs());
      FloatVector square = a.mul(a).neg();
      FloatVector low = a.fma(a, square).neg().mul(c);
      FloatVector y = square.mul(c);
      FloatVector k = octaves(y);
      FloatVector scale = scale(k);
      FloatVector down = rescale(k);
      FloatVector p = Elementary.expm1(y, low, k);
      p.intoMemorySegment(s.p, i * BYTES, LE);
      scale.intoMemorySegment(s.scale, i * BYTES, LE);
      down.intoMemorySegment(s.down, i * BYTES, LE);
    }
  }

  /**
   * Parts of {@code exp(-v(|x|))}, {@code v(a) = (LINEAR + CUBIC a^2) a}. A relative error of v
   * would be v times as large in the exponential, so v is a sum of two.
   */
  private static void geluDecay(Scratch s, MemorySegment z, long from, long n) {
    for (long i = 0; i < n; i += L) {
      FloatVector x = FloatVector.fromMemorySegment(S, z, (from + i) * BYTES, LE);
      FloatVector a = atMost(GELU_LIMIT, x.abs());
      FloatVector square = a.mul(a);
      FloatVector squareLow = a.fma(a, square.neg());
      FloatVector cubic = GELU_CUBIC.mul(square);
      FloatVector cubicLow = GELU_CUBIC.fma(square, cubic.neg());
      FloatVector c = cubic.add(GELU_LINEAR);
      FloatVector linear = c.sub(cubic);
      FloatVector cLow = cubic.sub(c.sub(linear)).add(GELU_LINEAR.sub(linear)).add(cubicLow);
      cLow = GELU_CUBIC.fma(squareLow, cLow).add(square.fma(GELU_CUBIC_LOW, GELU_LINEAR_LOW));
      FloatVector v = a.mul(c).neg();
      FloatVector vLow = a.fma(cLow, a.fma(c, v)).neg();
      FloatVector k = octaves(v);
      FloatVector scale = scale(k);
      FloatVector down = rescale(k);
      FloatVector p = Elementary.expm1(v, vLow, k);
      p.intoMemorySegment(s.p, i * BYTES, LE);
      scale.intoMemorySegment(s.scale, i * BYTES, LE);
      down.intoMemorySegment(s.down, i * BYTES, LE);
    }
  }

  /** {@code tanh |x| = (1-e)/(1+e)}, where {@code 1-e}, by -expm1, is precise near 0. */
  private static void tanh(
      Scratch s,
      MemorySegment z,
      long from,
      MemorySegment value,
      MemorySegment first,
      MemorySegment second,
      long at,
      long n) {
    for (long i = 0; i < n; i += L) {
      FloatVector x = FloatVector.fromMemorySegment(S, z, (from + i) * BYTES, LE);
      FloatVector p = FloatVector.fromMemorySegment(S, s.p, i * BYTES, LE);
      FloatVector scale = FloatVector.fromMemorySegment(S, s.scale, i * BYTES, LE);
      FloatVector down = FloatVector.fromMemorySegment(S, s.down, i * BYTES, LE);
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
      if (first != null || second != null) {
        FloatVector e = p.fma(scale, scale);
        FloatVector slope = e.mul(w).mul(w).mul(FOUR).mul(down).mul(sign.mul(sign));
        if (first != null) {
          slope.intoMemorySegment(first, (at + i) * BYTES, LE);
        }
        if (second != null) {
          t.mul(slope).mul(TWO).neg().intoMemorySegment(second, (at + i) * BYTES, LE);
        }
      }
      if (value != null) {
        t.intoMemorySegment(value, (at + i) * BYTES, LE);
      }
    }
  }

  /** {@code 1 - 2 s(|x|) = -(1-e)/(1+e)}. */
  private static void sigmoid(
      Scratch s,
      MemorySegment z,
      long from,
      MemorySegment value,
      MemorySegment first,
      MemorySegment second,
      long at,
      long n) {
    for (long i = 0; i < n; i += L) {
      FloatVector x = FloatVector.fromMemorySegment(S, z, (from + i) * BYTES, LE);
      FloatVector p = FloatVector.fromMemorySegment(S, s.p, i * BYTES, LE);
      FloatVector scale = FloatVector.fromMemorySegment(S, s.scale, i * BYTES, LE);
      FloatVector down = FloatVector.fromMemorySegment(S, s.down, i * BYTES, LE);
      FloatVector sign = sign(x);
      FloatVector e = p.fma(scale, scale);
      FloatVector above = oneOr(e.mul(down), x);
      FloatVector base = scale.sub(inverse(down));
      FloatVector d = e.fma(down, ONE);
      FloatVector w = ONE.div(d);
      if (first != null || second != null) {
        FloatVector slope = e.mul(w).mul(w).mul(down).mul(sign.mul(sign));
        if (first != null) {
          slope.intoMemorySegment(first, (at + i) * BYTES, LE);
        }
        if (second != null) {
          FloatVector tilt = p.fma(scale, base).mul(down).mul(w).mul(sign);
          slope.mul(tilt).intoMemorySegment(second, (at + i) * BYTES, LE);
        }
      }
      if (value != null) {
        FloatVector dLow = e.fma(down, ONE.sub(d));
        FloatVector t = above.mul(w);
        t = t.fma(d.neg(), above).sub(t.mul(dLow)).fma(w, t);
        t.mul(sign.mul(sign)).intoMemorySegment(value, (at + i) * BYTES, LE);
      }
    }
  }

  /** {@code log1p(e)} as in {@link #log1pParts}. */
  private static void softplus(
      Scratch s, MemorySegment z, long from, MemorySegment value, long at, long n) {
    for (long i = 0; i < n; i += L) {
      FloatVector x = FloatVector.fromMemorySegment(S, z, (from + i) * BYTES, LE);
      FloatVector p = FloatVector.fromMemorySegment(S, s.p, i * BYTES, LE);
      FloatVector scale = FloatVector.fromMemorySegment(S, s.scale, i * BYTES, LE);
      FloatVector down = FloatVector.fromMemorySegment(S, s.down, i * BYTES, LE);
      FloatVector sign = sign(x);
      FloatVector positive = positive(x);
      FloatVector e = p.fma(scale, scale).mul(down);
      FloatVector u = e.add(ONE);
      FloatVector back = octaveInverse(u);
      FloatVector log = Elementary.log(octave(u), back.fma(e, back.sub(ONE)));
      log.add(positive).mul(sign.mul(sign)).intoMemorySegment(value, (at + i) * BYTES, LE);
    }
  }

  /**
   * {@code x s(v(x))} with {@code v = (linear + cubic a^2) a}, {@code a = |x|}: {@code T = a e /
   * (1+e)}, {@code T' = e (1+e-a v') / (1+e)^2}, {@code T'' = -e / (1+e)^2 (2 v' + a v'' - a v'^2
   * (1-e)/(1+e))}.
   */
  private static void gated(
      Scratch s,
      FloatVector limit,
      FloatVector linear,
      FloatVector cubic,
      MemorySegment z,
      long from,
      MemorySegment value,
      MemorySegment first,
      MemorySegment second,
      long at,
      long n) {
    FloatVector three = all(3);
    FloatVector six = all(6);
    for (long i = 0; i < n; i += L) {
      FloatVector x = FloatVector.fromMemorySegment(S, z, (from + i) * BYTES, LE);
      FloatVector p = FloatVector.fromMemorySegment(S, s.p, i * BYTES, LE);
      FloatVector scale = FloatVector.fromMemorySegment(S, s.scale, i * BYTES, LE);
      FloatVector down = FloatVector.fromMemorySegment(S, s.down, i * BYTES, LE);
      FloatVector sign = sign(x);
      FloatVector positive = positive(x);
      FloatVector a = atMost(limit, x.abs());
      FloatVector base = scale.sub(inverse(down));
      FloatVector e = p.fma(scale, scale);
      FloatVector d = e.fma(down, ONE);
      FloatVector w = ONE.div(d);
      if (first != null || second != null) {
        FloatVector part = cubic.mul(a).mul(a);
        FloatVector v1 = part.fma(three, linear);
        FloatVector slope = e.mul(w).mul(w);
        if (first != null) {
          FloatVector t = slope.mul(a.neg().fma(v1, d)).mul(down);
          HALF.fma(sign, HALF).sub(t.mul(sign)).intoMemorySegment(first, (at + i) * BYTES, LE);
        }
        if (second != null) {
          FloatVector tilt = p.fma(scale, base).mul(down).mul(w);
          FloatVector bend = a.mul(v1).mul(v1).fma(tilt, part.fma(six, v1.add(v1)));
          FloatVector t = slope.mul(bend).mul(down);
          t.mul(sign.mul(sign)).intoMemorySegment(second, (at + i) * BYTES, LE);
        }
      }
      if (value != null) {
        FloatVector dLow = e.fma(down, ONE.sub(d));
        FloatVector above = a.mul(e);
        FloatVector aboveLow = a.fma(e, above.neg());
        FloatVector t = above.mul(w);
        FloatVector rest = t.fma(d.neg(), above).sub(t.mul(dLow)).add(aboveLow);
        t = rest.fma(w, t).mul(down);
        positive.sub(t).abs().mul(sign).intoMemorySegment(value, (at + i) * BYTES, LE);
      }
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
  private static void gelu(
      Scratch s,
      MemorySegment z,
      long from,
      MemorySegment value,
      MemorySegment first,
      MemorySegment second,
      long at,
      long n) {
    for (long i = 0; i < n; i += L) {
      FloatVector x = FloatVector.fromMemorySegment(S, z, (from + i) * BYTES, LE);
      FloatVector p = FloatVector.fromMemorySegment(S, s.p, i * BYTES, LE);
      FloatVector scale = FloatVector.fromMemorySegment(S, s.scale, i * BYTES, LE);
      FloatVector down = FloatVector.fromMemorySegment(S, s.down, i * BYTES, LE);
      FloatVector sign = sign(x);
      FloatVector positive = positive(x);
      FloatVector a = atMost(GAUSS_LIMIT, x.abs());
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
      if (first != null) {
        FloatVector t = m.sub(a.mul(PHI_0)).add(mLow).mul(e).mul(down);
        HALF.fma(sign, HALF).sub(t.mul(sign)).intoMemorySegment(first, (at + i) * BYTES, LE);
      }
      if (second != null) {
        FloatVector bend = a.fma(a.neg(), TWO).mul(PHI_0);
        bend.mul(e).mul(down).mul(sign.mul(sign)).intoMemorySegment(second, (at + i) * BYTES, LE);
      }
      if (value != null) {
        FloatVector am = a.mul(m);
        FloatVector amLow = a.fma(mLow, a.fma(m, am.neg()));
        FloatVector b = p.add(ONE);
        FloatVector bLow = ONE.sub(b).add(p);
        FloatVector t = am.mul(b);
        FloatVector tLow = am.fma(bLow, am.fma(b, t.neg()));
        t = t.add(amLow.fma(b, tLow)).mul(scale).mul(down);
        positive.sub(t).abs().mul(sign).intoMemorySegment(value, (at + i) * BYTES, LE);
      }
    }
  }

  /** erf where {@code |x| <= 1}, without sign. */
  private static void erfNear(Scratch s, MemorySegment z, long from, long n) {
    for (long i = 0; i < n; i += L) {
      FloatVector x = FloatVector.fromMemorySegment(S, z, (from + i) * BYTES, LE);
      FloatVector a = atMost(ONE, x.abs());
      Elementary.erf(a.mul(a)).fma(a, a).intoMemorySegment(s.near, i * BYTES, LE);
    }
  }

  /** Beyond 1, {@code 1 - erf(a) = 2 M(a sqrt 2) exp(-a^2)} is small. */
  private static void erf(
      Scratch s,
      MemorySegment z,
      long from,
      MemorySegment value,
      MemorySegment first,
      MemorySegment second,
      long at,
      long n) {
    for (long i = 0; i < n; i += L) {
      FloatVector x = FloatVector.fromMemorySegment(S, z, (from + i) * BYTES, LE);
      FloatVector p = FloatVector.fromMemorySegment(S, s.p, i * BYTES, LE);
      FloatVector scale = FloatVector.fromMemorySegment(S, s.scale, i * BYTES, LE);
      FloatVector down = FloatVector.fromMemorySegment(S, s.down, i * BYTES, LE);
      FloatVector sign = sign(x);
      FloatVector a = atMost(ERF_LIMIT, x.abs());
      FloatVector isNear = below1(a);
      FloatVector q = ONE.sub(MILLS_SPAN.div(a.fma(SQRT_2, MILLS_SHIFT)));
      FloatVector h = mills(q).fma(q, MILLS_1);
      FloatVector e = p.fma(scale, scale);
      if (first != null || second != null) {
        FloatVector slope = e.mul(ERF_1);
        if (first != null) {
          slope.mul(down).mul(sign.mul(sign)).intoMemorySegment(first, (at + i) * BYTES, LE);
        }
        if (second != null) {
          FloatVector bend = slope.mul(a).mul(TWO).mul(down);
          bend.mul(sign.neg()).intoMemorySegment(second, (at + i) * BYTES, LE);
        }
      }
      if (value != null) {
        FloatVector m = h.fma(q, MILLS).mul(ONE.sub(q));
        FloatVector far = ONE.sub(m.mul(TWO).mul(e).mul(down)).mul(ONE.sub(isNear));
        FloatVector near = FloatVector.fromMemorySegment(S, s.near, i * BYTES, LE);
        isNear.fma(near, far).mul(sign).intoMemorySegment(value, (at + i) * BYTES, LE);
      }
    }
  }
}
