package dev.evolute.autodiff.optim;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Kernels;

/**
 * Clipping by global norm (Pascanu, Mikolov and Bengio 2013): {@code g min(1, most / ||g||)}, the
 * norm over all parameters. The factor goes to {@link Optimizer#step(double, double, Buffer,
 * Buffer)}, which scales on the way: the gradient itself stays as it is.
 *
 * @param most largest norm, positive; infinity clips nothing
 */
public record Clipping(double most) {
  /** Clips nothing. */
  public static final Clipping NONE = new Clipping(Double.POSITIVE_INFINITY);

  /**
   * Checks them.
   *
   * @throws IllegalArgumentException if the norm is not positive
   */
  public Clipping {
    if (!(most > 0)) {
      throw new IllegalArgumentException(
          "clipping: the largest norm is " + most + ", it must be positive");
    }
  }

  /**
   * The factor {@code min(1, most / ||g||)}.
   *
   * @throws ArithmeticException if the gradient holds a NaN or an infinity
   */
  public double factor(Kernels kernels, Buffer gradient) {
    if (most == Double.POSITIVE_INFINITY) {
      return 1;
    }
    double norm = kernels.nrm2(gradient);
    if (!(norm < Double.POSITIVE_INFINITY)) {
      throw new ArithmeticException(
          "clipping: the gradient has norm " + norm + "; it holds a NaN or an infinity");
    }
    return norm <= most ? 1 : most / norm;
  }
}
