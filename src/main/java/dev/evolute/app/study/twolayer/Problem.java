package dev.evolute.app.study.twolayer;

import dev.evolute.app.study.Dense;

/**
 * {@code l(W) = sum_i phi(x_i W) + penalty/2 ||W||_F^2}, less its minimum: K-smooth, mu-strongly
 * convex and 0 at its minimiser, as Assumptions 2.1 and 2.2 ask.
 *
 * @param kind phi
 * @param samples N
 * @param n inputs
 * @param m outputs
 * @param penalty of the squared entries of W
 * @param x inputs {@code [N x n]}
 * @param y targets {@code [N x m]}
 * @param means predicted means at the minimiser {@code [N x m]}
 * @param minimiser W* {@code [n x m]}
 * @param smoothness K
 * @param convexity mu
 */
record Problem(
    Kind kind,
    int samples,
    int n,
    int m,
    double penalty,
    double[] x,
    double[] y,
    double[] means,
    double[] minimiser,
    double smoothness,
    double convexity) {

  private static final int MOST_STEPS = 100_000;

  /** {@code 1/2 ||X W - Y||_F^2}: K and mu are X's extreme squared singular values. */
  static Problem squared(int samples, int n, int m, double[] x, double[] y) {
    double[] spectrum = Dense.eigenvalues(n, Dense.multiplyTransposed(samples, n, n, x, x));
    double[] minimiser = Dense.leastSquares(samples, n, m, x, y);
    double[] means = Dense.multiply(samples, n, m, x, minimiser);
    return new Problem(
        Kind.SQUARED, samples, n, m, 0, x, y, means, minimiser, spectrum[n - 1], spectrum[0]);
  }

  /**
   * With an L2 penalty, for any phi: mu is the penalty, K the largest squared singular value of X
   * times what phi'' can be, and the penalty. The minimiser is found by gradient descent.
   */
  static Problem penalised(
      Kind kind, int samples, int n, int m, double penalty, double[] x, double[] y) {
    double[] spectrum = Dense.eigenvalues(n, Dense.multiplyTransposed(samples, n, n, x, x));
    double smoothness = kind.curvature() * spectrum[n - 1] + penalty;
    double[] w = new double[n * m];
    double[] means = new double[samples * m];
    double[] residual = new double[samples * m];
    for (int step = 0; step < MOST_STEPS; step++) {
      double[] z = Dense.multiply(samples, n, m, x, w);
      for (int i = 0; i < samples; i++) {
        kind.means(z, i * m, m, means);
      }
      for (int i = 0; i < residual.length; i++) {
        residual[i] = means[i] - y[i];
      }
      double[] gradient = Dense.multiplyTransposed(samples, n, m, x, residual);
      double largest = 0;
      for (int i = 0; i < w.length; i++) {
        gradient[i] += penalty * w[i];
        largest = Math.max(largest, Math.abs(gradient[i]));
        w[i] -= gradient[i] / smoothness;
      }
      if (largest < 1e-13 * smoothness) {
        return new Problem(kind, samples, n, m, penalty, x, y, means, w, smoothness, penalty);
      }
    }
    throw new IllegalStateException(
        "the minimum of the " + kind.title() + " was not found in " + MOST_STEPS + " steps");
  }
}
