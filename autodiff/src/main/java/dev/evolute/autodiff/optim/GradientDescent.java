package dev.evolute.autodiff.optim;

import dev.evolute.autodiff.graph.Program;

/**
 * Gradient descent with a constant step, {@code theta <- theta - eta grad f(theta)} (paper 002,
 * equation 6: Euler's method on gradient flow).
 *
 * @param eta the step size, finite and positive
 */
public record GradientDescent(double eta) {
  public GradientDescent {
    if (!(eta > 0) || Double.isInfinite(eta)) {
      throw new IllegalArgumentException("eta: " + eta + " given, it must be finite and positive");
    }
  }

  /** One step; the program's loss is then that of the theta the step started from. */
  public void step(Program program) {
    program.gradientPass();
    update(program);
  }

  /** Moves theta along the gradient the program holds. */
  public void update(Program program) {
    program.kernels().axpby(-eta, program.gradient(), 1, program.theta());
  }
}
