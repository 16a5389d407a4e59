package dev.evolute.kernels;

/**
 * Reductions, accumulated in fp64, in a fixed order for every number of threads. Part of {@link
 * Kernels}, whose rules hold here.
 */
public interface ReductionKernels {
  /** {@code <x, y>}. */
  double dot(Buffer x, Buffer y);

  /**
   * {@code out_0 = scale <x, y>}, left on the device; {@code out} is one {@link DType#F64} element.
   */
  void dot(double scale, Buffer x, Buffer y, Buffer out);

  /** Euclidean norm of x. */
  double nrm2(Buffer x);

  /** {@code row_j = sum_i X_ij + beta row_j}, X dense {@code [n x d]}. */
  void columnSums(Matrix x, double beta, Buffer row);
}
