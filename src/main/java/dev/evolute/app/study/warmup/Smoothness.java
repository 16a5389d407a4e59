package dev.evolute.app.study.warmup;

import dev.evolute.app.report.Chart;
import dev.evolute.app.report.Claim;
import dev.evolute.app.report.ClaimCheck;
import dev.evolute.app.report.Figure;
import dev.evolute.app.report.Line;
import dev.evolute.app.report.SeriesTable;
import dev.evolute.app.report.StudyResult;
import dev.evolute.app.study.LinearFit;
import dev.evolute.app.study.warmup.SmoothnessRun.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** Figures 1, 2, I.1 and I.2 of paper 000, with the true curvature at some of the points. */
final class Smoothness {
  /** Share of a run before the fit begins: the paper's initial stretch. */
  private static final double INITIAL = 0.05;

  /** A factor within which an estimate counts as one of the norm; ours. */
  private static final double FACTOR = 2;

  /** What curvature may change along a step of the paper's; ours. */
  private static final double SLACK = 1.05;

  /** A cloud of more points than these is no clearer. */
  private static final int DRAWN = 120;

  /** Below this R² the curvature of a run does not follow its loss; ours. */
  private static final double FOLLOWS = 0.2;

  private final List<Watch> watches;
  private final Map<Watch, List<double[]>> rows = new ConcurrentHashMap<>();

  Smoothness(List<Watch> watches) {
    this.watches = watches;
  }

  void add(Watch watch, List<double[]> points) {
    rows.put(watch, points);
  }

  private List<Watch> runs() {
    return watches.stream().filter(w -> rows.getOrDefault(w, List.of()).size() > 2).toList();
  }

  private static double[] column(List<double[]> list, ToDoubleFunction<double[]> value) {
    return list.stream().mapToDouble(value).toArray();
  }

  private static double get(double[] row, Column column) {
    return row[column.ordinal()];
  }

  /** {@code ||Hess f||} of a probed row, from its two values. */
  private static double norm(double[] row) {
    return Math.max(get(row, Column.MAX), -get(row, Column.MIN));
  }

  private static double normUpper(double[] row) {
    return Math.max(get(row, Column.MAX_UPPER), -get(row, Column.MIN_LOWER));
  }

  /** The rows after the initial stretch that have a value. */
  private List<double[]> fitted(Watch watch, Column column) {
    int from = (int) Math.ceil(INITIAL * watch.steps());
    return rows.get(watch).stream()
        .filter(row -> get(row, Column.STEP) >= from && !Double.isNaN(get(row, column)))
        .toList();
  }

  private LinearFit fit(Watch watch, Column column) {
    List<double[]> points = fitted(watch, column);
    ToDoubleFunction<double[]> y =
        column == Column.MAX ? Smoothness::norm : row -> get(row, column);
    return points.size() < 3
        ? new LinearFit(Double.NaN, Double.NaN, Double.NaN, Double.NaN)
        : LinearFit.of(column(points, row -> get(row, Column.LOSS)), column(points, y));
  }

  private List<double[]> probed(Watch watch) {
    return rows.get(watch).stream().filter(row -> !Double.isNaN(get(row, Column.MAX))).toList();
  }

  List<Claim> claims() {
    ClaimCheck within =
        new ClaimCheck(
            "the difference quotient of one mini-batch is within ‖∇²f‖, smooth networks, the"
                + " paper’s steps",
            "000, Section 3.2");
    long points = 0;
    long beyond = 0;
    ClaimCheck estimate =
        new ClaimCheck(
                "the estimate of two mini-batches is ‖∇²f‖ to a factor of 2",
                "000, Figures 1, 2, I.1, I.2")
            .note(
                "The paper takes the two gradients from two mini-batches. Their noise, divided by a"
                    + " step of 10⁻⁴ or less, is what is seen.");
    for (Watch watch : runs()) {
      for (double[] row : probed(watch)) {
        double bound = SLACK * normUpper(row);
        if (watch.learner().smooth() && watch.factor() == 1) {
          within.check(bound, get(row, Column.SAME));
        } else if (watch.learner().smooth()) {
          points++;
          beyond += get(row, Column.SAME) > bound ? 1 : 0;
        }
        double two = get(row, Column.CONSECUTIVE);
        if (!Double.isNaN(two)) {
          estimate.check(FACTOR * norm(row), two);
        }
      }
    }
    within.note(
        "To a twentieth, for curvature changes along the step; with the upper end of ‖∇²f‖. Along"
            + " steps a hundred times as long it changes more: there "
            + beyond
            + " of "
            + points
            + " are beyond. The residual networks are left out: across the kinks of ReLUs gradients"
            + " jump, of which the Hessian knows nothing.");
    return List.of(
        rising("as the paper estimates it", Column.CONSECUTIVE),
        rising("of one mini-batch along the step", Column.SAME),
        rising("‖∇²f‖ itself", Column.MAX),
        within.claim(),
        estimate.claim());
  }

