package dev.evolute.app.study.rsc;

import dev.evolute.app.report.Chart;
import dev.evolute.app.report.Claim;
import dev.evolute.app.report.ClaimCheck;
import dev.evolute.app.report.Figure;
import dev.evolute.app.report.Line;
import dev.evolute.app.report.Numbers;
import dev.evolute.app.report.StudyResult;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The runs on which the paper's inequalities are checked: their figures and constants. */
final class AlongTraining {
  /** Eigenvalues of the kernel below this share of the largest are zero but for rounding. */
  static final double SINGULAR = 1e-10;

  private static final List<Double> KAPPAS = List.of(0.25, 0.5, 1.0);

  private final TrainingSet data;
  final List<BoundsRun> runs = new ArrayList<>();

  AlongTraining(TrainingSet data) {
    this.data = data;
  }

  BoundsRun run(String name) {
    return runs.stream().filter(run -> run.name.equals(name)).findFirst().orElseThrow();
  }

  List<BoundsRun> started() {
    return runs.stream().filter(run -> !run.probes.isEmpty()).toList();
  }

  List<BoundsRun> labels() {
    return started().stream().filter(run -> run.name.equals("labels")).toList();
  }

  /** The least of {@link #missing} over the labels' runs; NaN if none has started. */
  double orders() {
    return labels().stream().mapToDouble(AlongTraining::missing).min().orElse(Double.NaN);
  }

  /** {@code log10} of the paper's threshold for kappa = 1 over the largest {@code |gbar_t|^2}. */
  private static double missing(BoundsRun run) {
    double gbar = run.probes.stream().mapToDouble(BoundsRun.Probe::gbar).max().orElse(Double.NaN);
    return Math.log10(run.paper().threshold(1, Inequalities.longest(run)) / (gbar * gbar));
  }

  List<Figure> figures() {
    return List.of(training(), convexity(), contraction(), kernels());
  }

  private static Line along(
      String name, BoundsRun run, ToDoubleFunction<BoundsRun.Probe> value, int colour) {
    return Line.solid(name, iterations(run), points(run, value), colour);
  }

  private static double[] iterations(BoundsRun run) {
    return run.probes.stream().mapToDouble(BoundsRun.Probe::iteration).toArray();
  }

  private static double[] points(BoundsRun run, ToDoubleFunction<BoundsRun.Probe> value) {
    return run.probes.stream().mapToDouble(value).toArray();
  }

  private Figure training() {
    Chart.Builder hessian =
        Chart.titled("Hessian of the predictor").x("iteration t").y("√m · largest ‖∇²f‖");
    Chart.Builder distance =
        Chart.titled("Distance from the start").x("iteration t").y("spectral norm");
    List<BoundsRun> labels = labels();
    for (int i = 0; i < labels.size(); i++) {
      BoundsRun run = labels.get(i);
      int m = run.network.width();
      hessian.line(along("m = " + m, run, p -> Math.sqrt(m) * p.snapshot().hessian(), i));
      distance.line(along("W, m = " + m, run, BoundsRun.Probe::rho, i));
      distance.line(
          Line.dashed("v, m = " + m, iterations(run), points(run, BoundsRun.Probe::rho1), i));
    }
    return new Figure(
        "ball",
        "Along training, 1/√m scaling",
        "Left: the Hessian of the predictor keeps its size while the network is trained. Right: how far"
            + " the layers have gone from the start, max over l of ‖W_l − W_l(0)‖₂ (solid) and"
            + " ‖v − v(0)‖ (dashed): the radii ρ and ρ₁ of the ball that holds the run. Labels ±1, "
            + data.name()
            + " data to "
            + data.inputs()
            + " inputs.",
        "",
        List.of(hessian.build(), distance.build()));
  }

