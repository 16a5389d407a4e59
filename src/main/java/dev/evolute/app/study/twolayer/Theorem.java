package dev.evolute.app.study.twolayer;

import java.util.function.DoublePredicate;

/**
 * Theorem E.1 (Theorem 3.2 for c = 1/2, d = 2) at one start: the largest first step it allows, and
 * the bounds that hold along the way from {@code eta_0 = 0.99 eta_max}. The paper keeps {@code
 * exp(sqrt(eta_0))} for every c; its proof needs {@code exp(eta_0^c)}, which is used here.
 *
 * @param at constants of the start
 * @param c in (0, 1)
 * @param d above 1
 * @param eta1 root of (101)
 * @param eta2 least root of (102) above 1e-12 of the other two, infinite if there is none below
 *     them; that none is smaller is proved by intervals
 * @param eta3 where mu-bar turns 0
 * @param eta0 the first step
 * @param spread {@code exp(eta_0^c) - 1}
 * @param muBar mu-bar: no mu_t is below it
 * @param rhoBar rho-bar(eta_0, 0), by which each step shrinks the loss at least
 * @param growth {@code 1 + eta_0^d}
 */
record Theorem(
    Constants at,
    double c,
    double d,
    double eta1,
    double eta2,
    double eta3,
    double eta0,
    double spread,
    double muBar,
    double rhoBar,
    double growth) {
  private static final double SHARE = 0.99;
  private static final double SCAN_FROM = 1e-12;

  /** Widest and narrowest ratio of an interval's ends. */
  private static final double WIDE = 2;

  private static final double NARROW = 1 + 1e-9;

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
    if (!(slack(at, c, d, SCAN_FROM * most) > 0)) {
      if (d >= 2) {
        throw new IllegalStateException("no first step satisfies (102) for c = " + c + ", d = 2");
      }
      return of(at, c, 2);
    }
    double eta2 = secondRoot(at, c, d, most);
    double eta0 = SHARE * Math.min(most, eta2);
    double spread = spread(c, eta0);
    double muBar = muBar(at, spread);
    double rhoBar = 1 - 2 * muBar * eta0 + muBar * bound(at, spread, eta0, 1, 1) * eta0 * eta0;
    return new Theorem(
        at, c, d, eta1, eta2, eta3, eta0, spread, muBar, rhoBar, 1 + Math.pow(eta0, d));
  }

  /**
   * The first root of (102) on the way up to {@code most}, or infinity. An interval is passed when
   * a lower bound of the slack is positive on all of it, halved on a logarithmic scale while it is
   * not; one that is narrow and cannot be passed has a root, or the slack all but touches zero
   * there.
   */
  private static double secondRoot(Constants at, double c, double d, double most) {
    double ratio = WIDE;
    for (double below = SCAN_FROM * most; below < most; ) {
      double above = Math.min(most, below * ratio);
      if (leastSlack(at, c, d, below, above) > 0) {
        below = above;
        ratio = Math.min(WIDE, ratio * ratio);
      } else if (ratio > NARROW) {
        ratio = Math.sqrt(ratio);
      } else {
        return lastWhere(eta -> slack(at, c, d, eta) > 0, below, above);
      }
    }
    return Double.POSITIVE_INFINITY;
  }

  /** The root of {@code eta Kbar_0(eta) = 1}, whose left side grows. */
  private static double firstRoot(Constants at, double c) {
    return lastWhere(
        eta -> eta * bound(at, spread(c, eta), eta, 1, 1) < 1,
        0,
        1 / (at.smoothness() * at.alpha2()));
  }

  /**
   * Where a condition that holds at {@code from} and not at {@code to} holds last, by bisection.
   */
  private static double lastWhere(DoublePredicate holds, double from, double to) {
    double low = from;
    double high = to;
    for (double mid = 0.5 * (low + high); low < mid && mid < high; mid = 0.5 * (low + high)) {
      if (holds.test(mid)) {
        low = mid;
      } else {
        high = mid;
      }
    }
    return low;
  }

  /** Right side of (102) less its left side, over eta. */
  private static double slack(Constants at, double c, double d, double eta) {
    return leastSlack(at, c, d, eta, eta);
  }

  /**
   * No slack on [low, high] is smaller: mu-bar falls with eta and what else (102) is made of rises,
   * so that each is taken at the end that makes it smaller.
   */
  private static double leastSlack(Constants at, double c, double d, double low, double high) {
    double spreadLow = spread(c, low);
    double spreadHigh = low == high ? spreadLow : spread(c, high);
    double muBarLow = muBar(at, spreadHigh);
    double muBarHigh = muBar(at, spreadLow);
    double bound = bound(at, spreadHigh, high, 1, 1);
    double rho = 1 - 2 * muBarLow * low + muBarHigh * bound * high * high;
    double contracted = 2 * muBarLow - muBarHigh * bound * high - Math.pow(high, d - 1) * rho;
    // 1 - exp(-eta^c) is spread / (1 + spread), without a second exponential.
    return spreadLow / (1 + spreadLow) * contracted - 4 * at.smoothness() * at.loss() * high;
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

  /** K-bar_t: no K_t is above it. */
  double kBar(int t) {
    return bound(at, spread, eta0, Math.pow(rhoBar, t), Math.pow(growth * rhoBar, t));
  }

  /** rho-bar(eta, t). */
  double rhoBar(double eta, int t) {
    return 1 - 2 * muBar * eta + muBar * kBar(t) * eta * eta;
  }

  /** The largest step that (103) allows at t for its growth alone. */
  double grown(int t) {
    return t == 0 ? eta0 : eta0 * Math.pow(growth, 0.5 * t);
  }

  /** Upper bound of (22) on sigma_max^2(T_t). */
  double sigmaMax2() {
    return at.alpha2() * (1 + spread);
  }

  /** Lower bound of (22) on sigma_min^2(T_t). */
  double sigmaMin2() {
    return muBar / at.convexity();
  }

  /** A3: how far the imbalance may move in Frobenius norm. */
  double imbalance() {
    return 2 * at.smoothness() * eta0 * eta0 * sigmaMax2() * at.loss() / (1 - growth * rhoBar);
  }
}
