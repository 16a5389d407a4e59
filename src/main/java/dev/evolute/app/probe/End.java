package dev.evolute.app.probe;

import dev.evolute.spectral.Eigenpair;

/**
 * An end of a spectrum, as it is told.
 *
 * @param value Rayleigh quotient
 * @param residual of its vector
 * @param noise what rounding may have done to both
 * @param converged whether the residual is as small as was asked for
 * @param bound beyond which the extreme eigenvalue lies with a probability of {@link #RISK} at
 *     most; NaN where nothing is known
 */
record End(double value, double residual, double noise, boolean converged, double bound) {
  /** That an extreme eigenvalue lies beyond what is said of it. */
  static final double RISK = 0.01;

  /** Numbers of {@link #flat}. */
  static final int NUMBERS = 5;

  static End of(Eigenpair pair) {
    return new End(
        pair.value(),
        pair.residual(),
        pair.noise(),
        pair.converged(),
        pair.extreme() == null ? Double.NaN : pair.extreme().at(RISK));
  }

  /** An eigenvalue is no further from the value. */
  double halfWidth() {
    return residual + noise;
  }

  double lower() {
    return value - residual - noise;
  }

  double upper() {
    return value + residual + noise;
  }

  /** To be saved. */
  double[] flat() {
    return new double[] {value, residual, noise, converged ? 1 : 0, bound};
  }

  /** What was saved. */
  static End of(double[] flat) {
    return new End(flat[0], flat[1], flat[2], flat[3] == 1, flat[4]);
  }
}
