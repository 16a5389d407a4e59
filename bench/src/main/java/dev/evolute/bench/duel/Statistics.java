package dev.evolute.bench.duel;

import java.util.Arrays;
import java.util.List;

/** The few numbers that a table is made of. */
final class Statistics {
  private Statistics() {}

  /** Median of the first {@code count} values, which are sorted. */
  static double median(double[] sorted, int count) {
    return quantile(sorted, count, 0.5);
  }

  static double median(List<Double> values) {
    return median(sorted(values), values.size());
  }

  /** Distance of the quartiles over the median: how far one may trust the median. */
  static double spread(List<Double> values) {
    double[] sorted = sorted(values);
    int count = sorted.length;
    return (quantile(sorted, count, 0.75) - quantile(sorted, count, 0.25)) / median(sorted, count);
  }

  /** NaN of nothing. */
  static double geometricMean(List<Double> values) {
    return Math.exp(values.stream().mapToDouble(Math::log).average().orElse(Double.NaN));
  }

  private static double[] sorted(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    return sorted;
  }

  /** Between the two values around it in proportion. */
  private static double quantile(double[] sorted, int count, double share) {
    if (count == 0) {
      return Double.NaN;
    }
    double at = share * (count - 1);
    int below = (int) at;
    int above = Math.min(below + 1, count - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }
}
