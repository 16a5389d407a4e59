package dev.evolute.bench.duel;

import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * One line of the table. Rates are medians over the rounds, in the benchmark's unit.
 *
 * @param which the case
 * @param ours our rate
 * @param peers rates of those peers that have such a function, by name
 * @param limit what the machine could do, the best of its rounds, NaN where that is not known
 * @param spread distance of the quartiles of our rate over its median
 * @param bytes allocated on the Java heap in one call of ours, at the least
 * @param figures further numbers, by the heads of their columns
 * @param attempts what solvers found, where there are any
 */
record Row(
    Case which,
    double ours,
    Map<String, Double> peers,
    double limit,
    double spread,
    double bytes,
    Map<String, Double> figures,
    List<Attempt> attempts) {

  /** A row of contenders that solve nothing. */
  Row(
      Case which,
      double ours,
      Map<String, Double> peers,
      double limit,
      double spread,
      double bytes,
      Map<String, Double> figures) {
    this(which, ours, peers, limit, spread, bytes, figures, List.of());
  }

  /** Name of the fastest peer, empty where there is none. */
  String fastest() {
    return peers.entrySet().stream()
        .max(Comparator.comparingDouble(Map.Entry::getValue))
        .map(Map.Entry::getKey)
        .orElse("");
  }

  /** Our rate over the fastest peer's, NaN where there is none. */
  double ratio() {
    return peers.isEmpty() ? Double.NaN : ours / peers.get(fastest());
  }

  /** Our rate over the limit, NaN where that is not known. */
  double ofLimit() {
    return ours / limit;
  }
}
