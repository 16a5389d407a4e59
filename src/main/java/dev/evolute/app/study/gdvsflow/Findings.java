package dev.evolute.app.study.gdvsflow;

import dev.evolute.app.data.Dataset;
import dev.evolute.app.report.Chart;
import dev.evolute.app.report.Claim;
import dev.evolute.app.report.ClaimCheck;
import dev.evolute.app.report.Figure;
import dev.evolute.app.report.Line;
import dev.evolute.app.report.ReportWriter;
import dev.evolute.app.report.SeriesTable;
import dev.evolute.app.report.StudyResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** What the runs and probes add up to: series, figures, claims, metrics. */
final class Findings {
  /** The drift that still counts as minor, as a share of the distance travelled. */
  private static final double MINOR = 0.1;

  private final Protocol protocol;
  private final Dataset data;
  final Map<Network, List<Trajectory>> runs = new EnumMap<>(Network.class);
  final Map<Network, List<Curvature.Probe>> probes = new EnumMap<>(Network.class);

  Findings(Protocol protocol, Dataset data) {
    this.protocol = protocol;
    this.data = data;
  }

  // Numbers

  /** Drift over distance at the last point both runs have; NaN before the first iteration. */
  private double share(Trajectory run) {
    int last = run.recorded() - 1;
    return last < 1 ? Double.NaN : run.drift[last] / runs.get(run.network).get(0).distance[last];
  }

  private List<Trajectory> finer(Network network) {
    return runs.get(network).subList(1, runs.get(network).size());
  }

  /** Largest drift over distance over both networks and all r, at the end. */
  private double driftOverDistance() {
    return runs.keySet().stream()
        .flatMap(network -> finer(network).stream())
        .mapToDouble(this::share)
        .reduce(Double.NaN, Findings::larger);
  }

  private static double larger(double a, double b) {
    return Double.isNaN(a) ? b : Double.isNaN(b) ? a : Math.max(a, b);
  }

  /** Largest {@code |loss_r - loss| / loss} over all recorded points, both networks and all r. */
  private double lossGap() {
    double gap = Double.NaN;
    for (Network network : runs.keySet()) {
      double[] loss = runs.get(network).get(0).loss;
      for (Trajectory run : finer(network)) {
        for (int i = 0; i < run.recorded(); i++) {
          gap = larger(gap, Math.abs(run.loss[i] - loss[i]) / loss[i]);
        }
      }
    }
    return gap;
  }

  private List<Curvature.Probe> probes(Network network) {
    return probes.getOrDefault(network, List.of());
  }

  /** One sentence that says what came out. */
  String sentence() {
    double drift = driftOverDistance();
    if (Double.isNaN(drift)) {
      return "Interrupted before two step sizes could be compared.";
    }
    return String.format(
        Locale.ROOT,
        "Gradient descent with step η₀ = %s and the runs with steps up to %d times smaller end no more"
            + " than %.2g %% of the distance travelled apart.",
        protocol.eta0(),
        protocol.ratios().get(protocol.ratios().size() - 1),
        100 * drift);
  }

  // Series

  private SeriesTable series() {
    List<String> columns = new ArrayList<>(List.of("network", "iteration", "loss", "distance"));
    for (int r : protocol.ratios()) {
      columns.add("loss_r" + r);
      columns.add("drift_r" + r);
    }
    columns.addAll(
        List.of(
            "lambdaMax", "lambdaMaxResidual", "lambdaMin", "lambdaMinResidual", "lambdaMinBound"));
    SeriesTable table = new SeriesTable(columns);
    for (Network network : runs.keySet()) {
      Trajectory reference = runs.get(network).get(0);
      for (int i = 0; i < reference.recorded(); i++) {
        List<Object> cells =
            new ArrayList<>(
                List.of(
                    network.label(),
                    i * protocol.every(),
                    reference.loss[i],
                    reference.distance[i]));
        for (Trajectory run : finer(network)) {
          cells.add(run.loss[i]);
          cells.add(run.drift[i]);
        }
        Curvature.Probe probe = probe(network, i);
        cells.add(probe == null ? null : probe.lambdaMax());
        cells.add(probe == null ? null : probe.maxResidual());
        cells.add(probe == null ? null : probe.lambdaMin());
        cells.add(probe == null ? null : probe.minResidual());
        cells.add(probe == null ? null : probe.bound());
        table.row(cells.toArray());
      }
    }
    return table;
  }

  private Curvature.Probe probe(Network network, int point) {
    return probes(network).stream().filter(p -> p.point() == point).findFirst().orElse(null);
  }

  // Claims

