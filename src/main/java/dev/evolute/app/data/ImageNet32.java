package dev.evolute.app.data;

import dev.evolute.app.UserException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * ImageNet at 32 x 32 pixels (Chrabaszcz, Loshchilov and Hutter 2017) as published for Python:
 * {@code train_data_batch_1} to {@code train_data_batch_10}, each a pickled dictionary of {@code
 * data}, bytes {@code [n x 3072]}, and of {@code labels}, n numbers from 1 to 1000.
 */
final class ImageNet32 {
  /** What a user types. */
  static final String NAME = "imagenet32";

  /** Class k is labelled k + 1 in the files. */
  private static final int CLASSES = 1000;

  private static final String WAY =
      "unpack Imagenet32_train.zip, with train_data_batch_1 to train_data_batch_10, into a folder"
          + " and name it with --data-dir";

  static final ColourSet SET =
      new ColourSet(
          NAME,
          CLASSES,
          new double[] {0.481, 0.457, 0.408},
          new double[] {0.260, 0.253, 0.268},
          List.of("Imagenet32_train", "imagenet32", "."),
          IntStream.rangeClosed(1, 10).mapToObj(i -> "train_data_batch_" + i).toList(),
          WAY,
          false,
          ImageNet32::batch);

  private ImageNet32() {}

  private static ColourImages.Batch batch(Path file) {
    MemorySegment map = ColourImages.map(file, WAY);
    try {
      if (!(Pickle.read(map) instanceof Map<?, ?> entries)) {
        throw new IOException("it holds no dictionary");
      }
      PickledArray data = PickledArray.of(entries.get("data"));
      int size = ColourImages.FEATURES;
      if (!data.type().equals("u1")
          || data.shape().size() != 2
          || data.shape().get(1) != size
          || data.data().byteSize() != data.shape().get(0) * size) {
        throw new IOException(
            "its data are %s of type %s, images are bytes [n x %d]"
                .formatted(data.shape(), data.type(), size));
      }
      short[] labels = labels(entries.get("labels"), data.shape().get(0));
      return new ColourImages.Batch(map, data.data(), 0, size, labels);
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
}
