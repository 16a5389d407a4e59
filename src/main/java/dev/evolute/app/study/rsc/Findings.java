package dev.evolute.app.study.rsc;

import dev.evolute.app.data.Dataset;
import dev.evolute.app.report.Chart;
import dev.evolute.app.report.Claim;
import dev.evolute.app.report.ClaimCheck;
import dev.evolute.app.report.Figure;
import dev.evolute.app.report.Line;
import dev.evolute.app.report.ReportWriter;
import dev.evolute.app.report.SeriesTable;
import dev.evolute.app.report.StudyResult;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** What the runs add up to: series, figures, claims, metrics. */
final class Findings {
  /** Growth of the smallest mean gradient over the widths that counts as growth. */
  private static final double GROWTH = 1.5;

  /** Movement in the last quarter of a run that still counts as settled. */
  private static final double SETTLED = 0.1;

  /** Eigenvalues of the kernel below this share of the largest are zero but for rounding. */
  private static final double SINGULAR = 1e-10;

  private static final List<Double> KAPPAS = List.of(0.25, 0.5, 1.0);

  private final Protocol protocol;
  private final List<Dataset> sets;
  private final TrainingSet pooled;
  final List<Curve> curves = new ArrayList<>();
  final List<BoundsRun> bounds = new ArrayList<>();
  private final List<HessianScaling.Row> hessians = new ArrayList<>();
  private final List<KernelEnds.Case> cases = new ArrayList<>();

  Findings(Protocol protocol, List<Dataset> sets, TrainingSet pooled) {
    this.protocol = protocol;
    this.sets = sets;
    this.pooled = pooled;
  }

  synchronized void add(HessianScaling.Row row) {
    hessians.add(row);
    hessians.sort(
        Comparator.comparingInt(HessianScaling.Row::width)
            .thenComparingInt(HessianScaling.Row::seed));
  }

  /** Looks at sets of samples on which the two conditions part. */
  void cases(Device device) {
    Network network =
        Network.tanh(
            Parametrisation.SCALED,
            pooled.inputs(),
            protocol.boundWidths().get(0),
            protocol.depth());
    long seed = protocol.seed();
    try (Buffer theta = network.start(device, DType.F64, seed + 1, Protocol.SIGMA1);
        SampleDerivatives samples =
            new SampleDerivatives(network, pooled.samples(), device, DType.F64)) {
      cases.add(KernelEnds.measure("as they are", pooled, theta, samples, seed));
      cases.add(KernelEnds.measure("two equal", KernelEnds.repeated(pooled), theta, samples, seed));
      cases.add(
          KernelEnds.measure(
              "every second negated", KernelEnds.negated(pooled), theta, samples, seed));
      cases.add(
          KernelEnds.measure("pairs x, −x", KernelEnds.opposite(pooled), theta, samples, seed));
    }
  }

  // Numbers

  private List<Curve> curves(String set, Parametrisation parametrisation, int width) {
    return curves.stream()
        .filter(c -> c.set.equals(set) && c.parametrisation == parametrisation && c.width == width)
        .toList();
  }

  /** Mean over the seeds of {@code min_t |gbar_t|}; NaN while one of the runs has no point. */
  private double smallest(String set, Parametrisation parametrisation, int width) {
    return curves(set, parametrisation, width).stream()
            .mapToDouble(Curve::smallest)
            .reduce(Double::sum)
            .orElse(Double.NaN)
        / protocol.seeds();
  }

  /** Of the widest over that of the narrowest. */
  private double growth(String set, Parametrisation parametrisation) {
    List<Integer> widths = protocol.widths();
    return smallest(set, parametrisation, widths.get(widths.size() - 1))
        / smallest(set, parametrisation, widths.get(0));
  }

  private HessianScaling.Fit fit() {
    double[] x = hessians.stream().mapToDouble(row -> Math.log(row.width())).toArray();
    double[] y = hessians.stream().mapToDouble(row -> Math.log(row.snapshot().hessian())).toArray();
    return HessianScaling.Fit.of(x, y);
  }

  private BoundsRun run(String name) {
    return bounds.stream().filter(run -> run.name.equals(name)).findFirst().orElseThrow();
  }

  private List<BoundsRun> started() {
    return bounds.stream().filter(run -> !run.probes.isEmpty()).toList();
  }

  private List<BoundsRun> labels() {
    return started().stream().filter(run -> run.name.equals("labels")).toList();
  }

