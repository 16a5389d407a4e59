package dev.evolute.app.study.warmup;

/**
 * The (H0, H1) of a proposition of paper 000: {@code ||Hess f|| <= H0 + H1 g}, where g is the loss,
 * the loss less its minimum, or a power of it, as the proposition says.
 *
 * @param h0 what is left where g is 0
 * @param h1 growth with g
 */
record Bound(double h0, double h1) {
  double at(double g) {
    return h0 + h1 * g;
  }

  /**
   * Equations (4), (5) and (6), Proposition 3.1: deep linear networks of strongly balanced layers,
   * for g the loss itself: {@code 2 H0bar + H1 + H1 f}, which is (5) with f* on the other side.
   */
  static Bound deepLinear(SmallData data, int depth) {
    return new Bound(
        2 * deepLinearBar(data, depth) + deepLinearSlope(data, depth),
        deepLinearSlope(data, depth));
  }

  /** (5) and (6) as they stand, for g the loss less its minimum. */
  static Bound deepLinearAboveMinimum(SmallData data, int depth, double least) {
    double h1 = deepLinearSlope(data, depth);
    return new Bound(2 * deepLinearBar(data, depth) + h1 * (1 + least), h1);
  }

  /** The proof's step before, for g the power (l - 1) / l of the loss: (4) and (6). */
  static Bound deepLinearPower(SmallData data, int depth) {
    return new Bound(deepLinearBar(data, depth), deepLinearSlope(data, depth));
  }

  /** (4). */
  private static double deepLinearBar(SmallData data, int l) {
    double y = data.targetNorm();
    return 4.0
        * l
        * l
        * (first(data, l) * Math.pow(y, (2.0 * l - 2) / l) * square(data.norm())
            + second(data, l) * Math.pow(y, (l - 2.0) / l) * data.norm());
  }

  /** (6). */
  private static double deepLinearSlope(SmallData data, int l) {
    double x = data.norm();
    double b = second(data, l);
    return 4.0
        * l
        * l
        * (first(data, l) * x * x + b * x + b * Math.pow(data.targetNorm(), (l - 2.0) / l) * x);
  }

  private static double first(SmallData data, int l) {
    double q = 2 * Math.pow(data.inputs(), (l - 1) / 2.0);
    return Math.pow(q, (2.0 * l - 2) / l) * Math.pow(data.least(), -(2.0 * l - 2) / (2 * l));
  }

  private static double second(SmallData data, int l) {
    double q = 2 * Math.pow(data.inputs(), (l - 1) / 2.0);
    return Math.pow(q, (l - 2.0) / l) * Math.pow(data.least(), -(l - 2.0) / (2 * l));
  }

  /**
   * (17) and (18), Proposition 3.2: one leaky ReLU below the output layer.
   *
   * @param h smallest eigenvalue of {@code W_1^T W_1}
   * @param b slope left of zero
   */
  static Bound oneLeaky(SmallData data, int l, double h, double b) {
    double x = data.norm();
    double y2 = square(data.targetNorm());
    double r = 4 * Math.pow(data.inputs(), l - 2) / (h * b * b * data.least());
    double t = (l - 2.0) / (2 * l - 2);
    double both = 2 * Math.pow(r * y2, t) * x + 2 * Math.pow(r, t) * x;
    return new Bound(l * l * (4 * r * y2 * x * x + both), l * l * (4 * r * x * x + both));
  }

  /**
   * Proposition C.1, leaky ReLUs below every layer but the first, for g the power l - 1 of the
   * loss.
   *
   * @param product {@code prod_{i<l} h_i b_i^2}, h_i the smallest eigenvalue of {@code W_i^T W_i}
   */
  static Bound allLeaky(SmallData data, int l, double product) {
    double x = data.norm();
    double root = Math.sqrt(data.least() * product);
    double r = 2 * data.targetNorm() / root;
    double s = 2 / root;
    double pairs = 2.0 * l * (l - 1);
    double squares = 2.0 * l * l;
    double h1 =
        pairs * (Math.pow(r, l - 2) + Math.pow(s, l - 2)) * x
            + squares * Math.pow(s, 2 * l - 2) * x * x;
    return new Bound(h1 + 2 * squares * Math.pow(r, 2 * l - 2) * x * x, h1);
  }

