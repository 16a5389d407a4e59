package dev.evolute.app.study.warmup;

import java.util.function.DoubleUnaryOperator;

/**
 * A function of one variable with its minimum at 0 and what is known of it.
 *
 * @param title its name
 * @param bound its (H0, H1), for g the value less {@code least}
 * @param least its least value f*
 * @param mu constant of the Polyak-Lojasiewicz condition, 0 where there is none
 * @param aiming constant of the Aiming condition, 1 where it is convex
 * @param value f
 * @param slope f'
 * @param curvature f'', of the right-hand side where it jumps
 */
record Scalar(
    String title,
    Bound bound,
    double least,
    double mu,
    double aiming,
    DoubleUnaryOperator value,
    DoubleUnaryOperator slope,
    DoubleUnaryOperator curvature) {

  /** {@code f(w) - f*}. */
  double gap(double w) {
    return value.applyAsDouble(w) - least;
  }

  double slope(double w) {
    return slope.applyAsDouble(w);
  }

  double curvature(double w) {
    return curvature.applyAsDouble(w);
  }

  /** The point above 0 where the value is {@code level}, by bisection. */
  double at(double level) {
    double high = 1;
    while (value.applyAsDouble(high) < level) {
      high *= 2;
    }
    double low = 0;
    for (int i = 0; i < 200 && low < high; i++) {
      double middle = 0.5 * (low + high);
      if (middle == low || middle == high) {
        break;
      }
      if (value.applyAsDouble(middle) < level) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return high;
  }

  /** {@code scale f(stretch w) + shift}: still in the class, by Propositions B.2 and B.3. */
  Scalar moved(double scale, double stretch, double shift) {
    double s2 = stretch * stretch;
    return new Scalar(
        title,
        new Bound(scale * s2 * bound.h0(), s2 * bound.h1()),
        scale * least + shift,
        scale * s2 * mu,
        aiming,
        w -> scale * value.applyAsDouble(stretch * w) + shift,
        w -> scale * stretch * slope.applyAsDouble(stretch * w),
        w -> scale * s2 * curvature.applyAsDouble(stretch * w));
  }

  /**
   * The steep function of Theorem 4.1's proof: {@code e^(sqrt(H1)|w| - 1)} beyond {@code 1 /
   * sqrt(H1)}, {@code H1 w^2 / 2 + 1/2} between. Its curvature at the minimum is H1, so that H0 is
   * no smaller; it is strongly convex with the same constant.
   */
  static Scalar exponential(double h1) {
    double root = Math.sqrt(h1);
    return new Scalar(
        "exponential",
        new Bound(h1, h1),
        0.5,
        h1,
        1,
        w -> {
          double z = root * Math.abs(w);
          return z <= 1 ? 0.5 * z * z + 0.5 : Math.exp(z - 1);
        },
        w -> {
          double z = root * Math.abs(w);
          return Math.signum(w) * root * (z <= 1 ? z : Math.exp(z - 1));
        },
        w -> {
          double z = root * Math.abs(w);
          return h1 * (z <= 1 ? 1 : Math.exp(z - 1));
        });
  }

  /**
   * The function with a runway, (53): quadratic to delta, then a line to 1, then exponential.
   *
   * @param h0 curvature at the minimum
   * @param delta gap where the runway ends, below 1
   */
  static Scalar runway(double h0, double h1, double delta) {
    double m = Math.sqrt(2 * h0 * delta);
    double x1 = Math.sqrt(2 * delta / h0);
    double x2 = x1 + (1 - delta) / m;
    double a = m / Math.sqrt(h1);
    double root = Math.sqrt(h1);
    return new Scalar(
        "runway",
        // Beyond the runway f'' = H1 (f - 1 + A).
        new Bound(Math.max(h0, h1 * Math.max(0, a - 1)), h1),
        0,
        0,
        1,
        w -> {
          double z = Math.abs(w);
          return z <= x1
              ? 0.5 * h0 * z * z
              : z <= x2 ? m * (z - x1) + delta : a * Math.expm1(root * (z - x2)) + 1;
        },
        w -> {
          double z = Math.abs(w);
          double s = z <= x1 ? h0 * z : z <= x2 ? m : a * root * Math.exp(root * (z - x2));
          return Math.signum(w) * s;
        },
        w -> {
          double z = Math.abs(w);
          return z < x1 ? h0 : z < x2 ? 0 : a * h1 * Math.exp(root * (z - x2));
        });
  }

  /**
   * The strongly convex function (54): {@code mu w^2 / 2} to the value c, then exponential.
   *
   * @param c value where the parts meet, at least {@code mu / (2 H1)}
   */
  static Scalar quadraticThenExponential(double mu, double h1, double c) {
    double meet = Math.sqrt(2 * c / mu);
    double a = Math.sqrt(2 * c * mu / h1);
    double root = Math.sqrt(h1);
    return new Scalar(
        "quadratic, then exponential",
        new Bound(Math.max(mu, h1 * (a - c)), h1),
        0,
        mu,
        1,
        w -> {
          double z = Math.abs(w);
          return z <= meet ? 0.5 * mu * z * z : a * Math.expm1(root * (z - meet)) + c;
        },
        w -> {
          double z = Math.abs(w);
          return Math.signum(w) * (z <= meet ? mu * z : a * root * Math.exp(root * (z - meet)));
        },
        w -> {
          double z = Math.abs(w);
          return z < meet ? mu : a * h1 * Math.exp(root * (z - meet));
        });
  }

  /** {@code cosh w}: (1, 1) in both senses, (L0, L1) and (H0, H1). */
  static Scalar cosh() {
    return new Scalar("cosh", new Bound(1, 1), 1, 1, 1, Math::cosh, Math::sinh, Math::cosh);
  }

  /** {@code w^4 / 4}: {@code 3 w^2 <= 9 + w^4 / 4}. */
  static Scalar quartic() {
    return new Scalar(
        "quartic",
        new Bound(9, 1),
        0,
        0,
        1,
        w -> w * w * w * w / 4,
        w -> w * w * w,
        w -> 3 * w * w);
  }

  /** {@code e^w - w - 1}: {@code e^w <= 2 log 2 + 2 (e^w - w - 1)}. */
  static Scalar expLinear() {
    return new Scalar(
        "exp less linear",
        new Bound(2 * Math.log(2), 2),
        0,
        0,
        1,
        w -> Math.expm1(w) - w,
        Math::expm1,
        Math::exp);
  }

  /** A parabola {@code h w^2 / 2}, of bounded curvature. */
  static Scalar parabola(double h) {
    return new Scalar(
        "parabola", new Bound(h, 0), 0, h, 1, w -> 0.5 * h * w * w, w -> h * w, w -> h);
  }

  /**
   * {@code cosh w - 1 + 3 sin^2 w}, curved downwards near {@code pi / 2} and yet with one
   * stationary point: {@code |f''| <= cosh w + 6 <= 7 + f}. Its constants of the Aiming and the
   * Polyak-Lojasiewicz condition are the least ratios on a fine grid up to 8, less a hundredth;
   * beyond, both ratios grow.
   */
  static Scalar wavy() {
    DoubleUnaryOperator value = w -> 2 * square(Math.sinh(w / 2)) + 3 * square(Math.sin(w));
    DoubleUnaryOperator slope = w -> Math.sinh(w) + 3 * Math.sin(2 * w);
    double aiming = Double.POSITIVE_INFINITY;
    double mu = Double.POSITIVE_INFINITY;
    for (int i = 1; i <= 80_000; i++) {
      double w = 1e-4 * i;
      double f = value.applyAsDouble(w);
      double s = slope.applyAsDouble(w);
      aiming = Math.min(aiming, w * s / f);
      mu = Math.min(mu, s * s / (2 * f));
    }
    return new Scalar(
        "not convex",
        new Bound(7, 1),
        0,
        0.99 * mu,
        Math.min(1, 0.99 * aiming),
        value,
        slope,
        w -> Math.cosh(w) + 6 * Math.cos(2 * w));
  }

  private static double square(double a) {
    return a * a;
  }
}
