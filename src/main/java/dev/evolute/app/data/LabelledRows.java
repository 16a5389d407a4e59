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
    for (int i = 0; i < x.length; i++) {
      if (!Double.isFinite(x[i])) {
        throw new UserException(
            "%s: number %d of row %d (both counted from 0) is %s; all have to be finite"
                .formatted(rows, i % features, i / features, x[i]));
      }
    }
    int[] whole = new int[labels.length];
    int most = 0;
    for (int i = 0; i < whole.length; i++) {
      if (!(labels[i] >= 0 && labels[i] < MOST_CLASSES) || labels[i] != Math.rint(labels[i])) {
        throw new UserException(
            String.format(
                Locale.ROOT,
                "%s: label %d (counted from 0) is %s; whole numbers from 0 to %d are needed",
                where,
                i,
                labels[i],
                MOST_CLASSES - 1));
      }
      whole[i] = (int) labels[i];
      most = Math.max(most, whole[i]);
    }
    if (most == 0) {
      throw new UserException(where + ": all labels are 0; two classes at least are needed");
    }
    LabelledRows all = new LabelledRows(x, features, whole, most + 1);
    String sha256 = Sha256.hex(MemorySegment.ofArray(x), MemorySegment.ofArray(whole));
    return new Images(name, true, sha256, whole.length, features, most + 1, all::only);
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
