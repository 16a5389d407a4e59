package dev.evolute.spectral;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Matrix;

/**
 * The largest and the smallest singular value of a matrix {@code W [m x n]}, such as the weights of
 * a layer, and its condition number. The smallest is the {@code min(m, n)}-th: 0 says that W has
 * not full rank.
 *
 * <p>Where {@code m n min(m, n)} is at most 2^28 (512 x 1024, say) all singular values come from
 * the library's dense decomposition, and the intervals contain the two for certain, rounding
 * bounded as by its backward error. Larger matrices go to {@link Lanczos} on {@code W^T W} or
 * {@code W W^T} in f64. The residual's interval then contains a singular value for certain, the
 * extreme one very likely; and squares lose small ones: the smallest is told apart from 0 only
 * above about 3e-8 of the largest.
 *
 * @param max the largest singular value, the spectral norm
 * @param min the smallest
 * @param dense whether all singular values were computed
 * @param products products with {@code W^T W} used, 0 if dense
 * @param converged whether the residuals are as small as was asked for
 */
public record SingularValues(
    Interval max, Interval min, boolean dense, int products, boolean converged) {
  private static final double MOST_DENSE = 1 << 28;
  private static final double ROUNDING = 0x1p-52;
  private static final double TOLERANCE = 1e-8;
  private static final int MOST_PRODUCTS = 5000;

  /**
   * Singular values of w to 1e-8 of the square of the largest, or exactly if w is small.
   *
   * @param w neither side 0; transposed or not
   * @throws ArithmeticException if w holds a NaN or an infinity
   */
  public static SingularValues of(Matrix w) {
    return of(
        w, Lanczos.Options.defaults().withTolerance(TOLERANCE).withMaxProducts(MOST_PRODUCTS));
  }

  /**
   * As {@link #of(Matrix)}, with what is asked of Lanczos where w is large: tolerances are of the
   * squares, relative to that of the largest; both ends are taken, and no vectors kept.
   */
  public static SingularValues of(Matrix w, Lanczos.Options options) {
    if (w.rows() == 0 || w.cols() == 0) {
      throw new IllegalArgumentException("singular values: the matrix is " + w + "; it is empty");
    }
    double work = (double) w.rows() * w.cols() * Math.min(w.rows(), w.cols());
    return work <= MOST_DENSE ? dense(w) : iterative(w, options);
  }

  /** {@code max / min}, infinite where the smallest is 0. */
  public double condition() {
    return max.value() / min.value();
  }

  /** The condition number is not below this. */
  public double conditionLower() {
    return max.lower() / min.upper();
  }

  /** The condition number is not above this; infinite where the smallest may be 0. */
  public double conditionUpper() {
    return max.upper() / min.lower();
  }

  static SingularValues dense(Matrix w) {
    double[] values = DenseSvd.values(elements(w), w.rows(), w.cols());
    double largest = values[values.length - 1];
    // Backward error of a decomposition by orthogonal transformations (Golub, Van Loan).
    double error = ROUNDING * (w.rows() + w.cols()) * largest;
    return new SingularValues(around(largest, error), around(values[0], error), true, 0, true);
  }

  static SingularValues iterative(Matrix w, Lanczos.Options options) {
    Device device = w.buffer().device();
    try (Buffer wide = device.allocate(DType.F64, (long) w.rows() * w.cols())) {
      wide.set(elements(w));
      try (GramOperator gram = new GramOperator(Matrix.of(wide, w.rows(), w.cols()));
          Extremes squares =
              Lanczos.extremes(gram, options.withEnd(Lanczos.End.BOTH).withVectors(false))) {
        return new SingularValues(
            root(squares.max()),
            root(squares.min()),
            false,
            squares.products(),
            squares.converged());
      }
    }
  }

  private static Interval around(double value, double error) {
    return new Interval(value, Math.max(0, value - error), value + error);
  }

  private static Interval root(Eigenpair square) {
    return new Interval(
        Math.sqrt(Math.max(0, square.value())),
        Math.sqrt(Math.max(0, square.lower())),
        Math.sqrt(Math.max(0, square.upper())));
  }

  /** Row by row. */
  private static double[] elements(Matrix w) {
    int m = w.rows();
    int n = w.cols();
    double[] all = new double[Math.multiplyExact(m, n)];
    Matrix stored = w.transposed() ? w.t() : w;
    double[] row = new double[stored.cols()];
    for (int i = 0; i < stored.rows(); i++) {
      stored.buffer().read((long) i * stored.stride(), row, 0, row.length);
      for (int j = 0; j < row.length; j++) {
        if (!Double.isFinite(row[j])) {
          throw new ArithmeticException(
              "singular values: element ("
                  + (w.transposed() ? j + ", " + i : i + ", " + j)
                  + ") of the matrix "
                  + w
                  + " is "
                  + row[j]
                  + "; the point it is taken at has diverged");
        }
        all[w.transposed() ? j * n + i : i * n + j] = row[j];
      }
    }
    return all;
  }
}
