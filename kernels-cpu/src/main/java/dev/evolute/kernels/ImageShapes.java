package dev.evolute.kernels;

/** The checks that the shapes of convolution and pooling share. */
final class ImageShapes {
  private ImageShapes() {}

  static void sizes(String op, int batch, int height, int width, int channels, int kh, int kw) {
    if (batch < 0 || height < 1 || width < 1 || channels < 1 || kh < 1 || kw < 1) {
      throw new IllegalArgumentException(
          String.format(
              "%s: %d images of [%d x %d x %d] under a window of %d x %d; all sizes but the number"
                  + " of images are at least 1",
              op, batch, height, width, channels, kh, kw));
    }
  }

  static void fits(String op, int height, int width, int padding, long reachY, long reachX) {
    long paddedHeight = height + 2L * padding;
    long paddedWidth = width + 2L * padding;
    if (reachY > paddedHeight || reachX > paddedWidth) {
      throw new IllegalArgumentException(
          String.format(
              "%s: a window that reaches over %d x %d does not fit into the image of %d x %d, padded"
                  + " to %d x %d; take a smaller window or more padding",
              op, reachY, reachX, height, width, paddedHeight, paddedWidth));
    }
  }

  static void countable(String op, String what, double elements) {
    if (elements > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          String.format(
              "%s: %s has %.0f elements; at most 2^31 - 1 can be indexed", op, what, elements));
    }
  }

  /** Windows that fit into a padded length. */
  static int steps(int length, int padding, int reach, int stride) {
    return (length + 2 * padding - reach) / stride + 1;
  }

  /** The buffer has as many elements as a tensor of four dimensions. */
  static void images(String kernel, String what, Buffer buffer, int n, int h, int w, int c) {
    long needed = (long) n * h * w * c;
    if (buffer.length() != needed) {
      throw new IllegalArgumentException(
          String.format(
              "%s: %s is [%d x %d x %d x %d], %d elements, its buffer has %d; give a view of that"
                  + " length",
              kernel, what, n, h, w, c, needed, buffer.length()));
    }
  }
}
