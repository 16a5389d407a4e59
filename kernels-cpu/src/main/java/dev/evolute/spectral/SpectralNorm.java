package dev.evolute.spectral;

import dev.evolute.kernels.Matrix;

/**
 * The largest singular value of a matrix W by {@link PowerIteration} on {@link GramOperator}: four
 * vectors of memory beside W.
 *
 * <pre>
 *   v = W^T W v / ||.||,  sigma = ||W v||,   ||W^T W v - sigma^2 v|| / sigma >= |sigma - sigma_i| for some i
 * </pre>
 *
 * {@link Lanczos} on the same operator needs fewer products and more memory.
 *
 * @param value sigma, which never exceeds the norm, up to rounding
 * @param residual {@code ||W^T W v - sigma^2 v|| / sigma}: W has a singular value that close to
 *     sigma, though not necessarily the largest one
 * @param products products with {@code W^T W} used
 * @param converged whether the residual is as small as was asked for
 */
public record SpectralNorm(double value, double residual, int products, boolean converged) {
  /**
   * The spectral norm of {@code w [m x n]}, neither side 0.
   *
   * @param tolerance residual allowed, relative to the norm
   * @param maxProducts products with {@code W^T W} to spend at most, at least 1
   * @param seed of the start vector
   * @throws ArithmeticException if a product holds a NaN or an infinity, as where the squares of
   *     the singular values leave the range of the element type
   */
  public static SpectralNorm of(Matrix w, double tolerance, int maxProducts, long seed) {
    try (GramOperator gram = new GramOperator(w);
        PowerIteration.Result result =
            PowerIteration.dominant(gram, tolerance, maxProducts, seed)) {
      Eigenpair pair = result.pair();
      double sigma = Math.sqrt(pair.value());
      double residual = sigma > 0 ? pair.residual() / sigma : 0;
      return new SpectralNorm(sigma, residual, result.products(), pair.converged());
    }
  }
}
