package dev.evolute.autodiff.curvature;

import dev.evolute.kernels.DType;
import dev.evolute.kernels.Matrix;
import dev.evolute.spectral.DenseOperator;
import dev.evolute.spectral.Extremes;
import dev.evolute.spectral.Interval;
import dev.evolute.spectral.Lanczos;
import dev.evolute.spectral.LinearOperator;

/**
 * Both ends of the spectrum of the neural tangent kernel {@code J J^T [n c x n c]}: lambda_min says
 * how fast gradient flow fits at least, and is 0 where the network has fewer parameters than there
 * are outputs.
 *
 * <p>Up to a dimension of 512 the kernel is computed and all its eigenvalues come from the library:
 * the intervals then contain both ends, up to rounding of the kernel. Beyond, {@link Lanczos} finds
 * the ends; the intervals contain an eigenvalue, very likely the extreme one. In both cases a
 * lambda_min below the rounding of lambda_max cannot be told from 0, which the interval says: take
 * f64 for it.
 *
 * <p>That lambda_min is no larger and lambda_max no smaller than the value is certain, and the
 * interval ends there. At the lower end of a large kernel many eigenvalues crowd, and products do
 * not tell them apart before there are about {@code sqrt(lambda_max / gap)} of them, thousands
 * where the gap is a millionth of lambda_max; no shift and no restart of the same products changes
 * that. A run that ends before says {@code converged = false}, and its interval is what it knows.
 *
 * @param min lambda_min, never below 0
 * @param max lambda_max
 * @param dense whether all eigenvalues were computed
 * @param products products with the kernel
 * @param converged whether the residuals are as small as was asked for
 */
public record NtkSpectrum(
    Interval min, Interval max, boolean dense, int products, boolean converged) {
  private static final int MOST_DENSE = 512;

  private static Lanczos.Options usual() {
    return Lanczos.Options.defaults().withTolerance(1e-6);
  }

  /** The ends, to 1e-6 of lambda_max where the kernel is too large to be computed. */
  public static NtkSpectrum of(Predictor predictor) {
    return of(predictor, usual());
  }

  /**
   * The ends of a predictor's kernel.
   *
   * @param options what is asked of Lanczos beyond a dimension of 512; both ends are taken, and no
   *     vectors kept
   * @throws ArithmeticException if the kernel holds a NaN or an infinity
   */
  public static NtkSpectrum of(Predictor predictor, Lanczos.Options options) {
    return of(predictor.map(), options);
  }

  /**
   * The ends of the kernel of a network's output, of whatever objective, as {@link #of(Predictor)}.
   *
   * @throws IllegalStateException if the loss is given several values, or none
   */
  public static NtkSpectrum of(Point point) {
    return of(point, usual());
  }

  /**
   * The same, as {@link #of(Predictor, Lanczos.Options)}.
   *
   * @throws IllegalStateException if the loss is given several values, or none
   */
  public static NtkSpectrum of(Point point, Lanczos.Options options) {
    return of(point.map(), options);
  }

  private static NtkSpectrum of(Jacobian jacobian, Lanczos.Options options) {
    return jacobian.rows() <= MOST_DENSE ? dense(jacobian) : iterative(jacobian, options);
  }

  static NtkSpectrum dense(Jacobian jacobian) {
    Matrix kernel = jacobian.kernelMatrix();
    try {
      double[] all = new DenseOperator(kernel).eigenvalues();
      double max = all[all.length - 1];
      double error = all.length * unit(jacobian.dtype()) * max;
      return new NtkSpectrum(around(all[0], error), around(max, error), true, all.length, true);
    } finally {
      kernel.buffer().close();
    }
  }

  static NtkSpectrum iterative(Jacobian jacobian, Lanczos.Options options) {
    LinearOperator kernel = jacobian.kernel();
    boolean singular = jacobian.columns() < jacobian.rows();
    Lanczos.End ends = singular ? Lanczos.End.MAX : Lanczos.End.BOTH;
    try (Extremes found = Lanczos.extremes(kernel, options.withEnd(ends).withVectors(false))) {
      return new NtkSpectrum(
          singular
              ? new Interval(0, 0, 0)
              : interval(found.min().value(), found.min().lower(), found.min().atMost()),
          interval(found.max().value(), found.max().atLeast(), found.max().upper()),
          false,
          found.products(),
          found.converged());
    }
  }

  private static double unit(DType dtype) {
    return switch (dtype) {
      case F32 -> 0x1p-24;
      case F64 -> 0x1p-53;
    };
  }

  private static Interval around(double value, double error) {
    return interval(value, value - error, value + error);
  }

  private static Interval interval(double value, double lower, double upper) {
    return new Interval(Math.max(0, value), Math.max(0, lower), Math.max(0, upper));
  }
}
