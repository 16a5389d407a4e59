package dev.evolute.app.probe;

import dev.evolute.spectral.Extremes;

/**
 * Both ends of a spectrum, as they are told.
 *
 * @param products that finding them took
 */
record Ends(End min, End max, int products) {
  static Ends of(Extremes found) {
    return new Ends(End.of(found.min()), End.of(found.max()), found.products());
  }

  boolean converged() {
    return min.converged() && max.converged();
  }

  /** The one further from 0. */
  End larger() {
    return Math.abs(min.value()) > Math.abs(max.value()) ? min : max;
  }

  /** To be saved. */
  double[][] flat() {
    return new double[][] {min.flat(), max.flat(), {products}};
  }

  /** What was saved. */
  static Ends of(double[][] flat) {
    return new Ends(End.of(flat[0]), End.of(flat[1]), (int) flat[2][0]);
  }
}
