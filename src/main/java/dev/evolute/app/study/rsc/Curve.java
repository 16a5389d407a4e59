package dev.evolute.app.study.rsc;

import java.util.Arrays;

/** One run of Figure 1: loss and {@code |gbar_t|} at iterations 0, every, 2 every, ... */
final class Curve {
  final String set;
  final Parametrisation parametrisation;
  final int width;
  final int seed;

  /** Training loss at each recorded point, NaN where the run has not come to. */
  final double[] loss;

  /** {@code |gbar_t|} at the same points. */
  final double[] gbar;

  /** Iterations done. */
  int done;

  /** Whether the run has come to its end: the loss is low enough, or the iterations are over. */
  boolean finished;

  Curve(String set, Parametrisation parametrisation, int width, int seed, int points) {
    this.set = set;
    this.parametrisation = parametrisation;
    this.width = width;
    this.seed = seed;
    loss = new double[points];
    gbar = new double[points];
    Arrays.fill(loss, Double.NaN);
    Arrays.fill(gbar, Double.NaN);
  }

  /** The name in files and messages: {@code mnist-scaled-m32-s1}. */
  String label() {
    return set + "-" + parametrisation.label() + "-m" + width + "-s" + seed;
  }

  int recorded() {
    int count = 0;
    while (count < loss.length && !Double.isNaN(loss[count])) {
      count++;
    }
    return count;
  }

  /** {@code min_t |gbar_t|} over what was recorded; NaN if nothing was. */
  double smallest() {
    return Arrays.stream(gbar, 0, recorded()).min().orElse(Double.NaN);
  }

  /**
   * How much {@code |gbar_t|} still moves in the last quarter of the run: largest over smallest
   * there, minus one.
   */
  double unrest() {
    int n = recorded();
    double[] end = Arrays.copyOfRange(gbar, Math.min(n - 1, 3 * n / 4), n);
    return Arrays.stream(end).max().orElse(Double.NaN) / Arrays.stream(end).min().orElse(Double.NaN)
        - 1;
  }

  /** What was recorded and the theta to go on from, as {@link #restore} takes them. */
  double[][] state(double[] theta) {
    return new double[][] {{done, finished ? 1 : 0}, theta, loss, gbar};
  }

  /** Takes over a saved state, or none; returns the theta to go on from, or null. */
  double[] restore(double[][] state) {
    if (state == null) {
      return null;
    }
    done = (int) state[0][0];
    finished = state[0][1] != 0;
    System.arraycopy(state[2], 0, loss, 0, loss.length);
    System.arraycopy(state[3], 0, gbar, 0, gbar.length);
    return state[1];
  }
}
