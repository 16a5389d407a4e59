package dev.evolute.app.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The four IDX files of MNIST and of everything that copies its layout. */
enum IdxFile {
  TRAIN_IMAGES("train-images", 3),
  TRAIN_LABELS("train-labels", 1),
  TEST_IMAGES("t10k-images", 3),
  TEST_LABELS("t10k-labels", 1);

  private final String stem;
  final int rank;

  IdxFile(String stem, int rank) {
    this.stem = stem;
    this.rank = rank;
  }

  static IdxFile images(String split) {
    return split.equals("train") ? TRAIN_IMAGES : TEST_IMAGES;
  }

  static IdxFile labels(String split) {
    return split.equals("train") ? TRAIN_LABELS : TEST_LABELS;
  }

  /** The name this file is published under, uncompressed. */
  String plainName() {
    return stem + "-idx" + rank + "-ubyte";
  }

  /** Every name it goes by; some mirrors write a dot before {@code idx}. */
  List<String> names() {
    List<String> names = new ArrayList<>();
    for (String gz : List.of("", ".gz")) {
      names.add(plainName() + gz);
      names.add(stem + ".idx" + rank + "-ubyte" + gz);
    }
    return names;
  }

  /** This file in {@code folder}, under whichever of its names is there first. */
  Optional<Path> in(Path folder) {
    return names().stream().map(folder::resolve).filter(Files::isRegularFile).findFirst();
  }
}
