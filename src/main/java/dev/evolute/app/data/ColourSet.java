package dev.evolute.app.data;

import dev.evolute.app.UserException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A set of colour images that is not fetched: a user has its files in a folder.
 *
 * @param name what a user types
 * @param classes number of labels
 * @param mean of the red, green and blue pixels of all training images, scaled to {@code [0, 1]}
 * @param std standard deviation of the same pixels
 * @param folders where the files may lie below a folder that is searched, in this order
 * @param files their names
 * @param way what to do to have them, for the end of a sentence
 * @param quick whether they are read as fast as they are listed
 * @param read reads one
 */
record ColourSet(
    String name,
    int classes,
    double[] mean,
    double[] std,
    List<String> folders,
    List<String> files,
    String way,
    boolean quick,
    Function<Path, ColourImages.Batch> read) {

  /**
   * The training images.
   *
   * @param dataDir folder to look in first, or null
   * @throws UserException if they are nowhere, or not as published
   */
  ColourImages open(Path dataDir) {
    return find(DataSets.userSearchPath(dataDir))
        .orElseThrow(
            () -> new UserException(name + " was not found, and cannot be fetched; " + way));
  }

  /**
   * The training images, from the first folder that has any of their files.
   *
   * @return nothing where no folder has
   * @throws UserException if they are not all there, or not as published
   */
  Optional<ColourImages> find(List<Path> searched) {
    return locate(searched).map(this::read);
  }

  private Optional<Path> locate(List<Path> searched) {
    return searched.stream()
        .flatMap(folder -> folders.stream().map(folder::resolve))
        .map(Path::normalize)
        .filter(folder -> files.stream().map(folder::resolve).anyMatch(Files::exists))
        .findFirst();
  }

  private ColourImages read(Path folder) {
    List<ColourImages.Batch> batches = new ArrayList<>();
    for (Path file : all(folder)) {
      batches.add(read.apply(file));
    }
    return new ColourImages(this, batches);
  }

  private List<Path> all(Path folder) {
    List<Path> all = files.stream().map(folder::resolve).toList();
    for (Path file : all) {
      if (!Files.isReadable(file)) {
        throw new UserException("%s is not there; %s".formatted(file, way));
      }
    }
    return all;
  }

  /** Whether and where it is to be had. */
  DataSets.Listing listing(Path dataDir) {
    try {
      Optional<Path> folder = locate(DataSets.userSearchPath(dataDir));
      if (folder.isEmpty()) {
        return new DataSets.Listing(name, false, "not found; " + way);
      }
      if (quick) {
        read(folder.get());
      } else {
        all(folder.get());
      }
      return new DataSets.Listing(name, true, folder.get().toString());
    } catch (UserException damaged) {
      return new DataSets.Listing(name, false, damaged.getMessage());
    }
  }
}
