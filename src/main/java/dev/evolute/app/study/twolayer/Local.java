package dev.evolute.app.study.twolayer;

/**
 * Theorem 3.1 at one iterate.
 *
 * @param smoothness K
 * @param convexity mu
 * @param loss L(t)
 * @param outer {@code ||grad l(W)||_F}
 * @param squared {@code ||grad L(W_1, W_2)||_F^2}
 * @param sigmaMin2 sigma_min^2(T_t)
 * @param sigmaMax2 sigma_max^2(T_t)
 * @param wMin sigma_min(W(t))
 * @param wMax sigma_max(W(t))
 */
record Local(
    double smoothness,
    double convexity,
    double loss,
    double outer,
    double squared,
    double sigmaMin2,
    double sigmaMax2,
    double wMin,
    double wMax) {

  /** mu_t (11). */
  double mu() {
    return convexity * sigmaMin2;
  }

  /** K_t (12), which depends on the step. */
  double k(double eta) {
    double root = Math.sqrt(2 * smoothness * loss);
    double s = smoothness * sigmaMax2;
    return s + root + 3 * s * root * eta + 6 * smoothness * smoothness * wMax * loss * eta * eta;
  }

  /** rho(eta, t) (10). */
  double rho(double eta) {
    return 1 - 2 * mu() * eta + mu() * k(eta) * eta * eta;
  }

  /** The same with a loss that is measured in other units. */
  Local lifted(double factor) {
    return factor == 1
        ? this
        : new Local(
            smoothness,
            convexity,
            loss * factor,
            outer * Math.sqrt(factor),
            squared * factor,
            sigmaMin2,
            sigmaMax2,
            wMin,
            wMax);
  }

  /** {@code 1 / K_t} where K_t is that of the step itself: the root of {@code eta K_t(eta) = 1}. */
  double inverse() {
    double root = Math.sqrt(2 * smoothness * loss);
    double s = smoothness * sigmaMax2;
    double eta = risingRoot(6 * smoothness * smoothness * wMax * loss, 3 * s * root, s + root, 1);
    // On the safe side of rounding.
    return eta * k(eta) <= 1 ? eta : eta * (1 - 0x1p-50);
  }

  /**
   * The positive root of {@code a x^3 + b x^2 + c x = d}, all positive, a and b perhaps 0: Newton's
   * method from the right, where the left side is convex.
   */
  static double risingRoot(double a, double b, double c, double d) {
    double x = d / c;
    for (int i = 0; i < 100; i++) {
      double next = x - (((a * x + b) * x + c) * x - d) / ((3 * a * x + 2 * b) * x + c);
      if (!(next < x)) {
        break;
      }
      x = next;
    }
    return x;
  }
}
