package dev.evolute.autodiff.optim;

import dev.evolute.autodiff.graph.Objective;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;

/**
 * Gradient descent whose step is found by backtracking (Armijo 1966; paper 003, Algorithm 1):
 *
 * <pre>
 *   eta = start;  while f(theta - eta g) &gt; f(theta) - gamma eta ||g||^2:  eta = tau eta
 * </pre>
 *
 * The paper prints the test without eta, and then the loop need not end; this is Armijo's. Each
 * trial costs a forward pass. With the paper's gamma = 0.9 a step is at most {@code 2 (1 - gamma)}
 * over the curvature along g.
 */
public final class LineSearch implements AutoCloseable {
  private final double start;
  private final double tau;
  private final double gamma;
  private final Buffer from;
  private double before = Double.NaN;

  /**
   * A search with memory for one theta.
   *
   * @param start first step tried, positive
   * @param tau factor of a step that was too long, in (0, 1)
   * @param gamma share of the decrease of the tangent that is asked for, in (0, 1)
   */
  public LineSearch(double start, double tau, double gamma, Objective objective) {
    if (!(start > 0 && start < Double.POSITIVE_INFINITY)
        || !(tau > 0 && tau < 1)
        || !(gamma > 0 && gamma < 1)) {
      throw new IllegalArgumentException(
          "line search: start "
              + start
              + ", tau "
              + tau
              + ", gamma "
              + gamma
              + "; give a positive start, and tau and gamma between 0 and 1");
    }
    this.start = start;
    this.tau = tau;
    this.gamma = gamma;
    from = objective.device().allocate(objective.dtype(), objective.size());
  }

  /** With the constants of paper 003: steps from 1 down by tau = 0.1, gamma = 0.9. */
  public static LineSearch of(Objective objective) {
    return new LineSearch(1, 0.1, 0.9, objective);
  }

  /**
   * One step from theta. Afterwards the objective's loss is that of the new theta.
   *
   * @return the step size, 0 where no step that still changes theta passes the test: theta then is
   *     as it was, a stationary point as far as its type can tell
   * @throws ArithmeticException if loss or gradient at theta are not finite
   */
  public double step(Objective f) {
    f.gradientPass();
    double loss = f.loss();
    before = loss;
    double norm = f.kernels().nrm2(f.gradient());
    if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
      throw new ArithmeticException(
          "line search: the loss is " + loss + ", the gradient has norm " + norm);
    }
    f.kernels().copy(f.theta(), from);
    double largest = f.kernels().maxAbs(f.gradient());
    double resolution = ulp(f.dtype()) * f.kernels().maxAbs(from);
    for (double eta = start; eta * largest > resolution; eta *= tau) {
      f.kernels().axpby(-eta, f.gradient(), 1, f.theta());
      // A loss that is not a number fails the test too.
      if (f.value() <= loss - gamma * eta * norm * norm) {
        return eta;
      }
      f.kernels().copy(from, f.theta());
    }
    f.value();
    return 0;
  }

  /** The loss at theta before the last step. */
  public double before() {
    return before;
  }

  private static double ulp(DType dtype) {
    return dtype == DType.F32 ? 0x1p-24 : 0x1p-53;
  }

  /** Frees its memory. */
  @Override
  public void close() {
    from.close();
  }
}
