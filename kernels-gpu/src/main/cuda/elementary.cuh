// Elementary functions and activations, value and first two derivatives, for float and double. Written out in sums,
// products, fused ones and bits, so that they are the same functions under every compiler: NVIDIA's own differ from a
// CPU's in the last place. Algorithms, constants and names are those of the CPU device (Elementary.java,
// Activations.java of kernels-cpu), which says where they come from, and so are the bits of the results.
#pragma once
#include "evolute.cuh"

/// A polynomial, highest coefficient first.
template <class T>
DEV T horner(T, T sum) {
  return sum;
}
template <class T, class... C>
DEV T horner(T x, T sum, T next, C... rest) {
  return horner(x, madd(sum, x, next), rest...);
}

/// Bits and coefficients of an element type.
template <class T>
struct Format;

template <>
struct Format<float> {
  typedef int Bits;
  typedef u32 Unsigned;
  static constexpr int MANTISSA = 23, BIAS = 127;
  static constexpr int SQRT_HALF = 0x3f3504f3;
  static DEV int bits(float x) { return __float_as_int(x); }
  static DEV float of(int b) { return __int_as_float(b); }
  static constexpr float EXP_LIMIT = 120.0f, GAUSS_LIMIT = 15.0f, ERF_LIMIT = 10.6f, GELU_LIMIT = 11.1f,
      GELU_LINEAR = 0x1.988454p0f, GELU_LINEAR_LOW = -0x1.857936p-25f, GELU_CUBIC = 0x1.2444f2p-4f,
      GELU_CUBIC_LOW = 0x1.49b16ap-29f, LOG2_E = 0x1.715476p0f, LN2 = -0x1.62e4p-1f,
      LN2_LOW = -0x1.7f7d1cp-20f, ERF_ONE = 3.93f, MILLS_SHIFT = 3.0f, MILLS = 0x1.f1b89cp-4f,
      MILLS_LOW = 0x1.2f2886p-31f, MILLS_1 = -0x1.5bb438p-4f;
  static constexpr float ROUND = 0x1.8p23f + 2 * BIAS;
  /// (exp(r) - 1 - r) / r^2
  static DEV float expTail(float r, float r2) {
    float even = horner(r2, 0x1.6d7688p-10f, 0x1.5554ccp-5f, 0.5f);
    float odd = horner(r2, 0x1.a1a3a2p-13f, 0x1.111048p-7f, 0x1.555556p-3f);
    return madd(odd, r, even);
  }
  /// -k log 2 + log1p(f), given -k; relative error 2^-27
  static DEV float log(float k, float f) {
    float f2 = f * f;
    float even = horner(f2, 0x1.07cf7ep-3f, 0x1.226e70p-3f, 0x1.99a59cp-3f, 0x1.55554ap-2f);
    float odd = horner(f2, -0x1.41f3e6p-4f, -0x1.0cdea6p-3f, -0x1.5478dap-3f, -0x1.00021ep-2f);
    float tail = madd(madd(madd(odd, f, even), f, -0.5f), f2, k * LN2_LOW);
    return madd(k, LN2, f + tail);
  }
  /// -log(1 - erf(a)) / a - 1 up to ERF_ONE
  static DEV float erfDecay(float a) {
    float a2 = a * a;
    float even = horner(a2, -0x1.369674p-17f, -0x1.4bca4cp-11f, -0x1.5064c0p-13f, 0x1.a4fa5ep-4f, 0x1.06eba8p-3f);
    float odd = horner(a2, 0x1.ed6cacp-14f, 0x1.b500d0p-10f, -0x1.39cdc0p-6f, 0x1.45f2fap-1f);
    return madd(odd, a, even);
  }
  /// (g(q) - g(0) - g'(0) q) / q^2, see gelu below
  static DEV float mills(float q) {
    float q2 = q * q;
    float even = horner(q2, 0x1.2a74eep-17f, -0x1.53c9e6p-15f, 0x1.65dde6p-13f, -0x1.c91b0cp-10f, 0x1.3a0d02p-5f);
    float odd = horner(q2, 0x1.6beeecp-16f, -0x1.684abep-13f, 0x1.307480p-10f, -0x1.021dcap-7f);
    return madd(odd, q, even);
  }
};

