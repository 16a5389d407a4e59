package dev.evolute.app.data;

import dev.evolute.app.UsageException;
import dev.evolute.app.UserException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Opens data sets by name.
 *
 * <p>{@code mnist-1k} and {@code fashion-mnist-1k} are inside the application; where the folder the
 * user named holds the full set, the same images are taken from there. {@code mnist} and {@code
 * fashion-mnist} are looked for, in this order, in the folder the user named, in {@code
 * EVOLUTE_DATA}, where {@link DataFetch} puts them, and where Debian installs them; in each place
 * first in a subfolder named after the set. A folder that turns out to hold another set of the same
 * layout is passed over; a damaged file is an error, never a reason to look elsewhere.
 */
public final class DataSets {
  /** Every name {@link #open} knows. */
  public static final List<String> NAMES =
      List.of("mnist-1k", "fashion-mnist-1k", "mnist", "fashion-mnist");

  static final String ENVIRONMENT = "EVOLUTE_DATA";

  /** Where Debian's {@code dataset-*} packages put their folders. */
  static final Path DEBIAN = Path.of("/usr/share/datasets");

  /**
   * Whether and where a set is to be had.
   *
   * @param name what {@link #open} takes
   * @param found whether it is there
   * @param where its place, or what to do to have it
   */
  public record Listing(String name, boolean found, String where) {}

  private DataSets() {}

  /**
   * Opens the training images of a set.
   *
   * @see #open(String, String, Path)
   */
  public static Dataset open(String name, Path dataDir) {
    return open(name, "train", dataDir);
  }

  /**
   * Opens a set.
   *
   * @param name one of {@link #NAMES}
   * @param split {@code "train"}, or {@code "test"} for a full set
   * @param dataDir folder to look in first, or null
   * @throws UserException where the name is unknown, {@code dataDir} is no readable folder, the set
   *     is nowhere, or its files are damaged
   */
  public static Dataset open(String name, String split, Path dataDir) {
    if (!NAMES.contains(name)) {
      throw new UsageException(
          "there is no data set '%s'; the known ones are %s"
              .formatted(name, String.join(", ", NAMES)));
    }
    if (!split.equals("train") && !split.equals("test")) {
      throw new UserException("there is no split '%s'; give train or test".formatted(split));
    }
    requireFolder(dataDir, "the data folder");
    for (KnownSet set : KnownSet.ALL) {
      if (name.equals(set.name())) {
        return openFull(set, split, userSearchPath(dataDir));
      }
    }
    if (!split.equals("train")) {
      throw new UserException(
          "%s has training images only; open %s for its test images"
              .formatted(name, name.substring(0, name.length() - "-1k".length())));
    }
    Dataset bundled = Subset.load(name);
    return dataDir == null ? bundled : fromFolder(bundled, dataDir).orElse(bundled);
  }

  /**
   * The images of a bundled subset, taken from the full set in the user's folder if it is there.
   * Files in that folder that cannot be read are an error even then: the user named them.
   */
  private static Optional<Dataset> fromFolder(Dataset bundled, Path dataDir) {
    KnownSet set =
        KnownSet.ALL.stream()
            .filter(known -> known.subsetName().equals(bundled.name()))
            .findFirst()
            .orElseThrow();
    List<Path> searchPath = List.of(dataDir);
    for (Path folder : set.folders(dataDir)) {
      Optional<Path> images = IdxFile.images("train").in(folder);
      Optional<Path> labels = IdxFile.labels("train").in(folder);
      if (images.isPresent() != labels.isPresent()) {
        IdxFile missing = images.isPresent() ? IdxFile.labels("train") : IdxFile.images("train");
        String note = folder + " lacks " + missing.plainName();
        throw notFound(set, "train", searchPath, List.of(note));
      }
      if (images.isPresent()) {
        Idx pictures = IdxReader.read(images.get(), 3);
        Idx classes = IdxReader.read(labels.get(), 1);
        IdxReader.requirePair(pictures, images.get(), classes, labels.get(), set.classes());
        if (classes.sha256().equals(set.sha256(IdxFile.labels("train")))) {
          set.requireHash(IdxFile.images("train"), images.get(), pictures);
          return Optional.of(bundled.cutFrom(pictures.data(), classes.data()));
        }
      }
    }
    return Optional.empty();
  }

  /**
   * Tells for every known set whether and where it was found. Quick: of a full set only the labels
   * are read.
   *
   * @param dataDir folder to look in first, or null
   * @throws UserException where {@code dataDir} is no readable folder
   */
  public static List<Listing> list(Path dataDir) {
    requireFolder(dataDir, "the data folder");
    List<Listing> all = new ArrayList<>();
    for (KnownSet set : KnownSet.ALL) {
      all.add(
          new Listing(set.subsetName(), true, Subset.SAMPLES + " training images, inside Evolute"));
    }
    for (KnownSet set : KnownSet.ALL) {
      all.add(listing(set, dataDir));
    }
    all.add(Cifar10.SET.listing(dataDir));
    all.add(ImageNet32.SET.listing(dataDir));
    return all;
  }

