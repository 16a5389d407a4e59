package dev.evolute.app.study.rsc;

import dev.evolute.app.data.Dataset;
import dev.evolute.app.report.Figure;
import dev.evolute.app.report.Numbers;
import dev.evolute.app.report.ReportWriter;
import dev.evolute.app.report.SeriesTable;
import dev.evolute.app.report.StudyResult;
import dev.evolute.app.study.LinearFit;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What the parts of the study add up to: one answer, one table, one report. */
final class Findings {
  private final Protocol protocol;
  private final List<Dataset> sets;
  private final TrainingSet pooled;
  final MeanGradients gradients;
  final HessianWidths hessians;
  final AlongTraining training;
  final ConditionsApart conditions;

  Findings(Protocol protocol, List<Dataset> sets, TrainingSet pooled) {
    this.protocol = protocol;
    this.sets = sets;
    this.pooled = pooled;
    gradients = new MeanGradients(protocol, sets);
    hessians = new HessianWidths(protocol, pooled);
    training = new AlongTraining(pooled);
    conditions = new ConditionsApart(protocol, pooled);
  }

  /** One sentence that says what came out. */
  String sentence() {
    double usual = Double.NaN;
    double scaled = Double.NaN;
    for (Dataset set : sets) {
      usual = larger(usual, -gradients.growth(set.name(), Parametrisation.LIBRARY));
      scaled = larger(scaled, gradients.growth(set.name(), Parametrisation.SCALED));
    }
    if (Double.isNaN(usual)
        || Double.isNaN(scaled)
        || hessians.rows.isEmpty()
        || training.labels().isEmpty()) {
      return "Interrupted before the parts of the study could be put together.";
    }
    LinearFit fit = hessians.fit();
    return String.format(
        Locale.ROOT,
        "From width %d to %d the smallest mean gradient grows %.1f-fold or more in the usual scaling"
            + " and at most %.2f-fold in the 1/√m scaling of the theory; the Hessian of the predictor"
            + " falls like m^(%s ± %s); the paper’s threshold for restricted strong convexity is"
            + " %.1f orders of magnitude above what is measured.",
        protocol.widths().get(0),
        protocol.widths().get(protocol.widths().size() - 1),
        -usual,
        scaled,
        Numbers.fixed(fit.slope(), 3),
        Numbers.fixed(fit.error(), 3),
        training.orders());
  }

  private static double larger(double a, double b) {
    return Double.isNaN(a) ? b : Double.isNaN(b) ? a : Math.max(a, b);
  }

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
    for (Curve c : gradients.curves) {
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
    for (HessianScaling.Row row : hessians.rows) {
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
    for (BoundsRun run : training.runs) {
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
    Inequalities inequalities =
        new Inequalities(hessians.rows, training.started(), pooled.inputs());
    gradients.metrics(result);
    hessians.metrics(result);
    training.metrics(result, inequalities);
    gradients.facts(result);
    gradients.claims().forEach(result::claim);
    result.claim(hessians.exponent());
    inequalities.claims().forEach(result::claim);
    result.claim(training.singular());
    conditions.write(result);
    prose(result);
    List<Figure> figures = new ArrayList<>(gradients.figures());
    figures.add(hessians.figure());
    figures.addAll(training.figures());
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
