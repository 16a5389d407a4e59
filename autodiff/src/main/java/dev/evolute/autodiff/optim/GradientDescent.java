package dev.evolute.autodiff.optim;

import dev.evolute.autodiff.graph.Objective;

/**
 * Gradient descent with a constant step, {@code theta <- theta - eta grad f(theta)} (paper 002,
 * equation 6: Euler's method on gradient flow).
 *
 * @param eta the step size, finite and positive
 */
public record GradientDescent(double eta) {
  /**
   * Checks them.
   *
   * @throws IllegalArgumentException if the step is not positive and finite
   */
  public GradientDescent {
    if (!(eta > 0) || Double.isInfinite(eta)) {
      throw new IllegalArgumentException("eta: " + eta + " given, it must be finite and positive");
    }
  }

  /** One step; the objective's loss is then that of the theta the step started from. */
  public void step(Objective objective) {
    objective.gradientPass();
    update(objective);
  }

  /** Moves theta along the gradient the objective holds. */
  public void update(Objective objective) {
    objective.kernels().axpby(-eta, objective.gradient(), 1, objective.theta());
  }
}