  /** Smallest of a number over the labels' runs and their points. */
  private double least(ToDoubleFunction<BoundsRun> value) {
    return labels().stream().mapToDouble(value).min().orElse(Double.NaN);
  }

  /** {@code log10} of the paper's threshold for kappa = 1 over the largest {@code |gbar_t|^2}. */
  private static double missing(BoundsRun run) {
    double gbar = run.probes.stream().mapToDouble(BoundsRun.Probe::gbar).max().orElse(Double.NaN);
    return Math.log10(run.paper().threshold(1, Inequalities.longest(run)) / (gbar * gbar));
  }

  /** One sentence that says what came out. */
  String sentence() {
    double usual = Double.NaN;
    double scaled = Double.NaN;
    for (Dataset set : sets) {
      usual = larger(usual, -growth(set.name(), Parametrisation.LIBRARY));
      scaled = larger(scaled, growth(set.name(), Parametrisation.SCALED));
    }
    if (Double.isNaN(usual) || Double.isNaN(scaled) || hessians.isEmpty() || labels().isEmpty()) {
      return "Interrupted before the parts of the study could be put together.";
    }
    return String.format(
        Locale.ROOT,
        "From width %d to %d the smallest mean gradient grows %.1f-fold or more in the usual scaling"
            + " and at most %.2f-fold in the 1/√m scaling of the theory; the Hessian of the predictor"
            + " falls like m^(%.3f ± %.3f); the paper’s threshold for restricted strong convexity is"
            + " %.1f orders of magnitude above what is measured.",
        protocol.widths().get(0),
        protocol.widths().get(protocol.widths().size() - 1),
        -usual,
        scaled,
        fit().slope(),
        fit().error(),
        least(Findings::missing));
  }

  private static double larger(double a, double b) {
    return Double.isNaN(a) ? b : Double.isNaN(b) ? a : Math.max(a, b);
  }

  // Series

  private SeriesTable series() {
    SeriesTable table =
        new SeriesTable(
            "part",
            "set",
            "scaling",
            "m",
            "seed",
            "iteration",
            "loss",
            "gbar",
            "gradient",
            "cosine",
            "hessianNorm",
            "hessianResidual",
            "hessianBound",
            "rho",
            "rho1",
            "rho2",
            "lambdaMax",
            "alongGbar",
            "alphaLocal",
            "betaLocal",
            "alphaPaper",
            "betaPaper",
            "kernelMin",
            "kernelMax");
    for (Curve c : curves) {
      for (int i = 0; i < c.recorded(); i++) {
        cells(
            table,
            "figure1",
            c.set,
            c.parametrisation.label(),
            c.width,
            c.seed,
            i * protocol.every(),
            c.loss[i],
            c.gbar[i]);
      }
    }
    for (HessianScaling.Row row : hessians) {
      Snapshot s = row.snapshot();
      cells(
          table,
          "hessian",
          pooled.name(),
          "scaled",
          row.width(),
          row.seed(),
          0,
          null,
          null,
          null,
          null,
          s.hessian(),
          s.hessianResidual(),
          s.bounds().hessian());
    }
    for (BoundsRun run : bounds) {
      for (BoundsRun.Probe p : run.probes) {
        Snapshot s = p.snapshot();
        LayerBounds.Convexity local = run.local(p);
        LayerBounds.Convexity paper = run.wide() ? run.paper() : null;
        double kappa = p.trials().get(0).cosine();
        cells(
            table,
            run.name,
            pooled.name(),
            "scaled",
            run.network.width(),
            1,
            p.iteration(),
            p.loss(),
            p.gbar(),
            p.gradient(),
            p.cosine(),
            s.hessian(),
            s.hessianResidual(),
            s.bounds().hessian(),
            p.rho(),
            p.rho1(),
            p.rho2(),
            p.lambdaMax(),
            p.along(),
            local.alpha(kappa, p.gbar(), p.rho2()),
            local.beta(),
            paper == null ? null : paper.alpha(kappa, p.gbar(), Inequalities.longest(run)),
            paper == null ? null : paper.beta(),
            p.kernelMin(),
            p.kernelMax());
      }
    }
    return table;
  }

  private static void cells(SeriesTable table, Object... first) {
    Object[] row = new Object[table.columns().size()];
    System.arraycopy(first, 0, row, 0, first.length);
    table.row(row);
  }

  // Claims

