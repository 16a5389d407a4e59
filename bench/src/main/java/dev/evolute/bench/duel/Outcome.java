package dev.evolute.bench.duel;

import java.util.List;
import java.util.Map;

/**
 * A benchmark that was run.
 *
 * @param quick whether on the smaller grid
 * @param machine the object of a result file
 * @param contenders what each says of itself, by name
 * @param seconds the whole run
 */
record Outcome(
    Bench bench,
    boolean quick,
    Map<String, Object> machine,
    Map<String, String> contenders,
    List<Row> rows,
    double seconds) {

  /** Ratios of the rows that have a peer. */
  List<Double> ratios() {
    return rows.stream().map(Row::ratio).filter(ratio -> !ratio.isNaN()).toList();
  }

  /** NaN where no row has a peer. */
  double geomean() {
    return Statistics.geometricMean(ratios());
  }

  /** NaN where no row has a peer. */
  double min() {
    return ratios().stream().mapToDouble(Double::doubleValue).min().orElse(Double.NaN);
  }
}
