package dev.evolute.kernels;

/**
 * The sizes of a 2-D pooling: images {@code x [n x h x w x c]} become {@code y [n x h' x w' x c]},
 * one number for each window and channel. A window of one pixel with a stride above 1 is
 * subsampling: it takes the top-left pixel of each cell.
 *
 * @param batch n, images, at least 0
 * @param height h of the input
 * @param width w of the input
 * @param channels c of input and output
 * @param windowHeight rows of a window
 * @param windowWidth columns of a window
 * @param stride pixels of the input from one window to the next, in both directions
 * @param padding rows and columns around the input that windows may reach into, less than a window
 */
public record PoolingShape(
    int batch,
    int height,
    int width,
    int channels,
    int windowHeight,
    int windowWidth,
    int stride,
    int padding) {
  /** Numbers of taps are kept in the type of the data, exact in f32 up to here. */
  private static final int MOST_TAPS = 1 << 24;

  /**
   * Checks that there is an output and that every window holds a pixel.
   *
   * @throws IllegalArgumentException if a size is too small, a window does not fit into the padded
   *     image or could lie beside the image, or one image has more than 2^31 - 1 elements
   */
  public PoolingShape {
    ImageShapes.sizes("pooling", batch, height, width, channels, windowHeight, windowWidth);
    if (stride < 1 || padding < 0 || padding >= Math.min(windowHeight, windowWidth)) {
      throw new IllegalArgumentException(
          String.format(
              "pooling: stride %d and padding %d for windows of %d x %d; the stride is at least 1,"
                  + " the padding at least 0 and less than a window",
              stride, padding, windowHeight, windowWidth));
    }
    ImageShapes.fits("pooling", height, width, padding, windowHeight, windowWidth);
    if ((double) windowHeight * windowWidth > MOST_TAPS) {
      throw new IllegalArgumentException(
          String.format(
              "pooling: windows of %d x %d have more than %d taps, which f32 cannot count; pool in"
                  + " two steps",
              windowHeight, windowWidth, MOST_TAPS));
    }
    ImageShapes.countable("pooling", "an image", (double) height * width * channels);
  }

  /** Square windows side by side: the stride is the window. */
  public static PoolingShape of(int batch, int height, int width, int channels, int window) {
    return new PoolingShape(batch, height, width, channels, window, window, window, 0);
  }

  /** Every {@code stride}-th pixel in both directions, from the first on. */
  public static PoolingShape subsampling(
      int batch, int height, int width, int channels, int stride) {
    return new PoolingShape(batch, height, width, channels, 1, 1, stride, 0);
  }

  /** One window over the whole image. */
  public static PoolingShape global(int batch, int height, int width, int channels) {
    return new PoolingShape(batch, height, width, channels, height, width, 1, 0);
  }

  /** Height h' of the output. */
  public int outputHeight() {
    return ImageShapes.steps(height, padding, windowHeight, stride);
  }

  /** Width w' of the output. */
  public int outputWidth() {
    return ImageShapes.steps(width, padding, windowWidth, stride);
  }

  /** Taps of a window. */
  public int window() {
    return windowHeight * windowWidth;
  }

  /** Elements of all images, {@code batch height width channels}. */
  public long inputLength() {
    return (long) batch * height * width * channels;
  }

  /** Elements of all results, {@code batch h' w' channels}. */
  public long outputLength() {
    return (long) batch * outputHeight() * outputWidth() * channels;
  }

  /** Checks that the buffer holds the images, their tangent or their gradient. */
  public void checkInput(String kernel, Buffer x) {
    ImageShapes.images(kernel, "the input", x, batch, height, width, channels);
  }

  /** Checks that the buffer holds one number for each window and channel. */
  public void checkOutput(String kernel, Buffer y) {
    ImageShapes.images(kernel, "the output", y, batch, outputHeight(), outputWidth(), channels);
  }
}
