package dev.evolute.app.data;

import dev.evolute.app.UserException;
import dev.evolute.spectral.CounterRandom;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * CIFAR-10 (Krizhevsky 2009) as published in its binary version: {@code data_batch_1.bin} to {@code
 * data_batch_5.bin}. A record is a label, 0 to 9, and the image. {@link #planes} has images as grey
 * ones, and {@link #standIn} what stands in for those.
 */
public final class Cifar10 {
  /** What a user types. */
  static final String NAME = "cifar-10";

  private static final int CLASSES = 10;
  private static final int SIDE = ColourImages.SIDE;
  private static final int RECORD = 1 + ColourImages.FEATURES;
  private static final String WAY =
      "put data_batch_1.bin to data_batch_5.bin of its binary version into a folder and name it"
          + " with --data-dir";

  /** Of all pixels together. */
  private static final double MEAN_OF_ALL = 0.4734;

  private static final double STD_OF_ALL = 0.2516;

  static final ColourSet SET = set(10_000);

  private Cifar10() {}

  /** The set, where its files have so many images. */
  static ColourSet set(int perFile) {
    return new ColourSet(
        NAME,
        CLASSES,
        new double[] {0.4914, 0.4822, 0.4465},
        new double[] {0.2470, 0.2435, 0.2616},
        List.of("cifar-10-batches-bin", "."),
        IntStream.rangeClosed(1, 5).mapToObj(i -> "data_batch_" + i + ".bin").toList(),
        WAY,
        true,
        file -> batch(file, perFile));
  }

  /**
   * The training images, where some folder has them.
   *
   * @param dataDir folder to look in first, or null
   * @throws UserException if they are not all there, or not as published
   */
  public static Optional<ColourImages> find(Path dataDir) {
    return SET.find(DataSets.userSearchPath(dataDir));
  }

  private static ColourImages.Batch batch(Path file, int records) {
    MemorySegment map = ColourImages.map(file, WAY);
    long size = map.byteSize();
    if (size != (long) records * RECORD) {
      throw new UserException(
          "%s has %d bytes, %d records of %d are %d; it is %s, replace it with an intact copy"
              .formatted(
                  file,
                  size,
                  records,
                  RECORD,
                  (long) records * RECORD,
                  size < (long) records * RECORD ? "truncated" : "no file of CIFAR-10"));
    }
    short[] labels = new short[records];
    for (int i = 0; i < records; i++) {
      labels[i] = (short) (map.get(ValueLayout.JAVA_BYTE, (long) i * RECORD) & 0xff);
      if (labels[i] >= CLASSES) {
        throw new UserException(
            "%s: label %d (counted from 0) is %d, expected 0 to 9; replace it with an intact copy"
                .formatted(file, i, labels[i]));
      }
    }
    return new ColourImages.Batch(map, map, 1, RECORD, labels);
  }

  /** Images in memory, plane below plane, {@code [96 x 32]}, all pixels standardised alike. */
  public static Dataset planes(ColourImages images) {
    byte[] pixels = new byte[Math.multiplyExact(images.count(), ColourImages.FEATURES)];
    byte[] labels = new byte[images.count()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = (byte) images.label(i);
      images.copy(i, pixels, i * ColourImages.FEATURES);
    }
    return planes(
        NAME,
        true,
        pixels,
        labels,
        "CIFAR-10 by Alex Krizhevsky, Vinod Nair and Geoffrey Hinton; no licence is stated");
  }

  /**
   * Images made up where CIFAR-10 is not to be had: noise around one smooth template a class,
   * {@code x = max(0, t_k + 0.7 z)}, rescaled to the range of bytes.
   *
   * @param samples number of images; the classes take turns
   */
  public static Dataset standIn(int samples, long seed) {
    double[][] templates = new double[CLASSES][];
    for (int k = 0; k < CLASSES; k++) {
      double[] noise = new double[ColourImages.FEATURES];
      CounterRandom.fillGaussian(seed, k, 0, noise);
      templates[k] = smooth(noise);
    }
    double[] x = new double[samples * ColourImages.FEATURES];
    CounterRandom.fillGaussian(seed, CLASSES, 0, x);
    byte[] labels = new byte[samples];
    double largest = 0;
    for (int i = 0; i < samples; i++) {
      labels[i] = (byte) (i % CLASSES);
      for (int p = 0; p < ColourImages.FEATURES; p++) {
        int at = i * ColourImages.FEATURES + p;
        x[at] = Math.max(0, templates[labels[i]][p] + 0.7 * x[at]);
        largest = Math.max(largest, x[at]);
      }
    }
    byte[] pixels = new byte[x.length];
    for (int at = 0; at < x.length; at++) {
      pixels[at] = (byte) Math.round(255 * x[at] / largest);
    }
    return planes("synthetic-cifar-10", false, pixels, labels, "made up by Evolute");
  }

  /** The mean of the 3 x 3 pixels around each, in each plane; beyond the edge there is none. */
  private static double[] smooth(double[] image) {
    double[] smooth = new double[ColourImages.FEATURES];
    for (int p = 0; p < ColourImages.FEATURES; p++) {
      int row = p / SIDE % SIDE;
      int col = p % SIDE;
      int count = 0;
      for (int dr = -1; dr <= 1; dr++) {
        for (int dc = -1; dc <= 1; dc++) {
          if (row + dr >= 0 && row + dr < SIDE && col + dc >= 0 && col + dc < SIDE) {
            smooth[p] += image[p + dr * SIDE + dc];
            count++;
          }
        }
      }
      smooth[p] /= count;
    }
    return smooth;
  }

  private static Dataset planes(
      String name, boolean real, byte[] pixels, byte[] labels, String source) {
    return new Dataset(
        name,
        real,
        "train",
        3 * SIDE,
        SIDE,
        CLASSES,
        pixels,
        labels,
        source,
        MEAN_OF_ALL,
        STD_OF_ALL,
        new int[0]);
  }
}
