package dev.evolute.spectral;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Kernels;

/**
 * The Frobenius norm of a symmetric operator, the root of the sum of its squared eigenvalues, from
 * random vectors: {@code ||A||_F^2 = tr A^2 = sum_j ||A q_j||^2}, deflated as in {@link
 * Trace#hutchPlusPlus}. The square is unbiased; the root of it, as any root of an estimate, is low
 * by half its relative variance. Its samples are skewed more than those of a trace.
 */
public final class FrobeniusNorm {
  private FrobeniusNorm() {}

  private record Square(Kernels kernels) implements HutchPlusPlus.Form {
    @Override
    public double of(Buffer x, Buffer y) {
      return kernels.dot(y, y);
    }

    @Override
    public double sensitivity(double normOfX, double normOfY) {
      return 2 * normOfY * normOfY;
    }
  }

  /**
   * {@code ||A||_F}.
   *
   * @param options tolerances are of the norm, not of its square
   * @throws ArithmeticException if a product holds a NaN or an infinity
   * @throws IllegalArgumentException if two vectors do not fit into {@code maxBytes}
   */
  public static Estimate of(LinearOperator a, Estimate.Options options) {
    Square form = new Square(a.device().kernels(a.dtype()));
    Estimate square =
        new HutchPlusPlus(
                a,
                form,
                // d sqrt(s) = ds / (2 sqrt(s))
                s -> 2 * Math.sqrt(s) * options.allowed(Math.sqrt(s)),
                options)
            .deflated();
    double norm = Math.sqrt(square.value());
    double slope = norm > 0 ? 0.5 / norm : 0;
    return new Estimate(
        norm,
        slope * square.standardError(),
        norm > 0 ? slope * square.noise() : Math.sqrt(square.noise()),
        square.samples(),
        square.products(),
        square.converged());
  }
}
