package dev.evolute.autodiff.io;

import java.io.IOException;
import java.util.List;

/** Checks of sizes that files state. */
final class Sizes {
  private static final int MOST = Integer.MAX_VALUE - 64;

  private Sizes() {}

  /** Dimensions from 0 to what an array can have. */
  static List<Integer> dimensions(String name, List<Long> shape) throws IOException {
    for (long dimension : shape) {
      if (dimension < 0 || dimension > MOST) {
        throw new IOException(name + ": shape " + shape + "; each size must be from 0 to " + MOST);
      }
    }
    return shape.stream().map(Math::toIntExact).toList();
  }

  /** Number of elements. */
  static int count(String name, List<Integer> shape) throws IOException {
    long count = 1;
    for (int dimension : shape) {
      count = count > MOST ? count : count * dimension;
    }
    if (count > MOST && !shape.contains(0)) {
      throw new IOException(
          name + ": shape " + shape + " has more than the " + MOST + " elements that can be read");
    }
    return shape.contains(0) ? 0 : (int) count;
  }
}
