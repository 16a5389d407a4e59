package dev.evolute.app.study.warmup;

import dev.evolute.app.study.StudyRun;
import dev.evolute.kernels.Device;
import java.util.Arrays;

/**
 * What gradient flow keeps of a network's layers, and how far descent and a Runge-Kutta method of
 * fourth order drift from it: {@code W_i^T W_i - W_{i+1} W_{i+1}^T} between linear layers, {@code
 * ||W_i||_F^2 - ||W_{i+1}||_F^2} between homogeneous ones (section 3.1 of paper 000, after Du et
 * al. 2018).
 */
final class Balancedness {
  /** Points along each integration. */
  static final int POINTS = 33;

  /** Each step is half the one before. */
  static final int HALVINGS = 3;

  /** The longest step over {@code 1 / ||Hess f||} at the start. */
  private static final double DESCENT = 0.05;

  private static final double FLOW = 0.2;

  /** Steps of the longest descent between two points. */
  private static final int STRIDE = 16;

  private final SmallNetwork small;
  private final double[] g;

  private Balancedness(SmallNetwork small) {
    this.small = small;
    g = new double[small.size()];
  }

  /**
   * Integrates from weights that are not balanced, so that something is there to be kept.
   *
   * @return the times {@code [POINTS]}, then the drift along descent with steps h, h/2, ... and
   *     along the Runge-Kutta method with as many
   */
  static double[][] run(Device device, Case network) {
    try (SmallNetwork small = new SmallNetwork(device, network, network.data())) {
      Balancedness run = new Balancedness(small);
      double[] start = small.draw(0, 1);
      // One layer is longer than the others.
      for (int i = 0; i < start.length / 2; i++) {
        start[i] *= 1.5;
      }
      small.set(start);
      double unit = 1 / small.hessianNorm().upper();
      double[][] result = new double[1 + 2 * HALVINGS][];
      result[0] = new double[POINTS];
      for (int p = 0; p < POINTS; p++) {
        result[0][p] = p * STRIDE * DESCENT * unit;
      }
      for (int k = 0; k < HALVINGS; k++) {
        int refined = 1 << k;
        result[1 + k] = run.drift(start, DESCENT * unit / refined, STRIDE * refined, run::descend);
        int strides = Math.max(1, (int) Math.round(STRIDE * DESCENT / FLOW)) * refined;
        double h = STRIDE * DESCENT * unit / strides;
        result[1 + HALVINGS + k] = run.drift(start, h, strides, run::rungeKutta);
      }
      return result;
    }
  }

  private interface Step {
    void take(double[] theta, double h);
  }

  private double[] drift(double[] start, double h, int stride, Step step) {
    double[] theta = start.clone();
    double[] kept = kept(start);
    double[] drift = new double[POINTS];
    for (int p = 1; p < POINTS; p++) {
      for (int k = 0; k < stride; k++) {
        step.take(theta, h);
      }
      double[] now = kept(theta);
      for (int i = 0; i < now.length; i++) {
        drift[p] = Math.max(drift[p], Math.abs(now[i] - kept[i]));
      }
      StudyRun.requireFinite("balance", drift[p], (long) p * stride, h);
    }
    return drift;
  }

  /** What flow keeps, by layers: matrices of linear layers, and a number of others. */
  private double[] kept(double[] theta) {
    double[] all = new double[0];
    for (int i = 1; i < small.network.depth(); i++) {
      double[] part =
          small.network.family() == Family.LINEAR
              ? small.strong(theta, i)
              : new double[] {small.weak(theta, i)};
      int at = all.length;
      all = Arrays.copyOf(all, at + part.length);
      System.arraycopy(part, 0, all, at, part.length);
    }
    return all;
  }

  private void slope(double[] theta) {
    small.set(theta);
    small.gradient(g);
  }

  private void descend(double[] theta, double h) {
    slope(theta);
    for (int i = 0; i < theta.length; i++) {
      theta[i] -= h * g[i];
    }
  }

  private void rungeKutta(double[] theta, double h) {
    int n = theta.length;
    double[] sum = new double[n];
    double[] at = theta.clone();
    double[] weights = {1, 2, 2, 1};
    double[] ahead = {0.5, 0.5, 1, 0};
    for (int stage = 0; stage < 4; stage++) {
      slope(at);
      for (int i = 0; i < n; i++) {
        sum[i] += weights[stage] * g[i];
        at[i] = theta[i] - ahead[stage] * h * g[i];
      }
    }
    for (int i = 0; i < n; i++) {
      theta[i] -= h / 6 * sum[i];
    }
  }
}
