package dev.evolute.app.study.twolayer;

import dev.evolute.app.report.Chart;
import dev.evolute.app.report.Claim;
import dev.evolute.app.report.ClaimCheck;
import dev.evolute.app.report.Figure;
import dev.evolute.app.report.Line;
import dev.evolute.app.study.twolayer.Course.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Figure 5: the adaptive rule on two layers beside gradient descent on their product alone. */
final class BesidePlain {
  /** A stretch of iterates at the end of a run of Figure 5, over which its rate is taken. */
  private static final int STRETCH = 50;

  private final Protocol protocol;
  private final Courses courses;
  private final Map<String, double[][]> plain = new TreeMap<>();

  BesidePlain(Protocol protocol, Courses courses) {
    this.protocol = protocol;
    this.courses = courses;
  }

  synchronized void add(Setting setting, double[][] reference) {
    plain.put(setting.label(), reference);
  }

  /** Mean and deviation of the decimal logarithm of plain descent's loss, or null. */
  double[][] reference(Setting setting) {
    return plain.get(setting.label());
  }

  /** {@code log10} of the factor by which the loss shrinks a step at the end of a run. */
  private static double rate(double[] logLoss) {
    int last = logLoss.length - 1;
    int from = Math.max(0, last - STRETCH);
    return (logLoss[last] - logLoss[from]) / (last - from);
  }

  /** How far the rate of the run of that width is from that of plain gradient descent, relative. */
  double rateGap(Setting setting) {
    Course course = courses.get(setting, Rule.ADAPTIVE);
    double[][] reference = reference(setting);
    if (course == null || reference == null) {
      return Double.NaN;
    }
    return 1 - rate(course.column(Column.LOG_LOSS)) / rate(reference[0]);
  }

  Claim claim() {
    ClaimCheck check =
        new ClaimCheck(
            "the rate comes closer to that of plain gradient descent as the width grows",
            "003, Figure 5");
    List<Setting> settings = protocol.figure5();
    for (int i = 0; i + 1 < settings.size(); i++) {
      double narrow = Math.abs(rateGap(settings.get(i)));
      double wide = Math.abs(rateGap(settings.get(i + 1)));
      if (!Double.isNaN(narrow + wide)) {
        check.check(narrow, wide);
      }
    }
    return check
        .note("Slope of log₁₀ loss over the last " + STRETCH + " iterations, neighbouring widths.")
        .claim();
  }

  Figure figure() {
    List<Chart> panels = new ArrayList<>();
    for (Setting setting : protocol.figure5()) {
      Chart.Builder chart = Chart.titled(setting.title()).x("iteration").y("log₁₀ loss");
      Course ours = courses.get(setting, Rule.ADAPTIVE);
      double[][] reference = reference(setting);
      if (reference != null) {
        logLine(chart, "plain, step 1/K", reference[0], reference[1], 1);
      }
      if (ours != null) {
        logLine(
            chart,
            "two layers, step (19)",
            ours.column(Column.LOG_LOSS),
            ours.column(Column.LOG_LOSS_DEVIATION),
            0);
      }
      panels.add(chart.build());
    }
    return new Figure(
        "plain",
        "Overparametrised against plain gradient descent",
        "Mean of log₁₀ loss; bands are one deviation. The step of the two layers grows by (1 + η₀^d)^½ an"
            + " iteration until it meets 1/K_t; from there the slopes can be compared, at losses far"
            + " below those of any practice, which the deviation of W from the minimum carries.",
        "Figure 5",
        panels);
  }

  /** A mean and its band on an axis of logarithms, which reach beyond the range of f64. */
  private static void logLine(
      Chart.Builder chart, String name, double[] mean, double[] deviation, int colour) {
    double[] x = new double[mean.length];
    double[] low = new double[mean.length];
    double[] high = new double[mean.length];
    for (int t = 0; t < x.length; t++) {
      x[t] = t;
      low[t] = mean[t] - deviation[t];
      high[t] = mean[t] + deviation[t];
    }
    chart.band(x, low, high, colour).line(Line.solid(name, x, mean, colour));
  }
}
