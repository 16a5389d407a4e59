package dev.evolute.app.data;

import java.util.Arrays;

/**
 * Standardised images with one-hot labels: x {@code (p / 255 - mean) / std} {@code [features]}, y
 * {@code [classes]}.
 */
public final class ImageSamples implements Samples {
  private final Dataset images;
  private final int[] which;

  /** The standardised form of each byte. */
  private final double[] levels = new double[256];

  /**
   * Some images of a set.
   *
   * @param which their numbers
   */
  public ImageSamples(Dataset images, int[] which) {
    this.images = images;
    this.which = which.clone();
    for (int p = 0; p < levels.length; p++) {
      levels[p] = (p / 255.0 - images.mean()) / images.std();
    }
  }

  @Override
  public int count() {
    return which.length;
  }

  @Override
  public int inputs() {
    return images.features();
  }

  @Override
  public int targets() {
    return images.classes();
  }

  @Override
  public void write(int sample, double[] x, int xAt, double[] y, int yAt) {
    int image = which[sample];
    byte[] pixels = images.pixels();
    int from = image * inputs();
    for (int i = 0; i < inputs(); i++) {
      x[xAt + i] = levels[pixels[from + i] & 0xff];
    }
    Arrays.fill(y, yAt, yAt + targets(), 0);
    y[yAt + images.labels()[image]] = 1;
  }
}
