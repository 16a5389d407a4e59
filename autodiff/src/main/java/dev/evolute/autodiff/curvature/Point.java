package dev.evolute.autodiff.curvature;

import dev.evolute.autodiff.graph.Block;
import dev.evolute.autodiff.graph.Curvature;
import dev.evolute.autodiff.graph.Objective;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.kernels.Buffer;
import dev.evolute.spectral.LinearOperator;

/**
 * The loss f at the theta an objective had when the point was made. Everything primal is computed
 * once and kept in the objective; each product after that runs tangents only. The point ends with
 * the next pass of the objective or the next data set on it; until then theta must stay as it is.
 *
 * <pre>
 *   Hess f = G + R,  G = J^T (Hess l) J,  R = sum_k (dl/dz_k) Hess z_k
 * </pre>
 *
 * where z are the values the loss l is given, and J their Jacobian.
 */
public final class Point {
  private final Objective objective;
  private final long serial;
  private final double loss;

  private Point(Objective objective) {
    this.objective = objective;
    objective.keep();
    serial = objective.moves();
    loss = objective.loss();
  }

  /**
   * Makes the point at the objective's present theta: one forward and one reverse pass.
   *
   * @throws IllegalStateException if it is a program compiled for training only
   */
  public static Point of(Objective objective) {
    return new Point(objective);
  }

  Objective objective() {
    return objective;
  }

  void current() {
    if (objective.moves() != serial) {
      throw new IllegalStateException(
          "point: the program has moved on to another point; make a new Point there");
    }
  }

  /** f(theta). */
  public double loss() {
    return loss;
  }

  /** {@code grad f(theta) [P]}, a buffer of the objective. */
  public Buffer gradient() {
    current();
    return objective.gradient();
  }

  /** {@code v -> Hess f(theta) v}, exact (Pearlmutter's R-operator). */
  public LinearOperator hessian() {
    return new WholeOperator(this, Curvature.HESSIAN);
  }

  /**
   * {@code v -> G v}: the Hessian without the curvature of the network itself, positive
   * semidefinite for convex losses l.
   */
  public LinearOperator gaussNewton() {
    return new WholeOperator(this, Curvature.GAUSS_NEWTON);
  }

  /**
   * {@code v -> R v}: what the Gauss-Newton matrix leaves of the Hessian, zero where the network is
   * linear in theta or fits exactly. It is formed by itself and not as a difference.
   */
  public LinearOperator residualPart() {
    return new WholeOperator(this, Curvature.RESIDUAL);
  }

  /**
   * All three products of one tangent pass; {@code hessian} is the sum of the other two.
   *
   * @param v the direction {@code [P]}, read
   * @param hessian {@code (Hess f) v [P]}, written, as the next two
   * @param gaussNewton {@code G v [P]}
   * @param residual {@code R v [P]}
   */
  public void split(Buffer v, Buffer hessian, Buffer gaussNewton, Buffer residual) {
    current();
    objective.kernels().copy(v, objective.tangent());
    objective.splitPass(gaussNewton, residual);
    objective.kernels().copy(objective.product(), hessian);
  }

  /**
   * The second derivatives in some parameters alone.
   *
   * @return to be closed by the caller
   */
  public DiagonalBlock block(Block block) {
    return new DiagonalBlock(this, block);
  }

  /**
   * The mixed second derivatives in two sets of parameters.
   *
   * @return to be closed by the caller
   */
  public OffDiagonalBlock block(Block rows, Block columns) {
    return new OffDiagonalBlock(this, rows, columns);
  }

  /**
   * {@code J [n c x P]}, the derivative of the network's output: {@code J v} and {@code J^T u},
   * with output j of sample i at {@code i c + j}.
   *
   * @throws IllegalStateException if the loss is given several values, or none
   */
  public LinearMap jacobian() {
    return map();
  }

  /**
   * The neural tangent kernel {@code u -> J J^T u}, of dimension {@code n c}.
   *
   * @throws IllegalStateException if the loss is given several values, or none
   */
  public LinearOperator ntk() {
    return map().kernel();
  }

  Jacobian map() {
    return new Jacobian(this, objective.outputPasses());
  }

  /**
   * The network's output as a function of theta: Jacobian, tangent kernel, and its own Hessian.
   *
   * @throws IllegalStateException if the loss is given several values, or the objective is no
   *     single program
   */
  public Predictor predictor() {
    return new Predictor(this, program().output());
  }

  /** Any value that is computed from parameters, as a function of theta. */
  public Predictor predictor(Value output) {
    return new Predictor(this, output);
  }

  Program program() {
    if (objective instanceof Program program) {
      return program;
    }
    throw new IllegalStateException(
        "predictor: the objective is a sum over chunks of data; compile the samples to be looked"
            + " at as one program");
  }
}
