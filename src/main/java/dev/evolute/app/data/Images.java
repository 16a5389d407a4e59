package dev.evolute.app.data;

import dev.evolute.app.UsageException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Labelled images by the name of their set, as a network takes them.
 *
 * @param name of the set
 * @param real whether they are what the name promises
 * @param sha256 of all of them
 * @param count number of images
 * @param features numbers of an image
 * @param classes number of classes
 * @param cut hands out those of the given indices
 */
public record Images(
    String name,
    boolean real,
    String sha256,
    int count,
    int features,
    int classes,
    Function<int[], Samples> cut) {
  private static final List<ColourSet> COLOUR = List.of(Cifar10.SET, ImageNet32.SET);

  /** Every name {@link #open} knows. */
  public static final List<String> NAMES =
      Stream.concat(DataSets.NAMES.stream(), COLOUR.stream().map(ColourSet::name)).toList();

  /** How those in folders of a user's own are named, for help. */
  public static final String FOLDERS = "idx:FOLDER, numpy:FOLDER";

  /** How names of images begin that only an engine reads. */
  public static final String PARQUET = "parquet:";

  /** Whether a name is one of images that are read without an engine. */
  public static boolean isOne(String name) {
    return NAMES.contains(name) || ImageFolder.is(name);
  }

  /**
   * Opens the training images of a set.
   *
   * @param name one of {@link #NAMES}, or of a {@linkplain #FOLDERS folder}
   * @param dataDir folder to look in first, or null
   * @throws dev.evolute.app.UserException where the name is unknown, the set is nowhere, or its
   *     files are damaged
   */
  public static Images open(String name, Path dataDir) {
    if (ImageFolder.is(name)) {
      return ImageFolder.open(name);
    }
    if (name.startsWith(PARQUET)) {
      throw new UsageException(
          "--data %s: Parquet is read by an engine; give --engine, 'local[2]' will do, or save arrays for numpy:FOLDER"
              .formatted(name));
    }
    if (!NAMES.contains(name)) {
      throw new UsageException(
          "there is no data set '%s'; the known ones are %s, and %s"
              .formatted(name, String.join(", ", NAMES), FOLDERS));
    }
    for (ColourSet set : COLOUR) {
      if (name.equals(set.name())) {
        ColourImages all = set.open(dataDir);
        return new Images(
            name, true, all.sha256(), all.count(), all.inputs(), all.targets(), all::only);
      }
    }
    return of(DataSets.open(name, dataDir));
  }

  static Images of(Dataset all) {
    return new Images(
        all.name(),
        all.real(),
        all.sha256(),
        all.samples(),
        all.features(),
        all.classes(),
        which -> new ImageSamples(all, which));
  }

  /** Some of them. */
  public Samples only(int[] indices) {
    return cut.apply(indices);
  }

  /** The first ones. */
  public Samples first(int many) {
    return only(IntStream.range(0, many).toArray());
  }
}
