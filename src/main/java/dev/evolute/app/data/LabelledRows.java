package dev.evolute.app.data;

import dev.evolute.app.UserException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Locale;

/**
 * Rows of numbers with a class each, as they stand in a file of a user's, in memory: x {@code
 * [features]}, y one-hot.
 */
public final class LabelledRows {
  /** More classes than anybody has are a mistake, and one-hot targets of them fill the memory. */
  private static final int MOST_CLASSES = 100_000;

  private final double[] x;
  private final int features;
  private final int[] labels;
  private final int classes;

  private LabelledRows(double[] x, int features, int[] labels, int classes) {
    this.x = x;
    this.features = features;
    this.labels = labels;
    this.classes = classes;
  }

  /**
   * Takes ownership of numbers, which it checks.
   *
   * @param name of the data
   * @param rows where the rows are, for messages
   * @param x {@code [n x features]}
   * @param where where the labels are, for messages
   * @param labels {@code [n]}, whole numbers from 0 on
   * @throws UserException where there are none, numbers of rows and labels differ, a number is not
   *     finite or a label is none
   */
  public static Images images(
      String name, String rows, double[] x, int features, String where, double[] labels) {
    if (features < 1 || labels.length < 1) {
      throw new UserException(
          "%s: %d rows of %d numbers; at least one of one is needed"
              .formatted(rows, labels.length, features));
    }
    if (x.length != (long) labels.length * features) {
      throw new UserException(
          "%s has %d rows of %d numbers, and %s %d labels; one a row is needed"
              .formatted(rows, x.length / features, features, where, labels.length));
    }
    for (int row = 0; row < labels.length; row++) {
      requireFinite(rows, x, row * features, features, row);
    }
    int[] whole = new int[labels.length];
    int most = 0;
    for (int i = 0; i < whole.length; i++) {
      whole[i] = label(where, labels[i], i);
      most = Math.max(most, whole[i]);
    }
    int classes = classes(where, most);
    LabelledRows all = new LabelledRows(x, features, whole, classes);
    String sha256 = Sha256.hex(MemorySegment.ofArray(x), MemorySegment.ofArray(whole));
    return new Images(name, true, sha256, whole.length, features, classes, all::only);
  }

  /**
   * Checks the numbers of a row.
   *
   * @param rows where the rows are, for messages
   * @param at where they begin in x
   * @throws UserException where one is not finite
   */
  public static void requireFinite(String rows, double[] x, int at, int features, int row) {
    for (int i = 0; i < features; i++) {
      if (!Double.isFinite(x[at + i])) {
        throw new UserException(
            "%s: number %d of row %d (both counted from 0) is %s; all have to be finite"
                .formatted(rows, i, row, x[at + i]));
      }
    }
  }

  /**
   * A label as a whole number.
   *
   * @param where where the labels are, for messages
   * @throws UserException where it is none
   */
  public static int label(String where, double label, int row) {
    if (!(label >= 0 && label < MOST_CLASSES) || label != Math.rint(label)) {
      throw new UserException(
          String.format(
              Locale.ROOT,
              "%s: label %d (counted from 0) is %s; whole numbers from 0 to %d are needed",
              where,
              row,
              label,
              MOST_CLASSES - 1));
    }
    return (int) label;
  }

  /**
   * The number of classes.
   *
   * @param where where the labels are, for messages
   * @param most the largest label
   * @throws UserException where there is one class alone
   */
  public static int classes(String where, int most) {
    if (most == 0) {
      throw new UserException(where + ": all labels are 0; two classes at least are needed");
    }
    return most + 1;
  }

  private Samples only(int[] which) {
    return new Samples() {
      @Override
      public int count() {
        return which.length;
      }

      @Override
      public int inputs() {
        return features;
      }

      @Override
      public int targets() {
        return classes;
      }

      @Override
      public void write(int sample, double[] to, int xAt, double[] y, int yAt) {
        System.arraycopy(x, which[sample] * features, to, xAt, features);
        Arrays.fill(y, yAt, yAt + classes, 0);
        y[yAt + labels[which[sample]]] = 1;
      }
    };
  }
}
