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

  /** One matrix product. */
  @Override
  public void apply(Matrix x, Matrix y) {
    device().kernels(dtype()).gemm(1, x, matrix, 0, y);
  }
}
