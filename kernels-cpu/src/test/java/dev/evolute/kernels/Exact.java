package dev.evolute.kernels;

/**
 * Numbers of some 100 bits, as sums of two doubles (Dekker 1971), and by them the functions of
 * {@link Activation}: the reference that ulps of f64 are counted from. The formulas are series and
 * continued fractions, not those of any device. {@link ExactTest} holds them against BigDecimal.
 *
 * <p>A result may be denormal, where a sum of two cannot be: {@code scale} is a power of two that
 * multiplies it.
 */
record Exact(double hi, double lo) {
  /** Here every exponential has vanished and no square overflows. */
  private static final double FAR = 1e4;

  private static final Exact ONE = of(1);
  private static final Exact TWO = of(2);
  private static final Exact HALF = of(0.5);
  private static final Exact LN2 = new Exact(0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56);
  static final Exact PHI_0 = new Exact(0x1.9884533d43651p-2, -0x1.cbc0d30ebfd15p-56);
  static final Exact ERF_1 = new Exact(0x1.20dd750429b6dp0, 0x1.1ae3a914fed80p-56);
  private static final Exact GELU_LINEAR = new Exact(0x1.9884533d43651p0, -0x1.cbc0d30ebfd15p-54);
  private static final Exact GELU_CUBIC = new Exact(0x1.2444f2a4d8b4bp-4, -0x1.6c843a29d1c70p-61);

  static Exact of(double x) {
    return new Exact(x, 0);
  }

  /** {@code a + b} of doubles, exactly. */
  private static Exact sum(double a, double b) {
    double s = a + b;
    double shown = s - a;
    return new Exact(s, (a - (s - shown)) + (b - shown));
  }

  Exact plus(Exact y) {
    Exact s = sum(hi, y.hi);
    if (Double.isInfinite(s.hi)) {
      return of(s.hi);
    }
    Exact t = sum(lo, y.lo);
    Exact u = sum(s.hi, s.lo + t.hi);
    return sum(u.hi, u.lo + t.lo);
  }

  Exact minus(Exact y) {
    return plus(y.negated());
  }

  Exact negated() {
    return new Exact(-hi, -lo);
  }

  Exact times(Exact y) {
    double p = hi * y.hi;
    if (Double.isInfinite(p)) {
      return of(p);
    }
    return sum(p, Math.fma(hi, y.hi, -p) + (hi * y.lo + lo * y.hi));
  }

  Exact times(double y) {
    return times(of(y));
  }

  Exact over(Exact y) {
    double q = hi / y.hi;
    if (Double.isInfinite(q)) {
      return of(q);
    }
    Exact rest = minus(y.times(q));
    double r = rest.hi / y.hi;
    Exact last = rest.minus(y.times(r));
    return sum(q, r).plus(of(last.hi / y.hi));
  }

  /** {@code 2^n (1 + p)}, scaled; p is {@code expm1} of what n leaves. */
  private record Power(int n, Exact p) {
    static Power of(Exact x) {
      if (Math.abs(x.hi) > 1000) {
        return new Power(x.hi < 0 ? -2000 : 2000, Exact.of(0));
      }
      int n = (int) Math.rint(x.hi / LN2.hi);
      Exact r = x.minus(LN2.times(n)).times(1 / 64.0);
      Exact p = Exact.of(0);
      for (int i = 15; i >= 1; i--) {
        p = p.plus(ONE).times(r.over(Exact.of(i)));
      }
      for (int i = 0; i < 6; i++) {
        p = p.times(p.plus(TWO));
      }
      return new Power(n, p);
    }

    Exact exp(double scale) {
      Exact e = p.plus(ONE);
      int half = n / 2;
      double a = Math.scalb(1.0, half) * scale;
      double b = Math.scalb(1.0, n - half);
      return new Exact(e.hi * a * b, e.lo * a * b);
    }

    Exact expm1() {
      return n == 0 ? p : exp(1).minus(ONE);
    }
  }

  private static Exact exp(Exact x, double scale) {
    return Power.of(x).exp(scale);
  }

  private static Exact expm1(Exact x) {
    return Power.of(x).expm1();
  }

  /** {@code log(1 + f)} for f in (-1/2, 1]: one step of Halley's method from a double. */
  private static Exact log1p(Exact f) {
    double y = StrictMath.log1p(f.hi);
    Exact e = expm1(of(y));
    Exact t = f.minus(e).over(TWO.plus(f).plus(e));
    return of(y).plus(t.times(2));
  }

