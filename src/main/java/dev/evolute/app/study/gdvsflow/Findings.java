package dev.evolute.app.study.gdvsflow;

import dev.evolute.app.data.Dataset;
import dev.evolute.app.report.Figure;
import dev.evolute.app.report.ReportWriter;
import dev.evolute.app.report.SeriesTable;
import dev.evolute.app.report.StudyResult;
import dev.evolute.autodiff.nn.FullyConnected;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What the parts of the study add up to: one answer, one table, one report. */
final class Findings {
  private final Protocol protocol;
  private final Dataset data;
  final StepSizes steps;
  final Spectra spectra;
  final NearZero nearZero;
  final Unbounded unbounded;
  final Following following;
  final Convergence convergence;
  final EndToEnd endToEnd;
  final ApproximateBalance approximateBalance;
  final SmoothSteps smoothSteps = new SmoothSteps();
  final WorstCase worstCase = new WorstCase();

  Findings(Protocol protocol, Dataset data, FlowRun flow) {
    this.protocol = protocol;
    this.data = data;
    Dataset few = data.first(protocol.nearImages());
    nearZero = new NearZero(protocol, few);
    unbounded = new Unbounded(data.first(protocol.convolutionImages()), protocol.seed());
    following = new Following(protocol);
    convergence = new Convergence(protocol.draws(), protocol.seed());
    endToEnd = new EndToEnd(Whitened.of(few), data.classes(), protocol.depths());
    approximateBalance = new ApproximateBalance(protocol.seed());
    steps = new StepSizes(protocol, flow);
    spectra = new Spectra(protocol);
  }

  private List<Part> parts() {
    return List.of(
        steps,
        spectra,
        new EulerBound(protocol, steps, spectra),
        nearZero,
        unbounded,
        following,
        convergence,
        endToEnd,
        approximateBalance,
        smoothSteps,
        worstCase);
  }

  /** One sentence that says what came out. */
  String sentence() {
    return steps.sentence();
  }

  private SeriesTable series() {
    List<String> columns = new ArrayList<>(List.of("network", "iteration", "loss", "distance"));
    columns.add("toFlow");
    columns.add("imbalance");
    for (int r : protocol.ratios()) {
      columns.addAll(List.of("loss_r" + r, "drift_r" + r, "toFlow_r" + r, "imbalance_r" + r));
    }
    columns.addAll(
        List.of(
            "lambdaMax",
            "lambdaMaxResidual",
            "lambdaMin",
            "lambdaMinResidual",
            "lambdaMinBound",
            "lambdaMinForm"));
    SeriesTable table = new SeriesTable(columns);
    steps.runs.forEach(
        (network, list) -> {
          Trajectory reference = list.get(0);
          for (int i = 0; i < reference.recorded(); i++) {
            List<Object> cells = new ArrayList<>(List.of(network.label(), i * protocol.every()));
            cells.addAll(
                List.of(
                    reference.loss[i],
                    reference.distance[i],
                    reference.toFlow[i],
                    reference.imbalance[i]));
            for (Trajectory run : list.subList(1, list.size())) {
              cells.addAll(List.of(run.loss[i], run.drift[i], run.toFlow[i], run.imbalance[i]));
            }
            cells.addAll(cells(spectra.at(network, i)));
            table.row(cells.toArray());
          }
        });
    return table;
  }

  private static List<Object> cells(Curvature.Probe probe) {
    if (probe == null) {
      return Arrays.asList(new Object[6]);
    }
    return Arrays.asList(
        probe.lambdaMax(),
        probe.maxResidual(),
        probe.lambdaMin(),
        probe.minResidual(),
        probe.bounds() == null ? null : probe.bounds().anywhere(),
        probe.form());
  }

  void write(StudyResult.Builder result, Path out) {
    FullyConnected model = Network.LINEAR.fullyConnected(data);
    result
        .data(data.name(), data.real(), data.samples(), data.sha256())
        .title("Gradient descent against gradient flow")
        .setting("widths", model.widths())
        .setting("networks", Arrays.stream(Network.values()).map(Network::label).toList())
        .setting("parameters", model.size())
        .setting("convolutionParameters", Network.CONV_ADAPTED.model(data).size())
        .setting("initialisation", "Xavier uniform; convolutions and biases 1/√fan-in")
        .setting("loss", "softmax cross-entropy, mean over samples")
        .setting("normalisation", "mean " + data.mean() + ", deviation " + data.std())
        .setting("eta0", protocol.eta0())
        .setting("ratios", protocol.ratios())
        .setting("iterations", protocol.iterations())
        .setting("recordedEvery", protocol.every())
        .setting("convolutionImages", protocol.convolutionImages())
        .setting("precision", protocol.dtype().name().toLowerCase(Locale.ROOT));
    if (protocol.convolutionImages() < protocol.images()) {
      result.prose(
          String.format(
              Locale.ROOT,
              "The convolutional networks are trained on the first %,d of the %,d digits, where the"
                  + " paper has 1,000 for all: a step of theirs costs ten to thirty times one of"
                  + " the fully connected networks, sample by sample.",
              protocol.convolutionImages(),
              protocol.images()));
    }
    List<Figure> figures = new ArrayList<>();
    for (Part part : parts()) {
      part.describe(result);
      part.claims().forEach(result::claim);
      figures.addAll(part.figures());
    }
    ReportWriter.write(out, result.build(), series(), figures);
  }
}
