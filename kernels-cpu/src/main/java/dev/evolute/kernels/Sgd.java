package dev.evolute.kernels;

/**
 * Gradient descent with momentum and weight decay, for {@link OptimizerKernels#sgd}.
 *
 * @param momentum mu, at least 0 and below 1; 0 keeps no velocity
 * @param nesterov whether the step looks ahead along the velocity
 * @param decay lambda of the penalty {@code lambda |theta|^2 / 2}, at least 0
 */
public record Sgd(double momentum, boolean nesterov, double decay) {
  /** Gradient descent and nothing else. */
  public static final Sgd PLAIN = new Sgd(0, false, 0);

  /**
   * Checks them.
   *
   * @throws IllegalArgumentException if one is out of its range, or Nesterov's step has no momentum
   */
  public Sgd {
    if (!(momentum >= 0 && momentum < 1) || !(decay >= 0 && decay < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "sgd: momentum "
              + momentum
              + " and decay "
              + decay
              + "; give a momentum in [0, 1) and a decay of 0 or more");
    }
    if (nesterov && momentum == 0) {
      throw new IllegalArgumentException(
          "sgd: Nesterov's step with momentum 0; give a momentum above 0");
    }
  }

  /** With a velocity {@code v = momentum v + g} that the step follows (Polyak 1964), no decay. */
  public static Sgd heavyBall(double momentum) {
    return new Sgd(momentum, false, 0);
  }

  /** The same, the step looking ahead to {@code g + momentum v} (Nesterov 1983). */
  public static Sgd nesterov(double momentum) {
    return new Sgd(momentum, true, 0);
  }

  /** The same with a weight decay that is coupled: {@code decay theta} is added to the gradient. */
  public Sgd withDecay(double decay) {
    return new Sgd(momentum, nesterov, decay);
  }
}
