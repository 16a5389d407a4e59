package dev.evolute.kernels.cpu.f32;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.VectorOperators.AND_NOT;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * What elementary functions are made of, as far as it depends on the format: bits and coefficients
 * (hand-written twin). {@link VectorMath} composes them.
 *
 * <p>Only sums, products, fused ones and integer operations, so that interpreter and compiler give
 * the same bits at every vector width. A condition is an integer whose bits are all ones or all
 * zeros, made from a sign: C2 boxes the masks of the Vector API at two lanes. Polynomials are
 * minimax fits (Remez), evaluated as an even and an odd part where long: two chains of half the
 * length.
 *
 * <p>C2 stops inlining methods that are not the Vector API's own at 18,000 nodes, some 60 vector
 * operations, and then boxes what they return: a loop calls these first, then computes in place.
 */
final class Elementary {
  static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> I = IntVector.SPECIES_PREFERRED;

  static final FloatVector ZERO = all(0);
  static final FloatVector QUARTER = all(0.25);
  static final FloatVector HALF = all(0.5);
  static final FloatVector ONE = all(1);
  static final FloatVector TWO = all(2);
  static final FloatVector LARGEST = all(Float.MAX_VALUE);

  /** Beyond, exp(x) is infinite, and x exp(-x) zero. */
  static final float EXP_LIMIT = 120;

  /** Beyond, x exp(-x^2 / 2) is zero. {@link #mills} holds up to here. */
  static final float GAUSS_LIMIT = 15;

  /** Beyond, x exp(-x^2) is zero: GAUSS_LIMIT sqrt(1/2). */
  static final float ERF_LIMIT = 10.6f;

  /** Beyond, x exp(-v) is zero, v as below. */
  static final float GELU_LIMIT = 11.1f;

  /** {@code 2 sqrt(2/pi)}, and times 0.044715: v = (LINEAR + CUBIC x^2) x; as sums of two. */
  static final float GELU_LINEAR = 0x1.988454p0f;

  static final FloatVector GELU_LINEAR_LOW = all(-0x1.857936p-25f);
  static final float GELU_CUBIC = 0x1.2444f2p-4f;
  static final FloatVector GELU_CUBIC_LOW = all(0x1.49b16ap-29f);

  private static final int MANTISSA = 23;
  private static final int BIAS = 127;
  private static final IntVector SIGN = bits(Integer.MIN_VALUE);
  private static final IntVector MAGNITUDE = bits(Integer.MAX_VALUE);
  private static final IntVector UNIT = bits(BIAS << MANTISSA);
  private static final IntVector TWICE_UNIT = UNIT.add(UNIT);
  private static final IntVector INFINITY = bits(2 * BIAS + 1 << MANTISSA);

  private Elementary() {}

  static FloatVector all(double x) {
    return broadcast(S, (float) x);
  }

  private static IntVector bits(int x) {
    return IntVector.broadcast(I, x);
  }

  // Bits.

  /** The lesser of two, neither negative; the limit for NaN. */
  static FloatVector atMost(FloatVector limit, FloatVector x) {
    return x.reinterpretAsInts().min(limit.reinterpretAsInts()).reinterpretAsFloats();
  }

  /** {@code max(x, 0)}. */
  static FloatVector positive(FloatVector x) {
    IntVector b = x.reinterpretAsInts();
    return b.lanewise(AND_NOT, b.lanewise(ASHR, Integer.SIZE - 1)).reinterpretAsFloats();
  }

  /** 1 with the sign of x, NaN for NaN. */
  static FloatVector sign(FloatVector x) {
    IntVector b = x.reinterpretAsInts();
    IntVector nan = INFINITY.sub(b.and(MAGNITUDE)).lanewise(ASHR, Integer.SIZE - 1);
    return b.and(SIGN).or(UNIT).or(nan).reinterpretAsFloats();
  }

  /** 1 where x is more than 0, else 0. */
  static FloatVector aboveZero(FloatVector x) {
    IntVector b = x.reinterpretAsInts();
    IntVector above = ZERO.reinterpretAsInts().sub(b).lanewise(AND_NOT, b);
    return above.lanewise(ASHR, Integer.SIZE - 1).and(UNIT).reinterpretAsFloats();
  }

