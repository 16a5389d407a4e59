package dev.evolute.app.data;

import dev.evolute.app.UserException;
import dev.evolute.spectral.CounterRandom;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * CIFAR-10 (Krizhevsky 2009) as published in its binary version: {@code data_batch_1.bin} to {@code
 * data_batch_5.bin}, mapped. A record is a label, 0 to 9, and 32 x 32 pixels of red, then green,
 * then blue. Samples have their channels together, pixel by pixel, as convolutions here want them,
 * each channel standardised by its mean and deviation over the training images; y is one-hot.
 * {@link #planes} has them as grey images, and {@link #standIn} what stands in for those.
 */
public final class Cifar10 implements Samples {
  /** What a user types. */
  public static final String NAME = "cifar-10";

  /** The classes. */
  public static final int CLASSES = 10;

  /** Numbers of x. */
  public static final int FEATURES = ColourImage.FEATURES;

  private static final String WAY =
      "put data_batch_1.bin to data_batch_5.bin of its binary version into a folder and name it"
          + " with --data-dir";

  private static final String FOLDER = "cifar-10-batches-bin";
  private static final int FILES = 5;
  private static final int SIDE = ColourImage.SIDE;
  private static final int RECORD = 1 + FEATURES;

  /** Of the red, green and blue pixels of all training images, as they are commonly given. */
  private static final double[] MEAN = {0.4914, 0.4822, 0.4465};

  private static final double[] STD = {0.2470, 0.2435, 0.2616};

  /** Of all pixels together. */
  private static final double MEAN_OF_ALL = 0.4734;

  private static final double STD_OF_ALL = 0.2516;

  private final List<MemorySegment> files;
  private final int perFile;
  private final int[] which;

  private Cifar10(List<MemorySegment> files, int perFile, int[] which) {
    this.files = files;
    this.perFile = perFile;
    this.which = which;
  }

  /**
   * The training images.
   *
   * @param dataDir folder to look in first, or null
   * @throws UserException if they are nowhere, or not as published
   */
  public static Cifar10 open(Path dataDir) {
    return find(dataDir)
        .orElseThrow(
            () -> new UserException(NAME + " was not found, and cannot be fetched; " + WAY));
  }

  /**
   * The training images, from the first folder that has any of their files, itself or in {@code
   * cifar-10-batches-bin}: the one given, then those {@link DataSets} looks in.
   *
   * @param dataDir folder to look in first, or null
   * @return nothing where no folder has a file of theirs
   * @throws UserException if they are not all there, or not as published
   */
  public static Optional<Cifar10> find(Path dataDir) {
    return find(DataSets.userSearchPath(dataDir), 10_000);
  }

  static Optional<Cifar10> find(List<Path> folders, int perFile) {
    return locate(folders).map(folder -> read(folder, perFile));
  }

  private static Optional<Path> locate(List<Path> folders) {
    return folders.stream()
        .flatMap(folder -> Stream.of(folder.resolve(FOLDER), folder))
        .filter(folder -> batches(folder).stream().anyMatch(Files::exists))
        .findFirst();
  }

  /** Whether and where it is to be had. */
  static DataSets.Listing listing(Path dataDir) {
    List<Path> folders = DataSets.userSearchPath(dataDir);
    try {
      return find(folders, 10_000)
          .map(all -> new DataSets.Listing(NAME, true, locate(folders).orElseThrow().toString()))
          .orElse(new DataSets.Listing(NAME, false, "not found; " + WAY));
    } catch (UserException damaged) {
      return new DataSets.Listing(NAME, false, damaged.getMessage());
    }
  }

  private static List<Path> batches(Path folder) {
    return IntStream.rangeClosed(1, FILES)
        .mapToObj(i -> folder.resolve("data_batch_" + i + ".bin"))
        .toList();
  }

  private static Cifar10 read(Path folder, int perFile) {
    List<MemorySegment> files = batches(folder).stream().map(file -> map(file, perFile)).toList();
    return new Cifar10(files, perFile, IntStream.range(0, FILES * perFile).toArray());
  }

  private static MemorySegment map(Path file, int records) {
    try (FileChannel channel = FileChannel.open(file)) {
      long size = channel.size();
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
      MemorySegment map = channel.map(FileChannel.MapMode.READ_ONLY, 0, size, Arena.ofAuto());
      for (int i = 0; i < records; i++) {
        int label = map.get(ValueLayout.JAVA_BYTE, (long) i * RECORD) & 0xff;
        if (label >= CLASSES) {
          throw new UserException(
              "%s: label %d (counted from 0) is %d, expected 0 to 9; replace it with an intact copy"
                  .formatted(file, i, label));
        }
      }
      return map;
    } catch (IOException e) {
      throw new UserException(
          "%s cannot be read (%s); put the binary version of CIFAR-10 into a folder and name it with"
                  .formatted(file, IdxReader.reason(e, file))
              + " --data-dir",
          e);
    }
  }

  /** Some of these images. */
  public Cifar10 only(int[] indices) {
    return new Cifar10(files, perFile, Arrays.stream(indices).map(i -> which[i]).toArray());
  }

  /**
   * These images in memory, plane below plane, {@code [96 x 32]}, all pixels standardised alike.
   */
  public Dataset planes() {
    byte[] pixels = new byte[Math.multiplyExact(count(), FEATURES)];
    byte[] labels = new byte[count()];
    for (int i = 0; i < count(); i++) {
      MemorySegment file = file(i);
      labels[i] = file.get(ValueLayout.JAVA_BYTE, at(i));
      MemorySegment.copy(file, ValueLayout.JAVA_BYTE, at(i) + 1, pixels, i * FEATURES, FEATURES);
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
      double[] noise = new double[FEATURES];
      CounterRandom.fillGaussian(seed, k, 0, noise);
      templates[k] = smooth(noise);
    }
    double[] x = new double[samples * FEATURES];
    CounterRandom.fillGaussian(seed, CLASSES, 0, x);
    byte[] labels = new byte[samples];
    double largest = 0;
    for (int i = 0; i < samples; i++) {
      labels[i] = (byte) (i % CLASSES);
      for (int p = 0; p < FEATURES; p++) {
        int at = i * FEATURES + p;
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
    double[] smooth = new double[FEATURES];
    for (int p = 0; p < FEATURES; p++) {
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

  private MemorySegment file(int sample) {
    return files.get(which[sample] / perFile);
  }

  /** Where the record of a sample begins in its file. */
  private long at(int sample) {
    return (long) (which[sample] % perFile) * RECORD;
  }

  @Override
  public int count() {
    return which.length;
  }

  @Override
  public int inputs() {
    return FEATURES;
  }

  @Override
  public int targets() {
    return CLASSES;
  }

  @Override
  public void write(int sample, double[] x, int xAt, double[] y, int yAt) {
    MemorySegment file = file(sample);
    long at = at(sample);
    Arrays.fill(y, yAt, yAt + CLASSES, 0);
    y[yAt + file.get(ValueLayout.JAVA_BYTE, at)] = 1;
    ColourImage.write(file, at + 1, MEAN, STD, x, xAt);
  }

  /** SHA-256 of all files, one behind the other. */
  public String sha256() {
    return Sha256.hex(files.toArray(MemorySegment[]::new));
  }
}
