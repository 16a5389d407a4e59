package dev.evolute.kernels;

/**
 * What Krylov solvers need beside an operator. Part of {@link Kernels}, whose rules hold here; sums
 * are accumulated in fp64 as in {@link ReductionKernels}.
 *
 * <pre>
 *   Gram-Schmidt of w against the rows of V [k x n]:  c = V w,  w = w - V^T c,  w / ||w||
 * </pre>
 */
public interface KrylovKernels {
  /** {@code c_j = <v_j, x>} over the rows of {@code v [k x n]}: the first half of Gram-Schmidt. */
  void dots(Matrix v, Buffer x, double[] c);

  /**
   * {@code y = y + sum_j c_j v_j} over the rows of {@code v [k x n]}: the second half. The sum is
   * rounded once.
   */
  void combine(double[] c, Matrix v, Buffer y);

  /**
   * {@code y = alpha x + beta y}, returns {@code <y, z>} of the new y: {@link VectorKernels#axpby}
   * and {@link ReductionKernels#dot} to the bit, in one pass over memory. x and z may be y; with
   * {@code beta = 0}, y is never read.
   */
  double axpbyDot(double alpha, Buffer x, double beta, Buffer y, Buffer z);

  /**
   * {@code x = x / ||x||}, returns {@code ||x||} as it was. Where that is no direction (0, infinite
   * or NaN) x is left as it is.
   */
  double normalise(Buffer x);
}
