package dev.evolute.spectral;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Kernels;

/**
 * The trace of a symmetric operator {@code A [n x n]} from random vectors. Every run stops on its
 * error bar, which comes from the spread of at least 32 samples (16 for {@link #xTrace}), never on
 * the change of a running mean; and where the n unit vectors are cheaper than what is missing they
 * are taken, and the trace is exact.
 *
 * <p>{@link #hutchPlusPlus} is the one to start with: on spectra with outliers its samples are
 * those of the rest, and its error bar can be relied on. {@link #xTrace} takes the fewest products
 * where the spectrum decays; where it does not, its error bar is up to a quarter low, as its
 * samples share most of their sketch. {@link #hutchinson} needs two vectors of memory; where few
 * eigenvalues dominate, its samples are skewed and a value further than three standard errors off
 * is not as rare as it should be.
 *
 * <p>Memory: up to 32 vectors for products, and for the other two one vector for each row of the
 * sketch, which ends where {@code maxBytes} does.
 */
public final class Trace {
  private Trace() {}

  record Quadratic(Kernels kernels) implements HutchPlusPlus.Form {
    @Override
    public double of(Buffer x, Buffer y) {
      return kernels.dot(x, y);
    }

    @Override
    public double sensitivity(double normOfX, double normOfY) {
      return normOfX * normOfY;
    }
  }

  private static HutchPlusPlus estimator(LinearOperator a, Estimate.Options options) {
    Quadratic form = new Quadratic(a.device().kernels(a.dtype()));
    return new HutchPlusPlus(a, form, options::allowed, options);
  }

  /**
   * The mean of {@code g' A g} over vectors of random signs (Hutchinson 1990); its variance is
   * twice the sum of the squares of the elements beside the diagonal.
   *
   * @throws ArithmeticException if a product holds a NaN or an infinity
   * @throws IllegalArgumentException if two vectors do not fit into {@code maxBytes}
   */
  public static Estimate hutchinson(LinearOperator a, Estimate.Options options) {
    return estimator(a, options).sampled();
  }

  /**
   * Exactly over the range of a sketch, by Hutchinson's samples over the rest (Meyer, Musco, Musco,
   * Woodruff, "Hutch++", SOSA 2021). Exact where the rank is below that of the sketch.
   *
   * @throws ArithmeticException if a product holds a NaN or an infinity
   * @throws IllegalArgumentException if two vectors do not fit into {@code maxBytes}
   */
  public static Estimate hutchPlusPlus(LinearOperator a, Estimate.Options options) {
    return estimator(a, options).deflated();
  }

  /**
   * Every test vector is a sample for the sketch of all others (Epperly, Tropp, Webber, "XTrace:
   * making the most of every sample in stochastic trace estimation", SIAM J. Matrix Anal. Appl.
   * 2024). Exact where the rank is below that of the sketch, and for multiples of the identity.
   *
   * @throws ArithmeticException if a product holds a NaN or an infinity
   * @throws IllegalArgumentException if four vectors do not fit into {@code maxBytes}
   */
  public static Estimate xTrace(LinearOperator a, Estimate.Options options) {
    return XTrace.of(a, options);
  }
}