  /** 1 where the sign bit of x is not set, else y, neither NaN nor more than 1. */
  static FloatVector oneOr(FloatVector y, FloatVector x) {
    IntVector negative = x.reinterpretAsInts().lanewise(ASHR, Integer.SIZE - 1);
    IntVector one = UNIT.lanewise(AND_NOT, negative);
    return y.reinterpretAsInts().and(negative).or(one).reinterpretAsFloats();
  }

  // Exponential: exp(x) = 2^n (1 + expm1(r)) with r = x - n log 2 (Cody and Waite), n an integer.

  /** A sum with it has the nearest integer, plus twice the bias, in its low bits. */
  private static final FloatVector ROUND = all(0x1.8p23f + 2 * BIAS);

  private static final FloatVector LOG2_E = all(0x1.715476p0f);

  /** Minus log 2: 15 bits, whose products with exponents are exact, and the rest. */
  private static final FloatVector LN2 = all(-0x1.62e4p-1f);

  private static final FloatVector LN2_LOW = all(-0x1.7f7d1cp-20f);
  private static final FloatVector EXP_2 = all(0.5f);
  private static final FloatVector EXP_3 = all(0x1.555556p-3f);
  private static final FloatVector EXP_4 = all(0x1.5554ccp-5f);
  private static final FloatVector EXP_5 = all(0x1.111048p-7f);
  private static final FloatVector EXP_6 = all(0x1.6d7688p-10f);
  private static final FloatVector EXP_7 = all(0x1.a1a3a2p-13f);

  private static final IntVector EXP_LIMITS = all(EXP_LIMIT).reinterpretAsInts();

  /** The argument of exp between its limits. */
  static FloatVector bounded(FloatVector x) {
    IntVector b = x.reinterpretAsInts();
    IntVector magnitude = b.and(MAGNITUDE).min(EXP_LIMITS);
    return b.and(SIGN).or(magnitude).reinterpretAsFloats();
  }

  /** {@code n}, in the low bits of a number near ROUND. */
  static FloatVector octaves(FloatVector x) {
    return x.fma(LOG2_E, ROUND);
  }

  /** {@code expm1(x + low - n log 2)}: degree 7, relative error 2^-30. */
  static FloatVector expm1(FloatVector x, FloatVector low, FloatVector octaves) {
    FloatVector n = octaves.sub(ROUND);
    FloatVector high = n.fma(LN2, x);
    FloatVector rest = n.fma(LN2_LOW, low);
    FloatVector r = high.add(rest);
    rest = high.sub(r).add(rest);
    FloatVector r2 = r.mul(r);
    FloatVector even = EXP_6.fma(r2, EXP_4).fma(r2, EXP_2);
    FloatVector odd = EXP_7.fma(r2, EXP_5).fma(r2, EXP_3);
    return odd.fma(r, even).fma(r2, rest).add(r);
  }

  /** The first of two powers of two whose product is 2^n, which may overflow or be denormal. */
  static FloatVector scale(FloatVector octaves) {
    IntVector half = octaves.reinterpretAsInts().lanewise(LSHR, 1);
    return half.lanewise(LSHL, MANTISSA).reinterpretAsFloats();
  }

  /** The second. */
  static FloatVector rescale(FloatVector octaves) {
    IntVector n = octaves.reinterpretAsInts();
    return n.sub(n.lanewise(LSHR, 1)).lanewise(LSHL, MANTISSA).reinterpretAsFloats();
  }

  /** 2^n at once, where it is normal. */
  static FloatVector power(FloatVector octaves) {
    return octaves.reinterpretAsInts().sub(BIAS).lanewise(LSHL, MANTISSA).reinterpretAsFloats();
  }

  /** {@code 1 / x} for a power of two. */
  static FloatVector inverse(FloatVector power) {
    return TWICE_UNIT.sub(power.reinterpretAsInts()).reinterpretAsFloats();
  }

  // Logarithm: log(2^k m) = k log 2 + log1p(m - 1), m in [sqrt(1/2), sqrt(2)).

