package dev.evolute.app.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.evolute.app.UserException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** Several results side by side: what of their settings, numbers and claims differs. */
public final class Comparison {
  /** As many as there are colours to tell them apart. */
  public static final int MOST = 7;

  private final List<SavedResult> runs;
  private final Map<String, List<String>> settings = new LinkedHashMap<>();
  private final Map<String, double[]> metrics = new LinkedHashMap<>();
  private final Map<List<String>, List<Claim>> claims = new LinkedHashMap<>();

  private Comparison(List<SavedResult> runs) {
    this.runs = runs;
    runs.forEach(
        run -> {
          JsonNode summary = run.summary();
          summary.path("settings").fieldNames().forEachRemaining(this::setting);
          List.of("quick", "partial", "seed").forEach(this::setting);
          summary.path("data").fieldNames().forEachRemaining(key -> setting("data/" + key));
          summary.path("machine").fieldNames().forEachRemaining(key -> setting("machine/" + key));
          setting("evolute");
          setting("seconds");
          summary.path("metrics").fieldNames().forEachRemaining(this::metric);
          summary.path("claims").forEach(this::claim);
        });
  }

  /**
   * Reads the results.
   *
   * @param paths two to {@link #MOST} folders, reports or summaries
   * @throws UserException if one of them is none
   */
  public static Comparison of(List<Path> paths) {
    return new Comparison(paths.stream().map(SavedResult::read).toList());
  }

  List<SavedResult> runs() {
    return runs;
  }

  /** What the run at an index is called: A, B, ... */
  static String letter(int run) {
    return String.valueOf((char) ('A' + run));
  }

  private void setting(String key) {
    settings.computeIfAbsent(
        key,
        k ->
            runs.stream()
                .map(
                    run -> {
                      JsonNode in = run.summary();
                      JsonNode value =
                          in.path("settings").has(k)
                              ? in.path("settings").get(k)
                              : in.at("/" + k.replace("~", "~0"));
                      return value.isMissingNode() ? "–" : text(value);
                    })
                .toList());
  }

  private static String text(JsonNode value) {
    if (value.isArray()) {
      List<String> parts = new ArrayList<>();
      value.forEach(part -> parts.add(text(part)));
      return String.join(", ", parts);
    }
    return value.isValueNode() ? value.asText() : value.toString();
  }

  private void metric(String key) {
    metrics.computeIfAbsent(
        key,
        k ->
            runs.stream()
                .map(run -> run.summary().path("metrics").path(k))
                .mapToDouble(value -> value.isNumber() ? value.asDouble() : Double.NaN)
                .toArray());
  }

  private void claim(JsonNode found) {
    List<String> key = List.of(found.path("name").asText(), found.path("paper").asText());
    claims.computeIfAbsent(
        key,
        k -> {
          List<Claim> row = new ArrayList<>();
          for (SavedResult run : runs) {
            Claim match = null;
            for (JsonNode claim : run.summary().path("claims")) {
              if (claim.path("name").asText().equals(k.get(0))
                  && claim.path("paper").asText().equals(k.get(1))) {
                match = read(claim);
              }
            }
            row.add(match);
          }
          return Collections.unmodifiableList(row);
        });
  }

  private static Claim read(JsonNode claim) {
    return new Claim(
        claim.path("name").asText(),
        claim.path("paper").asText(),
        claim.path("checked").asLong(),
        claim.path("violated").asLong(),
        claim.path("tightest").isNumber() ? claim.path("tightest").asDouble() : Double.NaN,
        claim.path("holds").asBoolean(),
        claim.path("note").asText(""));
  }

  /** Every knob with its value in each run, a dash where a run has none. */
  Map<String, List<String>> settings() {
    return settings;
  }

  /** Every number with its value in each run, NaN where a run has none. */
  Map<String, double[]> metrics() {
    return metrics;
  }

  /** Every claim, by name and source, in each run; null where a run has none. */
  Map<List<String>, List<Claim>> claims() {
    return claims;
  }

  static boolean differs(double[] values) {
    return Arrays.stream(values).anyMatch(v -> Double.compare(v, values[0]) != 0);
  }

