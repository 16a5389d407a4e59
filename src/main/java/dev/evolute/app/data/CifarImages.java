package dev.evolute.app.data;

import dev.evolute.app.UserException;
import dev.evolute.spectral.CounterRandom;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The training images of CIFAR-10 in its binary version, and what stands in for them. An image is
 * its red, green and blue plane of 32 x 32 pixels below each other: {@code [96 x 32]}.
 */
public final class CifarImages {
  private static final int SIDE = 32;
  private static final int PIXELS = 3 * SIDE * SIDE;
  private static final int CLASSES = 10;

  /** Mean and deviation of all training pixels, as they are commonly given. */
  private static final double MEAN = 0.4734;

  private static final double STD = 0.2516;

  private CifarImages() {}

  /**
   * The images of the files {@code data_batch_1.bin} to {@code data_batch_5.bin}, as many of them
   * as are there, in a folder or in its subfolder {@code cifar-10-batches-bin}.
   *
   * @param dataDir the folder, or null
   * @return nothing if there is no such file
   * @throws UserException if a file cannot be read or is no such file
   */
  public static Optional<Dataset> find(Path dataDir) {
    if (dataDir == null) {
      return Optional.empty();
    }
    for (Path folder : List.of(dataDir.resolve("cifar-10-batches-bin"), dataDir)) {
      List<Path> files = new ArrayList<>();
      for (int i = 1; i <= 5; i++) {
        Path file = folder.resolve("data_batch_" + i + ".bin");
        if (Files.isRegularFile(file)) {
          files.add(file);
        }
      }
      if (!files.isEmpty()) {
        return Optional.of(read(files));
      }
    }
    return Optional.empty();
  }

  private static Dataset read(List<Path> files) {
    ByteArrayOutputStream labels = new ByteArrayOutputStream();
    ByteArrayOutputStream pixels = new ByteArrayOutputStream();
    for (Path file : files) {
      byte[] content;
      try {
        content = Files.readAllBytes(file);
      } catch (IOException e) {
        throw new UserException(
            "%s cannot be read (%s); mend it or move it away".formatted(file, e.getMessage()), e);
      }
      if (content.length == 0 || content.length % (1 + PIXELS) != 0) {
        throw new UserException(
            "%s is no file of CIFAR-10's binary version: its %,d bytes are no multiple of %,d"
                    .formatted(file, content.length, 1 + PIXELS)
                + "; take the binary version, or move it away");
      }
      for (int at = 0; at < content.length; at += 1 + PIXELS) {
        if (content[at] < 0 || content[at] >= CLASSES) {
          throw new UserException(
              "%s is no file of CIFAR-10's binary version: byte %,d is label %d, beyond 9; take the"
                      .formatted(file, at, content[at] & 0xff)
                  + " binary version, or move it away");
        }
        labels.write(content[at]);
        pixels.write(content, at + 1, PIXELS);
      }
    }
    return dataset(
        "cifar-10",
        true,
        pixels.toByteArray(),
        labels.toByteArray(),
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
      double[] noise = new double[PIXELS];
      CounterRandom.fillGaussian(seed, k, 0, noise);
      templates[k] = smooth(noise);
    }
    double[] x = new double[samples * PIXELS];
    CounterRandom.fillGaussian(seed, CLASSES, 0, x);
    byte[] labels = new byte[samples];
    double largest = 0;
    for (int i = 0; i < samples; i++) {
      labels[i] = (byte) (i % CLASSES);
      for (int p = 0; p < PIXELS; p++) {
        int at = i * PIXELS + p;
        x[at] = Math.max(0, templates[labels[i]][p] + 0.7 * x[at]);
        largest = Math.max(largest, x[at]);
      }
    }
    byte[] pixels = new byte[x.length];
    for (int at = 0; at < x.length; at++) {
      pixels[at] = (byte) Math.round(255 * x[at] / largest);
    }
    return dataset("synthetic-cifar-10", false, pixels, labels, "made up by Evolute");
  }

  /** The mean of the 3 x 3 pixels around each, in each plane; beyond the edge there is none. */
  private static double[] smooth(double[] image) {
    double[] smooth = new double[PIXELS];
    for (int p = 0; p < PIXELS; p++) {
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

  private static Dataset dataset(
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
        MEAN,
        STD,
        new int[0]);
  }
}
