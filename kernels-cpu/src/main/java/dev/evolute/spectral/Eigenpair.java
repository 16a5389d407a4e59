package dev.evolute.spectral;

import dev.evolute.kernels.Buffer;

/**
 * An approximate eigenvalue of a symmetric operator A and what is known about it: from the certain
 * to the likely,
 *
 * <ul>
 *   <li>lambda_max is at least {@link #atLeast} and lambda_min at most {@link #atMost}: value is a
 *       Rayleigh quotient;
 *   <li>some eigenvalue lies between {@link #lower} and {@link #upper}, though not necessarily the
 *       extreme one: a solver may have settled on an eigenvalue further in;
 *   <li>the extreme eigenvalue lies beyond {@code extreme().at(p)} with probability p at most;
 *   <li>the value is off by about {@link #estimate}: no bound.
 * </ul>
 *
 * @param value Rayleigh quotient of the vector, accumulated in fp64
 * @param vector {@code x [n]}, of unit norm, its largest component by magnitude positive; null when
 *     only values were asked for; closed by the owner of the result
 * @param residual {@code ||A x - value x||}, measured with one product of its own unless that was
 *     declined; otherwise as the recurrence has it, which agrees up to noise
 * @param noise what rounding may have done to value and residual: 8 unit roundoffs of the element
 *     type times the operator's norm, or more where products are approximate ({@link
 *     LinearOperator#noise}); nothing iterates below it
 * @param converged whether the error that the run was to stop on is as small as was asked for: the
 *     residual unless it was told otherwise ({@link Lanczos.Stop})
 * @param estimate estimated error of the value: {@code residual^2 / gap}, the gap to the nearest
 *     other Ritz value less the residual of that, and the residual itself where that is smaller or
 *     no gap is seen. Wrong where an eigenvalue next to this one is not seen yet
 * @param extreme what is known of the extreme eigenvalue beyond this value; null if nothing is: the
 *     start was not random, the pair is not the outermost, or the solver is not a Krylov method
 */
public record Eigenpair(
    double value,
    Buffer vector,
    double residual,
    double noise,
    boolean converged,
    double estimate,
    ExtremeBound extreme) {

  /** A pair of which only the residual is known. */
  public Eigenpair(double value, Buffer vector, double residual, double noise, boolean converged) {
    this(value, vector, residual, noise, converged, residual, null);
  }

  /**
   * Lower end of the interval {@code value -+ (residual + noise)}, which contains an eigenvalue of
   * A.
   */
  public double lower() {
    return value - residual - noise;
  }

  /** Upper end of that interval; see {@link #lower}. */
  public double upper() {
    return value + residual + noise;
  }

  /** lambda_max is at least this, for certain. */
  public double atLeast() {
    return value - noise;
  }

  /** lambda_min is at most this, for certain. */
  public double atMost() {
    return value + noise;
  }

  /** The same, to be kept when the vector has been closed. */
  public Eigenpair withoutVector() {
    return new Eigenpair(value, null, residual, noise, converged, estimate, extreme);
  }
}
