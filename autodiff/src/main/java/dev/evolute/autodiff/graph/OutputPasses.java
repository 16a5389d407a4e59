package dev.evolute.autodiff.graph;

import dev.evolute.kernels.Buffer;

/**
 * Products with the Jacobian {@code J [n c x P]} of a value f {@code [n x c]} at the kept point:
 * the derivative of output j of sample i stands in row {@code i c + j}. Passes allocate nothing.
 */
public interface OutputPasses {
  /** Number of outputs of all samples, {@code n c}. */
  long size();

  /**
   * {@code J v} for the v in {@link Objective#tangent()}.
   *
   * @param to {@code [n c]}, written
   */
  void jvpPass(Buffer to);

  /**
   * {@code J^T u}, to {@link Objective#product()}.
   *
   * @param from u {@code [n c]}, read
   */
  void vjpPass(Buffer from);
}