template <>
struct Format<double> {
  typedef i64 Bits;
  typedef unsigned long long Unsigned;
  static constexpr int MANTISSA = 52, BIAS = 1023;
  static constexpr i64 SQRT_HALF = 0x3fe6a09e667f3bcdll;
  static DEV i64 bits(double x) { return __double_as_longlong(x); }
  static DEV double of(i64 b) { return __longlong_as_double(b); }
  static constexpr double EXP_LIMIT = 760.0, GAUSS_LIMIT = 39.0, ERF_LIMIT = 27.57, GELU_LIMIT = 21.68,
      GELU_LINEAR = 0x1.9884533d43651p0, GELU_LINEAR_LOW = -0x1.cbc0d30ebfd15p-54,
      GELU_CUBIC = 0x1.2444f2a4d8b4bp-4, GELU_CUBIC_LOW = -0x1.6c843a29d1c7p-61,
      LOG2_E = 0x1.71547652b82fep0, LN2 = -0x1.62e42fefp-1, LN2_LOW = -0x1.473de6af278edp-34,
      ERF_ONE = 5.95, MILLS_SHIFT = 5.0, MILLS = 0x1.3b0fbcb4c77bep-4, MILLS_LOW = 0x1.309b88c13a321p-58,
      MILLS_1 = -0x1.108a698eca1adp-4;
  static constexpr double ROUND = 0x1.8p52 + 2 * BIAS;
  /// (exp(r) - 1 - r) / r^2
  static DEV double expTail(double r, double r2) {
    double even = horner(r2, 0x1.1f9647e08b54ep-29, 0x1.27e4c50db37bep-22, 0x1.a01a01b0fb752p-16, 0x1.6c16c16c14375p-10,
                     0x1.555555555555ap-5, 0.5);
    double odd = horner(r2, 0x1.af6031bb0515dp-26, 0x1.71ddf78fe0c58p-19, 0x1.a01a01b02b7f0p-13, 0x1.111111110f612p-7,
                    0x1.5555555555559p-3);
    return madd(odd, r, even);
  }
  /// -k log 2 + log1p(f), given -k: log1p(f) = 2 artanh(f / (2 + f)); relative error 2^-60
  static DEV double log(double k, double f) {
    double half = f * f * 0.5, s = f / (f + 2), z = s * s, z2 = z * z;
    double even = horner(z2, 0x1.0f5c3af7f6ac7p-3, 0x1.745cde16a2954p-3, 0x1.249249242b0a3p-2, 0x1.5555555555555p-1);
    double odd = horner(z2, 0x1.0f6866fae4c58p-3, 0x1.3b20b16b2288bp-3, 0x1.c71c725952a31p-3, 0x1.9999999999e00p-2);
    double tail = madd(madd(madd(odd, z, even), z, half), s, k * LN2_LOW);
    return madd(k, LN2, f - (half - tail));
  }
  /// -log(1 - erf(a)) / a - 1 up to ERF_ONE
  static DEV double erfDecay(double a) {
    double a2 = a * a;
    double even = horner(a2, 0x1.c395e9120d5fap-51, 0x1.f1efde5187633p-41, 0x1.1284464818fd0p-33, 0x1.576d96ecbfe59p-28,
                         0x1.1a50b6befa037p-24, 0x1.26946b5de160cp-23, -0x1.d37f271f8cf4fp-20, 0x1.c9506c37f0eb4p-19,
                         0x1.0e7f9b16f0738p-14, -0x1.35654f9b17c0bp-11, -0x1.b6b68bee4a4e1p-13, 0x1.a4f4e2a1b207ep-4,
                         0x1.06eba8214db68p-3);
    double odd = horner(a2, -0x1.5ace76e55d1d5p-45, -0x1.bbb08fb458728p-37, -0x1.f348280386af2p-31, -0x1.681ff2e8d1c40p-26,
                        -0x1.306c224151ce8p-23, 0x1.692e532b0cc21p-22, 0x1.7c871d3f5a19ep-19, -0x1.f2afc857e15d3p-16,
                        0x1.b22bc30e981f0p-16, 0x1.bca67bd0f8e93p-10, -0x1.39668593d7d45p-6, 0x1.45f306dc9c897p-1);
    return madd(odd, a, even);
  }
  /// (g(q) - g(0) - g'(0) q) / q^2, see gelu below
  static DEV double mills(double q) {
    double q2 = q * q;
    double even = horner(q2, -0x1.f87006446602ep-34, 0x1.27958998ea032p-30, -0x1.e1970ca7f61d4p-28, 0x1.76ba9d858b7e5p-25,
                         -0x1.29803bddfb162p-22, 0x1.bfcb490ad1e40p-20, -0x1.8e76db1e9dddap-18, -0x1.4ea692c9412e2p-14,
                         0x1.1090aa5d3e1b7p-9, 0x1.0e5e8ee59af74p-6, 0x1.95c11dc6c593bp-5);
    double odd = horner(q2, -0x1.4929a1fb33f23p-35, 0x1.e41f446720555p-33, -0x1.d50e2dfc8adbbp-31, 0x1.13f3e4795c83ap-28,
                        -0x1.1f61a4a0202cfp-25, 0x1.ab53b7b5e3422p-22, -0x1.4df33d47be8fcp-18, 0x1.c9182ad65b1c9p-15,
                        -0x1.39e0d87914c24p-12, -0x1.c4f9d5476de36p-8, -0x1.00d8ab2d2adbdp-5);
    return madd(odd, q, even);
  }
};