  private static Exact log(Exact x) {
    int k = Math.getExponent(x.hi < Double.MIN_NORMAL ? x.hi * 0x1p100 : x.hi);
    k -= x.hi < Double.MIN_NORMAL ? 100 : 0;
    double a = Math.scalb(1.0, -k / 2);
    double b = Math.scalb(1.0, -k - -k / 2);
    Exact m = new Exact(x.hi * a * b, x.lo * a * b);
    if (m.hi > 1.5) {
      m = m.times(0.5);
      k++;
    }
    return LN2.times(k).plus(log1p(m.minus(ONE)));
  }

  /** {@code sum_n z^n / (2n+1)!!}: {@code x sum(x^2) phi(x)} is {@code Phi(x) - 1/2}. */
  private static Exact series(Exact z) {
    Exact term = ONE;
    Exact sum = ONE;
    for (int i = 3; term.hi > sum.hi * 1e-34; i += 2) {
      term = term.times(z).over(of(i));
      sum = sum.plus(term);
    }
    return sum;
  }

  /** {@code (1 - Phi(x)) exp(x^2/2)}: by the series, beyond 5 by Laplace's continued fraction. */
  static Exact mills(double x) {
    Exact square = of(x).times(x);
    if (x < 5) {
      Exact below = series(square).times(x).times(PHI_0);
      return HALF.times(exp(square.times(0.5), 1)).minus(below);
    }
    Exact fraction = of(x);
    for (int i = 80; i >= 1; i--) {
      fraction = of(x).plus(of(i).over(fraction));
    }
    return PHI_0.over(fraction);
  }

  private static Exact erf(double a) {
    if (a > 6.5) {
      return ONE;
    }
    Exact square = of(a).times(a);
    return exp(square.negated(), 1).times(series(square.times(2))).times(ERF_1).times(a);
  }

  /** The slope at 0 of the functions that are 0 there and smooth, else null. */
  private static Exact slopeAtZero(Activation.Kind kind) {
    return switch (kind) {
      case TANH, EXPM1, LOG1P -> ONE;
      case GELU, GELU_TANH, SILU -> HALF;
      case ERF -> ERF_1;
      default -> null;
    };
  }

  /** {@code v(a) = (linear + cubic a^2) a} in {@code x s(v(x))}, and two derivatives. */
  private record Gate(Exact v, Exact first, Exact second) {
    static Gate of(Activation.Kind kind, double a) {
      if (kind == Activation.Kind.SILU) {
        return new Gate(Exact.of(a), ONE, Exact.of(0));
      }
      Exact part = GELU_CUBIC.times(a).times(a);
      return new Gate(
          part.plus(GELU_LINEAR).times(a),
          part.times(3).plus(GELU_LINEAR),
          GELU_CUBIC.times(6).times(a));
    }
  }

  /** {@code v(a)} of a gated function. */
  static Exact gate(Activation.Kind kind, double a) {
    return Gate.of(kind, a).v;
  }

