package dev.evolute.app.study.warmup;

/** How many iterations the theorems of paper 000 allow or ask for. */
final class Rates {
  private Rates() {}

  /** The step (1) times theta: {@code theta / (10 H0 + 20 H1 (f - f*))}. */
  static double step(Bound bound, double gap, double theta) {
    return theta / (10 * bound.h0() + 20 * bound.h1() * gap);
  }

  /**
   * Theorem 4.2: iterations to a gap, at most.
   *
   * @param distance from the start to the minimisers
   */
  static double aiming(Bound bound, double distance, double theta, double gap) {
    double d2 = distance * distance / (theta * theta);
    return 20 * bound.h0() * d2 / gap + 40 * bound.h1() * d2;
  }

  /** Theorem 4.3: the same under the Polyak-Lojasiewicz condition. */
  static double gradientDominated(Bound bound, double mu, double start, double gap) {
    double turn = bound.h0() / (2 * bound.h1());
    double first = Math.max(0, 40 * bound.h1() * start / mu - 20 * bound.h0() / mu);
    return first + 20 * bound.h0() / mu * Math.max(0, Math.log(Math.min(start, turn) / gap));
  }

  /**
   * Both together, for functions that both are about: the large values by Theorem 4.2's count, the
   * small ones by Theorem 4.3's.
   */
  static double both(Bound bound, double mu, double distance, double start, double gap) {
    double turn = bound.h0() / (2 * bound.h1());
    double first = start > turn ? 40 * bound.h1() * distance * distance : 0;
    return first + 20 * bound.h0() / mu * Math.max(0, Math.log(Math.min(start, turn) / gap));
  }

  /** Theorem F.1: the least squared gradient norm of K iterates, at most. */
  static double stationary(Bound bound, double start, long k) {
    double h1 = bound.h1() * start;
    double denominator =
        1 + 10 * h1 * (k - 1.0) * (k - 2.0) / ((double) k * k * (10 * bound.h0() + 20 * h1));
    return 20 * (bound.h0() + 2 * h1) * start / k / denominator;
  }

  /** Theorem F.2: factor of the gap in one step while it is at least H0 / (2 H1). */
  static double linear(Bound bound, double distance, double theta) {
    return 1 - theta * theta * theta / (80 * bound.h1() * distance * distance);
  }

  /** (52): beyond this step, descent on {@link Scalar#exponential} diverges from the value m. */
  static double divergence(double h1, double m) {
    return 2 * (Math.log(m) + 1) / (m * h1);
  }

  /**
   * Theorem 4.1 as printed, its f(w_0) - f* being m throughout.
   *
   * @param what 1 for general functions and a gradient norm, 2 for convex functions and a gap, 3
   *     under the Polyak-Lojasiewicz condition
   * @param epsilon the gradient norm or gap
   * @param mu for 3
   */
  static double constantPrinted(int what, double h1, double m, double epsilon, double mu) {
    double steep = h1 * m / (Math.log(m) + 1);
    return switch (what) {
      case 1 -> steep * (m - 2 * epsilon * epsilon) / (8 * epsilon * epsilon);
      case 2 -> steep * (m - epsilon) / (4 * epsilon);
      default -> steep / (4 * mu) * Math.log(m / epsilon);
    };
  }

  /**
   * What the proof of Theorem 4.1 gives: the runway is 1 high and H0 is the curvature at its end;
   * and {@code log(1 - z) <= -z} works the other way in the last case.
   *
   * @param h0 of the runway
   * @param start gap that the last case starts from
   */
  static double constantCorrected(
      int what, double h0, double h1, double m, double epsilon, double mu, double start) {
    double eta = divergence(h1, m);
    return switch (what) {
      case 1 -> (1 - 2 * epsilon * epsilon / h0) / (4 * eta * epsilon * epsilon);
      case 2 -> (1 - epsilon) / (2 * eta * h0 * epsilon);
      default -> (1 / (2 * eta * mu) - 0.5) * Math.log(start / epsilon);
    };
  }

  /**
   * Iterations any constant step needs that converges on {@link Scalar#exponential} from all values
   * up to m: it is below (52), and from the edge of the quadratic part it shrinks the distance by
   * {@code 1 - eta H1} a step.
   */
  static double constantNeeds(double h1, double m, double gap) {
    double share = divergence(h1, m) * h1;
    return share < 1 ? Math.log(0.5 / gap) / (-2 * Math.log1p(-share)) : 0;
  }

  /** Theorem 4.4: the mean of the cut gaps of K + 1 iterates, at most. */
  static double stochastic(Bound bound, double distance, double theta, long k) {
    return 20 * bound.h0() * distance * distance / (theta * theta * (k + 1.0));
  }

  /**
   * Iterates whose gap is above H0 / (2 n H1), at most, by Markov's inequality from Theorem 4.4, as
   * a share of K + 1.
   *
   * @param printed with H0 where H1 must stand
   */
  static double failures(Bound bound, double distance, int n, long k, boolean printed) {
    double h = printed ? bound.h0() : bound.h1();
    return 40 * n * h * distance * distance / (k + 1.0);
  }
}