template <class T>
struct Elementary {
  typedef Format<T> F;
  typedef typename F::Bits Bits;
  typedef typename F::Unsigned Unsigned;

  static constexpr Bits SIGN = (Bits)((Unsigned)1 << (8 * sizeof(T) - 1));
  static constexpr Bits UNIT = (Bits)F::BIAS << F::MANTISSA;
  static constexpr Bits INFINITE = (Bits)(2 * F::BIAS + 1) << F::MANTISSA;

  static DEV T shift(Bits b) { return F::of((Bits)((Unsigned)b << F::MANTISSA)); }
  static DEV Bits magnitude(T x) { return F::bits(x) & ~SIGN; }

  /// The lesser of two, neither negative; the limit for NaN.
  static DEV T atMost(T limit, T x) { return F::bits(x) < F::bits(limit) ? x : limit; }
  /// max(x, 0), by the sign bit.
  static DEV T positive(T x) { return F::bits(x) < 0 ? T(0) : x; }
  /// 1 with the sign of x, NaN for NaN.
  static DEV T sign(T x) {
    return magnitude(x) > INFINITE ? x : F::of((F::bits(x) & SIGN) | UNIT);
  }

  // exp(x) = 2^n (1 + expm1(r)) with r = x - n log 2 (Cody and Waite). `octaves` has n in its low bits.

  static DEV T bounded(T x) {
    Bits limit = F::bits(F::EXP_LIMIT), m = magnitude(x);
    return F::of((F::bits(x) & SIGN) | (m < limit ? m : limit));
  }
  static DEV T octaves(T x) { return madd(x, F::LOG2_E, F::ROUND); }
  /// expm1(x + low - n log 2)
  static DEV T expm1(T x, T low, T octaves) {
    T n = octaves - F::ROUND;
    T high = madd(n, F::LN2, x);
    T rest = madd(n, F::LN2_LOW, low);
    T r = high + rest;
    rest = high - r + rest;
    T r2 = r * r;
    return madd(F::expTail(r, r2), r2, rest) + r;
  }
  /// Two powers of two whose product is 2^n, which may overflow or be denormal.
  static DEV T scale(T octaves) { return shift((Bits)((Unsigned)F::bits(octaves) >> 1)); }
  static DEV T rescale(T octaves) {
    Bits n = F::bits(octaves);
    return shift(n - (Bits)((Unsigned)n >> 1));
  }
  /// 2^n at once, where it is normal.
  static DEV T power(T octaves) { return shift(F::bits(octaves) - F::BIAS); }
  /// 1 / x for a power of two.
  static DEV T inverse(T power) { return F::of(2 * UNIT - F::bits(power)); }

  static DEV T exp(T x) {
    if (x != x) return x;
    T y = x < -F::EXP_LIMIT ? -F::EXP_LIMIT : x > F::EXP_LIMIT ? F::EXP_LIMIT : x;
    T n = octaves(y), s = scale(n);
    return madd(expm1(y, T(0), n), s, s) * rescale(n);
  }

  // log(2^k m) = k log 2 + log1p(m - 1), m in [sqrt(1/2), sqrt(2)).

