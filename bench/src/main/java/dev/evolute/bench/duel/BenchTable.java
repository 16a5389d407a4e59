package dev.evolute.bench.duel;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** A run as a table in Markdown, which reads as plain text too. */
final class BenchTable {
  private static final int SLOWEST = 10;
  private static final List<String> ATTEMPT_HEAD =
      List.of(
          "contender and where it stops",
          "seconds",
          "products",
          "lambda_min",
          "lambda_max",
          "residual of min",
          "of max",
          "error of min",
          "of max",
          "as exact");

  private static final String ATTEMPT_NOTE =
      """

      A line is the round with the median time of a contender and of one way to stop; "as exact"
      counts the rounds in which both of its errors were no larger than ours, errors below the
      noise of the element type taken as equal. Residuals and errors are relative to the largest
      eigenvalue by magnitude.
      """;

  private BenchTable() {}

  /** The whole report, with a picture of that name. */
  static String report(Outcome outcome, String chart) {
    Bench bench = outcome.bench();
    StringBuilder text = new StringBuilder("# evolute bench " + bench.name() + "\n\n");
    text.append(bench.title()).append(". Rates in ").append(bench.unit());
    text.append(
        ", medians over interleaved rounds; the ratio is ours over the fastest peer's in the"
            + " same rounds.\n\n");
    outcome.machine().forEach((key, value) -> text.append("- " + key + ": " + value + "\n"));
    outcome.contenders().forEach((name, says) -> text.append("- " + name + ": " + says + "\n"));
    outcome
        .limits()
        .forEach(
            (key, value) ->
                text.append(
                    "- %s %s: %s %s%n"
                        .formatted(bench.limitName(), key, rate(value), bench.unit())));
    if (!outcome.note().isEmpty()) {
      text.append("\n**").append(outcome.note()).append("**\n");
    }
    text.append("\n![Ratio in each case](").append(chart).append(")\n\n");
    text.append("## Summary\n\n").append(summary(outcome));
    if (!outcome.ratios().isEmpty()) {
      text.append("\n## The slowest points\n\n").append(slowest(outcome));
    }
    text.append("\n## All points\n\n").append(rows(outcome, outcome.rows()));
    String attempts = attempts(outcome);
    if (!attempts.isEmpty()) {
      text.append("\n## What was found\n").append(ATTEMPT_NOTE).append(attempts);
    }
    return text.toString();
  }

  /** Geometric mean and minimum, by element type and threads and over all. */
  static String summary(Outcome outcome) {
    Map<String, List<Row>> groups = new LinkedHashMap<>();
    for (Row row : outcome.rows()) {
      String group = row.which().dtype() + " t" + row.which().threads();
      groups.computeIfAbsent(group, g -> new ArrayList<>()).add(row);
    }
    groups.put("all", outcome.rows());
    List<List<String>> lines = new ArrayList<>();
    lines.add(List.of("cases", "count", "geomean", "min", "at"));
    groups.forEach(
        (group, rows) -> {
          List<Row> measured = rows.stream().filter(row -> !Double.isNaN(row.ratio())).toList();
          Row least = measured.stream().min(Comparator.comparingDouble(Row::ratio)).orElse(null);
          lines.add(
              List.of(
                  group,
                  Integer.toString(measured.size()),
                  ratio(Statistics.geometricMean(measured.stream().map(Row::ratio).toList())),
                  least == null ? "-" : ratio(least.ratio()),
                  least == null ? "-" : least.which().toString()));
        });
    return markdown(lines);
  }

  /** The rows furthest behind the fastest peer, worst first. */
  static String slowest(Outcome outcome) {
    return rows(
        outcome,
        outcome.rows().stream()
            .filter(row -> !Double.isNaN(row.ratio()))
            .sorted(Comparator.comparingDouble(Row::ratio))
            .limit(SLOWEST)
            .toList());
  }

