package dev.evolute.spectral;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Matrix;

/**
 * A symmetric linear map on R^n known by its products, for example a Hessian. The solvers of this
 * package know nothing else of it.
 */
public interface LinearOperator {
  /** The dimension n. */
  long size();

  /** The device of x and y. */
  Device device();

  /** The element type of x and y. */
  DType dtype();

  /** {@code y = A x}; x is read, y {@code [n]} is written, and the two do not overlap. */
  void apply(Buffer x, Buffer y);

  /**
   * {@code Y = X A}: products with several vectors, one a row. Here one after the other; operators
   * do better where they can.
   *
   * @param x {@code [k x n]}, dense, read
   * @param y {@code [k x n]}, dense, written
   */
  default void apply(Matrix x, Matrix y) {
    long n = size();
    if (!x.dense() || !y.dense() || x.cols() != n || y.cols() != n || x.rows() != y.rows()) {
      throw new IllegalArgumentException(
          "operator: vectors are " + x + ", products " + y + "; both must be dense rows of " + n);
    }
    for (int j = 0; j < x.rows(); j++) {
      apply(x.buffer().view(j * n, n), y.buffer().view(j * n, n));
    }
  }

  /**
   * What products may be wrong by beyond rounding, relative to the operator's norm, as far as the
   * products made so far tell: 0 unless they are approximate, as those of f32 are on a device that
   * was asked for less ({@link Device#precision}). Solvers do not iterate below it, and intervals
   * contain it.
   */
  default double noise() {
    return dtype() == DType.F32 ? device().precision().noise() : 0;
  }

  /**
   * The operator of a caller's own product.
   *
   * @param size the dimension n
   * @param product {@code v -> A v}, symmetric and linear; that is not checked
   */
  static LinearOperator of(Device device, DType dtype, long size, VectorFunction product) {
    return new CallerOperator(device, dtype, size, product);
  }
}
