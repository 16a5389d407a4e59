package dev.evolute.kernels;

import dev.evolute.kernels.Activation.Kind;

/**
 * The functions of {@link Activation} to some 58 bits, in tens of nanoseconds where {@link Exact}
 * takes microseconds: enough to tell which of many results are worth asking it about. Sums of two
 * doubles as there, but only the leading terms of a series are such sums, and an object holds the
 * result, so that nothing is allocated.
 */
final class Estimate {
  /** Steps a unit of the tables of erf and Mills' ratio, whose Taylor series lead further. */
  private static final int STEPS = 64;

  private static final int TERMS = 9;

  /** Here every exponential has vanished. */
  private static final double FAR = 1000;

  private static final double LN2_HIGH = 0x1.62e42fefp-1;
  private static final double LN2_MIDDLE = 0x1.473de6af278edp-34;
  private static final double LN2_LOW = -0x1.9ff0342542fc3p-90;
  private static final Exact[] ERF = erf();
  private static final Exact[][] MILLS = mills();

  /** The last result. */
  private double hi;

  private double lo;

  /** The power of two that {@link #expm1} leaves out. */
  private int n;

  private static Exact[] erf() {
    Exact[] table = new Exact[7 * STEPS + 1];
    for (int i = 0; i < table.length; i++) {
      table[i] = Exact.at(Activation.ERF, 0, i / (double) STEPS, 1);
    }
    return table;
  }

  /** {@code M^(k)(x) / k!} by {@code M' = x M - phi(0)}. */
  private static Exact[][] mills() {
    Exact[][] table = new Exact[40 * STEPS + 1][TERMS];
    for (int i = 0; i < table.length; i++) {
      Exact x = Exact.of(i / (double) STEPS);
      Exact[] m = table[i];
      m[0] = Exact.mills(x.hi());
      m[1] = x.times(m[0]).minus(Exact.PHI_0);
      for (int k = 2; k < TERMS; k++) {
        m[k] = x.times(m[k - 1]).plus(m[k - 2]).over(Exact.of(k));
      }
    }
    return table;
  }

  /**
   * Whether {@link #ulps} knows this value: not where Exact is as fast, or results are tiny or
   * huge.
   */
  static boolean covers(Activation f, double x, double actual) {
    return f.kind() != Kind.SQRT
        && f.kind() != Kind.RECIPROCAL
        && Math.abs(actual) > 0x1p-900
        && Math.abs(actual) < 0x1p1000
        && Math.abs(x) > 0x1p-400;
  }

  /** How many ulps a result is off, to a few hundredths. */
  double ulps(Activation f, double x, double actual) {
    value(f.kind(), x);
    return Math.abs(actual - hi - lo) / Math.ulp(hi);
  }

  private void value(Kind kind, double x) {
    double a = Math.min(Math.abs(x), FAR);
    switch (kind) {
      case EXP -> exp(x, 0);
      case EXPM1 -> loss(Math.max(x, -FAR));
      case LOG -> log(StrictMath.log(x), x, 0, 0);
      case LOG1P -> log(StrictMath.log1p(x), x, 0, 1);
      case TANH -> {
        loss(-2 * a);
        double p = hi;
        double pLow = lo;
        add(2, 0);
        divide(-p, -pLow);
      }
      case SIGMOID -> {
        exp(-a, 0);
        logistic(x < 0, 1);
      }
      case SILU -> {
        exp(-a, 0);
        logistic(x < 0, x);
      }
      case GELU_TANH -> {
        Exact v = Exact.gate(kind, a);
        exp(-v.hi(), -v.lo());
        logistic(x < 0, x);
      }
      case SOFTPLUS -> {
        exp(-a, 0);
        log(StrictMath.log1p(hi), hi, lo, 1);
        add(Math.max(x, 0), 0);
      }
      case ERF -> erf(Math.min(a, 7));
      case GELU -> {
        mills(Math.min(a, 40));
        multiply(a, 0);
        double m = hi;
        double mLow = lo;
        double square = a * a;
        exp(square * -0.5, Math.fma(a, a, -square) * -0.5);
        multiply(-m, -mLow);
        add(Math.max(x, 0), 0);
      }
      default -> throw new IllegalArgumentException(kind + " is exact anyway");
    }
    if (x < 0 && (kind == Kind.TANH || kind == Kind.ERF)) {
      set(-hi, -lo);
    }
  }