  static String rows(Outcome outcome, List<Row> rows) {
    List<String> peers =
        outcome.rows().stream().flatMap(row -> row.peers().keySet().stream()).distinct().toList();
    Map<String, Function<Row, String>> columns = new LinkedHashMap<>();
    columns.put("case", row -> row.which().toString());
    columns.put("ours", row -> rate(row.ours()));
    for (String peer : peers) {
      columns.put(peer, row -> rate(row.peers().getOrDefault(peer, Double.NaN)));
    }
    columns.put("ratio", row -> ratio(row.ratio()));
    columns.put("of " + outcome.bench().limitName(), row -> percent(row.ofLimit()));
    columns.put("spread", row -> percent(row.spread()));
    columns.put("bytes/call", row -> rate(row.bytes()));
    for (Row row : outcome.rows()) {
      for (String figure : row.figures().keySet()) {
        columns.put(figure, each -> rate(each.figures().getOrDefault(figure, Double.NaN)));
      }
    }
    List<List<String>> lines = new ArrayList<>();
    lines.add(List.copyOf(columns.keySet()));
    for (Row row : rows) {
      lines.add(columns.values().stream().map(column -> column.apply(row)).toList());
    }
    return markdown(lines);
  }

  /**
   * What solvers found, case by case; residuals and errors relative to the largest eigenvalue by
   * magnitude. Empty where no solver took part.
   */
  static String attempts(Outcome outcome) {
    StringBuilder text = new StringBuilder();
    for (Row row : outcome.rows()) {
      List<List<String>> lines = new ArrayList<>();
      lines.add(ATTEMPT_HEAD);
      row.attempts().forEach(attempt -> lines.add(cells(attempt)));
      if (lines.size() > 1) {
        text.append('\n').append(row.which()).append(":\n\n").append(markdown(lines));
      }
    }
    return text.toString();
  }

  private static List<String> cells(Attempt attempt) {
    Solution solution = attempt.solution();
    double norm = Math.max(Math.abs(solution.min()), Math.abs(solution.max()));
    return List.of(
        attempt.contender() + ": " + solution.rule(),
        String.format(Locale.ROOT, "%.3f", solution.seconds()),
        Integer.toString(solution.products()),
        String.format(Locale.ROOT, "%.8g", solution.min()),
        String.format(Locale.ROOT, "%.8g", solution.max()),
        String.format(Locale.ROOT, "%.0e", solution.minResidual() / norm),
        String.format(Locale.ROOT, "%.0e", solution.maxResidual() / norm),
        String.format(Locale.ROOT, "%.0e", attempt.minError()),
        String.format(Locale.ROOT, "%.0e", attempt.maxError()),
        attempt.reached() + " of " + attempt.rounds());
  }

  /** The first line is the head, the first column text, the others numbers. */
  private static String markdown(List<List<String>> lines) {
    int columns = lines.get(0).size();
    int[] width = new int[columns];
    for (List<String> line : lines) {
      for (int j = 0; j < columns; j++) {
        width[j] = Math.max(width[j], line.get(j).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < lines.size(); i++) {
      for (int j = 0; j < columns; j++) {
        String cell = lines.get(i).get(j);
        String room = " ".repeat(width[j] - cell.length());
        text.append("| ").append(j == 0 ? cell + room : room + cell).append(' ');
      }
      text.append("|\n");
      for (int j = 0; i == 0 && j < columns; j++) {
        text.append("| ").append("-".repeat(width[j] - 1)).append(j == 0 ? "- " : ": ");
      }
      text.append(i == 0 ? "|\n" : "");
    }
    return text.toString();
  }

  private static String rate(double value) {
    if (Double.isNaN(value)) {
      return "-";
    }
    String form =
        value == Math.rint(value) || value >= 1000 ? "%.0f" : value >= 100 ? "%.1f" : "%.2f";
    return String.format(Locale.ROOT, form, value);
  }

  private static String ratio(double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.2f", value);
  }

  private static String percent(double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.0f %%", 100 * value);
  }
}