  /** (31) and (32), the statement of Proposition 3.3: squared error with L2 penalties. */
  static Bound penalisedSquares(SmallData data, Smooth phi, double lambda1, double lambda2) {
    double x = data.norm();
    double x2 = x * x;
    return new Bound(
        2 * phi.c2() * x + lambda1 + lambda2,
        4 / lambda1 * (2 * square(phi.c2()) + phi.c3() + 2 * phi.c1() * phi.c2()) * x2
            + 8 / lambda2 * (square(phi.c1()) + phi.c1() * phi.c2()) * x2
            + 2 * phi.c3() * x2
            + 2 * phi.c2() * x);
  }

  /** The pair at the end of the proof of Proposition 3.3, which is another one. */
  static Bound penalisedSquaresProof(SmallData data, Smooth phi, double lambda1, double lambda2) {
    double x = data.norm();
    double x2 = x * x;
    return new Bound(
        4 * phi.c2() * x + 2 * (lambda1 + lambda2),
        4 / lambda1 * (2 * square(phi.c2()) + phi.c3() + 4 * phi.c1() * phi.c2()) * x2
            + 8 / lambda2 * (square(phi.c1()) + 2 * phi.c1() * phi.c2()) * x2
            + 2 * phi.c3() * x2
            + 4 * phi.c2() * x);
  }

  /**
   * What the same proof gives when the off-diagonal block counts once, as it does in the norm of a
   * 2 x 2 block matrix, and with {@code sqrt f <= (1 + f) / 2}: half of (31) and (32), but for the
   * penalties, of which the larger counts.
   */
  static Bound penalisedSquaresSharp(SmallData data, Smooth phi, double lambda1, double lambda2) {
    Bound printed = penalisedSquares(data, phi, lambda1, lambda2);
    return new Bound(Math.max(lambda1, lambda2) + phi.c2() * data.norm(), printed.h1() / 2);
  }

  /** (36) and (37), Proposition 3.4: binary cross-entropy with L2 penalties. */
  static Bound penalisedLogistic(SmallData data, Smooth phi, double lambda1, double lambda2) {
    double x = data.norm();
    double x2 = x * x;
    double mixed = 2 * phi.c1() * phi.c2();
    return new Bound(
        lambda1 + lambda2,
        2 / lambda1 * (square(phi.c2()) + phi.c3() + mixed) * x2
            + 2 / lambda2 * (square(phi.c1()) + mixed) * x2
            + 2 * phi.c2() * x
            + phi.c3() * x2);
  }

  /**
   * The line above all points that lies least above them in all: the least (H0, H1) seen.
   *
   * @param g abscissae, not negative
   * @param curvature ordinates, positive
   */
  static Bound above(double[] g, double[] curvature) {
    Bound best = null;
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < g.length; i++) {
      for (int j = 0; j <= i; j++) {
        double slope = j == i ? 0 : (curvature[i] - curvature[j]) / (g[i] - g[j]);
        if (!(slope >= 0 && slope < Double.POSITIVE_INFINITY)) {
          continue;
        }
        double h0 = 0;
        for (int k = 0; k < g.length; k++) {
          h0 = Math.max(h0, curvature[k] - slope * g[k]);
        }
        double excess = 0;
        for (int k = 0; k < g.length; k++) {
          excess += h0 + slope * g[k] - curvature[k];
        }
        if (excess < least) {
          least = excess;
          best = new Bound(h0, slope);
        }
      }
    }
    return best;
  }

  private static double square(double a) {
    return a * a;
  }
}