  static DEV T largest() { return F::of(INFINITE - 1); }
  static DEV T nan() { return F::of(INFINITE | INFINITE >> 1); }
  /// What a logarithm is more than for any positive number: -infinity at 0, NaN below.
  static DEV T outside(T x) {
    if (x != x || x < 0) return nan();
    if (x == 0) return F::of(INFINITE | SIGN);
    return magnitude(x) == INFINITE ? F::of(INFINITE) : T(0);
  }
  static DEV Bits octaveBits(T x) { return F::bits(x) - F::SQRT_HALF; }
  static DEV T mantissa(T x) {
    return F::of(F::bits(x) - (octaveBits(x) & ((Bits)((Unsigned)-1 << F::MANTISSA))));
  }
  /// -k
  static DEV T octave(T x) { return -(T)(int)(octaveBits(x) >> F::MANTISSA); }
  /// 2^-k, by way of 2^(2-k) because 2^-k may be denormal
  static DEV T octaveInverse(T x) {
    Bits k = octaveBits(x) & ((Bits)((Unsigned)-1 << F::MANTISSA));
    return F::of(F::bits(T(4)) - k) * T(0.25);
  }
  static DEV T log(T x) {
    T y = atMost(largest(), x);
    bool small = F::bits(y) < F::bits(T(0x1p-64));
    T lifted = small ? y * T(0x1p64) : y;
    return F::log(octave(lifted) + (small ? T(64) : T(0)), mantissa(lifted) - 1) + outside(x);
  }
  /// 1 + x = 2^k (1 + f), hence f = 2^-k x + (2^-k - 1), rounded once
  static DEV T log1p(T x) {
    T y = atMost(largest(), x), u = y + 1, back = octaveInverse(u);
    T log = F::log(octave(u), madd(back, y, back - 1)) + outside(x + 1);
    return ::magnitude(log) * sign(x);
  }
};

/// An activation at one point.
template <class T>
struct Jet {
  T value, first, second;
};

/// exp(-v) in parts: (p + 1) scale down, with `down` the last factor of any product, so that small results keep their
/// relative precision down to the denormal numbers.
template <class T>
struct Decay {
  typedef Elementary<T> E;
  T p, scale, down;

  /// exp(y + low), y and low not positive
  DEV Decay(T y, T low) {
    T k = E::octaves(y);
    scale = E::scale(k);
    down = E::rescale(k);
    p = E::expm1(y, low, k);
  }
  DEV T e() const { return madd(p, scale, scale); }
  /// expm1 by `down`, precise near 0
  DEV T loss() const { return madd(p, scale, scale - E::inverse(down)); }
};

/// Functions by the ordinals of Activation.Kind.
enum Kind {
  IDENTITY, RELU, LEAKY_RELU, TANH, SIGMOID, SOFTPLUS, GELU, SILU, GELU_TANH, EXP, EXPM1, LOG, LOG1P, ERF, SQRT,
  RECIPROCAL
};

template <class T>
struct Activation {
  typedef Elementary<T> E;
  typedef Format<T> F;

  static DEV T phi0() { return T(0.3989422804014326779); }   // 1 / sqrt(2 pi)
  static DEV T erf1() { return T(1.1283791670955125739); }   // 2 / sqrt(pi)

  static DEV Jet<T> leaky(T slope, T x) {
    T up = x > 0 ? T(1) : T(0);
    // max(x, 0) + slope min(x, 0): exact, one of the two being 0; NaN stays.
    T above = x != x ? x : x > 0 ? x : T(0), below = x != x ? x : x < 0 ? x : T(0);
    return {slope == 0 ? above : madd(below, slope, above), up + slope * (T(1) - up), T(0)};
  }

  /// tanh|x| = (1-e) / (1+e)
  static DEV Jet<T> tanh(T x) {
    Decay<T> d(-E::atMost(F::EXP_LIMIT, 2 * magnitude(x)), T(0));
    T sign = E::sign(x);
    T base = d.scale - E::inverse(d.down);
    T loss = madd(d.p, d.scale, base);
    T lossLow = madd(d.p, d.scale, base - loss) * d.down;
    loss = loss * d.down;
    T sum = loss + 2;
    T sumLow = 2 - sum + loss + lossLow;
    T w = 1 / sum;
    T t = loss * w;
    T rest = madd(t, -sum, loss) + madd(-t, sumLow, lossLow);
    t = magnitude(madd(rest, w, t)) * sign;
    T slope = d.e() * w * w * 4 * d.down * (sign * sign);
    return {t, slope, -(t * slope * 2)};
  }