  private Claim rising(String what, Column column) {
    ClaimCheck check =
        new ClaimCheck("smoothness falls as the loss falls, " + what, "000, Figures 1, 2, I.1, I.2")
            .note("The slope of the line of least squares is positive, run by run.");
    for (Watch watch : runs()) {
      LinearFit fit = fit(watch, column);
      if (!Double.isNaN(fit.slope())) {
        check.check(fit.slope() > 0);
      }
    }
    return check.claim();
  }

  List<Figure> figures() {
    return List.of(
        figure(
            "smoothness-two-batches",
            "Local smoothness as the paper estimates it",
            "A point for some of the steps: the difference of the gradients of two mini-batches at the two ends"
                + " of the step before, over its length, against the mini-batch’s loss. The line is"
                + " that of least squares after the first twentieth of the run.",
            "Figures 1, 2, I.1 and I.2",
            Column.CONSECUTIVE),
        figure(
            "smoothness-one-batch",
            "Local smoothness of one function, and the true curvature",
            "The same with both gradients of one mini-batch, a difference quotient of one function"
                + " (which jumps where a step crosses kinks of ReLUs), and at some steps ‖∇²f‖ of"
                + " that mini-batch by Lanczos’ method, both ends of the spectrum. The lines are"
                + " those of least squares.",
            "",
            Column.SAME));
  }

  private Figure figure(
      String name, String title, String caption, String reproduces, Column column) {
    List<Chart> panels = new ArrayList<>();
    for (Watch watch : runs()) {
      if (watch.seed() != watches.getFirst().seed()) {
        continue;
      }
      List<double[]> drawn =
          drawn(rows.get(watch).stream().filter(r -> !Double.isNaN(get(r, column))).toList());
      double[] x = column(drawn, r -> get(r, Column.LOSS));
      Chart.Builder chart =
          Chart.titled(watch.title())
              .x("loss of the mini-batch")
              .y(column == Column.SAME ? "smoothness, ‖∇²f‖" : "smoothness")
              .line(
                  Line.points(
                      column == Column.SAME ? "one mini-batch" : "two mini-batches",
                      x,
                      column(drawn, r -> get(r, column)),
                      0));
      line(chart, watch, column, 0);
      if (column == Column.SAME) {
        List<double[]> probed = probed(watch);
        chart.line(
            Line.points(
                "‖∇²f‖",
                column(probed, r -> get(r, Column.LOSS)),
                column(probed, Smoothness::norm),
                1));
        line(chart, watch, Column.MAX, 1);
      }
      panels.add(chart.build());
    }
    return new Figure(name, title, caption, reproduces, panels);
  }

  /** Evenly along the run: the lines are those of all points. */
  private static List<double[]> drawn(List<double[]> all) {
    int every = Math.ceilDiv(all.size(), DRAWN);
    return IntStream.range(0, all.size()).filter(i -> i % every == 0).mapToObj(all::get).toList();
  }

  private void line(Chart.Builder chart, Watch watch, Column column, int colour) {
    LinearFit fit = fit(watch, column);
    if (Double.isNaN(fit.slope())) {
      return;
    }
    double[] x = column(fitted(watch, column), r -> get(r, Column.LOSS));
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (double loss : x) {
      low = Math.min(low, loss);
      high = Math.max(high, loss);
    }
    double[] ends = {low, high};
    double[] y = {fit.intercept() + fit.slope() * low, fit.intercept() + fit.slope() * high};
    chart.line(
        Line.dashed(String.format(Locale.ROOT, "line, R² = %.2f", fit.r2()), ends, y, colour));
  }

