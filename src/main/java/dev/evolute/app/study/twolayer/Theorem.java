package dev.evolute.app.study.twolayer;

/**
 * Theorem E.1 (Theorem 3.2 for c = 1/2, d = 2) at one start: the largest first step it allows, and
 * the bounds that hold along the way from {@code eta_0 = 0.99 eta_max}. The paper keeps {@code
 * exp(sqrt(eta_0))} for every c; its proof needs {@code exp(eta_0^c)}, which is used here.
 *
 * @param at constants of the start
 * @param c in (0, 1)
 * @param d above 1
 * @param eta1 root of (101)
 * @param eta2 least positive root of (102), infinite if there is none below the other two
 * @param eta3 where mu-bar turns 0
 * @param eta0 the first step
 */
record Theorem(
    Constants at, double c, double d, double eta1, double eta2, double eta3, double eta0) {
  private static final double SHARE = 0.99;
  private static final int SCAN = 4000;
  private static final double SCAN_FROM = 1e-12;

  /**
   * Finds the first step. Where d leaves none, which happens for d near 1 and a small mu alpha_1, d
   * = 2 is taken.
   *
   * @throws IllegalStateException if alpha_1 is not positive, so that the theorem says nothing
   */
  static Theorem of(Constants at, double c, double d) {
    if (!(at.alpha1() > 0)) {
      throw new IllegalStateException(
          "Theorem 3.2 needs alpha_1 > 0, which is " + at.alpha1() + " at this start");
    }
    double eta3 = Math.pow(Math.log1p(at.alpha1() / (2 * at.alpha2())), 1 / c);
    double eta1 = firstRoot(at, c);
    double most = Math.min(eta1, eta3);
    double below = SCAN_FROM * most;
    if (!(slack(at, c, d, below) > 0)) {
      if (d >= 2) {
        throw new IllegalStateException("no first step satisfies (102) for c = " + c + ", d = 2");
      }
      return of(at, c, 2);
    }
    double eta2 = Double.POSITIVE_INFINITY;
    double ratio = Math.pow(SCAN_FROM, -1.0 / SCAN);
    for (int i = 1; i <= SCAN; i++) {
      double above = below * ratio;
      if (slack(at, c, d, above) < 0) {
        eta2 = bisect(at, c, d, below, above);
        break;
      }
      below = above;
    }
    return new Theorem(at, c, d, eta1, eta2, eta3, SHARE * Math.min(most, eta2));
  }

  /** The root of {@code eta Kbar_0(eta) = 1}, whose left side grows. */
  private static double firstRoot(Constants at, double c) {
    double low = 0;
    double high = 1 / (at.smoothness() * at.alpha2());
    for (int i = 0; i < 200; i++) {
      double mid = 0.5 * (low + high);
      if (mid * bound(at, spread(c, mid), mid, 1, 1) < 1) {
        low = mid;
      } else {
        high = mid;
      }
    }
    return low;
  }

  private static double bisect(Constants at, double c, double d, double from, double to) {
    double low = from;
    double high = to;
    for (int i = 0; i < 100; i++) {
      double mid = 0.5 * (low + high);
      if (slack(at, c, d, mid) > 0) {
        low = mid;
      } else {
        high = mid;
      }
    }
    return low;
  }

  /** Right side of (102) less its left side, over eta. */
  private static double slack(Constants at, double c, double d, double eta) {
    double spread = spread(c, eta);
    double muBar = muBar(at, spread);
    double bound = bound(at, spread, eta, 1, 1);
    double rho = 1 - 2 * muBar * eta + muBar * bound * eta * eta;
    double contracted = 2 * muBar - muBar * bound * eta - Math.pow(eta, d - 1) * rho;
    // 1 - exp(-eta^c) is spread / (1 + spread), without a second exponential.
    return spread / (1 + spread) * contracted - 4 * at.smoothness() * at.loss() * eta;
  }

  /**
   * {@code exp(eta^c) - 1}, by which the spectra of T_t may drift from their bounds at the start.
   */
  private static double spread(double c, double eta) {
    return Math.expm1(Math.pow(eta, c));
  }

  private static double muBar(Constants at, double spread) {
    return at.convexity() * (at.alpha1() - 2 * at.alpha2() * spread);
  }

  /** K-bar_t, with {@code rhoT = rho-bar^t} and {@code qT = ((1 + eta_0^d) rho-bar)^t}. */
  private static double bound(Constants at, double spread, double eta, double rhoT, double qT) {
    double k = at.smoothness();
    double l = at.loss();
    return Math.sqrt(2 * k * l * rhoT)
        + 6 * k * k * at.beta2() * l * eta * eta * qT
        + k * (1 + spread) * at.alpha2() * (1 + 3 * Math.sqrt(2 * k * l * qT) * eta);
  }

  /** mu-bar: no mu_t is below it. */
  double muBar() {
    return muBar(at, spread(c, eta0));
  }

  /** K-bar_t: no K_t is above it. */
  double kBar(int t) {
    double rho = rhoBar();
    return bound(at, spread(c, eta0), eta0, Math.pow(rho, t), Math.pow(growth() * rho, t));
  }

  /** rho-bar(eta_0, 0), by which each step shrinks the loss at least. */
  double rhoBar() {
    double spread = spread(c, eta0);
    double muBar = muBar(at, spread);
    return 1 - 2 * muBar * eta0 + muBar * bound(at, spread, eta0, 1, 1) * eta0 * eta0;
  }

  /** rho-bar(eta, t). */
  double rhoBar(double eta, int t) {
    double muBar = muBar();
    return 1 - 2 * muBar * eta + muBar * kBar(t) * eta * eta;
  }

  /** {@code 1 + eta_0^d}. */
  double growth() {
    return 1 + Math.pow(eta0, d);
  }

  /** The largest step that (103) allows at t for its growth alone. */
  double grown(int t) {
    return t == 0 ? eta0 : eta0 * Math.pow(growth(), 0.5 * t);
  }

  /** Upper bound of (22) on sigma_max^2(T_t). */
  double sigmaMax2() {
    return at.alpha2() * (1 + spread(c, eta0));
  }

  /** Lower bound of (22) on sigma_min^2(T_t). */
  double sigmaMin2() {
    return muBar() / at.convexity();
  }

  /** A3: how far the imbalance may move in Frobenius norm. */
  double imbalance() {
    return 2 * at.smoothness() * eta0 * eta0 * sigmaMax2() * at.loss() / (1 - growth() * rhoBar());
  }
}