  private Claim bound(Network network, String equation) {
    ClaimCheck check =
        new ClaimCheck(
            "λmin of the Hessian ≥ lower bound (" + equation + "), " + network.title(),
            "002, equation (" + equation + ")");
    for (Curvature.Probe probe : probes(network)) {
      check.check(probe.lambdaMin() - probe.minResidual(), probe.bound());
    }
    return check
        .note(
            "Checked at every probed point with the lower end of the eigenvalue's residual interval.")
        .claim();
  }

  private Claim minorDrift() {
    ClaimCheck check =
        new ClaimCheck(
            "distance between runs below a tenth of the distance travelled", "002, Figure 1");
    for (Network network : runs.keySet()) {
      Trajectory reference = runs.get(network).get(0);
      for (Trajectory run : finer(network)) {
        for (int i = 1; i < run.recorded(); i++) {
          check.check(MINOR * reference.distance[i], run.drift[i]);
        }
      }
    }
    return check.note("The paper calls the change minor; a tenth is our reading of it.").claim();
  }

  private Claim sameLoss() {
    ClaimCheck check = new ClaimCheck("loss curves coincide to one per cent", "002, Figure 1");
    for (Network network : runs.keySet()) {
      Trajectory reference = runs.get(network).get(0);
      for (Trajectory run : finer(network)) {
        for (int i = 0; i < run.recorded(); i++) {
          check.check(0.01 * reference.loss[i], Math.abs(run.loss[i] - reference.loss[i]));
        }
      }
    }
    return check
        .note("The paper shows curves that lie on each other; one per cent is ours.")
        .claim();
  }

  // Figures

  private double[] iterations() {
    double[] x = new double[protocol.points()];
    for (int i = 0; i < x.length; i++) {
      x[i] = (double) i * protocol.every();
    }
    return x;
  }

  private Figure trajectories(Network network, String reproduces) {
    double[] x = iterations();
    List<Trajectory> list = runs.get(network);
    Chart.Builder loss =
        Chart.titled("Training loss").x("iteration of the η₀ run").y("cross-entropy").nested();
    Chart.Builder distance =
        Chart.titled("Distances").x("iteration of the η₀ run").y("Euclidean distance").logY();
    distance.line(Line.dashed("travelled by η₀", x, list.get(0).distance, 0));
    for (int i = 0; i < list.size(); i++) {
      Trajectory run = list.get(i);
      String name = i == 0 ? "η₀" : "η₀/" + run.ratio;
      loss.line(Line.solid(name, x, run.loss, i));
      if (i > 0) {
        distance.line(Line.solid("to " + name, x, run.drift, i));
      }
    }
    String caption =
        "Gradient descent with η₀ = "
            + protocol.eta0()
            + " against η₀/r from the same weights. Left: training loss, iteration r·k of the finer run"
            + " drawn at k. Right: how far the η₀ run is from its start (dashed) and from each finer run"
            + " at the same time k·η₀. The paper draws the distances on a linear axis, where the lower"
            + " lines lie on zero.";
    return new Figure(
        "trajectories-" + network.label(),
        "Step sizes compared, " + network.title(),
        caption,
        reproduces,
        List.of(loss.build(), distance.build()));
  }

  private Figure sharpness() {
    List<Chart> panels = new ArrayList<>();
    for (Network network : runs.keySet()) {
      panels.add(
          Chart.titled(network.title())
              .x("iteration of the η₀ run")
              .y("eigenvalue")
              .line(curve("λmax", network, Curvature.Probe::lambdaMax, false, 0))
              .horizontalIfInRange(
                  2 / protocol.eta0(),
                  String.format(Locale.ROOT, "2/η₀ = %.4g", 2 / protocol.eta0()))
              .build());
    }
    return new Figure(
        "sharpness",
        "Largest eigenvalue of the Hessian",
        "λmax of the training loss along the η₀ run, far below the 2/η₀ at which gradient descent would"
            + " become unstable: the step is conventional, not at the edge of stability.",
        "",
        panels);
  }

  private Figure smallest() {
    List<Chart> panels = new ArrayList<>();
    for (Network network : runs.keySet()) {
      panels.add(
          Chart.titled(network.title())
              .x("iteration of the η₀ run")
              .y("how negative, log scale")
              .logY()
              .line(curve("−λmin", network, p -> -p.lambdaMin(), false, 0))
              .line(
                  curve(
                      "−bound " + (network == Network.LINEAR ? "(13)" : "(17)"),
                      network,
                      p -> -p.bound(),
                      true,
                      1))
              .build());
    }
    return new Figure(
        "lambda-min",
        "Smallest eigenvalue of the Hessian and the paper's bounds",
        "Minus λmin of the training loss along the η₀ run (solid), and minus the paper's lower bound on"
            + " λmin (dashed): equation (13) for the linear network, (17) for the ReLU network. The bound"
            + " holds where the solid line stays below the dashed one. How negative λmin is decides how"
            + " fast descent and flow can part.",
        "",
        panels);
  }