  void metrics(StudyResult.Builder result) {
    for (Watch watch : runs()) {
      String which = ", " + watch.label().substring("smoothness-".length());
      for (Column column : List.of(Column.CONSECUTIVE, Column.SAME, Column.MAX)) {
        String what =
            switch (column) {
              case CONSECUTIVE -> "two batches";
              case SAME -> "one batch";
              default -> "Hessian norm";
            };
        LinearFit fit = fit(watch, column);
        result.metric("slope, " + what + which, fit.slope());
        result.metric("R2, " + what + which, fit.r2());
      }
      result.metric("estimate of two batches over Hessian norm" + which, excess(watch));
    }
    result.metric(
        "probesOfLearners", runs().stream().mapToLong(watch -> probed(watch).size()).sum());
  }

  /** The middle ratio of the paper's estimate to the norm at the same points. */
  private double excess(Watch watch) {
    double[] ratios =
        probed(watch).stream()
            .mapToDouble(row -> get(row, Column.CONSECUTIVE) / norm(row))
            .filter(r -> !Double.isNaN(r))
            .sorted()
            .toArray();
    return ratios.length == 0 ? Double.NaN : ratios[ratios.length / 2];
  }

  void prose(StudyResult.Builder result) {
    List<Watch> runs = runs();
    if (runs.isEmpty()) {
      return;
    }
    double least = Double.POSITIVE_INFINITY;
    double most = 0;
    for (Watch watch : runs) {
      double excess = excess(watch);
      if (!Double.isNaN(excess)) {
        least = Math.min(least, excess);
        most = Math.max(most, excess);
      }
    }
    result.prose(
        String.format(
            Locale.ROOT,
            "Section 3.2 of the paper estimates local smoothness from the gradients of two"
                + " different mini-batches and finds that it “decays approximately linearly” with"
                + " the loss. At the points where the Hessian’s norm is known here, that estimate"
                + " is, run by run, %.3g to %.3g times the norm in the middle: with mini-batches of"
                + " this size it shows their noise over the length of the step. With both gradients"
                + " from one mini-batch it is a difference quotient of one function, within the"
                + " norm where the network is smooth and the step as short as the paper’s.",
            least,
            most));
    result.prose(
        "What the sentence says, that smoothness falls along with the loss, is seen in "
            + seen(Column.CONSECUTIVE)
            + " runs of the paper’s estimate, in "
            + seen(Column.SAME)
            + " of the estimate of one mini-batch and in "
            + seen(Column.MAX)
            + " of the norm itself. Slopes and R² of every run stand among the numbers.");
    String norms = atThePapersSteps();
    if (!norms.isEmpty()) {
      result.prose("‖∇²f‖ itself at the paper’s steps. " + norms + ".");
    }
  }

  /** What the norm itself does in each run of the paper's steps. */
  private String atThePapersSteps() {
    List<String> runs = new ArrayList<>();
    for (Watch watch : runs()) {
      LinearFit fit = fit(watch, Column.MAX);
      if (watch.factor() == 1 && !Double.isNaN(fit.slope())) {
        String does =
            fit.r2() < FOLLOWS
                ? "does not follow the loss"
                : fit.slope() > 0
                    ? "falls along with the loss, which supports the sentence"
                    : "rises as the loss falls, which contradicts it";
        runs.add(
            String.format(
                Locale.ROOT,
                "%s (%d points): %s (slope %.3g, R² %.2f)",
                watch.title(),
                probed(watch).size(),
                does,
                fit.slope(),
                fit.r2()));
      }
    }
    return String.join("; ", runs);
  }

  /** Runs in which smoothness rises with the loss, of all that can tell. */
  private String seen(Column column) {
    Claim claim = rising("", column);
    return (claim.checked() - claim.violated()) + " of " + claim.checked();
  }

  void series(SeriesTable table, List<String> columns) {
    for (Watch watch : runs()) {
      for (double[] row : rows.get(watch)) {
        Object[] cells = new Object[columns.size()];
        cells[0] = "smoothness";
        cells[1] = watch.label();
        for (Column column : Column.values()) {
          cells[columns.indexOf(column.title)] = row[column.ordinal()];
        }
        table.row(cells);
      }
    }
  }

  /** Names of columns that the table has for these rows. */
  static List<String> columns() {
    List<String> names = new ArrayList<>();
    for (Column column : Column.values()) {
      names.add(column.title);
    }
    return names;
  }
}
