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
}
