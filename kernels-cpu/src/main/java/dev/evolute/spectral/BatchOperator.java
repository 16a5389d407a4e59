package dev.evolute.spectral;

import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Matrix;

/**
 * Many symmetric operators {@code H_0, ..., H_{n-1}} of one size that are cheap to apply together,
 * each to a vector of its own: the Hessians of a network's output for n samples. A vector of {@code
 * parts * width} elements is cut into parts, so that a part of all vectors is one dense {@code [n x
 * width]} matrix: part q of vector i is row {@code q n + i}.
 */
public interface BatchOperator {
  /** Number of operators n. */
  int count();

  /** Number of parts a vector is cut into. */
  int parts();

  /** Elements of a part. */
  int width();

  /** The device of all vectors. */
  Device device();

  /** The element type of all vectors. */
  DType dtype();

  /**
   * {@code y_i = H_i x_i} for all i.
   *
   * @param x {@code [parts n x width]}, dense, read
   * @param y {@code [parts n x width]}, dense, written
   */
  void apply(Matrix x, Matrix y);
}
