package dev.evolute.bench.duel;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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

  /** Two threads reach this many times the limit of one where two cores are free. */
  private static final double TWO_CORES = 1.7;

  /** Ratios of the rows that have a peer. */
  List<Double> ratios() {
    return rows.stream().map(Row::ratio).filter(ratio -> !ratio.isNaN()).toList();
  }

  /** What the machine could do, by element type and threads: medians over the rows. */
  Map<String, Double> limits() {
    Map<String, List<Double>> found = new LinkedHashMap<>();
    for (Row row : rows) {
      if (!Double.isNaN(row.limit())) {
        found.computeIfAbsent(bench.limitKey(row.which()), k -> new ArrayList<>()).add(row.limit());
      }
    }
    Map<String, Double> limits = new LinkedHashMap<>();
    found.forEach((key, values) -> limits.put(key, Statistics.median(values)));
    return limits;
  }

  /** What a reader has to know before he believes the numbers, or nothing. */
  String note() {
    Map<String, Double> limits = limits();
    double one = limits.getOrDefault("f32 t1", Double.NaN);
    double two = limits.getOrDefault("f32 t2", Double.NaN);
    return two < TWO_CORES * one
        ? String.format(
            Locale.ROOT,
            "two cores were not free: the %s of two threads was %.2f times that of one, so rows"
                + " with t2 say little",
            bench.limitName(),
            two / one)
        : "";
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
