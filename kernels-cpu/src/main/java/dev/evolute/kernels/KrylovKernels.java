package dev.evolute.kernels;

/**
 * What Krylov solvers need beside an operator: Gram-Schmidt against a block of vectors. Part of
 * {@link Kernels}, whose rules hold here.
 */
public interface KrylovKernels {
  /** {@code c_j = <v_j, x>} over the rows of {@code v [k x n]}: the first half of Gram-Schmidt. */
  void dots(Matrix v, Buffer x, double[] c);

  /** {@code y = y + sum_j c_j v_j} over the rows of {@code v [k x n]}: the second half. */
  void combine(double[] c, Matrix v, Buffer y);
}
