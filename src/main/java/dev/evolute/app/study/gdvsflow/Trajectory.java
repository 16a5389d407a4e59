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
    thetas = new double[ratio == 1 ? points : 0][];
  }

  private static double[] unknown(int points) {
    double[] values = new double[points];
    Arrays.fill(values, Double.NaN);
    return values;
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
    List<double[]> state =
        new ArrayList<>(List.of(new double[] {done}, theta, loss, distance, drift));
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
    System.arraycopy(state[2], 0, loss, 0, loss.length);
    System.arraycopy(state[3], 0, distance, 0, distance.length);
    System.arraycopy(state[4], 0, drift, 0, drift.length);
    System.arraycopy(state, 5, thetas, 0, state.length - 5);
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
