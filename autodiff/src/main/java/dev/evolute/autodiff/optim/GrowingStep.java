package dev.evolute.autodiff.optim;

import java.util.function.DoubleSupplier;

/**
 * Paper 003's step (19) for two-layer linear models {@code L(W1, W2) = l(W1 W2^T)} with l K-smooth:
 *
 * <pre>
 *   eta_t = min((1 + eta0^d)^{t/2} eta0, 1 / K_t)
 *   K_t   = K s + sqrt(2 K L) + 3 K s sqrt(2 K L) eta_t + 6 K^2 w L eta_t^2      (12)
 *   s     = sigma_max(T_t)^2 = sigma_max(W1)^2 + sigma_max(W2)^2,  w = sigma_max(W1 W2^T)
 * </pre>
 *
 * K_t holds the step itself, so {@code 1 / K_t} is the one positive root of {@code eta K_t(eta) =
 * 1}. The caller supplies the constants; s and w are asked for at every step.
 *
 * @param eta0 the first step, positive
 * @param d the exponent d of the growth, above 1
 * @param smoothness K of l, positive
 * @param operatorNormSquared s at the present theta
 * @param productNorm w at the present theta
 */
public record GrowingStep(
    double eta0,
    double d,
    double smoothness,
    DoubleSupplier operatorNormSquared,
    DoubleSupplier productNorm)
    implements Schedule {
  private static final int MOST_ITERATIONS = 100;

  /**
   * Checks them.
   *
   * @throws IllegalArgumentException if a constant is not positive and finite, or d not above 1
   */
  public GrowingStep {
    if (!(eta0 > 0 && d > 1 && smoothness > 0)
        || !(eta0 + d + smoothness < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "growing step: eta0 "
              + eta0
              + ", d "
              + d
              + ", K "
              + smoothness
              + "; give finite values, eta0 and K positive and d above 1");
    }
  }

  @Override
  public double eta(long step, double loss) {
    double grown = eta0 * Math.exp(Math.log1p(Math.pow(eta0, d)) * step / 2);
    return Math.min(
        grown,
        inverseSmoothness(
            smoothness, operatorNormSquared.getAsDouble(), productNorm.getAsDouble(), loss));
  }

  /**
   * {@code 1 / K_t} for a step of that very size, by Newton's method from above: the cubic is
   * increasing and convex on the positive axis, so the iterates fall to its root.
   *
   * @param smoothness K, positive
   * @param s {@code sigma_max(T)^2}, positive
   * @param w {@code sigma_max(W)}, not negative
   * @param loss L, not negative
   */
  public static double inverseSmoothness(double smoothness, double s, double w, double loss) {
    double root = Math.sqrt(2 * smoothness * loss);
    double a = 6 * smoothness * smoothness * w * loss;
    double b = 3 * smoothness * s * root;
    double c = smoothness * s + root;
    if (!(c > 0 && a + b + c < Double.POSITIVE_INFINITY && a >= 0)) {
      throw new ArithmeticException(
          "growing step: K "
              + smoothness
              + ", s "
              + s
              + ", w "
              + w
              + ", loss "
              + loss
              + " give no step; are they finite, and s positive?");
    }
    double eta = 1 / c;
    for (int i = 0; i < MOST_ITERATIONS; i++) {
      double next = eta - (((a * eta + b) * eta + c) * eta - 1) / ((3 * a * eta + 2 * b) * eta + c);
      if (!(next < eta)) {
        break;
      }
      eta = next;
    }
    return eta;
  }
}
