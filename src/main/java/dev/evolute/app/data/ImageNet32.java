package dev.evolute.app.data;

import dev.evolute.app.UserException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * ImageNet at 32 x 32 pixels (Chrabaszcz, Loshchilov and Hutter 2017) as published for Python:
 * {@code train_data_batch_1} to {@code train_data_batch_10}, each a pickled dictionary of {@code
 * data}, bytes {@code [n x 3072]} of red, then green, then blue, and of {@code labels}, n numbers
 * from 1 to 1000. The files are mapped, and images stay in them. Samples have their channels
 * together, pixel by pixel, each standardised by its mean and deviation; y is one-hot.
 */
public final class ImageNet32 implements Samples {
  /** What a user types. */
  public static final String NAME = "imagenet32";

  /** The classes; class k is labelled k + 1 in the files. */
  public static final int CLASSES = 1000;

  /** Numbers of x. */
  public static final int FEATURES = ColourImage.FEATURES;

  private static final int FILES = 10;
  private static final String WAY =
      "unpack Imagenet32_train.zip, with train_data_batch_1 to train_data_batch_10, into a folder"
          + " and name it with --data-dir";
  private static final List<String> FOLDERS = List.of("Imagenet32_train", "imagenet32", ".");

  /** Of the red, green and blue pixels of all training images, as they are commonly given. */
  private static final double[] MEAN = {0.481, 0.457, 0.408};

  private static final double[] STD = {0.260, 0.253, 0.268};

  /**
   * One file.
   *
   * @param pixels its images, one behind the other
   * @param labels class of each
   */
  private record Batch(MemorySegment pixels, short[] labels) {}

  private final List<Batch> batches;

  /** Of all images, in the order of the files, where each file begins. */
  private final int[] starts;

  private final int[] which;

  private ImageNet32(List<Batch> batches, int[] starts, int[] which) {
    this.batches = batches;
    this.starts = starts;
    this.which = which;
  }

  /**
   * The training images.
   *
   * @param dataDir folder to look in first, or null
   * @throws UserException if they are nowhere, or not as published
   */
  public static ImageNet32 open(Path dataDir) {
    return find(DataSets.userSearchPath(dataDir))
        .orElseThrow(
            () -> new UserException(NAME + " was not found, and cannot be fetched; " + WAY));
  }

  /** From the first folder that has any of their files. */
  static Optional<ImageNet32> find(List<Path> folders) {
    return locate(folders).map(ImageNet32::read);
  }

  private static Optional<Path> locate(List<Path> folders) {
    return folders.stream()
        .flatMap(folder -> FOLDERS.stream().map(folder::resolve))
        .map(Path::normalize)
        .filter(folder -> files(folder).anyMatch(Files::exists))
        .findFirst();
  }

  /** Whether and where it is to be had. */
  static DataSets.Listing listing(Path dataDir) {
    try {
      return locate(DataSets.userSearchPath(dataDir))
          .map(folder -> new DataSets.Listing(NAME, true, requireAll(folder).toString()))
          .orElse(new DataSets.Listing(NAME, false, "not found; " + WAY));
    } catch (UserException damaged) {
      return new DataSets.Listing(NAME, false, damaged.getMessage());
    }
  }

  private static Stream<Path> files(Path folder) {
    return IntStream.rangeClosed(1, FILES).mapToObj(i -> folder.resolve("train_data_batch_" + i));
  }

  private static Path requireAll(Path folder) {
    files(folder)
        .filter(file -> !Files.isReadable(file))
        .findFirst()
        .ifPresent(
            file -> {
              throw new UserException("%s is not there; %s".formatted(file, WAY));
            });
    return folder;
  }

  private static ImageNet32 read(Path folder) {
    List<Batch> batches = files(requireAll(folder)).map(ImageNet32::batch).toList();
    int[] starts = new int[FILES + 1];
    for (int f = 0; f < FILES; f++) {
      starts[f + 1] = starts[f] + batches.get(f).labels.length;
    }
    return new ImageNet32(batches, starts, IntStream.range(0, starts[FILES]).toArray());
  }

  private static Batch batch(Path file) {
    MemorySegment map;
    try (FileChannel channel = FileChannel.open(file)) {
      map = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
    } catch (IOException e) {
      throw new UserException(
          "%s cannot be read (%s); %s".formatted(file, IdxReader.reason(e, file), WAY), e);
    }
    try {
      if (!(Pickle.read(map) instanceof Map<?, ?> entries)) {
        throw new IOException("it holds no dictionary");
      }
      PickledArray data = PickledArray.of(entries.get("data"));
      if (!data.type().equals("u1")
          || data.shape().size() != 2
          || data.shape().get(1) != FEATURES
          || data.data().byteSize() != data.shape().get(0) * FEATURES) {
        throw new IOException(
            "its data are %s of type %s, images are bytes [n x %d]"
                .formatted(data.shape(), data.type(), FEATURES));
      }
      return new Batch(data.data(), labels(entries.get("labels"), data.shape().get(0)));
    } catch (IOException e) {
      throw new UserException(
          "%s is no batch of ImageNet32: %s; replace it with an intact copy"
              .formatted(file, e.getMessage()),
          e);
    }
  }

  private static short[] labels(Object entry, long images) throws IOException {
    List<?> numbers = entry instanceof List<?> list ? list : new ArrayList<>();
    if (numbers.size() != images) {
      throw new IOException("it has %d images and %d labels".formatted(images, numbers.size()));
    }
    short[] labels = new short[numbers.size()];
    for (int i = 0; i < labels.length; i++) {
      if (!(numbers.get(i) instanceof Long label) || label < 1 || label > CLASSES) {
        throw new IOException(
            "label %d (counted from 0) is %s, 1 to %d are possible"
                .formatted(i, numbers.get(i), CLASSES));
      }
      labels[i] = (short) (label - 1);
    }
    return labels;
  }

  /** Some of these images. */
  public ImageNet32 only(int[] indices) {
    return new ImageNet32(batches, starts, Arrays.stream(indices).map(i -> which[i]).toArray());
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
    int found = Arrays.binarySearch(starts, which[sample]);
    int file = found >= 0 ? found : -found - 2;
    // Of files without images the last one that begins here is meant.
    while (file < FILES - 1 && starts[file + 1] == starts[file]) {
      file++;
    }
    int image = which[sample] - starts[file];
    Arrays.fill(y, yAt, yAt + CLASSES, 0);
    y[yAt + batches.get(file).labels[image]] = 1;
    ColourImage.write(batches.get(file).pixels, (long) image * FEATURES, MEAN, STD, x, xAt);
  }

  /** SHA-256 of the pixels of all files, one behind the other, and then of all labels. */
  public String sha256() {
    List<MemorySegment> all = new ArrayList<>();
    batches.forEach(batch -> all.add(batch.pixels));
    batches.forEach(batch -> all.add(MemorySegment.ofArray(batch.labels)));
    return Sha256.hex(all.toArray(MemorySegment[]::new));
  }
}
