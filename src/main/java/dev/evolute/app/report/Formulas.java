package dev.evolute.app.report;

import java.util.Map;
import java.util.stream.Collectors;

/** What the formulas of the papers say, in words; kept in {@code formulas.txt}. */
final class Formulas {
  private static final Map<String, String> WORDS =
      Page.resource("formulas.txt")
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .map(line -> line.split(" \\| ", 2))
          .collect(Collectors.toUnmodifiableMap(parts -> parts[0], parts -> parts[1]));

  private Formulas() {}

  /** Whether there are words for a formula. */
  static boolean knows(String source) {
    return WORDS.containsKey(source);
  }

  /**
   * The statement in words.
   *
   * @param source paper and formula as a {@link Claim} has them, such as {@code 002, equation (13)}
   */
  static String of(String source) {
    return WORDS.getOrDefault(source, "The name of the claim says what is checked.");
  }
}
