package dev.evolute.kernels;

/** Matrix products. Part of {@link Kernels}, whose rules hold here. */
public interface ProductKernels {
  /** Packs the right operand {@code b [k x n]} of a product; see {@link PackedMatrix}. */
  PackedMatrix pack(Matrix b);

  /**
   * {@code C = alpha A B + beta C} with {@code A [m x k]}, {@code B [k x n]}, {@code C [m x n]};
   * any of them may be transposed views. With {@code beta = 0}, C is written and never read. At
   * most one of A and B is packed, A then as a {@link PackedMatrix#t()} view.
   */
  void gemm(double alpha, Operand a, Operand b, double beta, Matrix c);
}
