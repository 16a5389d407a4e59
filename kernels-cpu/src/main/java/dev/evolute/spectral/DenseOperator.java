package dev.evolute.spectral;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Matrix;

/**
 * A symmetric matrix in memory as an operator, for example a Gram matrix {@code W W^T}.
 *
 * @param matrix {@code [n x n]}, symmetric; that is not checked
 */
public record DenseOperator(Matrix matrix) implements LinearOperator {
  private static final int MOST_DENSE = 4096;

  /**
   * Checks its shape.
   *
   * @throws IllegalArgumentException if it is not square
   */
  public DenseOperator {
    if (matrix.rows() != matrix.cols()) {
      throw new IllegalArgumentException(
          "operator: the matrix is " + matrix + "; it must be square and symmetric");
    }
  }

  @Override
  public long size() {
    return matrix.rows();
  }

  @Override
  public Device device() {
    return matrix.buffer().device();
  }

  @Override
  public DType dtype() {
    return matrix.buffer().dtype();
  }

  @Override
  public void apply(Buffer x, Buffer y) {
    int n = matrix.rows();
    device().kernels(dtype()).gemm(1, matrix, Matrix.of(x, n, 1), 0, Matrix.of(y, n, 1));
  }

  /**
   * All eigenvalues, ascending, by the library's dense eigensolver in f64: of the symmetric part of
   * the matrix, in time that grows with the cube of n and memory with its square.
   *
   * @throws IllegalArgumentException if n is above 4096
   * @throws ArithmeticException if the matrix holds a NaN or an infinity
   */
  public double[] eigenvalues() {
    int n = matrix.rows();
    if (n > MOST_DENSE) {
      throw new IllegalArgumentException(
          "operator: all eigenvalues of a matrix "
              + matrix
              + " were asked for, of at most "
              + MOST_DENSE
              + " rows they are computed; Lanczos finds the ends");
    }
    double[] all = new double[n * n];
    double[] row = new double[n];
    int bad = 0;
    for (int i = 0; i < n; i++) {
      // A stored row is a column where the matrix is transposed; the symmetric part is the same.
      matrix.buffer().read((long) i * matrix.stride(), row, 0, n);
      for (int j = 0; j < n; j++) {
        bad += Double.isFinite(row[j]) ? 0 : 1;
        all[i * n + j] += row[j] / 2;
        all[j * n + i] += row[j] / 2;
      }
    }
    if (bad > 0) {
      throw new ArithmeticException(
          "operator: the matrix "
              + matrix
              + " has "
              + bad
              + " NaN or infinite elements; it has no eigenvalues");
    }
    return SymmetricEigen.of(all, n, n).values();
  }

  /** One matrix product. */
  @Override
  public void apply(Matrix x, Matrix y) {
    device().kernels(dtype()).gemm(1, x, matrix, 0, y);
  }
}
