package dev.evolute.spectral;

import dev.evolute.kernels.Buffer;

/**
 * What cheap products found, measured by exact ones: the Rayleigh quotient and the residual of a
 * vector hold for whatever operator they are taken with. A search may so run on products of less
 * than f32's accuracy ({@link LinearOperator#noise}) and still end in the narrow interval of f32 or
 * f64, at one exact product a vector.
 */
public final class Confirmation {
  private Confirmation() {}

  /**
   * The same pairs with the values, residuals and noise of the exact operator. Vectors stay as they
   * are and where they are.
   *
   * @param exact the operator the search's products stood for
   * @param found with vectors
   * @param tolerance what converged means, relative to the larger of both ends
   */
  public static Extremes of(LinearOperator exact, Extremes found, double tolerance) {
    Products products = new Products(exact);
    double scale = Math.max(size(found.min()), size(found.max()));
    try (Buffer y = exact.device().allocate(exact.dtype(), exact.size())) {
      Eigenpair min = of(products, found.min(), y, tolerance, scale);
      Eigenpair max = of(products, found.max(), y, tolerance, scale);
      return new Extremes(min, max, found.products() + products.count(), found.steps());
    }
  }

  private static double size(Eigenpair pair) {
    return pair == null ? 0 : Math.abs(pair.value());
  }

  private static Eigenpair of(
      Products products, Eigenpair pair, Buffer y, double tolerance, double scale) {
    if (pair == null) {
      return null;
    }
    if (pair.vector() == null) {
      throw new IllegalArgumentException(
          "confirmation: the pair of value " + pair.value() + " has no vector; ask for vectors");
    }
    Eigenpair measured = products.measure(pair.vector(), y, tolerance, scale);
    // What is known of the extreme eigenvalue holds up to the search's own noise, which it has in.
    return new Eigenpair(
        measured.value(),
        measured.vector(),
        measured.residual(),
        measured.noise(),
        measured.converged(),
        measured.estimate(),
        pair.extreme());
  }
}
