package dev.evolute.spectral;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.Matrix;

/**
 * {@code W^T W} or {@code W W^T} of a matrix {@code W [m x n]}, whichever is smaller, as an
 * operator that never forms it: two matrix-vector products and one vector of memory. Its
 * eigenvalues are the squares of the singular values of W.
 */
public final class GramOperator implements LinearOperator, AutoCloseable {
  private final Matrix tall;
  private final Buffer image;
  private final Matrix imageColumn;
  private final Kernels kernels;

  /**
   * The operator of W as it stands at each product; W stays its owner's.
   *
   * @param w {@code [m x n]}, transposed or not
   */
  public GramOperator(Matrix w) {
    tall = w.rows() < w.cols() ? w.t() : w;
    image = device().allocate(dtype(), tall.rows());
    imageColumn = Matrix.of(image, tall.rows(), 1);
    kernels = device().kernels(dtype());
  }

  @Override
  public long size() {
    return tall.cols();
  }

  @Override
  public Device device() {
    return tall.buffer().device();
  }

  @Override
  public DType dtype() {
    return tall.buffer().dtype();
  }

  @Override
  public void apply(Buffer x, Buffer y) {
    int n = tall.cols();
    kernels.gemm(1, tall, Matrix.of(x, n, 1), 0, imageColumn);
    kernels.gemm(1, tall.t(), imageColumn, 0, Matrix.of(y, n, 1));
  }

  @Override
  public void close() {
    image.close();
  }
}
