package dev.evolute.app.study.gdvsflow;

import dev.evolute.app.report.Chart;
import dev.evolute.app.report.Claim;
import dev.evolute.app.report.ClaimCheck;
import dev.evolute.app.report.Figure;
import dev.evolute.app.report.Line;
import dev.evolute.app.report.Numbers;
import dev.evolute.app.report.StudyResult;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Figures 1 and 3: descent with eta0 beside descent with smaller steps on all four networks, and
 * beside gradient flow itself on the linear one.
 */
final class StepSizes implements Part {
  /** The drift that still counts as minor, as a share of the distance travelled. */
  private static final double MINOR = 0.1;

  /** How far a first-order method's error may be from proportional to its step. */
  private static final double FIRST_ORDER = 0.1;

  /** What the flow conserves may move by errors of integration, relative to its size. */
  private static final double CONSERVED = 1e-7;

  private final Protocol protocol;
  final Map<Network, List<Trajectory>> runs = new EnumMap<>(Network.class);
  final FlowRun flow;

  StepSizes(Protocol protocol, FlowRun flow) {
    this.protocol = protocol;
    this.flow = flow;
  }

  Trajectory reference(Network network) {
    return runs.get(network).get(0);
  }

  private List<Trajectory> finer(Network network) {
    return runs.get(network).subList(1, runs.get(network).size());
  }

  /** Sets the eta0 run of the linear network beside the flow. */
  void compareWithFlow() {
    Trajectory run = reference(FlowRun.NETWORK);
    for (int i = 0; i < Math.min(run.recorded(), flow.recorded()); i++) {
      run.toFlow[i] = Trajectory.distance(run.thetas[i], flow.thetas[i]);
    }
  }

  /** Drift over distance at the last point both runs have; NaN before the first iteration. */
  private double share(Trajectory run) {
    int last = run.recorded() - 1;
    return last < 1 ? Double.NaN : run.drift[last] / reference(run.network).distance[last];
  }

  private double flowShare() {
    Trajectory run = reference(FlowRun.NETWORK);
    int last = Math.min(run.recorded(), flow.recorded()) - 1;
    return last < 1 ? Double.NaN : run.toFlow[last] / run.distance[last];
  }

  private double driftOverDistance(Network network) {
    return finer(network).stream().mapToDouble(this::share).reduce(Double.NaN, StepSizes::larger);
  }

  /** Largest drift over distance over all networks and all r, at the end. */
  private double driftOverDistance() {
    return runs.keySet().stream()
        .mapToDouble(this::driftOverDistance)
        .reduce(Double.NaN, StepSizes::larger);
  }

  static double larger(double a, double b) {
    return Double.isNaN(a) ? b : Double.isNaN(b) ? a : Math.max(a, b);
  }

  /** Largest {@code |loss_r - loss| / loss} over all recorded points, networks and r. */
  private double lossGap() {
    double gap = Double.NaN;
    for (Network network : runs.keySet()) {
      double[] loss = reference(network).loss;
      for (Trajectory run : finer(network)) {
        for (int i = 0; i < run.recorded(); i++) {
          gap = larger(gap, Math.abs(run.loss[i] - loss[i]) / loss[i]);
        }
      }
    }
    return gap;
  }

  /** One sentence that says what came out. */
  String sentence() {
    if (Double.isNaN(driftOverDistance())) {
      return "Interrupted before two step sizes could be compared.";
    }
    return String.format(
        Locale.ROOT,
        "Gradient descent with step η₀ = %s and the runs with steps up to %d times smaller end"
            + " apart by no more than these shares of the distance travelled: %s. On the linear"
            + " network it ends %s of it from gradient flow itself.",
        protocol.eta0(),
        protocol.ratios().get(protocol.ratios().size() - 1),
        runs.keySet().stream()
            .map(network -> percent(driftOverDistance(network)) + " (" + network.title() + ")")
            .collect(Collectors.joining(", ")),
        percent(flowShare()));
  }

  static String percent(double share) {
    return Double.isNaN(share) ? "unknown" : Numbers.significant(100 * share, 2) + " %";
  }

  // Claims

  @Override
  public List<Claim> claims() {
    List<Claim> claims = new ArrayList<>();
    for (Network network : runs.keySet()) {
      claims.add(minorDrift(network));
      claims.add(sameLoss(network));
    }
    claims.add(firstOrder());
    claims.add(conserved());
    claims.add(imbalance());
    return claims;
  }