  static DEV Jet<T> sigmoid(T x) {
    Decay<T> d(-E::atMost(F::EXP_LIMIT, magnitude(x)), T(0));
    T sign = E::sign(x), e = d.e();
    T above = F::bits(x) < 0 ? e * d.down : T(1);
    T sum = madd(e, d.down, T(1)), w = 1 / sum;
    T slope = e * w * w * d.down * (sign * sign);
    T tilt = d.loss() * d.down * w * sign;
    T sumLow = madd(e, d.down, 1 - sum);
    T t = above * w;
    t = madd(madd(t, -sum, above) - t * sumLow, w, t);
    return {t * (sign * sign), slope, slope * tilt};
  }

  static DEV Jet<T> softplus(T x) {
    Jet<T> s = sigmoid(x);
    Decay<T> d(-E::atMost(F::EXP_LIMIT, magnitude(x)), T(0));
    T sign = E::sign(x);
    T e = d.e() * d.down, u = e + 1, back = E::octaveInverse(u);
    T log = F::log(E::octave(u), madd(back, e, back - 1));
    return {(log + E::positive(x)) * (sign * sign), s.value, s.first};
  }

  /// x+ - T with T = a e / (1+e), a = |x|, e = exp(-v(a)), v = (c1 + c3 a^2) a
  static DEV Jet<T> gated(T x, T limit, T c1, T c3, const Decay<T>& d) {
    T sign = E::sign(x), a = E::atMost(limit, magnitude(x)), e = d.e();
    T sum = madd(e, d.down, T(1)), w = 1 / sum;
    T part = c3 * a * a, v1 = madd(part, T(3), c1);
    T slope = e * w * w;
    T t = slope * madd(-a, v1, sum) * d.down;
    T tilt = d.loss() * d.down * w;
    T bend = madd(a * v1 * v1, tilt, madd(part, T(6), v1 + v1));
    T sumLow = madd(e, d.down, 1 - sum);
    T above = a * e, aboveLow = madd(a, e, -above);
    T g = above * w;
    T rest = madd(g, -sum, above) - g * sumLow + aboveLow;
    g = madd(rest, w, g) * d.down;
    return {magnitude(E::positive(x) - g) * sign, madd(T(0.5), sign, T(0.5)) - t * sign,
            slope * bend * d.down * (sign * sign)};
  }

  static DEV Jet<T> silu(T x) {
    Decay<T> d(-E::atMost(F::EXP_LIMIT, magnitude(x)), T(0));
    return gated(x, F::EXP_LIMIT, T(1), T(0), d);
  }

  /// An error of v would be v times as large in the exponential, so v is a sum of two.
  static DEV Jet<T> geluTanh(T x) {
    T a = E::atMost(F::GELU_LIMIT, magnitude(x));
    T square = a * a, squareLow = madd(a, a, -square);
    T cubic = F::GELU_CUBIC * square, cubicLow = madd(F::GELU_CUBIC, square, -cubic);
    T c = cubic + F::GELU_LINEAR, back = c - cubic;
    T cLow = cubic - (c - back) + (F::GELU_LINEAR - back) + cubicLow;
    cLow = madd(F::GELU_CUBIC, squareLow, cLow) + madd(square, F::GELU_CUBIC_LOW, F::GELU_LINEAR_LOW);
    T v = -(a * c), vLow = -madd(a, cLow, madd(a, c, v));
    return gated(x, F::GELU_LIMIT, F::GELU_LINEAR, F::GELU_CUBIC, Decay<T>(v, vLow));
  }

  /// Parts of exp(-c x^2); the square is a sum of two.
  static DEV Decay<T> gauss(T limit, T c, T x) {
    T a = E::atMost(limit, magnitude(x));
    T square = -(a * a), low = -madd(a, a, square) * c;
    return Decay<T>(square * c, low);
  }