  /** The derivative of this order at a finite x, times scale. */
  static Exact at(Activation f, int order, double x, double scale) {
    double a = Math.min(Math.abs(x), FAR);
    boolean left = x < 0;
    Exact slope = slopeAtZero(f.kind());
    if (a < 0x1p-400 && order == 0 && slope != null) {
      return slope.times(x * scale);
    }
    if (a < 0x1p-400 && order == 2 && f.kind() == Activation.Kind.TANH) {
      return of(-2 * scale * x);
    }
    if (a < 0x1p-400 && order == 2 && f.kind() == Activation.Kind.SIGMOID) {
      return of(scale * x / -8);
    }
    switch (f.kind()) {
      case EXP:
        return exp(of(x), scale);
      case EXPM1:
        return order > 0 ? exp(of(x), scale) : expm1(of(x));
      case LOG:
        return order == 0 ? log(of(x)) : reciprocal(order, of(x), scale);
      case LOG1P:
        Exact u = sum(1, x);
        return order > 0
            ? reciprocal(order, u, scale)
            : Math.abs(x) < 0.4 ? log1p(of(x)) : log(of(u.hi)).plus(of(u.lo / u.hi));
      case SQRT:
        double near = StrictMath.sqrt(x);
        Exact root = of(near).plus(of(Math.fma(-near, near, x) / near / 2));
        return order == 0
            ? root
            : order == 1 ? HALF.over(root) : of(-0.25 * scale).over(root).over(of(x));
      case RECIPROCAL:
        Exact r = of(scale).over(of(x));
        return order == 0
            ? r
            : order == 1 ? r.over(of(x)).negated() : r.over(of(x)).over(of(x)).times(2);
      case TANH:
        {
          Exact loss = expm1(of(-2 * a));
          Exact t = loss.over(loss.plus(TWO)).times(left ? 1 : -1);
          Exact w = exp(of(-2 * a), 1).plus(ONE);
          Exact first = exp(of(-2 * a), 4 * scale).over(w).over(w);
          return order == 0 ? t : order == 1 ? first : first.times(t).times(-2);
        }
      case SOFTPLUS:
        if (order > 0) {
          return at(Activation.SIGMOID, order - 1, x, scale);
        }
        Exact small = exp(of(-a), 1);
        Exact bent = small.hi < 1e-20 ? exp(of(-a), scale) : log1p(small).times(scale);
        return left ? bent : bent.plus(of(x).times(scale));
      case SIGMOID:
        {
          Exact d = exp(of(-a), 1).plus(ONE);
          Exact e = exp(of(-a), scale);
          Exact loss = expm1(of(-a));
          Exact first = e.over(d).over(d);
          return order == 0
              ? (left ? e : of(scale)).over(d)
              : order == 1 ? first : first.times(loss.over(loss.plus(TWO))).times(left ? -1 : 1);
        }
      case SILU, GELU_TANH:
        {
          Gate g = Gate.of(f.kind(), a);
          Exact d = exp(g.v.negated(), 1).plus(ONE);
          Exact e = exp(g.v.negated(), scale).over(d);
          Exact loss = expm1(g.v.negated());
          if (order == 0) {
            return left ? e.times(x) : of(x).times(scale).over(d);
          }
          if (order == 1) {
            Exact t = e.over(d).times(d.minus(g.first.times(a)));
            return left ? t : of(scale).minus(t);
          }
          Exact bend = g.first.times(g.first).times(a).times(loss.over(loss.plus(TWO)));
          bend = bend.plus(g.first.times(2)).plus(g.second.times(a));
          return e.over(d).times(bend);
        }
      case GELU:
        {
          Exact half = of(a).times(a).times(-0.5);
          Exact e = exp(half, scale);
          if (order == 2) {
            return e.times(PHI_0).times(TWO.plus(half.times(2)));
          }
          Exact m = mills(a);
          Exact t = e.times(order == 0 ? m.times(a) : m.minus(PHI_0.times(a)));
          return order == 0
              ? (left ? t.negated() : of(x).times(scale).minus(t))
              : left ? t : of(scale).minus(t);
        }
      case ERF:
        {
          Exact e = exp(of(a).times(-a), scale).times(ERF_1);
          return order == 0 ? erf(a).times(left ? -1 : 1) : order == 1 ? e : e.times(x).times(-2);
        }
      default:
        throw new IllegalArgumentException(f + " is exact anyway");
    }
  }

  private static Exact reciprocal(int order, Exact x, double scale) {
    Exact r = of(scale).over(x);
    return order == 1 ? r : r.over(x).negated();
  }

  /**
   * The largest of the terms a derivative is a sum of, beside its own size: where they cancel, the
   * derivative is only as precise as they are.
   */
  private static double terms(Activation f, int order, double x, double scale) {
    double a = Math.min(Math.abs(x), FAR);
    switch (f.kind()) {
      case SILU, GELU_TANH:
        Gate g = Gate.of(f.kind(), a);
        double e = exp(g.v.negated(), scale).hi;
        return order == 1
            ? (x < 0 ? e * Math.max(1, a * g.first.hi) : scale) / 1.1
            : e * Math.max(2 * g.first.hi, a * g.first.hi * g.first.hi) / 4;
      case GELU:
        double q = exp(of(a).times(a).times(-0.5), scale).hi;
        return order == 1 ? (x < 0 ? q * Math.max(mills(a).hi, a * PHI_0.hi) : scale) : 0;
      default:
        return 0;
    }
  }

  /** How many ulps of its type a finite result is off; infinity counts as the next power of two. */
  static double ulps(Activation f, int order, double x, double actual, DType type) {
    double tiny = type == DType.F32 ? 0 : Math.abs(actual) < 0x1p-900 ? 1 : 0;
    double scale = tiny > 0 ? 0x1p200 : 1;
    Exact exact = at(f, order, x, scale);
    double largest = type == DType.F32 ? Float.MAX_VALUE : Double.MAX_VALUE;
    if (Math.abs(exact.hi) > largest) {
      boolean over = Math.abs(actual) > largest || Math.abs(actual) == largest;
      return over && Math.signum(exact.hi) == Math.signum(actual) ? 0 : Double.POSITIVE_INFINITY;
    }
    double size = Math.max(Math.abs(exact.hi), order == 0 ? 0 : terms(f, order, x, scale)) / scale;
    double ulp = type == DType.F32 ? Math.ulp((float) size) : Math.ulp(size);
    double limited = Double.isInfinite(actual) ? Math.copySign(largest, actual) : actual;
    double off = of(limited * scale).minus(exact).hi;
    return Math.abs(off) / (ulp * scale) + (Double.isInfinite(actual) ? 1 : 0);
  }
}