  private static final IntVector NEGATIVE_INFINITY = INFINITY.or(SIGN);
  private static final IntVector SQRT_HALF = bits(0x3f3504f3);
  private static final IntVector EXPONENT = bits(-1 << MANTISSA);
  private static final IntVector LIFT = bits(64 << MANTISSA);
  private static final IntVector LIFT_OCTAVES = all(64).reinterpretAsInts();
  private static final IntVector SMALLEST = bits(1 << MANTISSA);
  private static final IntVector SMALL = all(0x1p-64).reinterpretAsInts();
  private static final IntVector FOUR = all(4).reinterpretAsInts();
  private static final FloatVector INTEGER = all(0x1.8p23f);

  /** What a logarithm is more than for any positive number: -infinity at 0, NaN below. */
  static FloatVector outside(FloatVector x) {
    IntVector b = x.reinterpretAsInts();
    IntVector magnitude = b.and(MAGNITUDE);
    IntVector top = LARGEST.reinterpretAsInts().sub(magnitude).lanewise(ASHR, Integer.SIZE - 1);
    IntVector zero = magnitude.sub(1).lanewise(ASHR, Integer.SIZE - 1);
    IntVector nan = INFINITY.sub(magnitude).or(b).lanewise(ASHR, Integer.SIZE - 1);
    return top.and(INFINITY)
        .or(nan.lanewise(AND_NOT, zero))
        .or(zero.and(NEGATIVE_INFINITY))
        .reinterpretAsFloats();
  }

  /** 1 where a logarithm is defined, NaN below 0. */
  static FloatVector domain(FloatVector x) {
    IntVector b = x.reinterpretAsInts();
    IntVector magnitude = b.and(MAGNITUDE);
    IntVector positive = ZERO.reinterpretAsInts().sub(magnitude).lanewise(ASHR, Integer.SIZE - 1);
    IntVector nan = INFINITY.sub(magnitude).or(b).lanewise(ASHR, Integer.SIZE - 1);
    return nan.and(positive).or(UNIT).reinterpretAsFloats();
  }

  /** Finite x; times 2^64 where small, so that it is not denormal. */
  static FloatVector lifted(FloatVector x) {
    IntVector small = x.reinterpretAsInts().sub(SMALL).lanewise(ASHR, Integer.SIZE - 1);
    return small.and(LIFT).add(UNIT).reinterpretAsFloats().mul(x);
  }

  /** 64 where {@link #lifted}, else 0. */
  static FloatVector lift(FloatVector x) {
    IntVector small = x.reinterpretAsInts().sub(SMALL).lanewise(ASHR, Integer.SIZE - 1);
    return small.and(LIFT_OCTAVES).reinterpretAsFloats();
  }

  /** Its sign is set where that of odd is, or x is no positive normal number. */
  static FloatVector orOdd(FloatVector odd, FloatVector x) {
    IntVector b = x.reinterpretAsInts();
    IntVector below = b.sub(SMALLEST);
    IntVector above = LARGEST.reinterpretAsInts().sub(b);
    return odd.reinterpretAsInts().or(below).or(above).reinterpretAsFloats();
  }

  /** m. */
  static FloatVector mantissa(FloatVector x) {
    IntVector b = x.reinterpretAsInts();
    return b.sub(b.sub(SQRT_HALF).and(EXPONENT)).reinterpretAsFloats();
  }

  /** {@code -k}. */
  static FloatVector octave(FloatVector x) {
    IntVector k = x.reinterpretAsInts().sub(SQRT_HALF).lanewise(ASHR, MANTISSA);
    return INTEGER.sub(k.add(INTEGER.reinterpretAsInts()).reinterpretAsFloats());
  }

  /** {@code 2^-k}, by way of 2^(2-k) because 2^-k may be denormal; {@code k > -126}. */
  static FloatVector octaveInverse(FloatVector x) {
    IntVector k = x.reinterpretAsInts().sub(SQRT_HALF).and(EXPONENT);
    return FOUR.sub(k).reinterpretAsFloats().mul(QUARTER);
  }

