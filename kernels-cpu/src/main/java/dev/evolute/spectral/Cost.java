package dev.evolute.spectral;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import java.util.Locale;

/**
 * What a run of {@link Lanczos#extremes} will take, known before it starts.
 *
 * @param fewestProducts products before the first test may end a run from a random start
 * @param mostProducts products it will not exceed: its budget, or what exhausts the space
 * @param secondsPerProduct time of one product with the operator
 * @param bytes memory of the run's vectors on the device at most, the result's included, the
 *     operator's own not
 */
public record Cost(int fewestProducts, long mostProducts, double secondsPerProduct, long bytes) {
  private static final int TIMED = 3;

  /** The cost with the time of a product measured: the fastest of three. */
  public static Cost of(LinearOperator a, Lanczos.Options options) {
    Products products = new Products(a);
    double fastest = Double.POSITIVE_INFINITY;
    try (Buffer x = a.device().allocate(a.dtype(), a.size());
        Buffer y = a.device().allocate(a.dtype(), a.size())) {
      new StartVector(a.device().kernels(a.dtype()), options.seed()).random(x);
      for (int i = 0; i < TIMED; i++) {
        long begun = System.nanoTime();
        products.apply(x, y);
        // Reading one element waits for the device.
        y.get(0);
        fastest = Math.min(fastest, (System.nanoTime() - begun) * 1e-9);
      }
    }
    return of(a, options, fastest);
  }

  /** The cost where the time of a product is known; nothing is applied or allocated. */
  public static Cost of(LinearOperator a, Lanczos.Options options, double secondsPerProduct) {
    long n = a.size();
    int ends = options.end() == Lanczos.End.BOTH ? 2 : 1;
    int measured = options.measured() ? ends : 0;
    // A space restarted needs as many products as it needs; one that is not ends with R^n.
    int rows = options.basis() ? Lanczos.rows(a, options, ends) : 0;
    long most = rows >= n ? n + measured : Long.MAX_VALUE;
    return new Cost(
        Lanczos.patience(n) + measured,
        Math.min(options.maxProducts(), most),
        secondsPerProduct,
        Math.multiplyExact(Lanczos.vectors(a, options, ends), vectorBytes(n, a.dtype())));
  }

  /** Seconds the run will not exceed: products, which are nearly all of it. */
  public double seconds() {
    return mostProducts * secondsPerProduct;
  }

  /**
   * This cost, if it fits.
   *
   * @throws IllegalArgumentException if it takes more, with the numbers
   */
  public Cost within(long bytesAllowed, double secondsAllowed) {
    if (bytes > bytesAllowed) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "lanczos: the vectors of this run take %,d bytes, %,d are allowed; take fewer by"
                  + " withMaxBasis, or values alone by withoutBasis",
              bytes,
              bytesAllowed));
    }
    if (seconds() > secondsAllowed) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "lanczos: up to %,d products of %.3g s take %.3g s, %.3g s are allowed; %,d products"
                  + " fit, and this run takes %,d at least",
              mostProducts,
              secondsPerProduct,
              seconds(),
              secondsAllowed,
              (long) (secondsAllowed / secondsPerProduct),
              fewestProducts));
    }
    return this;
  }

  /**
   * Products after which the largest Ritz value of a random start misses lambda_max by {@code
   * tolerance (lambda_max - lambda_min)} at most, with probability {@code 1 - failure}, whatever
   * the spectrum:
   *
   * <pre>
   *   P(miss) &lt;= 1.648 sqrt(n) exp(-sqrt(tolerance) (2 k - 1))
   * </pre>
   *
   * Kuczynski and Wozniakowski, "Estimating the largest eigenvalue by the power and Lanczos
   * algorithms with a random start", SIAM J. Matrix Anal. Appl. 13 (1992), for positive definite
   * operators; a Krylov space does not change when the operator is shifted to be one. Spectra with
   * outliers need ten times fewer: {@link ExtremeBound} says so during the run.
   *
   * @param n dimension
   */
  public static long sufficientProducts(long n, double tolerance, double failure) {
    if (!(n >= 1 && tolerance > 0 && tolerance < 1 && failure > 0 && failure < 1)) {
      throw new IllegalArgumentException(
          "cost: dimension "
              + n
              + ", tolerance "
              + tolerance
              + ", failure "
              + failure
              + " given; the first must be positive, the others between 0 and 1");
    }
    double exponent = Math.log(1.648 * Math.sqrt(n) / failure) / Math.sqrt(tolerance);
    return Math.min(n, (long) Math.ceil((exponent + 1) / 2));
  }

  private static long vectorBytes(long n, DType dtype) {
    return Math.multiplyExact(n, dtype.bytes());
  }
}
