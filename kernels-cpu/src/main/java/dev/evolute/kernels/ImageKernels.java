package dev.evolute.kernels;

/**
 * Convolution, pooling and batch normalisation of images, with their derivatives. Images stand
 * pixel by pixel with their channels together (NHWC). Part of {@link Kernels}, whose rules hold
 * here.
 *
 * <p>Convolution is linear in the input x and in the weights w, so three kernels give all its
 * derivatives, sums being formed with {@code beta = 1}:
 *
 * <pre>
 *   forward           y  = conv(x, w) + b      convolution
 *   vjp               dx = conv_x(dy, w)       convolutionInput
 *                     dw = conv_w(x, dy)       convolutionWeights
 *                     db = sum of dy           columnSums of dy as a matrix [n h' w' x f]
 *   jvp               y' = conv(x', w) + b' + conv(x, w')
 *   tangent of vjp    dx' = conv_x(dy', w) + conv_x(dy, w')
 *                     dw' = conv_w(x', dy) + conv_w(x, dy')
 * </pre>
 *
 * Pooling is linear, or piecewise linear once each window knows its maximum: jvp and vjp are then
 * their own tangents.
 */
public interface ImageKernels {
  /**
   * {@code y = alpha conv(x, w) + bias + beta y}. With {@code alpha = 0}, x and w are not read.
   *
   * @param x input {@code [n x h x w x c]}
   * @param w weights {@code [kh x kw x c x f]}
   * @param bias one number for each of the f filters, or null for none
   * @param y output {@code [n x h' x w' x f]}
   */
  void convolution(
      ConvolutionShape shape, double alpha, Buffer x, Buffer w, Buffer bias, double beta, Buffer y);

  /**
   * {@code dx = alpha conv_x(dy, w) + beta dx}, the transpose of {@code x -> conv(x, w)}. With
   * {@code alpha = 0}, dy and w are not read.
   */
  void convolutionInput(
      ConvolutionShape shape, double alpha, Buffer dy, Buffer w, double beta, Buffer dx);

  /**
   * {@code dw = alpha conv_w(x, dy) + beta dw}, the transpose of {@code w -> conv(x, w)}. With
   * {@code alpha = 0}, x and dy are not read.
   */
  void convolutionWeights(
      ConvolutionShape shape, double alpha, Buffer x, Buffer dy, double beta, Buffer dw);

  /**
   * {@code y_o = max_k x_(s o - p + k)} over the taps of each window that lie inside the image,
   * channel by channel. Of equal maxima the first counts, row by row; a window with a NaN gives its
   * first NaN.
   *
   * @param x input {@code [n x h x w x c]}
   * @param y output {@code [n x h' x w' x c]}
   * @param taps receives, shaped as y, the place of each maximum in its window: row times the
   *     window's width plus column
   */
  void maxPool(PoolingShape shape, Buffer x, Buffer y, Buffer taps);

  /**
   * The vjp of {@link #maxPool}: {@code dx = alpha dy}, each element added to the pixel its tap
   * names, {@code + beta dx}.
   *
   * @param taps as {@link #maxPool} left them; other numbers choose other pixels or none
   */
  void maxPoolInput(
      PoolingShape shape, double alpha, Buffer dy, Buffer taps, double beta, Buffer dx);

  /**
   * The jvp of {@link #maxPool}: {@code y' = alpha x'} at the pixel that each tap names {@code +
   * beta y'}.
   *
   * @param taps as {@link #maxPool} left them
   */
  void maxPoolTangent(
      PoolingShape shape, double alpha, Buffer xDot, Buffer taps, double beta, Buffer yDot);

  /**
   * {@code y_o = alpha sum_k x_(s o - p + k) / (kh kw) + beta y_o} over the taps of each window,
   * zeros outside the image: average pooling; over the whole image, global average pooling; with a
   * window of one pixel, subsampling. Its own jvp.
   */
  void averagePool(PoolingShape shape, double alpha, Buffer x, double beta, Buffer y);

  /** The vjp of {@link #averagePool}: {@code dx_i = alpha sum_o dy_o / (kh kw) + beta dx_i}. */
  void averagePoolInput(PoolingShape shape, double alpha, Buffer dy, double beta, Buffer dx);

  /**
   * Batch normalisation, channel by channel: {@code y_ij = gamma_j xhat_ij + bias_j} with {@code
   * xhat_ij = (x_ij - mean_j) rstd_j}. In training the statistics are those of the n rows of x,
   * formed in fp64 in blocks of fixed length, and the running ones move towards them; in evaluation
   * they are the running ones. Images {@code [n x h x w x c]} are a matrix {@code [n h w x c]}.
   *
   * @param s receives mean and rstd; in training also the running statistics
   * @param x dense {@code [n x d]}, in training with n at least 2
   * @param gamma {@code [d]}
   * @param bias {@code [d]}
   * @param y dense {@code [n x d]}; may be x itself where no derivative is asked for
   */
  void batchNorm(BatchStatistics s, Matrix x, Buffer gamma, Buffer bias, Matrix y);

  /**
   * The vjp of {@link #batchNorm}, with {@code <u> = sum_i u_i / n} a channel:
   *
   * <pre>
   *   dx      = gamma rstd (dy - &lt;dy> - xhat &lt;xhat dy>) + beta dx     (evaluation: gamma rstd dy)
   *   dgamma  = sum_i xhat_i dy_i + betaParameters dgamma
   *   dbias   = sum_i dy_i        + betaParameters dbias
   * </pre>
   *
   * @param s as {@link #batchNorm} left it
   */
  void batchNormVjp(
      BatchStatistics s,
      Matrix x,
      Buffer gamma,
      Matrix dy,
      double beta,
      Matrix dx,
      double betaParameters,
      Buffer dgamma,
      Buffer dbias);

  /**
   * The jvp of {@link #batchNorm}: {@code y' = gamma xhat' + gamma' xhat + bias' + beta y'} with
   * {@code xhat' = rstd (x' - <x'> - xhat <xhat x'>)}, in evaluation {@code rstd x'}.
   *
   * @param s as {@link #batchNorm} left it
   * @param gammaDot {@code gamma' [d]}, or null for 0
   * @param biasDot {@code bias' [d]}, or null for 0
   */
  void batchNormJvp(
      BatchStatistics s,
      Matrix x,
      Buffer gamma,
      Matrix xDot,
      Buffer gammaDot,
      Buffer biasDot,
      double beta,
      Matrix yDot);

  /**
   * The tangent of {@link #batchNormVjp} as x, gamma and dy move along {@code x'}, {@code gamma'}
   * and {@code dy'}: what {@code dx}, {@code dgamma} and {@code dbias} change by, in two passes
   * over the data.
   *
   * @param s as {@link #batchNorm} left it
   * @param gammaDot {@code gamma' [d]}, or null for 0
   */
  void batchNormVjpTangent(
      BatchStatistics s,
      Matrix x,
      Buffer gamma,
      Matrix dy,
      Matrix xDot,
      Buffer gammaDot,
      Matrix dyDot,
      double beta,
      Matrix dxDot,
      double betaParameters,
      Buffer dgammaDot,
      Buffer dbiasDot);
}