  /** {@code k log 2 + log1p(f)} by -k: degree 10; relative error 2^-27. */
  static FloatVector log(FloatVector k, FloatVector f) {
    FloatVector f2 = f.mul(f);
    FloatVector even = broadcast(S, 0x1.07cf7ep-3f);
    even = even.fma(f2, broadcast(S, 0x1.226e70p-3f));
    even = even.fma(f2, broadcast(S, 0x1.99a59cp-3f));
    even = even.fma(f2, broadcast(S, 0x1.55554ap-2f));
    FloatVector odd = broadcast(S, -0x1.41f3e6p-4f);
    odd = odd.fma(f2, broadcast(S, -0x1.0cdea6p-3f));
    odd = odd.fma(f2, broadcast(S, -0x1.5478dap-3f));
    odd = odd.fma(f2, broadcast(S, -0x1.00021ep-2f));
    FloatVector tail = odd.fma(f, even).fma(f, HALF.neg()).fma(f2, k.mul(LN2_LOW));
    return k.fma(LN2, f.add(tail));
  }

  // Gauss.

  /** Beyond, erf(x) is 1. */
  static final FloatVector ERF_ONE = all(3.93f);

  /**
   * {@code -log(1 - erf(a)) / a - 1} up to ERF_ONE: degree 8; it moves erf by 2^-27. Its precision
   * may fall as fast as 1 - erf does, hence one polynomial for all.
   */
  static FloatVector erfDecay(FloatVector a) {
    FloatVector a2 = a.mul(a);
    FloatVector even = broadcast(S, -0x1.369674p-17f);
    even = even.fma(a2, broadcast(S, -0x1.4bca4cp-11f));
    even = even.fma(a2, broadcast(S, -0x1.5064c0p-13f));
    even = even.fma(a2, broadcast(S, 0x1.a4fa5ep-4f));
    even = even.fma(a2, broadcast(S, 0x1.06eba8p-3f));
    FloatVector odd = broadcast(S, 0x1.ed6cacp-14f);
    odd = odd.fma(a2, broadcast(S, 0x1.b500d0p-10f));
    odd = odd.fma(a2, broadcast(S, -0x1.39cdc0p-6f));
    odd = odd.fma(a2, broadcast(S, 0x1.45f2fap-1f));
    return odd.fma(a, even);
  }

  /** The shift A of {@link #mills}, times 1, 2 and 1/2 over it. */
  static final FloatVector MILLS_SHIFT = all(3);

  static final FloatVector MILLS_SPAN = all(2 * 3);
  static final FloatVector MILLS_INVERSE = all(0.5 / 3);

  /** {@code g(0)} of {@link #mills} as a sum of two, and {@code g'(0)}. */
  static final FloatVector MILLS = all(0x1.f1b89cp-4f);

  static final FloatVector MILLS_LOW = all(0x1.2f2886p-31f);
  static final FloatVector MILLS_1 = all(-0x1.5bb438p-4f);

  /**
   * {@code (g(q) - g(0) - g'(0) q) / q^2} where {@code g(q) = M(x) / (1 - q)}, {@code q = (x -
   * A)/(x + A)}, for Mills' ratio {@code M(x) = (1 - Phi(x)) exp(x^2/2)} up to GAUSS_LIMIT: degree
   * 10 of g, relative error 2^-28. The map is that of Shepherd and Laframboise (1981).
   */
  static FloatVector mills(FloatVector q) {
    FloatVector q2 = q.mul(q);
    FloatVector even = broadcast(S, 0x1.2a74eep-17f);
    even = even.fma(q2, broadcast(S, -0x1.53c9e6p-15f));
    even = even.fma(q2, broadcast(S, 0x1.65dde6p-13f));
    even = even.fma(q2, broadcast(S, -0x1.c91b0cp-10f));
    even = even.fma(q2, broadcast(S, 0x1.3a0d02p-5f));
    FloatVector odd = broadcast(S, 0x1.6beeecp-16f);
    odd = odd.fma(q2, broadcast(S, -0x1.684abep-13f));
    odd = odd.fma(q2, broadcast(S, 0x1.307480p-10f));
    odd = odd.fma(q2, broadcast(S, -0x1.021dcap-7f));
    return odd.fma(q, even);
  }
}
