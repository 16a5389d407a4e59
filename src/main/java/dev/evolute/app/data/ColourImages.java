package dev.evolute.app.data;

import dev.evolute.app.UserException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Labelled images of 32 x 32 pixels in a user's own files, which are mapped, and in which images
 * stay. There they are all of red, then all of green, then all of blue, in bytes; samples have
 * their channels together, pixel by pixel, as convolutions here want them, each standardised by
 * {@code (p / 255 - mean) / std}, and y is one-hot.
 */
public final class ColourImages implements Samples {
  /** Pixels of a row, and rows. */
  static final int SIDE = 32;

  /** Numbers of an image. */
  static final int FEATURES = 3 * SIDE * SIDE;

  private static final int PLANE = SIDE * SIDE;

  /**
   * One file.
   *
   * @param file all of it
   * @param pixels what has its images
   * @param first where the first begins
   * @param stride bytes from one to the next
   * @param labels class of each, from 0
   */
  record Batch(MemorySegment file, MemorySegment pixels, int first, int stride, short[] labels) {}

  private final ColourSet set;
  private final List<Batch> batches;

  /** Of all images, in the order of the files, where each file begins. */
  private final int[] starts;

  private final int[] which;

  ColourImages(ColourSet set, List<Batch> batches) {
    this.set = set;
    this.batches = List.copyOf(batches);
    starts = new int[batches.size() + 1];
    for (int f = 0; f < batches.size(); f++) {
      starts[f + 1] = starts[f] + batches.get(f).labels.length;
    }
    which = IntStream.range(0, starts[batches.size()]).toArray();
  }

  private ColourImages(ColourImages all, int[] which) {
    set = all.set;
    batches = all.batches;
    starts = all.starts;
    this.which = which;
  }

  /**
   * Maps a file.
   *
   * @param way what to do where it cannot be read
   */
  static MemorySegment map(Path file, String way) {
    try (FileChannel channel = FileChannel.open(file)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
    } catch (IOException e) {
      throw new UserException(
          "%s cannot be read (%s); %s".formatted(file, IdxReader.reason(e, file), way), e);
    }
  }

  /** Some of these images. */
  public ColourImages only(int[] indices) {
    return new ColourImages(this, Arrays.stream(indices).map(i -> which[i]).toArray());
  }

  private int file(int sample) {
    int found = Arrays.binarySearch(starts, which[sample]);
    int file = found >= 0 ? found : -found - 2;
    // Of files without images the last one that begins here is meant.
    while (file < batches.size() - 1 && starts[file + 1] == starts[file]) {
      file++;
    }
    return file;
  }

  /** The class of a sample, from 0. */
  int label(int sample) {
    int file = file(sample);
    return batches.get(file).labels[which[sample] - starts[file]];
  }

  /** Copies the bytes of an image as they are, plane behind plane. */
  void copy(int sample, byte[] target, int at) {
    Batch batch = batches.get(file(sample));
    MemorySegment.copy(batch.pixels, ValueLayout.JAVA_BYTE, begin(sample), target, at, FEATURES);
  }

  private long begin(int sample) {
    int file = file(sample);
    Batch batch = batches.get(file);
    return batch.first + (long) (which[sample] - starts[file]) * batch.stride;
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
    return set.classes();
  }

  @Override
  public void write(int sample, double[] x, int xAt, double[] y, int yAt) {
    Arrays.fill(y, yAt, yAt + set.classes(), 0);
    y[yAt + label(sample)] = 1;
    MemorySegment pixels = batches.get(file(sample)).pixels;
    long begin = begin(sample);
    for (int c = 0; c < 3; c++) {
      for (int p = 0; p < PLANE; p++) {
        int level = pixels.get(ValueLayout.JAVA_BYTE, begin + c * PLANE + p) & 0xff;
        x[xAt + 3 * p + c] = (level / 255.0 - set.mean()[c]) / set.std()[c];
      }
    }
  }

  /** SHA-256 of all files, one behind the other. */
  public String sha256() {
    return Sha256.hex(batches.stream().map(Batch::file).toArray(MemorySegment[]::new));
  }
}