  private Claim grows(Parametrisation parametrisation) {
    ClaimCheck check =
        new ClaimCheck(
            "min over t of ‖ḡ_t‖ grows with m, " + parametrisation.title(), "001, Figure 1(b)-(d)");
    for (Dataset set : sets) {
      double growth = growth(set.name(), parametrisation);
      if (!Double.isNaN(growth)) {
        check.check(growth, GROWTH);
      }
    }
    return check
        .note(
            "Widest over narrowest, mean of "
                + protocol.seeds()
                + " runs, at least "
                + GROWTH
                + " (our reading of “increases steadily”), on every data set. The paper does not say"
                + " which scaling its figure has.")
        .claim();
  }

  private Claim squareGrows() {
    ClaimCheck check =
        new ClaimCheck(
            "min over t of ‖ḡ_t‖²√m grows with m, " + Parametrisation.SCALED.title(),
            "001, remark 5.1");
    List<Integer> widths = protocol.widths();
    for (Dataset set : sets) {
      for (int i = 1; i < widths.size(); i++) {
        double wide = scaledSquare(set.name(), widths.get(i));
        double narrow = scaledSquare(set.name(), widths.get(i - 1));
        if (!Double.isNaN(wide + narrow)) {
          check.check(wide, narrow);
        }
      }
    }
    return check
        .note("From each width to the next. It is what the threshold c₂/c₁ is compared with.")
        .claim();
  }

  private double scaledSquare(String set, int width) {
    double smallest = smallest(set, Parametrisation.SCALED, width);
    return smallest * smallest * Math.sqrt(width);
  }

  private Claim settles(Parametrisation parametrisation) {
    ClaimCheck check =
        new ClaimCheck(
            "‖ḡ_t‖ settles to a constant, " + parametrisation.title(), "001, Figure 1(a)");
    for (Curve curve : curves) {
      if (curve.parametrisation == parametrisation && curve.finished) {
        check.check(SETTLED, curve.unrest());
      }
    }
    return check
        .note(
            "In the last quarter of each run it moves by less than a tenth, which is our reading. Runs end"
                + " after "
                + protocol.iterations()
                + " iterations here, the paper’s after 3,000.")
        .claim();
  }

  private Claim exponent() {
    ClaimCheck check =
        new ClaimCheck(
            "‖∇²f‖ falls like 1/√m: fitted exponent in −0.6 to −0.4", "001, theorem 4.1");
    if (hessians.stream().map(HessianScaling.Row::width).distinct().count() >= 5) {
      check.check(fit().slope(), -0.6);
      check.check(-0.4, fit().slope());
    }
    return check.claim();
  }

  // Figures

  private Figure trajectories(String set) {
    List<Chart> panels = new ArrayList<>();
    for (Parametrisation parametrisation :
        List.of(Parametrisation.LIBRARY, Parametrisation.SCALED)) {
      Chart.Builder chart =
          Chart.titled(parametrisation.title()).x("iteration t").y("‖ḡ_t‖").logY();
      for (int w = 0; w < protocol.widths().size(); w++) {
        int width = protocol.widths().get(w);
        List<Curve> all = curves(set, parametrisation, width);
        int n = all.stream().mapToInt(Curve::recorded).min().orElse(0);
        double[] x = new double[n];
        double[] y = new double[n];
        for (int i = 0; i < n; i++) {
          int at = i;
          x[i] = i * protocol.every();
          y[i] = all.stream().mapToDouble(c -> c.gbar[at]).average().orElse(Double.NaN);
        }
        chart.line(Line.solid("m = " + width, x, y, w));
      }
      panels.add(chart.build());
    }
    return new Figure(
        "mean-gradient-" + set,
        "Mean gradient of the predictor along training, " + set,
        "Norm of ḡ_t, the mean over samples of the predictor’s gradients, mean of "
            + protocol.seeds()
            + " runs, for each width. The paper shows one such panel and does not say which scaling"
            + " it has.",
        "Figure 1(a)",
        panels);
  }