  private Claim minorDrift(Network network) {
    ClaimCheck check =
        new ClaimCheck(
            "distance between runs below a tenth of the distance travelled, " + network.title(),
            "002, " + network.figure());
    for (Trajectory run : finer(network)) {
      for (int i = 1; i < run.recorded(); i++) {
        check.check(MINOR * reference(network).distance[i], run.drift[i]);
      }
    }
    return check
        .note(
            "The paper calls the drift minor; a tenth is our reading of it. At the end it is "
                + percent(driftOverDistance(network))
                + " at most.")
        .claim();
  }

  private Claim sameLoss(Network network) {
    ClaimCheck check =
        new ClaimCheck(
            "loss curves coincide to one per cent, " + network.title(), "002, " + network.figure());
    for (Trajectory run : finer(network)) {
      double[] loss = reference(network).loss;
      for (int i = 0; i < run.recorded(); i++) {
        check.check(0.01 * loss[i], Math.abs(run.loss[i] - loss[i]));
      }
    }
    return check
        .note("The paper shows curves that lie on each other; one per cent is ours.")
        .claim();
  }

  private Claim firstOrder() {
    ClaimCheck check =
        new ClaimCheck(
            "descent with η₀/r is r times closer to gradient flow than with η₀, to a tenth",
            "002, Section 2");
    double[] coarse = reference(FlowRun.NETWORK).toFlow;
    for (Trajectory run : finer(FlowRun.NETWORK)) {
      for (int i = 1; i < run.recorded(); i++) {
        double ratio = run.ratio * run.toFlow[i] / coarse[i];
        check.check(FIRST_ORDER, Math.abs(ratio - 1));
      }
    }
    return check
        .note(
            "Descent is Euler's method, whose error is of first order in the step. The flow of the"
                + " linear network is integrated by a method of order 8.")
        .claim();
  }

  private Claim conserved() {
    ClaimCheck check =
        new ClaimCheck(
            "gradient flow conserves every W_{j+1}ᵀW_{j+1} − W_jW_jᵀ, linear network",
            "002, Section 5");
    if (flow.recorded() > 0) {
      double size = size(FlowRun.NETWORK, flow.thetas[0]);
      for (int i = 1; i < flow.recorded(); i++) {
        check.check(CONSERVED * size, flow.imbalance[i]);
      }
    }
    return check.note("To 10⁻⁷ of their size, which errors of integration may be.").claim();
  }

  private double size(Network network, double[] theta) {
    return Curvature.norm(Balance.of(network, network.model(flow.data()), theta));
  }

  private Claim imbalance() {
    ClaimCheck check =
        new ClaimCheck(
            "descent moves what the flow conserves, r times less with η₀/r, to a tenth",
            "002, Appendix G");
    for (Network network : List.of(Network.LINEAR, Network.RELU)) {
      double[] coarse = reference(network).imbalance;
      for (Trajectory run : finer(network)) {
        for (int i = 1; i < run.recorded(); i++) {
          check.check(FIRST_ORDER, Math.abs(run.ratio * run.imbalance[i] / coarse[i] - 1));
        }
      }
    }
    return check
        .note(
            "W_{j+1}ᵀW_{j+1} − W_jW_jᵀ of the linear network, the squared norms' of the ReLU one.")
        .claim();
  }

  // Figures

  @Override
  public List<Figure> figures() {
    List<Figure> figures = new ArrayList<>();
    for (Network network : runs.keySet()) {
      figures.add(trajectories(network));
    }
    figures.add(flowItself());
    figures.add(balance());
    return figures;
  }

  private double[] iterations() {
    double[] x = new double[protocol.points()];
    for (int i = 0; i < x.length; i++) {
      x[i] = (double) i * protocol.every();
    }
    return x;
  }

  private static Chart.Builder panel(String title, String y) {
    return Chart.titled(title).x("iteration of the η₀ run").y(y);
  }

  private Figure trajectories(Network network) {
    double[] x = iterations();
    List<Trajectory> list = runs.get(network);
    Chart.Builder loss = panel("Training loss", "cross-entropy").nested();
    Chart.Builder distance = panel("Distances", "Euclidean distance").logY();
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
            + " against η₀/r from the same weights. Left: training loss, iteration r·k of the finer"
            + " run drawn at k. Right: how far the η₀ run is from its start (dashed) and from each"
            + " finer run at the same time k·η₀. The paper draws the distances on a linear axis,"
            + " where the lower lines lie on zero."
            + (network.convolutional()
                ? " On " + protocol.convolutionImages() + " images, where the paper has 1,000."
                : "");
    return new Figure(
        "trajectories-" + network.label(),
        "Step sizes compared, " + network.title(),
        caption,
        network.figure(),
        List.of(loss.build(), distance.build()));
  }

