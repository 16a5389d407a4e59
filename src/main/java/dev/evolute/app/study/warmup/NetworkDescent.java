package dev.evolute.app.study.warmup;

import dev.evolute.app.study.Progress;
import dev.evolute.kernels.Device;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/**
 * Descent on a deep linear network, whose minimum is known, from a poor start: with the step (1)
 * for the proven (H0, H1), with it and with ten times it for the least (H0, H1) above the curvature
 * seen, and with constant steps.
 */
final class NetworkDescent {
  /** Points of a recorded course. */
  static final int POINTS = 80;

  /** The norms of the layers at the start. */
  private static final double SCALE = 4;

  /** Recorded points at which curvature is looked at for the least (H0, H1). */
  private static final int LOOKS = 24;

  /** The gap aimed at, as a share of the first. */
  private static final double TARGET = 1e-4;

  /**
   * What came out.
   *
   * @param proven (H0, H1) of the proposition, for the gap
   * @param seen the least (H0, H1) above the curvature seen on the way
   * @param curvature {@code [2][LOOKS]}: gap and norm of the Hessian along the way
   * @param steps of the recorded points {@code [POINTS]}
   * @param gaps {@code [4][POINTS]}: proven, seen, ten times that, best constant; NaN where a run
   *     failed
   * @param slopes {@code [POINTS]}: the least squared gradient norm so far of the proven run
   * @param iterations {@code [4]} to the target, -1 where it is not reached
   * @param constant the best constant step
   */
  record Result(
      Bound proven,
      Bound seen,
      double[][] curvature,
      double[] steps,
      double[][] gaps,
      double[] slopes,
      double[] iterations,
      double constant) {

    double[][] state() {
      return new double[][] {
        {proven.h0(), proven.h1(), seen.h0(), seen.h1(), constant},
        curvature[0],
        curvature[1],
        steps,
        gaps[0],
        gaps[1],
        gaps[2],
        gaps[3],
        slopes,
        iterations
      };
    }

    static Result of(double[][] s) {
      return new Result(
          new Bound(s[0][0], s[0][1]),
          new Bound(s[0][2], s[0][3]),
          new double[][] {s[1], s[2]},
          s[3],
          new double[][] {s[4], s[5], s[6], s[7]},
          s[8],
          s[9],
          s[0][4]);
    }
  }

  private final SmallNetwork small;
  private final double least;
  private final int most;
  private final double[] start;
  private final double[] g;

  private NetworkDescent(SmallNetwork small, int most) {
    this.small = small;
    this.most = most;
    least = small.data.leastSquares(small.network.rank());
    start = small.draw(0, SCALE);
    g = new double[start.length];
  }

  /** Runs all of them, up to {@code most} steps each; null where the user interrupted. */
  static Result run(Device device, Case network, int most, Progress progress) {
    try (SmallNetwork small = new SmallNetwork(device, network, network.data())) {
      NetworkDescent run = new NetworkDescent(small, most);
      return run.all(progress);
    }
  }

  private Result all(Progress progress) {
    small.set(start);
    double first = small.gradient(g) - least;
    double target = TARGET * first;
    double top = small.hessianNorm().upper();
    double constant = Double.NaN;
    // The best of constant steps, from far above the stable one down.
    long fewest = most;
    for (int j = 0; j < 32 && !progress.interrupted(); j++) {
      double eta = 64 / top * Math.pow(2, -j / 4.0);
      long count = count(g -> eta, target, fewest - 1);
      if (count >= 0) {
        fewest = count;
        constant = eta;
      }
    }
    double chosen = Double.isNaN(constant) ? 1 / top : constant;
    double[][] curvature = curvature(chosen, fewest);
    Bound proven = Bound.deepLinearAboveMinimum(small.data, small.network.depth(), least);
    Bound seen = Bound.above(curvature[0], curvature[1]);
    DoubleUnaryOperator[] rules = {
      gap -> Rates.step(proven, gap, 1),
      gap -> Rates.step(seen, gap, 1),
      gap -> Rates.step(seen, gap, 10),
      gap -> chosen
    };
    double[] steps = new double[POINTS];
    Arrays.setAll(steps, p -> CurvatureRun.at(p, most, POINTS));
    double[][] courses = new double[rules.length][];
    double[] slopes = new double[POINTS];
    double[] iterations = new double[rules.length];
    for (int r = 0; r < rules.length; r++) {
      courses[r] = new double[POINTS];
      iterations[r] = course(rules[r], target, steps, courses[r], r == 0 ? slopes : null);
      if (progress.interrupted()) {
        return null;
      }
    }
    return new Result(proven, seen, curvature, steps, courses, slopes, iterations, chosen);
  }

  private long count(DoubleUnaryOperator eta, double target, long limit) {
    double[] theta = start.clone();
    double first = Double.NaN;
    for (long k = 0; k <= limit; k++) {
      double gap = step(theta, eta);
      first = k == 0 ? gap : first;
      if (gap <= target) {
        return k;
      }
      if (!(gap < 1e3 * first)) {
        return -1;
      }
    }
    return -1;
  }

  /** One step; the gap before it. */
  private double step(double[] theta, DoubleUnaryOperator eta) {
    small.set(theta);
    double gap = small.gradient(g) - least;
    double step = eta.applyAsDouble(Math.max(0, gap));
    for (int i = 0; i < theta.length; i++) {
      theta[i] -= step * g[i];
    }
    return gap;
  }

  private double course(
      DoubleUnaryOperator eta, double target, double[] steps, double[] gaps, double[] slopes) {
    double[] theta = start.clone();
    Arrays.fill(gaps, Double.NaN);
    double reached = -1;
    int next = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int k = 0; next < gaps.length; k++) {
      double gap = step(theta, eta);
      if (!(gap < Double.POSITIVE_INFINITY)) {
        break;
      }
      double square = 0;
      for (double v : g) {
        square += v * v;
      }
      least = Math.min(least, square);
      if (reached < 0 && gap <= target) {
        reached = k;
      }
      if (k == (int) steps[next]) {
        gaps[next] = gap;
        if (slopes != null) {
          slopes[next] = least;
        }
        next++;
      }
    }
    return reached;
  }

  private double[][] curvature(double eta, long length) {
    double[][] seen = new double[2][LOOKS];
    double[] theta = start.clone();
    int next = 0;
    for (int k = 0; next < LOOKS; k++) {
      double[] here = theta.clone();
      double gap = step(theta, gapHere -> eta);
      if (k == CurvatureRun.at(next, (int) Math.max(LOOKS, length), LOOKS)) {
        small.set(here);
        seen[0][next] = gap;
        seen[1][next] = small.hessianNorm().upper();
        next++;
      }
    }
    return seen;
  }
}
