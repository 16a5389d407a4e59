package dev.evolute.app.study.warmup;

import dev.evolute.app.study.Dense;
import dev.evolute.app.study.Progress;
import dev.evolute.spectral.CounterRandom;
import java.util.Arrays;

/**
 * Stochastic descent, one sample a step, on {@code f = (1/n) sum_i s (cosh <a_i, w> - 1)}: convex,
 * all samples with their minimum at 0 (interpolation), each {@code (s ||a||^2, ||a||^2)}-smooth.
 * Theorem 4.4 of paper 000 speaks of such sums.
 */
final class Interpolation {
  /** Points at which the means over repetitions are kept, evenly in the logarithm of k. */
  static final int POINTS = 60;

  private static final int SAMPLES = 10;
  private static final int DIMENSION = 5;

  /** Length of the start: the first losses are some tens of thousands times s. */
  private static final double START = 6;

  final double scale;
  final int steps;
  final Bound bound;
  final double distance = START;
  private final long seed;
  private final double[] a;

  /**
   * A sum of its own for each seed.
   *
   * @param scale s, the ratio of H0 to H1
   */
  Interpolation(double scale, int steps, long seed) {
    this.scale = scale;
    this.steps = steps;
    this.seed = seed;
    a = Dense.gaussian(seed, 1L << 36, SAMPLES * DIMENSION, 1);
    double largest = 0;
    for (int i = 0; i < SAMPLES; i++) {
      largest = Math.max(largest, Dense.dot(a, i * DIMENSION, a, i * DIMENSION, DIMENSION));
    }
    bound = new Bound(scale * largest, largest);
  }

  int samples() {
    return SAMPLES;
  }

  /** The gap at which Theorem 4.4 cuts: H0 / (2 n H1). */
  double cut() {
    return bound.h0() / (2 * SAMPLES * bound.h1());
  }

  /** The step of a recorded point. */
  int at(int point) {
    return CurvatureRun.at(point, steps - 1, POINTS);
  }

  private double inner(double[] w, int i) {
    return Dense.dot(a, i * DIMENSION, w, 0, DIMENSION);
  }

  private double gap(double[] w) {
    double sum = 0;
    for (int i = 0; i < SAMPLES; i++) {
      double half = Math.sinh(inner(w, i) / 2);
      sum += 2 * half * half;
    }
    return scale * sum / SAMPLES;
  }

  /**
   * What a step rule does on average: at the recorded points the mean gap, the running mean of cut
   * gaps, and the share of iterates so far above the cut.
   *
   * @param eta the constant step, or NaN for the step (1) of each sample
   * @return {@code [3][POINTS]}, of a constant step the first row only, or null where a run ran
   *     away
   */
  double[][] means(double eta, int repetitions, Progress progress) {
    double[][] result = new double[3][POINTS];
    for (int r = 0; r < repetitions && !progress.interrupted(); r++) {
      double[] w = Dense.gaussian(seed, (1L << 37) + r, DIMENSION, 1);
      double length = Math.sqrt(Dense.dot(w, 0, w, 0, DIMENSION));
      for (int j = 0; j < DIMENSION; j++) {
        w[j] *= START / length;
      }
      double cutSum = 0;
      long above = 0;
      int next = 0;
      boolean constant = !Double.isNaN(eta);
      for (int k = 0; k < steps; k++) {
        boolean recorded = next < POINTS && k == at(next);
        // The sums over all iterates are wanted of the step (1) alone.
        double gap = recorded || !constant ? gap(w) : 0;
        if (!(gap < 1e100)) {
          return null;
        }
        cutSum += Math.min(gap, cut());
        above += gap > cut() ? 1 : 0;
        if (recorded) {
          result[0][next] += gap / repetitions;
          result[1][next] += cutSum / (k + 1) / repetitions;
          result[2][next] += (double) above / (k + 1) / repetitions;
          next++;
        }
        int i = (int) (CounterRandom.uniform(seed, (1L << 38) + r, k) * SAMPLES);
        double z = inner(w, i);
        double half = Math.sinh(z / 2);
        double step = constant ? eta : Rates.step(bound, scale * 2 * half * half, 1);
        double factor = step * scale * Math.sinh(z);
        for (int j = 0; j < DIMENSION; j++) {
          w[j] -= factor * a[i * DIMENSION + j];
        }
      }
    }
    return result;
  }

  /**
   * The constant step whose mean gap at the end is least, among powers of the square root of 2
   * below twice the largest stable one at the minimum.
   */
  double bestConstant(int repetitions, Progress progress) {
    double best = Double.NaN;
    double least = Double.POSITIVE_INFINITY;
    for (int j = 0; j <= 60 && !progress.interrupted(); j++) {
      double eta = 4 / bound.h0() * Math.pow(2, -j / 2.0);
      double[][] means = means(eta, repetitions, progress);
      if (means != null && means[0][POINTS - 1] < least) {
        least = means[0][POINTS - 1];
        best = eta;
      }
    }
    return best;
  }

  /** The steps of the recorded points. */
  double[] abscissae() {
    double[] x = new double[POINTS];
    Arrays.setAll(x, this::at);
    return x;
  }
}