  private static Listing listing(KnownSet set, Path dataDir) {
    try {
      List<String> passedOver = new ArrayList<>();
      Optional<Path> folder = locate(set, "train", userSearchPath(dataDir), passedOver);
      if (folder.isPresent()) {
        boolean test = present("test", folder.get());
        return new Listing(set.name(), true, folder.get() + (test ? "" : " (no test images)"));
      }
      return new Listing(
          set.name(), false, "not found; `evolute data get " + set.name() + "` fetches it");
    } catch (UserException damaged) {
      return new Listing(set.name(), false, damaged.getMessage());
    }
  }

  static Dataset openFull(KnownSet set, String split, List<Path> searchPath) {
    List<String> passedOver = new ArrayList<>();
    Optional<Path> found = locate(set, split, searchPath, passedOver);
    if (found.isEmpty()) {
      throw notFound(set, split, searchPath, passedOver);
    }
    Path imageFile = IdxFile.images(split).in(found.get()).orElseThrow();
    Path labelFile = IdxFile.labels(split).in(found.get()).orElseThrow();
    Idx images = IdxReader.read(imageFile, 3);
    Idx labels = IdxReader.read(labelFile, 1);
    IdxReader.requirePair(images, imageFile, labels, labelFile, set.classes());
    set.requireHash(IdxFile.images(split), imageFile, images);
    set.requireHash(IdxFile.labels(split), labelFile, labels);
    return new Dataset(
        set.name(),
        true,
        split,
        images.dims()[1],
        images.dims()[2],
        set.classes(),
        images.data(),
        labels.data(),
        set.source(),
        set.mean(),
        set.std(),
        new int[0]);
  }

  /**
   * The first folder whose labels are this set's.
   *
   * @param passedOver is told of folders with files of the right names that do not hold the set
   */
  static Optional<Path> locate(
      KnownSet set, String split, List<Path> searchPath, List<String> passedOver) {
    for (Path root : searchPath) {
      for (Path folder : set.folders(root)) {
        Optional<Path> images = IdxFile.images(split).in(folder);
        Optional<Path> labels = IdxFile.labels(split).in(folder);
        if (images.isPresent() && labels.isPresent()) {
          Idx content = IdxReader.read(labels.get(), 1);
          if (content.sha256().equals(set.sha256(IdxFile.labels(split)))) {
            return Optional.of(folder);
          }
          passedOver.add(labels.get() + " holds other labels");
        } else if (images.isPresent() != labels.isPresent()) {
          IdxFile missing = images.isPresent() ? IdxFile.labels(split) : IdxFile.images(split);
          passedOver.add(folder + " lacks " + missing.plainName());
        }
      }
    }
    return Optional.empty();
  }

  private static boolean present(String split, Path folder) {
    return IdxFile.images(split).in(folder).isPresent()
        && IdxFile.labels(split).in(folder).isPresent();
  }

  private static UserException notFound(
      KnownSet set, String split, List<Path> searchPath, List<String> passedOver) {
    String places = searchPath.stream().map(Path::toString).collect(Collectors.joining(", "));
    String notes = passedOver.isEmpty() ? "" : " (" + String.join("; ", passedOver) + ")";
    return new UserException(
        "%s (%s images) was not found in %s%s; run `evolute data get %s`, or put %s and %s into a"
                .formatted(
                    set.title(),
                    split,
                    places,
                    notes,
                    set.name(),
                    IdxFile.images(split).plainName(),
                    IdxFile.labels(split).plainName())
            + " folder and name it with --data-dir");
  }

  static List<Path> userSearchPath(Path dataDir) {
    return searchPath(dataDir, System.getenv(), Path.of(System.getProperty("user.home")), DEBIAN);
  }

  /** The places to look in, first wins. */
  static List<Path> searchPath(
      Path dataDir, Map<String, String> environment, Path home, Path system) {
    List<Path> places = new ArrayList<>();
    if (dataDir != null) {
      places.add(dataDir);
    }
    String named = environment.getOrDefault(ENVIRONMENT, "");
    if (!named.isEmpty()) {
      Path folder = Path.of(named);
      requireFolder(folder, "the folder in " + ENVIRONMENT + ",");
      places.add(folder);
    }
    places.add(dataHome(environment, home));
    places.add(system);
    return places;
  }

  /** Where fetched sets go: the XDG data folder of this application. */
  static Path dataHome(Map<String, String> environment, Path home) {
    Path xdg = Path.of(environment.getOrDefault("XDG_DATA_HOME", ""));
    // The XDG base directory specification has relative paths ignored.
    return (xdg.isAbsolute() ? xdg : home.resolve(".local/share")).resolve("evolute");
  }

  private static void requireFolder(Path folder, String what) {
    if (folder == null) {
      return;
    }
    String problem =
        Files.notExists(folder)
            ? "does not exist"
            : !Files.isDirectory(folder)
                ? "is not a folder"
                : !Files.isReadable(folder) || !Files.isExecutable(folder)
                    ? "may not be read"
                    : null;
    if (problem != null) {
      throw new UserException(
          "%s %s %s; name a readable folder with the IDX files, or leave it out"
              .formatted(what, folder, problem));
    }
  }
}
