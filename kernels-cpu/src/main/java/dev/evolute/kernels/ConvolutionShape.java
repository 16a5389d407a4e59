package dev.evolute.kernels;

/**
 * The sizes of a 2-D convolution. Images stand pixel by pixel with their channels together (NHWC):
 * input {@code x [n x h x w x c]}, output {@code y [n x h' x w' x f]}, weights {@code w [kh x kw x
 * c x f]}. So a patch of the image meets the weights as one row of {@code [kh kw c]} numbers meets
 * a matrix {@code [kh kw c x f]}, and {@code y} is a matrix {@code [n h' w' x f]} for the kernels
 * of other families: its {@link ReductionKernels#columnSums} are the gradient of the bias. Outside
 * the image stand zeros.
 *
 * @param batch n, images, at least 0
 * @param height h of the input
 * @param width w of the input
 * @param channels c of the input
 * @param filters f, channels of the output
 * @param kernelHeight kh
 * @param kernelWidth kw
 * @param stride pixels of the input from one output to the next, in both directions
 * @param padding rows and columns of zeros on each side of the input
 * @param dilation pixels of the input from one tap of the kernel to the next
 */
public record ConvolutionShape(
    int batch,
    int height,
    int width,
    int channels,
    int filters,
    int kernelHeight,
    int kernelWidth,
    int stride,
    int padding,
    int dilation) {
  /**
   * Checks that there is an output.
   *
   * @throws IllegalArgumentException if a size is too small, the kernel does not fit into the
   *     padded image, or one image or the weights have more than 2^31 - 1 elements
   */
  public ConvolutionShape {
    ImageShapes.sizes("convolution", batch, height, width, channels, kernelHeight, kernelWidth);
    if (filters < 1 || stride < 1 || padding < 0 || dilation < 1) {
      throw new IllegalArgumentException(
          String.format(
              "convolution: %d filters, stride %d, padding %d, dilation %d; filters, stride and"
                  + " dilation are at least 1, the padding at least 0",
              filters, stride, padding, dilation));
    }
    long reachY = (kernelHeight - 1L) * dilation + 1;
    long reachX = (kernelWidth - 1L) * dilation + 1;
    ImageShapes.fits("convolution", height, width, padding, reachY, reachX);
    double area = (height + 2.0 * padding) * (width + 2.0 * padding);
    ImageShapes.countable("convolution", "a padded image", area * Math.max(channels, filters));
    double patch = (double) kernelHeight * kernelWidth * channels;
    ImageShapes.countable("convolution", "the set of weights", patch * filters);
  }

  /** A square kernel with stride 1 and no padding; {@link #withStride} and others change that. */
  public static ConvolutionShape of(
      int batch, int height, int width, int channels, int filters, int kernel) {
    return new ConvolutionShape(batch, height, width, channels, filters, kernel, kernel, 1, 0, 1);
  }

  /** With so many pixels from one patch to the next, in both directions. */
  public ConvolutionShape withStride(int pixels) {
    return new ConvolutionShape(
        batch,
        height,
        width,
        channels,
        filters,
        kernelHeight,
        kernelWidth,
        pixels,
        padding,
        dilation);
  }

  /** With so many pixels of zeros around each image. */
  public ConvolutionShape withPadding(int pixels) {
    return new ConvolutionShape(
        batch,
        height,
        width,
        channels,
        filters,
        kernelHeight,
        kernelWidth,
        stride,
        pixels,
        dilation);
  }

  /** With so many pixels from one tap of the kernel to the next; 1 leaves no holes. */
  public ConvolutionShape withDilation(int pixels) {
    return new ConvolutionShape(
        batch,
        height,
        width,
        channels,
        filters,
        kernelHeight,
        kernelWidth,
        stride,
        padding,
        pixels);
  }

  /** Height h' of the output. */
  public int outputHeight() {
    return ImageShapes.steps(height, padding, (kernelHeight - 1) * dilation + 1, stride);
  }

  /** Width w' of the output. */
  public int outputWidth() {
    return ImageShapes.steps(width, padding, (kernelWidth - 1) * dilation + 1, stride);
  }

  /** Numbers in a patch, {@code kh kw c}: rows of the weights as a matrix. */
  public int patch() {
    return kernelHeight * kernelWidth * channels;
  }

  /** Elements of all images, {@code batch height width channels}. */
  public long inputLength() {
    return (long) batch * height * width * channels;
  }

  /** Elements of the weights, {@code kh kw channels filters}. */
  public long weightsLength() {
    return (long) patch() * filters;
  }

  /** Elements of all results, {@code batch h' w' filters}. */
  public long outputLength() {
    return (long) batch * outputHeight() * outputWidth() * filters;
  }

  /** Checks that the buffers hold the three tensors, each of which may be a value or a gradient. */
  public void check(String kernel, Buffer x, Buffer w, Buffer y) {
    ImageShapes.images(kernel, "the input", x, batch, height, width, channels);
    ImageShapes.images(kernel, "the weights", w, kernelHeight, kernelWidth, channels, filters);
    ImageShapes.images(kernel, "the output", y, batch, outputHeight(), outputWidth(), filters);
  }

  /** Checks that there is one number a filter. */
  public void checkBias(String kernel, Buffer bias) {
    if (bias.length() != filters) {
      throw new IllegalArgumentException(
          kernel
              + ": the bias has "
              + bias.length()
              + " elements for "
              + filters
              + " filters; it needs one for each");
    }
  }
}
