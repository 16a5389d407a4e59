package dev.evolute.app.study.warmup;

import dev.evolute.app.data.Dataset;
import dev.evolute.app.report.Claim;
import dev.evolute.app.report.Figure;
import dev.evolute.app.report.ReportWriter;
import dev.evolute.app.report.SeriesTable;
import dev.evolute.app.report.StudyResult;
import dev.evolute.app.study.warmup.CurvatureRun.Column;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the parts of the study add up to: one answer, one table, one report. */
final class Findings {
  private final Protocol protocol;
  final CurvatureBounds curvature;
  final Counterexamples counterexamples = new Counterexamples();
  final List<Claim> arithmetic = new ArrayList<>();
  final Convergence convergence;
  final Stochastic stochastic;
  final NetworksCompared networks;
  final Smoothness smoothness;
  final WarmupsCompared warmups;
  private final Learners learners;
  private final Dataset images;

  /** Null until it is measured. */
  volatile LayersKept layers;

  Findings(
      Protocol protocol,
      Learners learners,
      List<Watch> watches,
      List<Contest> contests,
      Dataset images) {
    this.protocol = protocol;
    this.learners = learners;
    this.images = images;
    smoothness = new Smoothness(watches);
    warmups = new WarmupsCompared(contests, protocol.seed());
    curvature = new CurvatureBounds(protocol);
    convergence = new Convergence(protocol);
    stochastic = new Stochastic(protocol);
    networks = new NetworksCompared(protocol);
  }

  /** One sentence that says what came out. */
  String sentence() {
    if (convergence.rows().size() < protocol.values().size() || curvature.points() == 0) {
      return "Interrupted before the parts of the study could be put together.";
    }
    Convergence.Row first = convergence.rows().getFirst();
    Convergence.Row last = convergence.rows().getLast();
    long failing =
        curvature.claims().stream()
            .filter(c -> !c.holds() && !c.name().startsWith("printed"))
            .count();
    return String.format(
        Locale.ROOT,
        "At %,d points of small networks no corrected bound on the curvature fails%s; the step (1) takes"
            + " %.2g times the iterations of the best constant step from a loss of %.0f, and 1/%.0f of"
            + " them from one of %,.0f.",
        curvature.points(),
        failing == 0 ? "" : " but " + failing,
        1 / first.factor(),
        first.value(),
        last.factor(),
        last.value());
  }

  private List<Claim> claims() {
    List<Claim> claims = new ArrayList<>(curvature.claims());
    if (layers != null) {
      claims.addAll(layers.claims());
    }
    claims.addAll(arithmetic);
    claims.addAll(counterexamples.claims());
    claims.addAll(convergence.claims());
    claims.add(networks.stationary());
    claims.addAll(stochastic.claims());
    claims.addAll(smoothness.claims());
    claims.addAll(warmups.claims());
    return claims;
  }

  private SeriesTable series() {
    List<String> columns = new ArrayList<>(List.of("part", "network"));
    for (Column column : Column.values()) {
      columns.add(column.title);
    }
    Smoothness.columns().stream().filter(name -> !columns.contains(name)).forEach(columns::add);
    SeriesTable table = new SeriesTable(columns);
    curvature.series(table, columns);
    smoothness.series(table, columns);
    return table;
  }

  void write(StudyResult.Builder result, Path out) {
    result
        .data(
            learners.text.name() + ", " + images.name() + ", and generated for the theory",
            true,
            images.samples(),
            images.sha256())
        .title("Why warm-up works: curvature that falls with the loss")
        .setting("random points of each network", protocol.points())
        .setting("steps of descent", protocol.steps())
        .setting("points along each descent", protocol.recorded())
        .setting("random sums and affine maps", protocol.draws())
        .setting("values at the start", protocol.values())
        .setting("gap", protocol.gap())
        .setting("stochastic steps", protocol.stochasticSteps())
        .setting("repetitions", protocol.repetitions())
        .setting("precision", "f64, of large networks f32")
        .setting("text", learners.text.origin())
        .setting("images", images.source())
        .setting(
            "learners",
            "SGD with step 10⁻⁴ or Adam with 10⁻⁷, of small networks also a hundred times that;"
                + " gradients clipped to norm 1");
    curvature.metrics(result);
    convergence.metrics(result);
    networks.metrics(result);
    stochastic.metrics(result);
    smoothness.metrics(result);
    warmups.metrics(result);
    facts(result);
    claims().forEach(result::claim);
    prose(result);
    ReportWriter.write(out, result.build(), series(), figures());
  }

  private List<Figure> figures() {
    List<Figure> figures = new ArrayList<>(curvature.figures());
    if (layers != null) {
      figures.add(layers.figure());
    }
    if (!counterexamples.claims().isEmpty()) {
      figures.add(counterexamples.figure());
    }
    figures.addAll(convergence.figures());
    figures.add(networks.figure());
    figures.add(stochastic.figure());
    figures.addAll(smoothness.figures());
    figures.addAll(warmups.figures());
    return figures;
  }

  private void facts(StudyResult.Builder result) {
    result.fact(
        "points",
        String.format(Locale.ROOT, "%,d", curvature.points()),
        "with both ends of the Hessian’s spectrum");
    result.fact(
        "printed forms that fail",
        String.valueOf(
            claims().stream().filter(c -> c.name().startsWith("printed") && !c.holds()).count()),
        "each beside the one that holds");
    if (!convergence.rows().isEmpty()) {
      Convergence.Row last = convergence.rows().getLast();
      result.fact(
          "fewer iterations",
          String.format(Locale.ROOT, "%.0f ×", last.factor()),
          String.format(
              Locale.ROOT, "step (1) against the best constant one, from %,.0f", last.value()));
    }
  }

  private void prose(StudyResult.Builder result) {
    curvature.prose(result);
    result.prose(
        "Where a formula is printed in two ways, or fails, both stand below. Proposition 3.3 has one pair"
            + " (31), (32) in its statement and another at the end of its proof; both hold, and the"
            + " off-diagonal block, which counts once in the norm of a block matrix and not twice, gives"
            + " half of the first. Proposition B.1’s ν is the root of exp(−ν). Proposition B.2 takes both"
            + " functions to be positive. Proposition C.1 lacks a power of f*. Strong balancedness, printed"
            + " with Wᵢ₊₁ᵀWᵢ₊₁ in some statements, is WᵢᵀWᵢ = Wᵢ₊₁Wᵢ₊₁ᵀ.");
    convergence.prose(result);
    smoothness.prose(result);
    result.prose(
        "The decoders learn "
            + learners.text.origin()
            + "; vision transformers and residual networks "
            + images.name()
            + ". The paper has FineWeb and ImageNet32, networks of 22 to 410 million parameters and larger"
            + " mini-batches: signs and shapes can be compared with its figures, sizes cannot.");
    warmups.prose(result);
  }
}