  private Figure convexity() {
    Chart.Builder curvature =
        Chart.titled("Along ḡ_t").x("iteration t").y("second derivative of L");
    Chart.Builder threshold =
        Chart.titled("Condition for α_t > 0").x("iteration t").y("‖ḡ_t‖² and thresholds").logY();
    if (!labels().isEmpty()) {
      BoundsRun run = labels().get(0);
      curvature
          .line(along("measured along ḡ_t", run, BoundsRun.Probe::along, 0))
          .line(along("2‖ḡ_t‖²", run, p -> 2 * p.gbar() * p.gbar(), 1))
          .line(along("of the step taken", run, p -> p.trials().get(0).coefficient(p.loss()), 2));
      double longest = Inequalities.longest(run);
      threshold
          .line(along("‖ḡ_t‖²", run, p -> p.gbar() * p.gbar(), 0))
          .line(along("layers’ norms", run, p -> run.local(p).threshold(1, p.rho2()), 1))
          .line(along("direct c", run, p -> run.direct().threshold(1, longest), 2))
          .line(along("paper’s c₂/(c₁√m)", run, p -> run.paper().threshold(1, longest), 3));
    }
    return new Figure(
        "convexity",
        "Restricted strong convexity, labels ±1",
        "Left: the exact second derivative of the loss along ḡ_t, the 2‖ḡ_t‖² that the theory starts"
            + " from, and 2[L(t+1) − L(t) − ⟨step, ∇L⟩]/‖step‖² for the step taken. Right: ‖ḡ_t‖²"
            + " would have to be above a threshold (κ = 1, the best case) for α_t to be positive.",
        "",
        List.of(curvature.build(), threshold.build()));
  }

  private Figure contraction() {
    List<Chart> panels = new ArrayList<>();
    for (String name : List.of("offset", "labels")) {
      BoundsRun run = run(name);
      Chart.Builder chart =
          Chart.titled(run.kind.title()).x("iteration t").y("1 − L(t+1)/L(t)").logY();
      chart.line(along("observed", run, p -> 1 - p.trials().get(0).loss() / p.loss(), 0));
      if (run.probes.stream().anyMatch(p -> predicted(run, p) > 0)) {
        chart.line(along("predicted, local α, β", run, p -> predicted(run, p), 1));
      }
      panels.add(chart.build());
    }
    return new Figure(
        "contraction",
        "Predicted and observed contraction",
        "Share of the loss that one step takes away, and the α_t ω(2 − ω)/β that (13) promises of what"
            + " can be gained in B_t, with κ the cosine of the step itself and constants from the"
            + " layers’ norms. Where α_t is negative nothing is promised and nothing is drawn; with the"
            + " paper’s own constants that is everywhere.",
        "",
        panels);
  }

  private static double predicted(BoundsRun run, BoundsRun.Probe p) {
    LayerBounds.Convexity c = run.local(p);
    double omega = run.eta * c.beta();
    double alpha = c.alpha(p.trials().get(0).cosine(), p.gbar(), p.rho2());
    return alpha > 0 && omega < 2 ? alpha * omega * (2 - omega) / c.beta() : Double.NaN;
  }

  private Figure kernels() {
    List<Chart> panels = new ArrayList<>();
    for (String name : List.of("labels", "repeated", "narrow")) {
      BoundsRun run = run(name);
      String title =
          switch (name) {
            case "labels" -> "samples as they are";
            case "repeated" -> "two samples equal";
            default -> "width " + run.network.width() + ", " + run.samples() + " samples";
          };
      boolean singular =
          !run.probes.isEmpty() && run.probes.stream().allMatch(p -> Double.isNaN(visible(p)));
      Chart.Builder chart =
          Chart.titled(title + (singular ? ": K singular" : ""))
              .x("iteration t")
              .y("log scale")
              .logY()
              .line(along("‖ḡ_t‖²", run, p -> p.gbar() * p.gbar(), 0));
      if (!singular) {
        chart.line(along("λmin(K)/n", run, p -> visible(p) / run.samples(), 1));
      }
      panels.add(chart.line(along("loss", run, BoundsRun.Probe::loss, 2)).build());
    }
    return new Figure(
        "ntk",
        "The two conditions side by side",
        "‖ḡ_t‖² of the RSC condition (16) and the smallest eigenvalue of the tangent kernel of the NTK"
            + " condition (15). With two equal samples, and with fewer parameters than samples, the"
            + " kernel is singular and has no line, while ‖ḡ_t‖² stays and the loss falls.",
        "",
        panels);
  }

  private static double visible(BoundsRun.Probe p) {
    return p.kernelMin() > SINGULAR * p.kernelMax() ? p.kernelMin() : Double.NaN;
  }

