package dev.evolute.autodiff.op;

import dev.evolute.kernels.Matrix;

/** Views of a dense matrix in other columns. */
final class Columns {
  private Columns() {}

  /** Columns {@code [from, from + count)}; null for null. */
  static Matrix of(Matrix x, int from, int count) {
    return x == null
        ? null
        : Matrix.of(x.buffer().view(from, x.buffer().length() - from), x.rows(), count, x.cols());
  }

  /** The same elements in {@code rows} rows; null for null. */
  static Matrix inRows(Matrix x, int rows) {
    return x == null
        ? null
        : Matrix.of(x.buffer(), rows, Math.toIntExact(x.buffer().length() / rows));
  }
}
