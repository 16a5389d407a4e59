package dev.evolute.kernels;

/**
 * Softmax and the losses built on it, row by row. Part of {@link Kernels}, whose rules hold here.
 */
public interface LossKernels {
  /**
   * Softmax cross-entropy of logits {@code z [n x c]} against target distributions {@code y [n x
   * c]}, whose rows sum to 1, all dense.
   *
   * @param p receives {@code softmax(z)} row by row
   * @param loss one {@link DType#F64} element, receives {@code scale sum_i (log sum_j exp z_ij -
   *     sum_j y_ij z_ij)}
   */
  void softmaxCrossEntropy(double scale, Matrix z, Matrix y, Matrix p, Buffer loss);

  /**
   * Tangent of softmax: {@code out = scale (p (.) u - p <p, u>) + beta out} row by row, for {@code
   * p}, {@code u}, {@code out} dense {@code [n x c]}.
   */
  void softmaxTangent(double scale, Matrix p, Matrix u, double beta, Matrix out);
}