  private Figure flowItself() {
    double[] x = iterations();
    Chart.Builder distance = panel("Distance to gradient flow", "Euclidean distance").logY();
    Chart.Builder share = panel("Times r, over that of η₀", "ratio");
    List<Trajectory> list = runs.get(FlowRun.NETWORK);
    distance.line(Line.dashed("travelled by η₀", x, list.get(0).distance, 0));
    for (int i = 0; i < list.size(); i++) {
      Trajectory run = list.get(i);
      String name = i == 0 ? "η₀" : "η₀/" + run.ratio;
      distance.line(Line.solid(name, x, run.toFlow, i));
      if (i > 0) {
        double[] ratio = new double[x.length];
        for (int k = 0; k < x.length; k++) {
          ratio[k] = run.ratio * run.toFlow[k] / list.get(0).toFlow[k];
        }
        share.line(Line.solid(name, x, ratio, i));
      }
    }
    share.horizontal(1, "first order");
    return new Figure(
        "flow",
        "Descent beside gradient flow itself, linear network",
        "The loss of the linear network is smooth, so its flow can be integrated to many digits, by"
            + " Dormand and Prince's method of order 8. Left: distance of each run of descent to"
            + " the flow at the same time. Right: r times that distance over that of the η₀ run, 1"
            + " for a method of first order. For ReLU networks the smallest step stands in for the"
            + " flow, which is not integrated.",
        "",
        List.of(distance.build(), share.build()));
  }

  private Figure balance() {
    double[] x = iterations();
    List<Chart> panels = new ArrayList<>();
    for (Network network : List.of(Network.LINEAR, Network.RELU, Network.CONV_ADAPTED)) {
      Chart.Builder panel = panel(network.title(), "how far it has moved").logY();
      List<Trajectory> list = runs.get(network);
      for (int i = 0; i < list.size(); i++) {
        String name = i == 0 ? "η₀" : "η₀/" + list.get(i).ratio;
        panel.line(Line.solid(name, x, list.get(i).imbalance, i));
      }
      if (network == FlowRun.NETWORK) {
        panel.line(Line.dashed("flow", x, flow.imbalance, list.size()));
      }
      panels.add(panel.build());
    }
    return new Figure(
        "balance",
        "What the flow conserves, and descent moves",
        "How far W_{j+1}ᵀW_{j+1} − W_jW_jᵀ of the linear network, and ‖W_{j+1}‖² − ‖W_j‖² of the"
            + " others, have moved from the start, over all layers. The flow conserves them, its"
            + " line is error of integration; descent moves them in proportion to its step.",
        "",
        panels);
  }

  // Numbers

  @Override
  public void describe(StudyResult.Builder result) {
    double share = driftOverDistance();
    result.metric("driftOverDistance", share).metric("lossGap", lossGap());
    result.fact(
        "drift over distance", percent(share), "largest over r and the four networks, at the end");
    result.fact(
        "distance to the flow", percent(flowShare()), "of the distance travelled, linear network");
    result.fact("loss gap", percent(lossGap()), "largest relative difference of the losses");
    result.metric("flowGradients", flow.gradients);
    result.metric("linearToFlowOverDistance", flowShare());
    for (Network network : runs.keySet()) {
      Trajectory reference = reference(network);
      String label = camel(network.label());
      int last = reference.recorded() - 1;
      if (last >= 0) {
        result.metric(label + "LossInitial", reference.loss[0]);
        result.metric(label + "LossFinal", reference.loss[last]);
        result.metric(label + "DistanceFinal", reference.distance[last]);
      }
      for (Trajectory run : finer(network)) {
        result.metric(label + "DriftOverDistanceR" + run.ratio, share(run));
      }
    }
    result.prose(
        "Gradient descent is Euler's method on gradient flow, so runs with smaller and smaller"
            + " steps approach the flow. If a run with a conventional step hardly differs from"
            + " them, it follows the flow. Where the loss is smooth the flow itself is integrated;"
            + " elsewhere the smallest step stands in for it.");
  }

  /** {@code conv-adapted} as {@code convAdapted}. */
  static String camel(String label) {
    int hyphen = label.indexOf('-');
    return hyphen < 0
        ? label
        : label.substring(0, hyphen)
            + Character.toUpperCase(label.charAt(hyphen + 1))
            + label.substring(hyphen + 2);
  }
}
