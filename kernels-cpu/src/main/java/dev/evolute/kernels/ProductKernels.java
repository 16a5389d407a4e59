package dev.evolute.kernels;

/**
 * Matrix products. Part of {@link Kernels}, whose rules hold here. A product of inner size k is
 * within {@code (k + 6) u (|alpha| |A| |B| + |beta| |C|)} of the exact one, u the unit roundoff,
 * unless {@link Device#precision} allows more.
 */
public interface ProductKernels {
  /** Packs an operand of products, to be used on either side; see {@link PackedMatrix}. */
  PackedMatrix pack(Matrix b);

  /**
   * {@code C = alpha A B + beta C} with {@code A [m x k]}, {@code B [k x n]}, {@code C [m x n]};
   * any of them may be transposed views. With {@code beta = 0}, C is written and never read. At
   * most one of A and B is packed, A then as a {@link PackedMatrix#t()} view.
   */
  void gemm(double alpha, Operand a, Operand b, double beta, Matrix c);

  /**
   * As {@link #gemm(double, Operand, Operand, double, Matrix)}, with what follows the product done
   * while its result is in cache.
   */
  void gemm(double alpha, Operand a, Operand b, double beta, Matrix c, Epilogue epilogue);

  /**
   * {@code C = alpha (A B + D E) + beta C}, one pass over C: the tangent {@code A' W + A W'} of a
   * product, and the tangent {@code A'^T dZ + A^T dZ'} of a weight gradient.
   *
   * @param epilogue what follows, or null
   */
  void gemmPair(
      double alpha,
      Operand a,
      Operand b,
      Operand d,
      Operand e,
      double beta,
      Matrix c,
      Epilogue epilogue);

  /**
   * {@code C_i = alpha A_i B_i + beta C_i} for {@code count} products of one shape, such as the
   * heads of an attention layer. {@code a}, {@code b}, {@code c} are the first of each; the next
   * stands {@code step} elements further on in the same buffer.
   *
   * @param aStep 0 where all products share one A; likewise bStep
   */
  void gemmBatch(
      int count,
      double alpha,
      Matrix a,
      long aStep,
      Matrix b,
      long bStep,
      double beta,
      Matrix c,
      long cStep);
}