  private void set(double high, double low) {
    hi = high + low;
    lo = high - hi + low;
  }

  private void add(double b, double bLow) {
    double s = hi + b;
    double shown = s - hi;
    set(s, hi - (s - shown) + (b - shown) + lo + bLow);
  }

  private void multiply(double b, double bLow) {
    double p = hi * b;
    set(p, Math.fma(hi, b, -p) + (hi * bLow + lo * b));
  }

  /** What is given, by the last result. */
  private void divide(double b, double bLow) {
    double q = b / hi;
    set(q, (Math.fma(-q, hi, b) + bLow - q * lo) / hi);
  }

  /** {@code expm1(x + low - n log 2)}. */
  private void expm1(double x, double low) {
    double k = Math.rint(x * (1 / Math.log(2)));
    n = (int) k;
    double high = x - k * LN2_HIGH;
    double middle = k * -LN2_MIDDLE;
    set(high, 0);
    add(middle, Math.fma(k, -LN2_MIDDLE, -middle) - k * LN2_LOW + low);
    double r = hi;
    double rLow = lo;
    double square = r * r;
    double tail = 0;
    for (int i = 17; i >= 3; i--) {
      tail = (tail * r + 1) / i;
    }
    tail *= square * r / 2;
    add(square / 2, (Math.fma(r, r, -square) + 2 * r * rLow) / 2 + tail);
  }

  private void exp(double x, double low) {
    expm1(x, low);
    add(1, 0);
    double half = Math.scalb(1.0, n / 2);
    double rest = Math.scalb(1.0, n - n / 2);
    hi = hi * half * rest;
    lo = lo * half * rest;
  }

  /** {@code e^x - 1}. */
  private void loss(double x) {
    expm1(x, 0);
    if (n != 0) {
      exp(x, 0);
      add(-1, 0);
    }
  }

  /** {@code log(x + low + one)}, by a step of Newton from y. */
  private void log(double y, double x, double low, int one) {
    expm1(y, 0);
    double p = hi;
    double pLow = lo;
    double a = Math.scalb(1.0, -n / 2);
    double b = Math.scalb(1.0, -n - -n / 2);
    set(-1, one * a * b);
    add(x * a * b, low * a * b);
    add(-p, -pLow);
    set(y, hi / (1 + p));
  }

  /** {@code x / (1 + e)}, on the left {@code x e / (1 + e)}, of the last e. */
  private void logistic(boolean left, double x) {
    double e = left ? hi : 1;
    double eLow = left ? lo : 0;
    add(1, 0);
    divide(e, eLow);
    multiply(x, 0);
  }

  private void erf(double a) {
    int i = (int) Math.rint(a * STEPS);
    double x = i / (double) STEPS;
    double h = a - x;
    exp(-x * x, 0);
    multiply(h, 0);
    multiply(Exact.ERF_1.hi(), Exact.ERF_1.lo());
    double first = hi;
    // (d/dx)^k of exp(-x^2), by Hermite's recurrence.
    double before = 1;
    double last = -2 * x;
    double sum = 0;
    double power = 1;
    for (int k = 1; k < TERMS + 2; k++) {
      power *= h / (k + 1);
      sum += last * power;
      double next = -2 * (x * last + k * before);
      before = last;
      last = next;
    }
    add(first * sum, 0);
    add(ERF[i].hi(), ERF[i].lo());
  }

  private void mills(double a) {
    int i = (int) Math.rint(a * STEPS);
    double h = a - i / (double) STEPS;
    Exact[] m = MILLS[i];
    double tail = 0;
    for (int k = TERMS - 1; k >= 2; k--) {
      tail = (tail + m[k].hi()) * h;
    }
    set(m[1].hi(), m[1].lo());
    multiply(h, 0);
    add(m[0].hi(), m[0].lo() + tail * h);
  }
}
