package dev.evolute.app.study.twolayer;

import dev.evolute.app.report.Chart;
import dev.evolute.app.report.Claim;
import dev.evolute.app.report.ClaimCheck;
import dev.evolute.app.report.Figure;
import dev.evolute.app.report.StudyResult;
import dev.evolute.app.study.twolayer.Course.Column;
import dev.evolute.app.study.twolayer.Course.Start;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Figures 1 and 2, and beyond the paper the best step and other losses: the rules compared. */
final class RulesCompared {
  private final Protocol protocol;
  private final Courses courses;

  RulesCompared(Protocol protocol, Courses courses) {
    this.protocol = protocol;
    this.courses = courses;
  }

  /** Settings of Figure 2 in which a rule takes fewer mean iterations than another. */
  long fewer(Rule rule, Rule than) {
    return protocol.figure1().stream()
        .filter(s -> courses.iterations(s, rule) < courses.iterations(s, than))
        .count();
  }

  /** What Figure 2 says of the rules it compares, and the same of one that it does not. */
  List<Claim> claims() {
    return Stream.of(Rule.XU, Rule.BACKTRACKING, Rule.XU_LOCAL).map(this::fewerIterations).toList();
  }

  private Claim fewerIterations(Rule against) {
    ClaimCheck check =
        new ClaimCheck(
            "iterations to a loss of 10⁻¹⁰: fewer than " + against.title(), "003, Figure 2");
    for (Setting setting : protocol.figure1()) {
      Course ours = courses.get(setting, Rule.ADAPTIVE);
      Course theirs = courses.get(setting, against);
      for (int r = 0; ours != null && theirs != null && r < ours.reached.length; r++) {
        double a = ours.reached[r];
        double b = theirs.reached[r];
        check.check(Double.isNaN(b) ? !Double.isNaN(a) : a < b);
      }
    }
    return check.note("Repetition by repetition, in all settings of Figure 2.").claim();
  }

  Figure losses() {
    return rules(
        Column.LOG_LOSS,
        "rules",
        "Step rules compared: loss",
        "loss",
        "Mean of log₁₀ L(t), plus and minus one deviation. The adaptive step is (19) with h = ρ; Xu et"
            + " al. stand with c₁ = 0.5, c₂ = 1.5 in place of the spectra, and, not in the paper, with"
            + " the spectra of the iterate. Panels end at four times the adaptive run's length.");
  }

  Figure steps() {
    return rules(
        Column.LOG_STEP,
        "steps",
        "Step rules compared: step size",
        "step size",
        "Geometric mean of the step over repetitions, for the runs of the figure before.");
  }

  private Figure rules(Column column, String name, String title, String y, String caption) {
    List<Chart> panels = new ArrayList<>();
    for (Setting setting : protocol.figure1()) {
      Chart.Builder chart = Chart.titled(setting.title()).x("iteration").y(y).logY();
      for (Rule rule : List.of(Rule.ADAPTIVE, Rule.XU, Rule.BACKTRACKING, Rule.XU_LOCAL)) {
        Course course = courses.get(setting, rule);
        if (course != null) {
          int window = window(setting);
          if (column == Column.LOG_LOSS) {
            Courses.loss(chart, course, window);
          } else {
            chart.line(Courses.line(course, rule.brief(), column, false, rule.colour(), window));
          }
        }
      }
      panels.add(chart.build());
    }
    return new Figure(name, title, caption, "Figure 2", panels);
  }

  /** Iterates after which the panels of Figure 2 are cut, so that the fast runs can be told. */
  private int window(Setting setting) {
    Course ours = courses.get(setting, Rule.ADAPTIVE);
    return ours == null ? Integer.MAX_VALUE : 4 * ours.length();
  }

  Figure tightness() {
    List<Chart> panels = new ArrayList<>();
    for (Setting setting : protocol.figure1()) {
      Course ours = courses.get(setting, Rule.ADAPTIVE);
      String ratio =
          ours == null
              ? ""
              : String.format(
                  Locale.ROOT,
                  ", α₁/α₂ = %.2f",
                  ours.start(Start.ALPHA1) / ours.start(Start.ALPHA2));
      Chart.Builder chart =
          Chart.titled(setting.title() + ratio).x("iteration").y("loss").logY().nested();
      for (Rule rule : List.of(Rule.CONSTANT, Rule.ADAPTIVE_BAR, Rule.ADAPTIVE)) {
        Course course = courses.get(setting, rule);
        if (course != null) {
          Courses.loss(chart, course, course.length());
        }
      }
      if (ours != null) {
        Courses.bounds(chart, ours);
      }
      panels.add(chart.build());
    }
    return new Figure(
        "bounds",
        "The loss and its bounds",
        "Mean of log₁₀ L(t) over repetitions, plus and minus one deviation, for the three step rules of"
            + " Section 3.2, and the bounds (17) and (20) on it (dashed; the paper draws triangles)."
            + " The three losses lie on each other: with d = 1.01 a step may grow by some η₀/2 an"
            + " iteration, which is next to nothing before the loss is gone.",
        "Figure 1",
        panels);
  }

