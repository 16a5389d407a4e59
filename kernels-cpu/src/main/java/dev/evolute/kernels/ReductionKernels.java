package dev.evolute.kernels;

/**
 * Reductions of vectors and of the rows and columns of a matrix. Part of {@link Kernels}, whose
 * rules hold here.
 *
 * <p>Sums are accumulated in fp64 whatever the element type, in a fixed order for every number of
 * threads, and rounded once where they are stored. A NaN makes every sum, norm and extreme of its
 * vector or row NaN. Of an empty vector or row every sum and norm is 0, the largest element
 * -infinity, the smallest +infinity and the log of a sum of exponentials -infinity, so that the
 * whole is always made of its parts; an index into nothing is refused.
 */
public interface ReductionKernels {
  /** {@code <x, y>}. */
  double dot(Buffer x, Buffer y);

  /**
   * {@code out_0 = scale <x, y>}, left on the device; {@code out} is one {@link DType#F64} element.
   */
  void dot(double scale, Buffer x, Buffer y, Buffer out);

  /**
   * Euclidean norm of x. It neither overflows nor underflows unless the norm itself does: x is read
   * once, and scaled and read again only where its square leaves the range of fp64.
   */
  double nrm2(Buffer x);

  /** {@code sum_i |x_i|}. */
  double asum(Buffer x);

  /** {@code sum_i x_i}. */
  double sum(Buffer x);

  /** {@code log sum_i exp x_i}, without overflow: the largest element is taken out exactly. */
  double logSumExp(Buffer x);

  /** The largest element, 0 above -0. */
  double max(Buffer x);

  /** The smallest element, -0 below 0. */
  double min(Buffer x);

  /** The largest {@code |x_i|}, 0 if there is none. */
  double maxAbs(Buffer x);

  /**
   * Index of the first NaN or, without one, of the first largest element; 0 and -0 are equal.
   *
   * @throws IllegalArgumentException if x is empty
   */
  long argmax(Buffer x);

  /**
   * Index of the first NaN or, without one, of the first smallest element; 0 and -0 are equal.
   *
   * @throws IllegalArgumentException if x is empty
   */
  long argmin(Buffer x);

  /** {@code column_i = sum_j X_ij + beta column_i}, X dense {@code [n x d]}, column {@code [n]}. */
  void rowSums(Matrix x, double beta, Buffer column);

  /** {@code row_j = sum_i X_ij + beta row_j}, X dense {@code [n x d]}, row {@code [d]}. */
  void columnSums(Matrix x, double beta, Buffer row);

  /** {@code column_i = max_j X_ij} as {@link #max}, X dense {@code [n x d]}, column {@code [n]}. */
  void rowMax(Matrix x, Buffer column);

  /**
   * {@code at_i = argmax_j X_ij} as {@link #argmax}, X dense {@code [n x d]}: the classes a
   * classifier chooses.
   *
   * @param at receives n indices; what is beyond them is not touched
   * @throws IllegalArgumentException if d is 0
   */
  void rowArgmax(Matrix x, int[] at);

  /** {@code column_i = log sum_j exp X_ij}, X dense {@code [n x d]}, column {@code [n]}. */
  void rowLogSumExp(Matrix x, Buffer column);
}
