package dev.evolute.kernels;

/**
 * Adam (Kingma, Ba 2015) and AdamW (Loshchilov, Hutter 2019), for {@link OptimizerKernels#adam}.
 *
 * @param beta1 memory of the gradient, in [0, 1)
 * @param beta2 memory of its square, in [0, 1)
 * @param eps what is added to the root of the square, at least 0
 * @param decay lambda, at least 0
 * @param decoupled whether theta decays by itself (AdamW), not through the gradient
 */
public record Adam(double beta1, double beta2, double eps, double decay, boolean decoupled) {
  /**
   * Checks them.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public Adam {
    if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1)) {
      throw new IllegalArgumentException(
          "adam: beta1 " + beta1 + " and beta2 " + beta2 + "; give both in [0, 1)");
    }
    if (!(eps >= 0 && decay >= 0 && eps + decay < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "adam: eps " + eps + " and decay " + decay + "; give both as 0 or more");
    }
  }

  /**
   * What a step's numbers come to: the factor, {@code eta / (1 - beta1^t)}, {@code 1 / sqrt(1 -
   * beta2^t)}, and what decay by itself leaves of theta.
   *
   * @param step t
   * @throws IllegalArgumentException if {@code step < 1}
   */
  public double[] rates(double eta, long step, double factor) {
    Shapes.step(step);
    return new double[] {
      factor,
      eta / (1 - StrictMath.pow(beta1, step)),
      1 / Math.sqrt(1 - StrictMath.pow(beta2, step)),
      decoupled ? 1 - eta * decay : 1
    };
  }

  /** The published settings: 0.9, 0.999, 1e-8, no decay. */
  public static Adam standard() {
    return new Adam(0.9, 0.999, 1e-8, 0, false);
  }

  /** {@link #standard} with decoupled decay. */
  public static Adam w(double decay) {
    return new Adam(0.9, 0.999, 1e-8, decay, true);
  }
}