  /// 1 - Phi(a) = M(a) exp(-a^2/2), M by a fit in q = (a - A)/(a + A) (Shepherd and Laframboise 1981). What rounding
  /// takes from M, from a M and from the sum 1 + p is carried to the end.
  static DEV Jet<T> gelu(T x) {
    Decay<T> decay = gauss(F::GAUSS_LIMIT, T(0.5), x);
    T sign = E::sign(x), a = E::atMost(F::GAUSS_LIMIT, magnitude(x));
    const T span = 2 * F::MILLS_SHIFT, half = T(0.5 / (double)F::MILLS_SHIFT);
    T d = a + F::MILLS_SHIFT, q = 1 - span / d;
    T bent = F::mills(q);
    T h = madd(bent, q, F::MILLS_1), hLow = madd(bent, q, F::MILLS_1 - h);
    T v = 1 - q;
    T g = madd(h, q, F::MILLS), gLow = madd(h, q, F::MILLS - g) + madd(hLow, q, F::MILLS_LOW);
    T dLow = a - (d - F::MILLS_SHIFT);
    T delta = madd(madd(d, v, -span) * d, half, dLow);
    T m = g * v, mLow = madd(g, v, -m) + gLow * v;
    mLow = madd(madd(a, m, -phi0()), delta, mLow);
    T e = decay.e();
    T t = (m - a * phi0() + mLow) * e * decay.down;
    T first = madd(T(0.5), sign, T(0.5)) - t * sign;
    T second = madd(a, -a, T(2)) * phi0() * e * decay.down * (sign * sign);
    T am = a * m, amLow = madd(a, mLow, madd(a, m, -am));
    T b = decay.p + 1, bLow = 1 - b + decay.p;
    T u = am * b, uLow = madd(am, bLow, madd(am, b, -u));
    u = (u + madd(amLow, b, uLow)) * decay.scale * decay.down;
    return {magnitude(E::positive(x) - u) * sign, first, second};
  }

  static DEV Jet<T> erf(T x) {
    T sign = E::sign(x);
    T a = E::atMost(F::ERF_ONE, magnitude(x));
    T u = -madd(F::erfDecay(a), a, a), k = E::octaves(u), scale = E::power(k);
    T value = madd(E::expm1(u, T(0), k), -scale, 1 - scale) * sign;
    Decay<T> d = gauss(F::ERF_LIMIT, T(1), x);
    T slope = d.e() * erf1();
    T bend = slope * E::atMost(F::ERF_LIMIT, magnitude(x)) * 2 * d.down;
    return {value, slope * d.down * (sign * sign), bend * -sign};
  }

  static DEV Jet<T> expm1(T x) {
    T y = E::bounded(x), k = E::octaves(y), scale = E::scale(k), down = E::rescale(k);
    T e = madd(E::expm1(y, T(0), k), scale, scale - E::inverse(down)) * down;
    T slope = E::exp(x);
    return {magnitude(e) * E::sign(x), slope, slope};
  }

  /// Of a logarithm of y, whose derivatives are NaN below 0.
  static DEV Jet<T> logarithm(T value, T y) {
    T r = (y < 0 ? E::nan() : T(1)) / magnitude(y);
    return {value, r, -(r * r)};
  }

  static DEV Jet<T> squareRoot(T x) {
    T r = root(x), slope = T(0.5) / magnitude(r);
    return {r, slope, -(slope * T(0.5) / magnitude(x))};
  }

  static DEV Jet<T> reciprocal(T x) {
    T r = 1 / x, square = r * r;
    return {r, -square, square * (r + r)};
  }

  static DEV Jet<T> at(int kind, T slope, T x) {
    switch (kind) {
      case RELU: return leaky(T(0), x);
      case LEAKY_RELU: return leaky(slope, x);
      case TANH: return tanh(x);
      case SIGMOID: return sigmoid(x);
      case SOFTPLUS: return softplus(x);
      case GELU: return gelu(x);
      case SILU: return silu(x);
      case GELU_TANH: return geluTanh(x);
      case EXP: {
        T e = E::exp(x);
        return {e, e, e};
      }
      case EXPM1: return expm1(x);
      case LOG: return logarithm(E::log(x), x);
      case LOG1P: return logarithm(E::log1p(x), x + 1);
      case ERF: return erf(x);
      case SQRT: return squareRoot(x);
      case RECIPROCAL: return reciprocal(x);
      default: return leaky(T(1), x);
    }
  }
};
