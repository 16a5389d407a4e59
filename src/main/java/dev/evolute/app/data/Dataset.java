package dev.evolute.app.data;

import java.util.Arrays;

/**
 * Labelled grey images held in memory: pixels {@code [n x rows*cols]} and labels {@code [n]}.
 *
 * <p>Pixels are unsigned bytes. A network is fed their standardised form {@code (p / 255 - mean) /
 * std}, where {@code mean} and {@code std} (population form) belong to all pixels of the full
 * training set, scaled to {@code [0, 1]}, so that a subset and the full set give an image the same
 * input.
 */
public final class Dataset {
  private final String name;
  private final boolean real;
  private final String split;
  private final int rows;
  private final int cols;
  private final int classes;
  private final byte[] pixels;
  private final byte[] labels;
  private final String source;
  private final double mean;
  private final double std;
  private final int[] sourceIndices;
  private final String sha256;

  /**
   * Takes ownership of the arrays.
   *
   * @param real whether these are the images the name promises; false for a stand-in
   * @param split {@code "train"} or {@code "test"}
   * @param pixels {@code [n x rows*cols]}, unsigned
   * @param labels {@code [n]}, each in {@code 0 .. classes - 1}
   * @param source one sentence: origin and licence
   * @param sourceIndices {@code [n]} indices into the full set, or empty for the full set itself
   * @throws IllegalArgumentException where sizes disagree or {@code std} is not positive
   */
  public Dataset(
      String name,
      boolean real,
      String split,
      int rows,
      int cols,
      int classes,
      byte[] pixels,
      byte[] labels,
      String source,
      double mean,
      double std,
      int[] sourceIndices) {
    if (pixels.length != (long) labels.length * rows * cols) {
      throw new IllegalArgumentException(
          "dataset %s: %d pixels do not make [%d x %d x %d]; there must be one image a label"
              .formatted(name, pixels.length, labels.length, rows, cols));
    }
    if (sourceIndices.length != 0 && sourceIndices.length != labels.length) {
      throw new IllegalArgumentException(
          "dataset %s: %d source indices for %d samples; give one a sample, or none"
              .formatted(name, sourceIndices.length, labels.length));
    }
    if (!(std > 0)) {
      throw new IllegalArgumentException(
          "dataset %s: std is %s; it must be positive".formatted(name, std));
    }
    this.name = name;
    this.real = real;
    this.split = split;
    this.rows = rows;
    this.cols = cols;
    this.classes = classes;
    this.pixels = pixels;
    this.labels = labels;
    this.source = source;
    this.mean = mean;
    this.std = std;
    this.sourceIndices = sourceIndices;
    this.sha256 = Sha256.hex(pixels, labels);
  }

  /** The name it is opened by, such as {@code "mnist-1k"}. */
  public String name() {
    return name;
  }

  /** Whether these are the images the name promises; false for a stand-in. */
  public boolean real() {
    return real;
  }

  /** {@code "train"} or {@code "test"}. */
  public String split() {
    return split;
  }

  /** Number of images, {@code n}. */
  public int samples() {
    return labels.length;
  }

  /** Image height in pixels. */
  public int rows() {
    return rows;
  }

  /** Image width in pixels. */
  public int cols() {
    return cols;
  }

  /** Inputs a sample, {@code d = rows * cols}. */
  public int features() {
    return rows * cols;
  }

  /** Number of classes; a label is in {@code 0 .. classes - 1}. */
  public int classes() {
    return classes;
  }

  /** The pixels {@code [n x rows*cols]}, unsigned; not a copy, not to be written. */
  public byte[] pixels() {
    return pixels;
  }

  /** The labels {@code [n]}; not a copy, not to be written. */
  public byte[] labels() {
    return labels;
  }

  /** SHA-256 (lower-case hex) of exactly the pixels, then the labels. */
  public String sha256() {
    return sha256;
  }

  /** One sentence: origin and licence. */
  public String source() {
    return source;
  }

  /** Mean of all pixels of the full training set, scaled to {@code [0, 1]}. */
  public double mean() {
    return mean;
  }

  /** Standard deviation (population form) of the same pixels as {@link #mean}. */
  public double std() {
    return std;
  }

  /** Indices {@code [n]} into the full training set, ascending; empty for a full set. */
  public int[] sourceIndices() {
    return sourceIndices.clone();
  }

  /** The first samples of this set under the same name; the whole set where it has no more. */
  public Dataset first(int samples) {
    int n = Math.min(samples, samples());
    return n == samples()
        ? this
        : new Dataset(
            name,
            real,
            split,
            rows,
            cols,
            classes,
            Arrays.copyOf(pixels, n * features()),
            Arrays.copyOf(labels, n),
            source,
            mean,
            std,
            Arrays.copyOf(sourceIndices, Math.min(n, sourceIndices.length)));
  }

  /** This subset's samples, cut from the pixels and labels of the full set it came from. */
  Dataset cutFrom(byte[] fullPixels, byte[] fullLabels) {
    byte[] cutPixels = new byte[pixels.length];
    byte[] cutLabels = new byte[labels.length];
    for (int i = 0; i < sourceIndices.length; i++) {
      int from = sourceIndices[i];
      System.arraycopy(fullPixels, from * features(), cutPixels, i * features(), features());
      cutLabels[i] = fullLabels[from];
    }
    return new Dataset(
        name,
        real,
        split,
        rows,
        cols,
        classes,
        cutPixels,
        cutLabels,
        source,
        mean,
        std,
        sourceIndices);
  }

  /** Standardised pixels {@code [n x d]}: {@code (p / 255 - mean) / std}. */
  public double[] inputs() {
    double[] out = new double[pixels.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = ((pixels[i] & 0xff) / 255.0 - mean) / std;
    }
    return out;
  }

  /** One-hot labels {@code [n x classes]}. */
  public double[] oneHot() {
    double[] out = new double[labels.length * classes];
    for (int i = 0; i < labels.length; i++) {
      out[i * classes + labels[i]] = 1;
    }
    return out;
  }

  @Override
  public String toString() {
    return "%s (%s, %d samples of %d x %d, sha256 %s)"
        .formatted(name, split, samples(), rows, cols, sha256);
  }
}
