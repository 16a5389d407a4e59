package dev.evolute.app.study.rsc;

import dev.evolute.app.report.Chart;
import dev.evolute.app.report.Claim;
import dev.evolute.app.report.ClaimCheck;
import dev.evolute.app.report.Figure;
import dev.evolute.app.report.Line;
import dev.evolute.app.report.Numbers;
import dev.evolute.app.report.StudyResult;
import dev.evolute.app.study.LinearFit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The 1/sqrt(m) law: the Hessian of the predictor at the initialisation, against width. */
final class HessianWidths {
  private final Protocol protocol;
  private final TrainingSet data;
  final List<HessianScaling.Row> rows = new ArrayList<>();

  HessianWidths(Protocol protocol, TrainingSet data) {
    this.protocol = protocol;
    this.data = data;
  }

  synchronized void add(HessianScaling.Row row) {
    rows.add(row);
    rows.sort(
        Comparator.comparingInt(HessianScaling.Row::width)
            .thenComparingInt(HessianScaling.Row::seed));
  }

  LinearFit fit() {
    double[] x = rows.stream().mapToDouble(row -> Math.log(row.width())).toArray();
    double[] y = rows.stream().mapToDouble(row -> Math.log(row.snapshot().hessian())).toArray();
    return LinearFit.of(x, y);
  }

  Claim exponent() {
    ClaimCheck check =
        new ClaimCheck(
            "‖∇²f‖ falls like 1/√m: fitted exponent in −0.6 to −0.4", "001, theorem 4.1");
    if (rows.stream().map(HessianScaling.Row::width).distinct().count() >= 5) {
      check.check(fit().slope(), -0.6);
      check.check(-0.4, fit().slope());
    }
    return check.claim();
  }

  Figure figure() {
    double[] x = rows.stream().mapToDouble(HessianScaling.Row::width).toArray();
    Chart.Builder chart =
        Chart.titled("Hessian of the predictor at the initialisation")
            .x("width m")
            .y("spectral norm")
            .logX()
            .logY()
            .line(Line.points("largest measured", x, values(rows, Snapshot::hessian), 0));
    if (x.length > 2) {
      LinearFit fit = fit();
      double[] y = new double[x.length];
      for (int i = 0; i < x.length; i++) {
        y[i] = Math.exp(fit.intercept() + fit.slope() * Math.log(x[i]));
      }
      String name = "fit m^" + Numbers.fixed(fit.slope(), 3);
      chart.line(Line.dashed(name, x, y, 0));
    }
    chart.line(Line.solid("from the layers’ norms", x, values(rows, s -> s.bounds().hessian()), 1));
    chart.line(Line.solid("direct c/√m, γ = 1", x, values(rows, s -> start(s).hessian()), 2));
    chart.line(Line.solid("c_H/√m of (6)", x, values(rows, HessianWidths::paperHessian), 3));
    return new Figure(
        "hessian-width",
        "The 1/√m law",
        "Largest spectral norm of ∇²f(θ₀; x_i) over "
            + Math.min(data.samples(), protocol.hessianSamples())
            + " samples, one point an initialisation, with the line fitted to their logarithms; and"
            + " three bounds above it: from the measured norms of the layers, the direct constant in"
            + " the paper’s ball, and the paper’s c_H.",
        "",
        List.of(chart.build()));
  }

  private static LayerBounds start(Snapshot s) {
    return LayerBounds.ball(s.bounds().depth(), s.bounds().width(), Protocol.SIGMA1, 0);
  }

  private static double paperHessian(Snapshot s) {
    return start(s).paperConstant().value() / Math.sqrt(s.bounds().width());
  }

  private static double[] values(List<HessianScaling.Row> rows, ToDoubleFunction<Snapshot> value) {
    return rows.stream().mapToDouble(row -> value.applyAsDouble(row.snapshot())).toArray();
  }

  void metrics(StudyResult.Builder result) {
    if (rows.size() <= 2) {
      return;
    }
    LinearFit fit = fit();
    result.metric("hessianExponent", fit.slope());
    result.metric("hessianExponentError", fit.error());
    result.fact(
        "Hessian’s exponent",
        Numbers.fixed(fit.slope(), 3) + " ± " + Numbers.fixed(fit.error(), 3),
        "the theory bounds it by −1/2");
    for (HessianScaling.Row row : rows) {
      String key = " m" + row.width() + " s" + row.seed();
      result.metric("hessianNorm" + key, row.snapshot().hessian());
      result.metric("hessianSeconds" + key, row.seconds());
    }
  }
}