  private Figure minima() {
    Chart.Builder usual = minimum(Parametrisation.LIBRARY.title());
    Chart.Builder scaled = minimum(Parametrisation.SCALED.title());
    Chart.Builder squared =
        Chart.titled("1/√m scaling, against the threshold")
            .x("width m")
            .y("min ‖ḡ_t‖² √m")
            .logX()
            .logY();
    for (int s = 0; s < sets.size(); s++) {
      String set = sets.get(s).name();
      usual.line(line(set, s, m -> smallest(set, Parametrisation.LIBRARY, m)));
      scaled.line(line(set, s, m -> smallest(set, Parametrisation.SCALED, m)));
      squared.line(line(set, s, m -> scaledSquare(set, m)));
    }
    return new Figure(
        "smallest-mean-gradient",
        "Smallest mean gradient against width",
        "Left and middle: the smallest ‖ḡ_t‖ of a run, mean of "
            + protocol.seeds()
            + " runs, against width, in both scalings. Right: its square times √m, which the theory"
            + " compares with the constant c₂/c₁: what is flat in the middle panel still grows here.",
        "Figure 1(b)-(d)",
        List.of(usual.build(), scaled.build(), squared.build()));
  }

  private static Chart.Builder minimum(String title) {
    return Chart.titled(title).x("width m").y("min over t of ‖ḡ_t‖").logX().logY();
  }

  private Line line(String name, int colour, ToDoubleFunction<Integer> value) {
    double[] x = protocol.widths().stream().mapToDouble(m -> m).toArray();
    double[] y = protocol.widths().stream().mapToDouble(value).toArray();
    return Line.solid(name, x, y, colour);
  }

  private Figure hessianWidth() {
    List<HessianScaling.Row> rows = hessians;
    double[] x = rows.stream().mapToDouble(HessianScaling.Row::width).toArray();
    Chart.Builder chart =
        Chart.titled("Hessian of the predictor at the initialisation")
            .x("width m")
            .y("spectral norm")
            .logX()
            .logY()
            .line(Line.points("largest measured", x, values(rows, Snapshot::hessian), 0));
    if (x.length > 2) {
      HessianScaling.Fit fit = fit();
      double[] y = new double[x.length];
      for (int i = 0; i < x.length; i++) {
        y[i] = Math.exp(fit.intercept() + fit.slope() * Math.log(x[i]));
      }
      String name = String.format(Locale.ROOT, "fit m^%.3f", fit.slope());
      chart.line(Line.dashed(name, x, y, 0));
    }
    chart.line(Line.solid("from the layers’ norms", x, values(rows, s -> s.bounds().hessian()), 1));
    chart.line(Line.solid("direct c/√m, γ = 1", x, values(rows, s -> start(s).hessian()), 2));
    chart.line(Line.solid("c_H/√m of (6)", x, values(rows, Findings::paperHessian), 3));
    return new Figure(
        "hessian-width",
        "The 1/√m law",
        "Largest spectral norm of ∇²f(θ₀; x_i) over "
            + Math.min(pooled.samples(), protocol.hessianSamples())
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
            + pooled.name()
            + " pooled to "
            + pooled.inputs()
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
            + " from, and 2[L(θ_{t+1}) − L(θ_t) − ⟨step, ∇L⟩]/‖step‖² for the step taken. Right: ‖ḡ_t‖²"
            + " would have to be above a threshold (κ = 1, the best case) for α_t to be positive.",
        "",
        List.of(curvature.build(), threshold.build()));
  }

  private Figure contraction() {
    List<Chart> panels = new ArrayList<>();
    for (String name : List.of("offset", "labels")) {
      BoundsRun run = run(name);
      Chart.Builder chart =
          Chart.titled(run.kind.title()).x("iteration t").y("1 − L_{t+1}/L_t").logY();
      chart.line(along("observed", run, p -> 1 - p.trials().get(0).loss() / p.loss(), 0));
      chart.line(along("predicted, local α, β", run, p -> predicted(run, p), 1));
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
      panels.add(
          Chart.titled(title)
              .x("iteration t")
              .y("log scale")
              .logY()
              .line(along("‖ḡ_t‖²", run, p -> p.gbar() * p.gbar(), 0))
              .line(along("λmin(K)/n", run, p -> visible(p) / run.samples(), 1))
              .line(along("loss", run, BoundsRun.Probe::loss, 2))
              .build());
    }
    return new Figure(
        "ntk",
        "The two conditions side by side",
        "‖ḡ_t‖² of the RSC condition (16) and the smallest eigenvalue of the tangent kernel of the NTK"
            + " condition (15). With two equal samples, and with fewer parameters than samples, the"
            + " kernel is singular and its line is missing, while ‖ḡ_t‖² stays and the loss falls.",
        "",
        panels);
  }

  private static double visible(BoundsRun.Probe p) {
    return p.kernelMin() > SINGULAR * p.kernelMax() ? p.kernelMin() : Double.NaN;
  }

  // The result

