package dev.evolute.kernels;

/**
 * Element-wise arithmetic on vectors and on the rows of a matrix. Part of {@link Kernels}, whose
 * rules hold here.
 */
public interface VectorKernels {
  /** {@code x = value}. */
  void fill(double value, Buffer x);

  /** {@code y = x}. */
  void copy(Buffer x, Buffer y);

  /** {@code y = alpha x + beta y}; with {@code beta = 0}, y is never read. x may be y. */
  void axpby(double alpha, Buffer x, double beta, Buffer y);

  /**
   * {@code y = a (.) b + beta y}, element by element; with {@code beta = 0}, y is never read. y may
   * be a.
   */
  void mul(Buffer a, Buffer b, double beta, Buffer y);

  /** {@code y = a (.) b + c (.) d + beta y}, element by element. */
  void mulAdd(Buffer a, Buffer b, Buffer c, Buffer d, double beta, Buffer y);

  /** {@code Y_ij = X_ij + row_j}, X and Y dense {@code [n x d]}. Y may be X. */
  void addRow(Matrix x, Buffer row, Matrix y);

  /**
   * {@code Y_ij = alpha column_i X_ij + beta Y_ij}, X and Y dense {@code [n x d]}; with {@code beta
   * = 0}, Y is never read. Y may be X.
   */
  void scaleRows(double alpha, Matrix x, Buffer column, double beta, Matrix y);

  /**
   * Fused multiply-adds on registers alone, in all threads of the device and in as many chains as
   * keep its units busy: the arithmetic that a roofline has for its flat part. Timed by the caller.
   *
   * @param rounds multiply-adds of each chain, at least 1
   * @return floating-point operations done, two a multiply-add
   */
  double multiplyAdds(int rounds);
}
