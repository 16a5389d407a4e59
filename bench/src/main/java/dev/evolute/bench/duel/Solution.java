package dev.evolute.bench.duel;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Both ends of a spectrum as a solver found them.
 *
 * @param rule when it stopped, in a few words: {@code tol 1e-4}
 * @param seconds from the start to there
 * @param products with the operator
 * @param min smallest eigenvalue found
 * @param max largest eigenvalue found
 * @param minResidual {@code ||A x - min x||}, for which nobody pays whose solver does not know it
 * @param maxResidual {@code ||A x - max x||}
 */
public record Solution(
    String rule,
    double seconds,
    int products,
    double min,
    double max,
    double minResidual,
    double maxResidual) {
  private static final int NUMBERS = 6;
  private static final String BETWEEN = " / ";

  /** Whether both errors are as small as they have to be. */
  public boolean reaches(Goal goal) {
    return goal.minReached(min) && goal.maxReached(max);
  }

  /** Reads what {@link #text} writes. */
  static List<Solution> parse(String text) {
    return text.isEmpty()
        ? List.of()
        : Arrays.stream(text.split(BETWEEN)).map(Solution::one).toList();
  }

  private static Solution one(String text) {
    String[] words = text.split(" ", NUMBERS + 1);
    double[] x = Arrays.stream(words).limit(NUMBERS).mapToDouble(Double::parseDouble).toArray();
    return new Solution(words[NUMBERS], x[0], (int) x[1], x[2], x[3], x[4], x[5]);
  }

  static String text(List<Solution> solutions) {
    return solutions.stream()
        .map(
            s ->
                "%s %d %s %s %s %s %s"
                    .formatted(
                        s.seconds, s.products, s.min, s.max, s.minResidual, s.maxResidual, s.rule))
        .collect(Collectors.joining(BETWEEN));
  }
}
