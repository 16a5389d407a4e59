package dev.evolute.app.data;

import dev.evolute.app.UserException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * CIFAR-10 (Krizhevsky 2009) as published in its binary version: {@code data_batch_1.bin} to {@code
 * data_batch_5.bin}, mapped. A record is a label, 0 to 9, and 32 x 32 pixels of red, then green,
 * then blue. Samples have their channels together, pixel by pixel, as convolutions here want them,
 * each channel standardised by its mean and deviation over the training images; y is one-hot.
 */
public final class Cifar10 implements Samples {
  /** What a user types. */
  public static final String NAME = "cifar-10";

  /** The classes. */
  public static final int CLASSES = 10;

  /** Numbers of x. */
  public static final int FEATURES = 3072;

  private static final String FOLDER = "cifar-10-batches-bin";
  private static final int FILES = 5;
  private static final int PIXELS = 1024;
  private static final int RECORD = 1 + FEATURES;
  private static final double[] MEAN = {0.4914, 0.4822, 0.4465};
  private static final double[] STD = {0.2470, 0.2435, 0.2616};

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
   * @param folder where the files are, themselves or in {@code cifar-10-batches-bin}
   * @throws UserException if they are not there, or not as published
   */
  public static Cifar10 open(Path folder) {
    return open(folder, 10_000);
  }

  static Cifar10 open(Path folder, int perFile) {
    if (folder == null) {
      throw new UserException(
          NAME + " cannot be fetched; name the folder of its binary version with --data-dir");
    }
    Path own = folder.resolve(FOLDER);
    Path place = Files.isDirectory(own) ? own : folder;
    List<MemorySegment> files = new ArrayList<>();
    for (int i = 1; i <= FILES; i++) {
      files.add(map(place.resolve("data_batch_" + i + ".bin"), perFile));
    }
    int[] all = new int[FILES * perFile];
    Arrays.setAll(all, i -> i);
    return new Cifar10(files, perFile, all);
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
    MemorySegment file = files.get(which[sample] / perFile);
    long at = (long) (which[sample] % perFile) * RECORD;
    Arrays.fill(y, yAt, yAt + CLASSES, 0);
    y[yAt + file.get(ValueLayout.JAVA_BYTE, at)] = 1;
    for (int c = 0; c < MEAN.length; c++) {
      for (int p = 0; p < PIXELS; p++) {
        int level = file.get(ValueLayout.JAVA_BYTE, at + 1 + c * PIXELS + p) & 0xff;
        x[xAt + p * MEAN.length + c] = (level / 255.0 - MEAN[c]) / STD[c];
      }
    }
  }

  /** SHA-256 of all files, one behind the other. */
  public String sha256() {
    return Sha256.hex(files.toArray(MemorySegment[]::new));
  }
}
