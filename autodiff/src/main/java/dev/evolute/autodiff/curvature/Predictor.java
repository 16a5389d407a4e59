package dev.evolute.autodiff.curvature;

import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Matrix;
import dev.evolute.spectral.LinearOperator;

/**
 * The network's output {@code f(theta; x_i) [n x c]} at a point, samples in rows, as a function of
 * theta: what the neural tangent kernel and the Hessian of the predictor are made of. Vectors
 * {@code u [n c]} hold output j of sample i at {@code i c + j}.
 */
public final class Predictor {
  private final Point point;
  private final Program program;
  private final Value output;
  private final Jacobian jacobian;

  Predictor(Point point, Value output) {
    this.point = point;
    this.output = output;
    program = point.program();
    jacobian = new Jacobian(point, program.linearize(output));
  }

  Point point() {
    return point;
  }

  /** The value that is looked at. */
  public Value output() {
    return output;
  }

  /** Number of outputs of all samples, {@code n c}. */
  public long size() {
    return output.shape().size();
  }

  /** {@code J [n c x P]}, the derivative of the output: {@code J v} and {@code J^T u}. */
  public LinearMap jacobian() {
    return jacobian;
  }

  Jacobian map() {
    return jacobian;
  }

  /**
   * {@code phi = <u, f>} as a function of theta: its Hessian, and its gradients sample by sample.
   *
   * @param u {@code [n c]}, read
   * @return to be closed by the caller
   */
  public WeightedOutput weighted(Buffer u) {
    return new WeightedOutput(this, u);
  }

  /**
   * Weighted by {@code dl/df}: its gradients are those of the loss, sample by sample, each with the
   * loss's own factor, so that they sum up to the gradient of all terms that read the output.
   * Penalties on parameters belong to no sample. Its Hessian is the residual part.
   *
   * @return to be closed by the caller
   */
  public WeightedOutput weightedByLoss() {
    point.current();
    return weighted(program.cotangent(output));
  }

  /** The neural tangent kernel {@code u -> J J^T u}, of dimension {@code n c}. */
  public LinearOperator ntk() {
    return jacobian.kernel();
  }

  /**
   * The matrix {@code J J^T [n c x n c]}, column by column from products.
   *
   * @return a matrix whose buffer the caller closes
   * @throws IllegalArgumentException if it takes more memory than the machine has
   */
  public Matrix ntkMatrix() {
    return jacobian.kernelMatrix();
  }
}
