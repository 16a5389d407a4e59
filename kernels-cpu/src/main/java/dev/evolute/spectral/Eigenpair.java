package dev.evolute.spectral;

import dev.evolute.kernels.Buffer;

/**
 * An approximate eigenvalue of a symmetric operator A and what is known about it.
 *
 * <p>The value is a Rayleigh quotient {@code x'Ax / x'x}, so at the upper end it never exceeds
 * lambda_max and at the lower end it is never below lambda_min, up to rounding: the far side of the
 * extreme eigenvalue is not bounded by anything here.
 *
 * @param value Rayleigh quotient of the vector, accumulated in fp64
 * @param vector {@code x [n]}, of unit norm, its largest component by magnitude positive; null when
 *     only values were asked for; closed by the owner of the result
 * @param residual {@code ||A x - value x||}, measured with one product of its own
 * @param noise what rounding may have done to value and residual: 8 unit roundoffs of the element
 *     type times the operator's norm, or more where products are approximate ({@link
 *     LinearOperator#noise}); nothing iterates below it
 * @param converged whether the residual is as small as was asked for
 */
public record Eigenpair(
    double value, Buffer vector, double residual, double noise, boolean converged) {

  /**
   * Lower end of the interval {@code value -+ (residual + noise)}. The interval contains an
   * eigenvalue of A, though not necessarily the extreme one: a solver may have settled on an
   * eigenvalue further in.
   */
  public double lower() {
    return value - residual - noise;
  }

  /** Upper end of that interval; see {@link #lower}. */
  public double upper() {
    return value + residual + noise;
  }
}
