package dev.evolute.app.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What a run wrote down along the way: one row a recorded step, NaN where nothing was measured. */
final class Records {
  /** Columns of a row. */
  enum Column {
    STEP("step"),
    LOSS("loss"),
    VALIDATION_LOSS("validationLoss"),
    VALIDATION_ACCURACY("validationAccuracy"),
    ETA("learningRate"),
    RATE("perSecond"),
    LAMBDA_MAX("lambdaMax"),
    LAMBDA_MAX_LOWER("lambdaMaxLower"),
    LAMBDA_MAX_UPPER("lambdaMaxUpper");

    private final String title;

    Column(String title) {
      this.title = title;
    }

    /** The name in series.csv. */
    String title() {
      return title;
    }
  }

  private static final int WIDTH = Column.values().length;

  private final List<double[]> rows = new ArrayList<>();

  /** A row to be filled in. */
  double[] next() {
    double[] row = new double[WIDTH];
    Arrays.fill(row, Double.NaN);
    rows.add(row);
    return row;
  }

  static void put(double[] row, Column column, double value) {
    row[column.ordinal()] = value;
  }

  List<double[]> rows() {
    return rows;
  }

  double[] column(Column column) {
    return rows.stream().mapToDouble(row -> row[column.ordinal()]).toArray();
  }

  /** The last measured value of a column, NaN if there is none. */
  double last(Column column) {
    double last = Double.NaN;
    for (double[] row : rows) {
      double value = row[column.ordinal()];
      last = Double.isNaN(value) ? last : value;
    }
    return last;
  }

  /** All rows, one behind the other. */
  double[] flat() {
    return rows.stream().flatMapToDouble(Arrays::stream).toArray();
  }

  /** The rows of {@link #flat} in the place of those here. */
  void restore(double[] flat) {
    rows.clear();
    for (int at = 0; at < flat.length; at += WIDTH) {
      rows.add(Arrays.copyOfRange(flat, at, at + WIDTH));
    }
  }
}
