package dev.evolute.app.data;

import dev.evolute.app.UserException;
import dev.evolute.autodiff.io.Npy;
import dev.evolute.autodiff.io.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Function;

/**
 * Labelled images of a user's own, in a folder:
 *
 * <pre>
 *   idx:FOLDER    train-images-idx3-ubyte and train-labels-idx1-ubyte, plain or gzipped, as MNIST
 *                 has them; standardised by mean and deviation of all their pixels
 *   numpy:FOLDER  images.npy [n x ...] and labels.npy [n], of floats or integers; numbers are taken
 *                 as they stand, pixel by pixel with its channels together
 * </pre>
 */
enum ImageFolder {
  IDX("idx:", ImageFolder::idx),
  NUMPY("numpy:", ImageFolder::numpy);

  private static final int LABELS = 256;

  private final String prefix;
  private final Function<Path, Images> open;

  ImageFolder(String prefix, Function<Path, Images> open) {
    this.prefix = prefix;
    this.open = open;
  }

  /** Whether a name is of one. */
  static boolean is(String name) {
    return Arrays.stream(values()).anyMatch(kind -> name.startsWith(kind.prefix));
  }

  /**
   * Opens a folder.
   *
   * @throws UserException where it or a file is missing, or a file is not what it should be
   */
  static Images open(String name) {
    ImageFolder kind = name.startsWith(IDX.prefix) ? IDX : NUMPY;
    Path folder = Path.of(name.substring(kind.prefix.length()));
    if (!Files.isDirectory(folder)) {
      throw new UserException("--data %s: there is no folder %s".formatted(name, folder));
    }
    return kind.open.apply(folder);
  }

  private static Images idx(Path folder) {
    Path imageFile = idxFile(folder, IdxFile.TRAIN_IMAGES);
    Path labelFile = idxFile(folder, IdxFile.TRAIN_LABELS);
    Idx images = IdxReader.read(imageFile, IdxFile.TRAIN_IMAGES.rank);
    Idx labels = IdxReader.read(labelFile, IdxFile.TRAIN_LABELS.rank);
    IdxReader.requirePair(images, imageFile, labels, labelFile, LABELS);
    long[] counts = new long[256];
    for (byte pixel : images.data()) {
      counts[pixel & 0xff]++;
    }
    double mean = 0;
    double square = 0;
    for (int level = 0; level < counts.length; level++) {
      double share = (double) counts[level] / images.data().length;
      mean += share * level / 255;
      square += share * (level / 255.0) * (level / 255.0);
    }
    double std = Math.sqrt(square - mean * mean);
    if (!(std > 1e-9)) {
      throw new UserException(imageFile + ": all pixels are alike; there is nothing to learn");
    }
    int most = 0;
    for (byte label : labels.data()) {
      most = Math.max(most, label & 0xff);
    }
    if (most == 0) {
      throw new UserException(labelFile + ": all labels are 0; two classes at least are needed");
    }
    return Images.of(
        new Dataset(
            IDX.prefix + folder,
            true,
            "train",
            images.dims()[1],
            images.dims()[2],
            most + 1,
            images.data(),
            labels.data(),
            "files of the user's",
            mean,
            std,
            new int[0]));
  }

  private static Path idxFile(Path folder, IdxFile file) {
    return file.in(folder)
        .orElseThrow(
            () ->
                new UserException(
                    "--data idx:%s: there is no %s, nor %s.gz, in it"
                        .formatted(folder, file.plainName(), file.plainName())));
  }

  private static Images numpy(Path folder) {
    Path imageFile = folder.resolve("images.npy");
    Path labelFile = folder.resolve("labels.npy");
    Tensor images = array(folder, imageFile);
    Tensor labels = array(folder, labelFile);
    if (images.shape().size() < 2 || labels.shape().size() != 1) {
      throw new UserException(
          "--data numpy:%s: images.npy is of shape %s and labels.npy of %s; [n x ...] and [n] are needed"
              .formatted(folder, images.shape(), labels.shape()));
    }
    int features =
        images.shape().subList(1, images.shape().size()).stream().reduce(1, Math::multiplyExact);
    return LabelledRows.images(
        NUMPY.prefix + folder,
        imageFile.toString(),
        images.values(),
        features,
        labelFile.toString(),
        labels.values());
  }

  private static Tensor array(Path folder, Path file) {
    if (!Files.isReadable(file)) {
      throw new UserException(
          "--data numpy:%s: there is no %s in it; images.npy [n x ...] and labels.npy [n] are needed"
              .formatted(folder, file.getFileName()));
    }
    try {
      return Npy.read(file);
    } catch (IOException e) {
      throw new UserException(e.getMessage(), e);
    }
  }
}