  Figure beyond() {
    List<Chart> panels = new ArrayList<>();
    for (boolean curvature : new boolean[] {true, false}) {
      for (Setting setting : middle()) {
        Course ours = courses.get(setting, Rule.ADAPTIVE);
        Chart.Builder chart =
            Chart.titled(setting.title()).x("iteration").y(curvature ? "curvature" : "step size");
        if (ours != null) {
          int all = ours.length();
          if (curvature) {
            chart
                .line(Courses.line(ours, "exact along the step", Column.EXACT_K, false, 0, all))
                .line(Courses.line(ours, "K_t", Column.K, false, 1, all))
                .line(Courses.line(ours, "K̄_t", Column.K_BAR, true, 3, all));
          } else {
            chart
                .line(Courses.line(ours, "best step", Column.LOG_BEST_STEP, false, 6, all))
                .line(Courses.line(ours, "adaptive ρ", Column.LOG_STEP, false, 0, all));
          }
        }
        panels.add(chart.build());
      }
    }
    return new Figure(
        "curvature",
        "How sharp the constants are",
        "Along the adaptive run. Above: the largest exact curvature <g, H g>/<g, g> between an iterate and"
            + " the next, the local bound K_t, and the bound K̄_t known at the start. Below: the step of"
            + " (19) beside the step that lowers the loss most.",
        "",
        panels);
  }

  /** The settings of Figure 1 with the middle noise. */
  private List<Setting> middle() {
    double noise = protocol.noises().get(protocol.noises().size() / 2);
    return protocol.figure1().stream().filter(s -> s.noise() == noise).toList();
  }

  Figure otherLosses() {
    List<Chart> panels = new ArrayList<>();
    for (Setting setting : protocol.losses()) {
      Chart.Builder chart =
          Chart.titled(setting.title()).x("iteration").y("loss less its minimum").logY();
      for (Rule rule : List.of(Rule.EXACT, Rule.BACKTRACKING, Rule.ADAPTIVE)) {
        Course course = courses.get(setting, rule);
        if (course != null) {
          Courses.loss(chart, course, course.length());
        }
      }
      Course ours = courses.get(setting, Rule.ADAPTIVE);
      if (ours != null) {
        Courses.bounds(chart, ours);
      }
      panels.add(chart.build());
    }
    return new Figure(
        "losses",
        "Other losses",
        "10 inputs, 4 outputs, 30 samples, width 500, with an L2 penalty on W where the loss has no"
            + " convexity of its own: n and m differ here, so that the corrected α₁ is at work. The"
            + " theorem's steps are safe and far from the best ones.",
        "",
        panels);
  }

  void metrics(StudyResult.Builder result) {
    protocol.figure1().forEach(setting -> iterations(result, setting, protocol.rules()));
    protocol.losses().forEach(setting -> iterations(result, setting, protocol.lossRules()));
  }

  private void iterations(StudyResult.Builder result, Setting setting, List<Rule> rules) {
    for (Rule rule : rules) {
      result.metric(
          "iterations " + setting.label() + " " + rule.label(), courses.iterations(setting, rule));
    }
  }

  void prose(StudyResult.Builder result) {
    StringBuilder table = new StringBuilder("Mean iterations to a loss of 10⁻¹⁰: ");
    for (Setting setting : protocol.figure1()) {
      table.append(setting.title()).append(": ");
      for (Rule rule : protocol.rules()) {
        table.append(
            String.format(
                Locale.ROOT, "%s %.1f, ", rule.brief(), courses.iterations(setting, rule)));
      }
      table.setLength(table.length() - 2);
      table.append("; ");
    }
    table.setLength(table.length() - 2);
    result.prose(table.append('.').toString());
    result.prose(
        "The paper compares its rule with one backtracking search, τ = 0.1 and γ = 0.9, whose steps are"
            + " powers of ten and rather short. Two references of ours stand beside it: backtracking with"
            + " τ = γ = 0.5 takes fewer iterations than the adaptive rule in "
            + fewer(Rule.BACKTRACKING_HALF, Rule.ADAPTIVE)
            + " of "
            + protocol.figure1().size()
            + " settings, and the best step of each iterate in "
            + fewer(Rule.EXACT, Rule.ADAPTIVE)
            + ". The σ² of the nine settings are ours: the paper does not tell its own.");
  }
}
