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

  // The same with numbers that stay on the device: a step that needs none of them on the host waits
  // for nothing.

  /** {@link #dots(Matrix, Buffer, double[])} to the bit, into k {@link DType#F64} elements. */
  void dots(Matrix v, Buffer x, Buffer c);

  /**
   * {@code y = y + scale sum_j c_j v_j} over the rows of {@code v [k x n]}, rounded once.
   *
   * @param c k {@link DType#F64} elements
   */
  void combine(double scale, Buffer c, Matrix v, Buffer y);

  /**
   * {@code out_0 = ||x||}, {@link ReductionKernels#nrm2} to the bit, or NaN where that would have
   * to scale x: where its square leaves the range of fp64 or is 0.
   *
   * @param out one {@link DType#F64} element
   */
  void nrm2(Buffer x, Buffer out);

  /**
   * {@code y = x / by_0}: {@code axpby(1 / by_0, x, 0, y)} to the bit. y may be x.
   *
   * @param by one {@link DType#F64} element
   */
  void divide(Buffer x, Buffer by, Buffer y);
}
