package dev.evolute.kernels;

/**
 * Softmax and the losses built on it, row by row, and binary cross-entropy. Part of {@link
 * Kernels}, whose rules hold here. Matrices are dense {@code [n x c]}; sums are accumulated in
 * fp64.
 *
 * <pre>
 *   softmax         p = exp(z) / sum_j exp(z_j),  J = diag(p) - p p^T = J^T
 *   jvp, vjp        J u = p (.) (u - &lt;p, u&gt;)
 *   tangent of vjp  p' (.) (dp - &lt;p, dp&gt;) + p (.) (dp' - &lt;p', dp&gt; - &lt;p, dp'&gt;),  p' = J z'
 *   cross-entropy   l = scale sum_i w_i (log sum_j exp z_ij - sum_j y_ij z_ij)
 *   vjp             dz = scale w (p - y)
 *   jvp             l' = scale sum_i w_i &lt;p_i - y_i, z'_i&gt;
 *   tangent of vjp  dz' = scale w (.) J z'
 *
 *   binary cross-entropy   l = scale sum_i w_i sum_j (log(1 + exp z_ij) - y_ij z_ij),  s = sigmoid(z)
 *   vjp                    dz = first = scale w (.) (s - y)
 *   jvp                    l' = &lt;first, z'&gt;
 *   tangent of vjp         dz' = second (.) z',  second = scale w (.) s (.) (1 - s)
 * </pre>
 */
public interface LossKernels {
  /** {@code p = softmax(z)}; p may be z. */
  void softmax(Matrix z, Matrix p);

  /**
   * Tangent of softmax, and its vjp, the Jacobian being symmetric: {@code out = scale (p (.) u - p
   * <p, u>) + beta out}.
   */
  void softmaxTangent(double scale, Matrix p, Matrix u, double beta, Matrix out);

  /**
   * Tangent of the vjp of softmax at {@code p} for a cotangent {@code dp}, along {@code pTangent}
   * (which {@link #softmaxTangent} gives) and {@code dpTangent}, added to {@code beta out}.
   */
  void softmaxVjpTangent(
      Matrix p, Matrix dp, Matrix pTangent, Matrix dpTangent, double beta, Matrix out);

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
   * Softmax cross-entropy of logits z against distributions or labels, with weights or without. A
   * class of probability 0 costs nothing even where its logit is minus infinity.
   *
   * @param p receives {@code softmax(z)}, of rows that are left out too
   * @param loss one {@link DType#F64} element
   * @throws IllegalArgumentException if a label is neither a class nor {@link Targets#LEFT_OUT}
   */
  void softmaxCrossEntropy(double scale, Matrix z, Targets y, Matrix p, Buffer loss);

  /** {@code dz = scale w (p - y) + beta dz}. */
  void softmaxCrossEntropyVjp(double scale, Matrix p, Targets y, double beta, Matrix dz);

  /**
   * Tangent of the loss along {@code u = z'}.
   *
   * @param out one {@link DType#F64} element, receives {@code scale sum_i w_i <p_i - y_i, u_i>}
   */
  void softmaxCrossEntropyJvp(double scale, Matrix p, Targets y, Matrix u, Buffer out);

  /**
   * Tangent of {@link #softmaxCrossEntropyVjp} along {@code u = z'}: {@code out = scale w (p (.) u
   * - p <p, u>) + beta out}.
   */
  void softmaxCrossEntropyVjpTangent(
      double scale, Matrix p, Targets y, Matrix u, double beta, Matrix out);

  /**
   * Binary cross-entropy of logits {@code z [n x c]}, each element a question of its own, against
   * {@code y [n x c]}, the probability of yes, and its derivatives in the same pass: all that the
   * vjp, jvp and tangent of the vjp need. The loss has full relative precision for any finite z;
   * both derivatives too where y is 0 or 1.
   *
   * @param y from 0 to 1; beyond, the formulas still hold
   * @param weights one a row {@code [n]}, or null for 1; a row of weight 0 is left out
   * @param first {@code dl/dz [n x c]}, may be null
   * @param second {@code d2l/dz2 [n x c]}, the diagonal of the Hessian, may be null
   * @param loss one {@link DType#F64} element
   */
  void binaryCrossEntropy(
      double scale, Matrix z, Matrix y, Buffer weights, Matrix first, Matrix second, Buffer loss);
}
