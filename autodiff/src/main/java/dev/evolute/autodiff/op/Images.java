package dev.evolute.autodiff.op;

import dev.evolute.autodiff.graph.Shape;
import dev.evolute.autodiff.graph.Value;

/** The checks of operations whose sizes are fixed beforehand. */
final class Images {
  private Images() {}

  /** Images with one pixel a row. */
  static Shape pixels(int n, int h, int w, int c) {
    return new Shape(Math.toIntExact((long) n * h * w), c);
  }

  /** A value has as many elements as the images it holds, in whichever rows. */
  static void check(String name, Value x, long elements, Object shape) {
    if (x.shape().size() != elements) {
      throw new IllegalArgumentException(
          name
              + ": the input is "
              + x
              + ", "
              + x.shape().size()
              + " elements; "
              + shape
              + " takes "
              + elements);
    }
  }

  /** A parameter has the shape it needs. */
  static void check(String name, String what, Value value, Shape expected) {
    if (!value.shape().equals(expected)) {
      throw new IllegalArgumentException(
          name + ": the " + what + " is " + value + "; it must be " + expected);
    }
  }

  /** Rows come in whole groups: samples of {@code length} rows each. */
  static int groups(String name, Value x, int length) {
    int rows = x.shape().rows();
    if (length < 1 || rows % length != 0) {
      throw new IllegalArgumentException(
          name + ": the input is " + x + "; its rows are no whole number of groups of " + length);
    }
    return rows / length;
  }
}
