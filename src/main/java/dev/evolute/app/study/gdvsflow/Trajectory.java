package dev.evolute.app.study.gdvsflow;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What is recorded of one run, at iterations {@code ratio * every * i} of its own: NaN where the
 * run has not come to.
 */
final class Trajectory {
  final Network network;
  final int ratio;

  /** Training loss at each recorded point. */
  final double[] loss;

  /** Distance of theta from its initialisation. */
  final double[] distance;

  /** Distance of theta from that of the eta0 run at the same point; zero for that run itself. */
  final double[] drift;

  /** Distance of theta from gradient flow at the same time; NaN where no flow is integrated. */
  final double[] toFlow;

  /** How far what the flow conserves has moved; NaN for networks that the theory does not cover. */
  final double[] imbalance;

  /** Theta at each recorded point, for the eta0 run only; else empty. */
  final double[][] thetas;

  /** Iterations done. */
  long done;

  Trajectory(Network network, int ratio, int points) {
    this.network = network;
    this.ratio = ratio;
    loss = unknown(points);
    distance = unknown(points);
    drift = unknown(points);
    toFlow = unknown(points);
    imbalance = unknown(points);
    thetas = new double[ratio == 1 ? points : 0][];
  }

  static double[] unknown(int points) {
    double[] values = new double[points];
    Arrays.fill(values, Double.NaN);
    return values;
  }

  private List<double[]> series() {
    return List.of(loss, distance, drift, toFlow, imbalance);
  }

  /** Number of points recorded so far. */
  int recorded() {
    int count = 0;
    while (count < loss.length && !Double.isNaN(loss[count])) {
      count++;
    }
    return count;
  }

  /** The name in files and messages: {@code relu-r5}. */
  String label() {
    return network.label() + "-r" + ratio;
  }

  /**
   * What was recorded and the theta to go on from, as {@link #restore} takes them.
   *
   * @param theta {@code [P]}
   */
  double[][] state(double[] theta) {
    List<double[]> state = new ArrayList<>(List.of(new double[] {done}, theta));
    state.addAll(series());
    if (thetas.length > 0) {
      state.addAll(Arrays.asList(thetas).subList(0, recorded()));
    }
    return state.toArray(new double[0][]);
  }

  /**
   * Takes over a saved state.
   *
   * @param state of this run, or null for none
   * @return the theta to go on from, or null
   */
  double[] restore(double[][] state) {
    if (state == null) {
      return null;
    }
    done = (long) state[0][0];
    int at = 2;
    for (double[] values : series()) {
      System.arraycopy(state[at++], 0, values, 0, values.length);
    }
    System.arraycopy(state, at, thetas, 0, state.length - at);
    return state[1];
  }

  static double distance(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      double d = a[i] - b[i];
      sum += d * d;
    }
    return Math.sqrt(sum);
  }
}
