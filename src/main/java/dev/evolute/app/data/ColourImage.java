package dev.evolute.app.data;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Images of 32 x 32 pixels as CIFAR and ImageNet32 have them in their files, all of red, then all
 * of green, then all of blue, in bytes. Networks here want channels together, pixel by pixel.
 */
final class ColourImage {
  static final int SIDE = 32;
  static final int PIXELS = SIDE * SIDE;
  static final int CHANNELS = 3;

  /** Numbers of an image. */
  static final int FEATURES = CHANNELS * PIXELS;

  private ColourImage() {}

  /**
   * Writes one image, each channel standardised by {@code (p / 255 - mean) / std}.
   *
   * @param at where it begins in {@code file}
   * @param x receives {@link #FEATURES} numbers from {@code xAt} on
   */
  static void write(MemorySegment file, long at, double[] mean, double[] std, double[] x, int xAt) {
    for (int c = 0; c < CHANNELS; c++) {
      for (int p = 0; p < PIXELS; p++) {
        int level = file.get(ValueLayout.JAVA_BYTE, at + c * PIXELS + p) & 0xff;
        x[xAt + p * CHANNELS + c] = (level / 255.0 - mean[c]) / std[c];
      }
    }
  }
}
