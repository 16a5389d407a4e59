package dev.evolute.app.study.twolayer;

import dev.evolute.app.report.Chart;
import dev.evolute.app.report.Figure;
import dev.evolute.app.report.Line;
import dev.evolute.app.report.StudyResult;
import dev.evolute.app.study.Progress;
import dev.evolute.app.study.StudySettings;
import dev.evolute.kernels.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Wall-clock time of a step by each rule, against width. */
final class Paces {
  private final Protocol protocol;

  /** Microseconds by width, then rule, on weights of that width. */
  private final Map<Integer, Map<Rule, Double>> full = new TreeMap<>();

  /** The same on weights of width n + m. */
  private final Map<Integer, Map<Rule, Double>> compressed = new TreeMap<>();

  Paces(Protocol protocol) {
    this.protocol = protocol;
  }

  /** Times the steps of Figure 2, alone on the machine as far as this program goes. */
  void measure(StudySettings settings, Progress progress) {
    try (Device device = Device.open(settings.device(), settings.threads())) {
      for (int i = 0; i < protocol.widths().size() && !progress.interrupted(); i++) {
        int width = protocol.widths().get(i);
        Setting setting = Setting.figure1(width, 1, 1);
        for (boolean small : new boolean[] {true, false}) {
          (small ? compressed : full)
              .put(
                  width,
                  Pace.of(
                      device,
                      setting,
                      protocol.repetitions(),
                      protocol.paceSteps(),
                      small,
                      protocol.seed()));
        }
      }
    }
  }

  Figure figure() {
    List<Chart> panels = new ArrayList<>();
    for (boolean whole : new boolean[] {true, false}) {
      Chart.Builder chart =
          Chart.titled(whole ? "weights of width h" : "compressed to width n + m")
              .x("width h")
              .y("µs a step and repetition")
              .logY();
      Map<Integer, Map<Rule, Double>> pace = whole ? full : compressed;
      for (Rule rule : Pace.RULES) {
        double[] x = pace.keySet().stream().mapToDouble(w -> w).toArray();
        double[] y = pace.values().stream().mapToDouble(of -> of.get(rule)).toArray();
        chart.line(Line.solid(rule.brief(), x, y, rule.colour()));
      }
      panels.add(chart.build());
    }
    return new Figure(
        "pace",
        "Wall-clock time of a step",
        "Gradient, what the rule reads, the rule and the update, all repetitions in one batch. The rules"
            + " that read spectra (the adaptive one, and Xu et al. with local ones) pay for eigenvalues of n x n"
            + " matrices; backtracking looks at the loss along a ray, which costs no product of the"
            + " width.",
        "",
        panels);
  }

  void metrics(StudyResult.Builder result) {
    metrics(result, " full ", full);
    metrics(result, " compressed ", compressed);
  }

  private static void metrics(
      StudyResult.Builder result, String weights, Map<Integer, Map<Rule, Double>> pace) {
    pace.forEach(
        (width, by) ->
            by.forEach(
                (rule, micros) ->
                    result.metric("microseconds h" + width + weights + rule.label(), micros)));
  }
}