  void write(StudyResult.Builder result, Path out) {
    boolean real = sets.stream().allMatch(Dataset::real);
    String made =
        sets.stream().filter(s -> !s.real()).map(Dataset::name).collect(Collectors.joining(", "));
    String names = sets.stream().map(Dataset::name).collect(Collectors.joining(", "));
    String hashes = sets.stream().map(Dataset::sha256).collect(Collectors.joining(" "));
    result
        .data(names, real, protocol.samples(), hashes)
        .standIn(made)
        .title("Restricted strong convexity of deep networks");
    settings(result);
    Inequalities inequalities = new Inequalities(hessians, started(), pooled.inputs());
    metrics(result, inequalities);
    result
        .claim(grows(Parametrisation.LIBRARY))
        .claim(grows(Parametrisation.SCALED))
        .claim(squareGrows())
        .claim(settles(Parametrisation.LIBRARY))
        .claim(settles(Parametrisation.SCALED))
        .claim(exponent());
    inequalities.claims().forEach(result::claim);
    cases(result);
    prose(result);
    List<Figure> figures = new ArrayList<>();
    sets.stream().limit(2).forEach(set -> figures.add(trajectories(set.name())));
    figures.addAll(List.of(minima(), hessianWidth(), training(), convexity()));
    figures.addAll(List.of(contraction(), kernels()));
    ReportWriter.write(out, result.build(), series(), figures);
  }

  private void settings(StudyResult.Builder result) {
    result
        .setting("hidden layers", protocol.depth())
        .setting("activation", "tanh")
        .setting("widths", protocol.widths())
        .setting("samples", protocol.samples())
        .setting("inputs", "pixels in [0, 1], scaled to norm √d, not centred")
        .setting("targets", "1 for the upper half of the classes, −1 for the lower")
        .setting("loss", "mean squared error without 1/2")
        .setting("step, usual scaling", "1/m")
        .setting("step, 1/√m scaling", Parametrisation.SCALED.eta(1))
        .setting("initialisation, usual scaling", "N(0, 1/fan-in)")
        .setting("initialisation, 1/√m scaling", "assumption 2 with σ₁ = " + Protocol.SIGMA1)
        .setting("iterations", protocol.iterations())
        .setting("ends at loss", protocol.lowEnough())
        .setting("runs a curve", protocol.seeds())
        .setting("precision of Figure 1", protocol.dtype().name().toLowerCase(Locale.ROOT))
        .setting("precision elsewhere", "f64")
        .setting(
            "Hessians", protocol.hessianSamples() + " samples, widths " + protocol.hessianWidths())
        .setting("bounds", pooled.inputs() + " inputs, widths " + protocol.boundWidths());
  }

