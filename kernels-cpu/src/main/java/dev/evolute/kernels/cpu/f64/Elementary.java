package dev.evolute.kernels.cpu.f64;

import static jdk.incubator.vector.DoubleVector.broadcast;
import static jdk.incubator.vector.VectorOperators.AND_NOT;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
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
  static final VectorSpecies<Double> S = DoubleVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Long> I = LongVector.SPECIES_PREFERRED;

  static final DoubleVector ZERO = all(0);
  static final DoubleVector QUARTER = all(0.25);
  static final DoubleVector HALF = all(0.5);
  static final DoubleVector ONE = all(1);
  static final DoubleVector TWO = all(2);
  static final DoubleVector LARGEST = all(Double.MAX_VALUE);

  /** Beyond, exp(x) is infinite, and x exp(-x) zero. */
  static final double EXP_LIMIT = 760;

  /** Beyond, x exp(-x^2 / 2) is zero. {@link #mills} holds up to here. */
  static final double GAUSS_LIMIT = 39;

  /** Beyond, x exp(-x^2) is zero: GAUSS_LIMIT sqrt(1/2). */
  static final double ERF_LIMIT = 27.57;

  /** Beyond, x exp(-v) is zero, v as below. */
  static final double GELU_LIMIT = 21.68;

  /** {@code 2 sqrt(2/pi)}, and times 0.044715: v = (LINEAR + CUBIC x^2) x; as sums of two. */
  static final double GELU_LINEAR = 0x1.9884533d43651p0;

  static final DoubleVector GELU_LINEAR_LOW = all(-0x1.cbc0d30ebfd15p-54);
  static final double GELU_CUBIC = 0x1.2444f2a4d8b4bp-4;
  static final DoubleVector GELU_CUBIC_LOW = all(-0x1.6c843a29d1c7p-61);

  private static final int MANTISSA = 52;
  private static final long BIAS = 1023;
  private static final LongVector SIGN = bits(Long.MIN_VALUE);
  private static final LongVector MAGNITUDE = bits(Long.MAX_VALUE);
  private static final LongVector UNIT = bits(BIAS << MANTISSA);
  private static final LongVector TWICE_UNIT = UNIT.add(UNIT);
  private static final LongVector INFINITY = bits(2 * BIAS + 1 << MANTISSA);

  private Elementary() {}

  static DoubleVector all(double x) {
    return broadcast(S, (double) x);
  }

  private static LongVector bits(long x) {
    return LongVector.broadcast(I, x);
  }

  // Bits.

  /** The lesser of two, neither negative; the limit for NaN. */
  static DoubleVector atMost(DoubleVector limit, DoubleVector x) {
    return x.reinterpretAsLongs().min(limit.reinterpretAsLongs()).reinterpretAsDoubles();
  }

  /** {@code max(x, 0)}. */
  static DoubleVector positive(DoubleVector x) {
    LongVector b = x.reinterpretAsLongs();
    return b.lanewise(AND_NOT, b.lanewise(ASHR, Long.SIZE - 1)).reinterpretAsDoubles();
  }

  /** 1 with the sign of x, NaN for NaN. */
  static DoubleVector sign(DoubleVector x) {
    LongVector b = x.reinterpretAsLongs();
    LongVector nan = INFINITY.sub(b.and(MAGNITUDE)).lanewise(ASHR, Long.SIZE - 1);
    return b.and(SIGN).or(UNIT).or(nan).reinterpretAsDoubles();
  }

  /** 1 where x is more than 0, else 0. */
  static DoubleVector aboveZero(DoubleVector x) {
    LongVector b = x.reinterpretAsLongs();
    LongVector above = ZERO.reinterpretAsLongs().sub(b).lanewise(AND_NOT, b);
    return above.lanewise(ASHR, Long.SIZE - 1).and(UNIT).reinterpretAsDoubles();
  }

  /** 1 where the sign bit of x is not set, else y, neither NaN nor more than 1. */
  static DoubleVector oneOr(DoubleVector y, DoubleVector x) {
    LongVector negative = x.reinterpretAsLongs().lanewise(ASHR, Long.SIZE - 1);
    LongVector one = UNIT.lanewise(AND_NOT, negative);
    return y.reinterpretAsLongs().and(negative).or(one).reinterpretAsDoubles();
  }

  // Exponential: exp(x) = 2^n (1 + expm1(r)) with r = x - n log 2 (Cody and Waite), n an integer.

  /** A sum with it has the nearest integer, plus twice the bias, in its low bits. */
  private static final DoubleVector ROUND = all(0x1.8p52 + 2 * BIAS);

  private static final DoubleVector LOG2_E = all(0x1.71547652b82fep0);

  /** Minus log 2: 33 bits, whose products with exponents are exact, and the rest. */
  private static final DoubleVector LN2 = all(-0x1.62e42fefp-1);

  private static final DoubleVector LN2_LOW = all(-0x1.473de6af278edp-34);
  private static final DoubleVector EXP_2 = all(0.5);
  private static final DoubleVector EXP_3 = all(0x1.5555555555559p-3);
  private static final DoubleVector EXP_4 = all(0x1.555555555555ap-5);
  private static final DoubleVector EXP_5 = all(0x1.111111110f612p-7);
  private static final DoubleVector EXP_6 = all(0x1.6c16c16c14375p-10);
  private static final DoubleVector EXP_7 = all(0x1.a01a01b02b7f0p-13);
  private static final DoubleVector EXP_8 = all(0x1.a01a01b0fb752p-16);
  private static final DoubleVector EXP_9 = all(0x1.71ddf78fe0c58p-19);
  private static final DoubleVector EXP_10 = all(0x1.27e4c50db37bep-22);
  private static final DoubleVector EXP_11 = all(0x1.af6031bb0515dp-26);
  private static final DoubleVector EXP_12 = all(0x1.1f9647e08b54ep-29);

  private static final LongVector EXP_LIMITS = all(EXP_LIMIT).reinterpretAsLongs();

  /** The argument of exp between its limits. */
  static DoubleVector bounded(DoubleVector x) {
    LongVector b = x.reinterpretAsLongs();
    LongVector magnitude = b.and(MAGNITUDE).min(EXP_LIMITS);
    return b.and(SIGN).or(magnitude).reinterpretAsDoubles();
  }

  /** {@code n}, in the low bits of a number near ROUND. */
  static DoubleVector octaves(DoubleVector x) {
    return x.fma(LOG2_E, ROUND);
  }

  /** {@code expm1(x + low - n log 2)}: degree 12, relative error 2^-61. */
  static DoubleVector expm1(DoubleVector x, DoubleVector low, DoubleVector octaves) {
    DoubleVector n = octaves.sub(ROUND);
    DoubleVector high = n.fma(LN2, x);
    DoubleVector rest = n.fma(LN2_LOW, low);
    DoubleVector r = high.add(rest);
    rest = high.sub(r).add(rest);
    DoubleVector r2 = r.mul(r);
    DoubleVector even = EXP_12.fma(r2, EXP_10).fma(r2, EXP_8).fma(r2, EXP_6);
    DoubleVector odd = EXP_11.fma(r2, EXP_9).fma(r2, EXP_7).fma(r2, EXP_5);
    even = even.fma(r2, EXP_4).fma(r2, EXP_2);
    odd = odd.fma(r2, EXP_3);
    return odd.fma(r, even).fma(r2, rest).add(r);
  }

  /** The first of two powers of two whose product is 2^n, which may overflow or be denormal. */
  static DoubleVector scale(DoubleVector octaves) {
    LongVector half = octaves.reinterpretAsLongs().lanewise(LSHR, 1);
    return half.lanewise(LSHL, MANTISSA).reinterpretAsDoubles();
  }

  /** The second. */
  static DoubleVector rescale(DoubleVector octaves) {
    LongVector n = octaves.reinterpretAsLongs();
    return n.sub(n.lanewise(LSHR, 1)).lanewise(LSHL, MANTISSA).reinterpretAsDoubles();
  }

  /** 2^n at once, where it is normal. */
  static DoubleVector power(DoubleVector octaves) {
    return octaves.reinterpretAsLongs().sub(BIAS).lanewise(LSHL, MANTISSA).reinterpretAsDoubles();
  }

  /** {@code 1 / x} for a power of two. */
  static DoubleVector inverse(DoubleVector power) {
    return TWICE_UNIT.sub(power.reinterpretAsLongs()).reinterpretAsDoubles();
  }

  // Logarithm: log(2^k m) = k log 2 + log1p(m - 1), m in [sqrt(1/2), sqrt(2)).

  private static final LongVector NEGATIVE_INFINITY = INFINITY.or(SIGN);
  private static final LongVector SQRT_HALF = bits(0x3fe6a09e667f3bcdL);
  private static final LongVector EXPONENT = bits(-1L << MANTISSA);
  private static final LongVector LIFT = bits(64L << MANTISSA);
  private static final LongVector LIFT_OCTAVES = all(64).reinterpretAsLongs();
  private static final LongVector SMALLEST = bits(1L << MANTISSA);
  private static final LongVector SMALL = all(0x1p-64).reinterpretAsLongs();
  private static final LongVector FOUR = all(4).reinterpretAsLongs();
  private static final DoubleVector INTEGER = all(0x1.8p52);

  /** What a logarithm is more than for any positive number: -infinity at 0, NaN below. */
  static DoubleVector outside(DoubleVector x) {
    LongVector b = x.reinterpretAsLongs();
    LongVector magnitude = b.and(MAGNITUDE);
    LongVector top = LARGEST.reinterpretAsLongs().sub(magnitude).lanewise(ASHR, Long.SIZE - 1);
    LongVector zero = magnitude.sub(1).lanewise(ASHR, Long.SIZE - 1);
    LongVector nan = INFINITY.sub(magnitude).or(b).lanewise(ASHR, Long.SIZE - 1);
    return top.and(INFINITY)
        .or(nan.lanewise(AND_NOT, zero))
        .or(zero.and(NEGATIVE_INFINITY))
        .reinterpretAsDoubles();
  }

  /** 1 where a logarithm is defined, NaN below 0. */
  static DoubleVector domain(DoubleVector x) {
    LongVector b = x.reinterpretAsLongs();
    LongVector magnitude = b.and(MAGNITUDE);
    LongVector positive = ZERO.reinterpretAsLongs().sub(magnitude).lanewise(ASHR, Long.SIZE - 1);
    LongVector nan = INFINITY.sub(magnitude).or(b).lanewise(ASHR, Long.SIZE - 1);
    return nan.and(positive).or(UNIT).reinterpretAsDoubles();
  }

  /** Finite x; times 2^64 where small, so that it is not denormal. */
  static DoubleVector lifted(DoubleVector x) {
    LongVector small = x.reinterpretAsLongs().sub(SMALL).lanewise(ASHR, Long.SIZE - 1);
    return small.and(LIFT).add(UNIT).reinterpretAsDoubles().mul(x);
  }

  /** 64 where {@link #lifted}, else 0. */
  static DoubleVector lift(DoubleVector x) {
    LongVector small = x.reinterpretAsLongs().sub(SMALL).lanewise(ASHR, Long.SIZE - 1);
    return small.and(LIFT_OCTAVES).reinterpretAsDoubles();
  }

  /** Its sign is set where that of odd is, or x is no positive normal number. */
  static DoubleVector orOdd(DoubleVector odd, DoubleVector x) {
    LongVector b = x.reinterpretAsLongs();
    LongVector below = b.sub(SMALLEST);
    LongVector above = LARGEST.reinterpretAsLongs().sub(b);
    return odd.reinterpretAsLongs().or(below).or(above).reinterpretAsDoubles();
  }

  /** m. */
  static DoubleVector mantissa(DoubleVector x) {
    LongVector b = x.reinterpretAsLongs();
    return b.sub(b.sub(SQRT_HALF).and(EXPONENT)).reinterpretAsDoubles();
  }

  /** {@code -k}. */
  static DoubleVector octave(DoubleVector x) {
    LongVector k = x.reinterpretAsLongs().sub(SQRT_HALF).lanewise(ASHR, MANTISSA);
    return INTEGER.sub(k.add(INTEGER.reinterpretAsLongs()).reinterpretAsDoubles());
  }

  /** {@code 2^-k}, by way of 2^(2-k) because 2^-k may be denormal; {@code k > -1022}. */
  static DoubleVector octaveInverse(DoubleVector x) {
    LongVector k = x.reinterpretAsLongs().sub(SQRT_HALF).and(EXPONENT);
    return FOUR.sub(k).reinterpretAsDoubles().mul(QUARTER);
  }

  /**
   * {@code k log 2 + log1p(f)} by -k: log1p(f) = 2 artanh(f / (2 + f)), degree 17; relative error
   * 2^-60.
   */
  static DoubleVector log(DoubleVector k, DoubleVector f) {
    DoubleVector half = f.mul(f).mul(HALF);
    DoubleVector s = f.div(f.add(TWO));
    DoubleVector z = s.mul(s);
    DoubleVector z2 = z.mul(z);
    DoubleVector even = broadcast(S, 0x1.0f5c3af7f6ac7p-3);
    even = even.fma(z2, broadcast(S, 0x1.745cde16a2954p-3));
    even = even.fma(z2, broadcast(S, 0x1.249249242b0a3p-2));
    even = even.fma(z2, broadcast(S, 0x1.5555555555555p-1));
    DoubleVector odd = broadcast(S, 0x1.0f6866fae4c58p-3);
    odd = odd.fma(z2, broadcast(S, 0x1.3b20b16b2288bp-3));
    odd = odd.fma(z2, broadcast(S, 0x1.c71c725952a31p-3));
    odd = odd.fma(z2, broadcast(S, 0x1.9999999999e00p-2));
    DoubleVector tail = odd.fma(z, even).fma(z, half).fma(s, k.mul(LN2_LOW));
    return k.fma(LN2, f.sub(half.sub(tail)));
  }

  // Gauss.

  /** Beyond, erf(x) is 1. */
  static final DoubleVector ERF_ONE = all(5.95);

  /**
   * {@code -log(1 - erf(a)) / a - 1} up to ERF_ONE: degree 24; it moves erf by 2^-57. Its precision
   * may fall as fast as 1 - erf does, hence one polynomial for all.
   */
  static DoubleVector erfDecay(DoubleVector a) {
    DoubleVector a2 = a.mul(a);
    return erfOdd(a2).fma(a, erfEven(a2));
  }

  private static DoubleVector erfEven(DoubleVector a2) {
    DoubleVector even = broadcast(S, 0x1.c395e9120d5fap-51);
    even = even.fma(a2, broadcast(S, 0x1.f1efde5187633p-41));
    even = even.fma(a2, broadcast(S, 0x1.1284464818fd0p-33));
    even = even.fma(a2, broadcast(S, 0x1.576d96ecbfe59p-28));
    even = even.fma(a2, broadcast(S, 0x1.1a50b6befa037p-24));
    even = even.fma(a2, broadcast(S, 0x1.26946b5de160cp-23));
    even = even.fma(a2, broadcast(S, -0x1.d37f271f8cf4fp-20));
    even = even.fma(a2, broadcast(S, 0x1.c9506c37f0eb4p-19));
    even = even.fma(a2, broadcast(S, 0x1.0e7f9b16f0738p-14));
    even = even.fma(a2, broadcast(S, -0x1.35654f9b17c0bp-11));
    even = even.fma(a2, broadcast(S, -0x1.b6b68bee4a4e1p-13));
    even = even.fma(a2, broadcast(S, 0x1.a4f4e2a1b207ep-4));
    even = even.fma(a2, broadcast(S, 0x1.06eba8214db68p-3));
    return even;
  }

  private static DoubleVector erfOdd(DoubleVector a2) {
    DoubleVector odd = broadcast(S, -0x1.5ace76e55d1d5p-45);
    odd = odd.fma(a2, broadcast(S, -0x1.bbb08fb458728p-37));
    odd = odd.fma(a2, broadcast(S, -0x1.f348280386af2p-31));
    odd = odd.fma(a2, broadcast(S, -0x1.681ff2e8d1c40p-26));
    odd = odd.fma(a2, broadcast(S, -0x1.306c224151ce8p-23));
    odd = odd.fma(a2, broadcast(S, 0x1.692e532b0cc21p-22));
    odd = odd.fma(a2, broadcast(S, 0x1.7c871d3f5a19ep-19));
    odd = odd.fma(a2, broadcast(S, -0x1.f2afc857e15d3p-16));
    odd = odd.fma(a2, broadcast(S, 0x1.b22bc30e981f0p-16));
    odd = odd.fma(a2, broadcast(S, 0x1.bca67bd0f8e93p-10));
    odd = odd.fma(a2, broadcast(S, -0x1.39668593d7d45p-6));
    odd = odd.fma(a2, broadcast(S, 0x1.45f306dc9c897p-1));
    return odd;
  }

  /** The shift A of {@link #mills}, times 1, 2 and 1/2 over it. */
  static final DoubleVector MILLS_SHIFT = all(5);

  static final DoubleVector MILLS_SPAN = all(2 * 5);
  static final DoubleVector MILLS_INVERSE = all(0.5 / 5);

  /** {@code g(0)} of {@link #mills} as a sum of two, and {@code g'(0)}. */
  static final DoubleVector MILLS = all(0x1.3b0fbcb4c77bep-4);

  static final DoubleVector MILLS_LOW = all(0x1.309b88c13a321p-58);
  static final DoubleVector MILLS_1 = all(-0x1.108a698eca1adp-4);

  /**
   * {@code (g(q) - g(0) - g'(0) q) / q^2} where {@code g(q) = M(x) / (1 - q)}, {@code q = (x -
   * A)/(x + A)}, for Mills' ratio {@code M(x) = (1 - Phi(x)) exp(x^2/2)} up to GAUSS_LIMIT: degree
   * 23 of g, relative error 2^-58. The map is that of Shepherd and Laframboise (1981).
   */
  static DoubleVector mills(DoubleVector q) {
    DoubleVector q2 = q.mul(q);
    return millsOdd(q2).fma(q, millsEven(q2));
  }

  /** Two methods: one would be too long to be inlined. */
  private static DoubleVector millsEven(DoubleVector q2) {
    DoubleVector even = broadcast(S, -0x1.f87006446602ep-34);
    even = even.fma(q2, broadcast(S, 0x1.27958998ea032p-30));
    even = even.fma(q2, broadcast(S, -0x1.e1970ca7f61d4p-28));
    even = even.fma(q2, broadcast(S, 0x1.76ba9d858b7e5p-25));
    even = even.fma(q2, broadcast(S, -0x1.29803bddfb162p-22));
    even = even.fma(q2, broadcast(S, 0x1.bfcb490ad1e40p-20));
    even = even.fma(q2, broadcast(S, -0x1.8e76db1e9dddap-18));
    even = even.fma(q2, broadcast(S, -0x1.4ea692c9412e2p-14));
    even = even.fma(q2, broadcast(S, 0x1.1090aa5d3e1b7p-9));
    even = even.fma(q2, broadcast(S, 0x1.0e5e8ee59af74p-6));
    even = even.fma(q2, broadcast(S, 0x1.95c11dc6c593bp-5));
    return even;
  }

  private static DoubleVector millsOdd(DoubleVector q2) {
    DoubleVector odd = broadcast(S, -0x1.4929a1fb33f23p-35);
    odd = odd.fma(q2, broadcast(S, 0x1.e41f446720555p-33));
    odd = odd.fma(q2, broadcast(S, -0x1.d50e2dfc8adbbp-31));
    odd = odd.fma(q2, broadcast(S, 0x1.13f3e4795c83ap-28));
    odd = odd.fma(q2, broadcast(S, -0x1.1f61a4a0202cfp-25));
    odd = odd.fma(q2, broadcast(S, 0x1.ab53b7b5e3422p-22));
    odd = odd.fma(q2, broadcast(S, -0x1.4df33d47be8fcp-18));
    odd = odd.fma(q2, broadcast(S, 0x1.c9182ad65b1c9p-15));
    odd = odd.fma(q2, broadcast(S, -0x1.39e0d87914c24p-12));
    odd = odd.fma(q2, broadcast(S, -0x1.c4f9d5476de36p-8));
    odd = odd.fma(q2, broadcast(S, -0x1.00d8ab2d2adbdp-5));
    return odd;
  }
}
