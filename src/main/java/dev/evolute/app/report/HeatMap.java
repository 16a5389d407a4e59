package dev.evolute.app.report;

import java.util.List;

/**
 * A matrix of positive numbers as shaded cells, each with its number.
 *
 * @param labels names of the rows and, the same, of the columns
 * @param values {@code [n x n]}; darker is larger, on a logarithmic scale, and what is not positive
 *     has no shade
 */
public record HeatMap(List<String> labels, double[][] values) {
  public HeatMap {
    labels = List.copyOf(labels);
    for (double[] row : values) {
      if (values.length != labels.size() || row.length != labels.size()) {
        throw new IllegalArgumentException(
            "heat map: %d labels, %d rows, a row of %d; give as many of each"
                .formatted(labels.size(), values.length, row.length));
      }
    }
  }
}