  /** The two runs on which the kernel is singular and the loss falls all the same. */
  Claim singular() {
    ClaimCheck singular =
        new ClaimCheck(
            "NTK condition fails, ‖ḡ‖ does not vanish: equal samples, narrow layers",
            "001, remark 5.6");
    for (BoundsRun run : List.of(run("repeated"), run("narrow"))) {
      for (BoundsRun.Probe p : run.probes) {
        singular.check(
            p.kernelMin() <= SINGULAR * p.kernelMax()
                && p.gbar() * p.gbar() > 1e-4 * p.kernelMax() / run.samples());
      }
    }
    return singular
        .note("λmin(K) is zero to rounding and ‖ḡ_t‖² above 10^-4 of λmax(K)/n, at every point.")
        .claim();
  }

  void metrics(StudyResult.Builder result, Inequalities inequalities) {
    for (BoundsRun run : started()) {
      constants(result, run);
    }
    if (!labels().isEmpty()) {
      result.metric("thresholdOrdersAboveGbar", orders());
      result.fact(
          "RSC threshold of the paper",
          Numbers.significant(Math.pow(10, orders()), 2) + " times",
          "too large for the ‖ḡ_t‖² measured, at the best width and κ = 1");
      result.fact(
          "Hessian bound c_H/√m",
          Numbers.significant(Math.pow(10, inequalities.orders("‖∇²f‖ ≤ c_H/√m with (6)")), 2)
              + " times",
          "what is measured, at the tightest point");
    }
  }

  private void constants(StudyResult.Builder result, BoundsRun run) {
    String key = run.label() + " ";
    BoundsRun.Probe end = run.probes.get(run.probes.size() - 1);
    double longest = Inequalities.longest(run);
    result
        .metric(key + "lossInitial", run.probes.get(0).loss())
        .metric(key + "lossFinal", end.loss())
        .metric(key + "gbarFinal", end.gbar())
        .metric(key + "rho", end.rho())
        .metric(key + "rho1", end.rho1())
        .metric(key + "rho2", longest)
        .metric(key + "cosine of step and gbar, final", end.cosine())
        .metric(key + "alphaLocal final", alpha(run.local(end), end, end.rho2()))
        .metric(key + "betaLocal final", run.local(end).beta());
    if (run.wide()) {
      LayerBounds ball = run.ball();
      LayerBounds.PaperConstant c = ball.paperConstant();
      LayerBounds.Convexity paper = run.paper();
      result
          .metric(key + "gamma", ball.gamma()[0])
          .metric(key + "psiH", c.psi())
          .metric(key + "cH first", c.first())
          .metric(key + "cH second", c.second())
          .metric(key + "cH", c.value())
          .metric(key + "cDirect", ball.hessianConstant())
          .metric(key + "cLayers final", end.snapshot().bounds().hessianConstant())
          .metric(key + "varrho", ball.gradient())
          .metric(key + "beta", paper.beta())
          .metric(key + "horizon T", horizon(run));
      if (run.kind != BoundsRun.Kind.LOGISTIC) {
        result.metric(key + "c_rho1,gamma", ball.loss(end.square(), run.network.outputs()));
      }
      for (double kappa : KAPPAS) {
        result.metric(key + "alpha kappa " + kappa, paper.alpha(kappa, end.gbar(), longest));
        result.metric(
            key + "c2/c1 kappa " + kappa,
            paper.threshold(kappa, longest) * Math.sqrt(run.network.width()));
      }
    }
  }

  private static double alpha(LayerBounds.Convexity c, BoundsRun.Probe probe, double rho2) {
    return c.alpha(probe.trials().get(0).cosine(), probe.gbar(), rho2);
  }

  /**
   * The steps of remark 5.4 to a hundredth of the loss, with local constants and the L of the best
   * step tried for that of the minimiser in B_t; NaN where they promise nothing.
   */
  private static double horizon(BoundsRun run) {
    double chi = Double.POSITIVE_INFINITY;
    for (BoundsRun.Probe p : run.probes) {
      double best = p.trials().stream().mapToDouble(BoundsRun.Trial::loss).min().orElseThrow();
      chi = Math.min(chi, predicted(run, p) * (1 - best / p.loss()));
    }
    return chi > 0 ? Math.ceil(Math.log(100) / -Math.log1p(-chi)) : Double.NaN;
  }
}