  static boolean differs(List<String> values) {
    return values.stream().anyMatch(v -> !v.equals(values.get(0)));
  }

  /** Whether the verdicts of the runs that have the claim do, whatever the numbers of points. */
  static boolean verdictsDiffer(List<Claim> row) {
    return row.stream().filter(Objects::nonNull).map(Claim::verdict).distinct().count() > 1;
  }

  /** How many claims differ, and how many some runs do not have, for a sentence. */
  String verdicts() {
    long different = claims.values().stream().filter(Comparison::verdictsDiffer).count();
    long missing =
        claims.values().stream().filter(row -> row.stream().anyMatch(Objects::isNull)).count();
    return "%d claims, of which %d have different verdicts".formatted(claims.size(), different)
        + (missing == 0 ? "" : " and %d are not in every result".formatted(missing));
  }

  /** Difference to the first run in per cent of it, NaN where that says nothing. */
  static double percent(double value, double first) {
    return first == 0 ? Double.NaN : 100 * (value - first) / Math.abs(first);
  }

  /** A few lines for the terminal: what the runs are, and what differs. */
  public String text() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < runs.size(); i++) {
      line(text, "%s  %s: %s", letter(i), runs.get(i).path(), runs.get(i).title());
    }
    settings.forEach(
        (key, values) -> {
          if (differs(values) && !key.equals("seconds")) {
            line(text, "%-24s%s", key, String.join(" | ", values));
          }
        });
    long changed = metrics.values().stream().filter(Comparison::differs).count();
    line(text, "%d numbers, of which %d differ", metrics.size(), changed);
    claims.forEach(
        (key, row) -> {
          if (verdictsDiffer(row)) {
            List<String> verdicts =
                row.stream().map(claim -> claim == null ? "–" : claim.verdict()).toList();
            line(text, "%s (%s): %s", key.get(0), key.get(1), String.join(" | ", verdicts));
          }
        });
    line(text, "%s", verdicts());
    return text.toString();
  }

  private static void line(StringBuilder text, String form, Object... values) {
    text.append(String.format(Locale.ROOT, form, values)).append(System.lineSeparator());
  }

  /** All of it as one object for programs. */
  public Map<String, Object> json() {
    List<Object> list = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      Map<String, Object> run = new LinkedHashMap<>();
      run.put("letter", letter(i));
      run.put("path", runs.get(i).path().toString());
      run.put("study", runs.get(i).summary().get("study").asText());
      list.add(run);
    }
    Map<String, Object> numbers = new LinkedHashMap<>();
    metrics.forEach((key, values) -> numbers.put(key, Arrays.stream(values).boxed().toList()));
    List<Object> verdicts = new ArrayList<>();
    claims.forEach(
        (key, row) -> {
          Map<String, Object> claim = new LinkedHashMap<>();
          claim.put("name", key.get(0));
          claim.put("paper", key.get(1));
          claim.put("verdicts", row.stream().map(c -> c == null ? "" : c.verdict()).toList());
          claim.put(
              "violated", row.stream().map(c -> c == null ? Double.NaN : c.violated()).toList());
          verdicts.add(claim);
        });
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("runs", list);
    root.put("settings", settings);
    root.put("metrics", numbers);
    root.put("claims", verdicts);
    return root;
  }

  /** The pictures that at least two runs have under one name, laid over each other. */
  List<Figure> figures() {
    Map<String, List<Figure>> byName = new LinkedHashMap<>();
    for (SavedResult run : runs) {
      run.figures().forEach(figure -> byName.computeIfAbsent(figure.name(), n -> of(n)));
    }
    List<Figure> all = new ArrayList<>();
    for (List<Figure> found : byName.values()) {
      if (found.stream().filter(Objects::nonNull).count() > 1) {
        all.addAll(Overlay.of(found));
      }
    }
    return all;
  }

  /** The figure of that name in each run, null where there is none. */
  private List<Figure> of(String name) {
    List<Figure> found = new ArrayList<>();
    for (SavedResult run : runs) {
      found.add(run.figures().stream().filter(f -> f.name().equals(name)).findFirst().orElse(null));
    }
    return found;
  }
}