  private void metrics(StudyResult.Builder result, Inequalities inequalities) {
    for (Dataset set : sets) {
      for (Parametrisation parametrisation : Parametrisation.values()) {
        String key = set.name() + " " + parametrisation.label();
        double growth = growth(set.name(), parametrisation);
        result.metric(key + " growth", growth);
        for (int width : protocol.widths()) {
          result.metric(key + " min gbar m" + width, smallest(set.name(), parametrisation, width));
        }
      }
    }
    if (hessians.size() > 2) {
      HessianScaling.Fit fit = fit();
      result.metric("hessianExponent", fit.slope());
      result.metric("hessianExponentError", fit.error());
      result.fact(
          "Hessian’s exponent",
          String.format(Locale.ROOT, "%.3f ± %.3f", fit.slope(), fit.error()),
          "the theory bounds it by −1/2");
      for (HessianScaling.Row row : hessians) {
        String key = " m" + row.width() + " s" + row.seed();
        result.metric("hessianNorm" + key, row.snapshot().hessian());
        result.metric("hessianSeconds" + key, row.seconds());
      }
    }
    for (BoundsRun run : started()) {
      constants(result, run);
    }
    if (!labels().isEmpty()) {
      double orders = least(Findings::missing);
      result.metric("thresholdOrdersAboveGbar", orders);
      result.fact(
          "RSC threshold of the paper",
          String.format(Locale.ROOT, "10^%.1f times", orders),
          "too large for the ‖ḡ_t‖² measured, at the best width and κ = 1");
      result.fact(
          "Hessian bound c_H/√m",
          String.format(
              Locale.ROOT, "10^%.1f times", inequalities.orders("‖∇²f‖ ≤ c_H/√m with (6)")),
          "what is measured, at the tightest point");
    }
    for (Parametrisation parametrisation :
        List.of(Parametrisation.LIBRARY, Parametrisation.SCALED)) {
      String values =
          sets.stream()
              .map(s -> String.format(Locale.ROOT, "%.2f", growth(s.name(), parametrisation)))
              .collect(Collectors.joining(", "));
      result.fact("growth of min ‖ḡ_t‖", values, parametrisation.title() + ", per data set");
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

  /** What the sets of samples show, as metrics, claims and a paragraph. */
  private void cases(StudyResult.Builder result) {
    for (KernelEnds.Case c : cases) {
      result.metric("kernel, " + c.name() + ", lambdaMin/n", c.min() / c.samples());
      result.metric("kernel, " + c.name() + ", gbar^2", c.gbarSquare());
    }
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
    result.claim(
        singular
            .note(
                "λmin(K) is zero to rounding and ‖ḡ_t‖² above 10^-4 of λmax(K)/n, at every point.")
            .claim());
    if (cases.size() == 4) {
      KernelEnds.Case plain = cases.get(0);
      KernelEnds.Case negated = cases.get(2);
      KernelEnds.Case opposite = cases.get(3);
      ClaimCheck parted =
          new ClaimCheck(
              "‖ḡ‖² collapses while the kernel keeps its spectrum: every second sample negated",
              "001, remark 5.6");
      double zero = SINGULAR * plain.max();
      parted.check(plain.min() > zero && Math.abs(negated.min() - plain.min()) < zero);
      parted.check(plain.gbarSquare(), 10 * negated.gbarSquare());
      result.claim(parted.note("tanh is odd, so f(−x) = −f(x) and ∇f(−x) = −∇f(x).").claim());
      ClaimCheck vanishes = new ClaimCheck("ḡ = 0 for pairs x, −x: RSC fails", "001, remark 5.6");
      vanishes.check(opposite.gbarSquare() <= 1e-20 * opposite.max());
      result.claim(
          vanishes
              .note(
                  "Then K·1 = 0, so the NTK condition fails too: λmin(K)/n ≤ ‖ḡ‖² leaves no set on which"
                      + " RSC fails exactly and NTK holds.")
              .claim());
      result.prose(
          String.format(
              Locale.ROOT,
              "Where NTK and RSC part, at the initialisation, width %d, %d samples: ‖ḡ‖² = %.3g and"
                  + " λmin(K)/n = %.2g on the samples as they are; %.3g and %.2g with two of them equal;"
                  + " %.3g and %.2g with every second one negated; %.1g and %.1g for pairs x, −x.",
              protocol.boundWidths().get(0),
              plain.samples(),
              plain.gbarSquare(),
              plain.min() / plain.samples(),
              cases.get(1).gbarSquare(),
              cases.get(1).min() / plain.samples(),
              negated.gbarSquare(),
              negated.min() / plain.samples(),
              opposite.gbarSquare(),
              opposite.min() / plain.samples()));
    }
  }

  private void prose(StudyResult.Builder result) {
    result.prose(
        "The paper says: ‖ḡ_t‖ settles, and its smallest value grows steadily with the width, which"
            + " satisfies the condition ‖ḡ_t‖² = Ω(1/√m) ever more comfortably. What is seen depends on"
            + " the scaling, which the paper’s figure does not state: in the usual one the growth is"
            + " clear, because the gradient itself grows with the width; in the 1/√m scaling, for which"
            + " the theorems are proved, the smallest value hardly depends on the width. That is still"
            + " enough for the condition, whose threshold falls like 1/√m.");
    result.prose(
        "The Hessian of the predictor for one sample acts through outer products with that sample’s"
            + " activations and backward vectors alone, so its norm is found in 2Lm coordinates instead of"
            + " all parameters, by Lanczos’ method on all samples in step. Every bound is checked with"
            + " what may be missing from the norm added to it.");
    result.prose(
        "“Paper’s constants” are those of the smallest spectral ball that holds a run and the steps tried"
            + " from it, with c_H of (6). “Local constants” put the layers’ measured norms, enlarged by the"
            + " length of the step, into the same proofs, with each block of the Hessian bounded by itself."
            + " The input gradient’s bound in (9) is checked as printed and as corrected: inside the ball"
            + " the factor is 1/√d, not 1/√m. The loss bound takes g(a) = a^L + |φ(0)| Σ a^(i−1) as the"
            + " proof has it. For several outputs the second term has √k where (45) prints k.");
  }
}