  private Line curve(
      String name,
      Network network,
      ToDoubleFunction<Curvature.Probe> value,
      boolean dashed,
      int colour) {
    List<Curvature.Probe> list = probes(network);
    double[] x = list.stream().mapToDouble(p -> (double) p.point() * protocol.every()).toArray();
    double[] y = list.stream().mapToDouble(value).toArray();
    return dashed ? Line.dashed(name, x, y, colour) : Line.solid(name, x, y, colour);
  }

  // The result

  void write(StudyResult.Builder result, Path out) {
    result
        .data(data.name(), data.real(), data.samples(), data.sha256())
        .title("Gradient descent against gradient flow")
        .setting("widths", Network.LINEAR.model(data).widths())
        .setting("networks", List.of("linear", "relu"))
        .setting("parameters", Network.LINEAR.model(data).size())
        .setting("initialisation", "Xavier uniform")
        .setting("loss", "softmax cross-entropy, mean over samples")
        .setting("normalisation", "mean " + data.mean() + ", deviation " + data.std())
        .setting("eta0", protocol.eta0())
        .setting("ratios", protocol.ratios())
        .setting("iterations", protocol.iterations())
        .setting("recordedEvery", protocol.every())
        .setting("precision", protocol.dtype().name().toLowerCase(Locale.ROOT))
        .metric("driftOverDistance", driftOverDistance())
        .metric("lossGap", lossGap());
    double share = driftOverDistance();
    result.fact(
        "drift over distance", percent(share), "largest over r and both networks, at the end");
    result.fact("loss gap", percent(lossGap()), "largest relative difference of the losses");
    int products = 0;
    for (Network network : runs.keySet()) {
      numbers(result, network);
      products += probes(network).stream().mapToInt(Curvature.Probe::products).sum();
    }
    result.metric("hessianVectorProducts", products);
    result.claim(minorDrift()).claim(sameLoss());
    result.claim(bound(Network.LINEAR, "13")).claim(bound(Network.RELU, "17"));
    result.prose(
        "Gradient descent is Euler's method on gradient flow, so runs with smaller and smaller steps"
            + " approach the flow. If a run with a conventional step hardly differs from them, it follows"
            + " the flow. The smallest step stands in for the flow here; it is not the flow itself.");
    result.prose(
        "How long descent follows the flow is governed by how negative the smallest eigenvalue of the"
            + " Hessian is along the way. It is computed here by Lanczos' method on exact"
            + " Hessian-vector products, each value with a residual, and held against the paper's"
            + " bounds.");
    ReportWriter.write(
        out,
        result.build(),
        series(),
        List.of(
            trajectories(Network.LINEAR, "Figure 1, left pair"),
            trajectories(Network.RELU, "Figure 1, right pair"),
            sharpness(),
            smallest()));
  }

  private void numbers(StudyResult.Builder result, Network network) {
    Trajectory reference = runs.get(network).get(0);
    String label = network.label();
    int last = reference.recorded() - 1;
    if (last >= 0) {
      result.metric(label + "LossInitial", reference.loss[0]);
      result.metric(label + "LossFinal", reference.loss[last]);
      result.metric(label + "DistanceFinal", reference.distance[last]);
    }
    for (Trajectory run : finer(network)) {
      result.metric(label + "DriftOverDistanceR" + run.ratio, share(run));
    }
    List<Curvature.Probe> list = probes(network);
    if (!list.isEmpty()) {
      Curvature.Probe first = list.get(0);
      Curvature.Probe end = list.get(list.size() - 1);
      result.metric(label + "LambdaMaxInitial", first.lambdaMax());
      result.metric(label + "LambdaMaxFinal", end.lambdaMax());
      result.metric(label + "LambdaMinInitial", first.lambdaMin());
      result.metric(label + "LambdaMinFinal", end.lambdaMin());
      result.metric(
          label + "ProbesConverged", list.stream().filter(Curvature.Probe::converged).count());
      result.fact(
          "λmax, " + network.title(),
          String.format(Locale.ROOT, "%.4g", end.lambdaMax()),
          String.format(Locale.ROOT, "at the end; %.4g at the start", first.lambdaMax()));
      result.fact(
          "λmin, " + network.title(),
          String.format(Locale.ROOT, "%.3g", end.lambdaMin()),
          String.format(Locale.ROOT, "at the end; %.3g at the start", first.lambdaMin()));
    }
  }

  private static String percent(double share) {
    return Double.isNaN(share) ? "unknown" : String.format(Locale.ROOT, "%.2g %%", 100 * share);
  }
}
