package dev.evolute.kernels;

/**
 * Normalisation of the rows of {@code x [n x d]}: LayerNorm and RMSNorm with their derivatives.
 * Part of {@link Kernels}, whose rules hold here. Matrices are dense; sums are accumulated in fp64.
 *
 * <pre>
 *   forward         m = mean(x), 0 for RMSNorm;  r = 1 / sqrt(mean((x - m)^2) + eps);  h = (x - m) r
 *                   y = gain h + bias
 *   vjp             dh = gain dy
 *                   dx = r (dh - mean(dh) - h mean(h dh)),  dgain = sum_i h dy,  dbias = sum_i dy
 *   jvp             h' = r (x' - mean(x') - h mean(h x')),  y' = gain h' + gain' h + bias'
 *   tangent of vjp  dh' = gain dy' + gain' dy
 *                   dx' = r (dh' - mean(dh') - h mean(h dh' + h' dh) - h' mean(h dh))
 *                         - r mean(h x') dx
 *                   dgain' = sum_i (h dy' + h' dy),  dbias' = sum_i dy'
 * </pre>
 *
 * Means are over a row; RMSNorm drops mean(dh), mean(x') and mean(dh').
 */
public interface NormKernels {
  /**
   * {@code y = gain h + bias}.
   *
   * @param bias {@code [d]}, or null for none
   * @param y receives the result, may be x
   * @param stats {@code [2 x n]}, receives the means m and the inverse deviations r of the rows
   */
  void norm(Norm norm, Matrix x, Buffer gain, Buffer bias, Matrix y, Matrix stats);

  /**
   * {@code out = J^T dy + beta out} for each of the three inputs; an output may be null.
   *
   * @param stats as {@link #norm} left them
   */
  void normVjp(
      Norm norm,
      Matrix x,
      Matrix stats,
      Buffer gain,
      Matrix dy,
      double betaX,
      Matrix dx,
      double betaGain,
      Buffer dgain,
      double betaBias,
      Buffer dbias);

  /**
   * Tangent of the forward pass, overwriting {@code yTangent}.
   *
   * @param biasTangent null where there is no bias
   */
  void normJvp(
      Norm norm,
      Matrix x,
      Matrix stats,
      Buffer gain,
      Matrix xTangent,
      Buffer gainTangent,
      Buffer biasTangent,
      Matrix yTangent);

  /**
   * Tangent of {@link #normVjp} along x', gain' and dy', added to {@code beta out}; an output may
   * be null. That of dbias is the column sums of dy'.
   */
  void normVjpTangent(
      Norm norm,
      Matrix x,
      Matrix stats,
      Buffer gain,
      Matrix dy,
      Matrix xTangent,
      Buffer gainTangent,
      Matrix dyTangent,
      double betaX,
      Matrix dxTangent,
      double betaGain,
      Buffer dgainTangent,
      double betaBias,
      Buffer dbiasTangent);
}
