package dev.evolute.app.study.gdvsflow;

import dev.evolute.app.data.Dataset;
import dev.evolute.app.report.Chart;
import dev.evolute.app.report.Claim;
import dev.evolute.app.report.ClaimCheck;
import dev.evolute.app.report.Figure;
import dev.evolute.app.report.Line;
import dev.evolute.app.report.Numbers;
import dev.evolute.app.report.StudyResult;
import dev.evolute.app.study.Progress;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.spectral.CounterRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * The smallest eigenvalue of the Hessian along trajectories from near zero (paper 002, section
 * 4.1), where (14) and (18) bound it, beside points of the same layer norms elsewhere. Of the
 * linear network the flow is integrated; of the ReLU network descent with a small step stands in
 * for it.
 */
final class NearZero implements Part {
  private static final List<Network> NETWORKS = List.of(Network.LINEAR, Network.RELU);

  /** Step of the descent that stands in for the flow of the ReLU network. */
  private static final double STEP = 0.01;

  /** Legs of the trajectory: the curvature is probed at their ends. */
  private static final int LEGS = 24;

  /** Probed points between two at which a point elsewhere is probed too. */
  private static final int ELSEWHERE = 4;

  /**
   * One probed point.
   *
   * @param elsewhere lambda_min at a random point whose layers have the same Frobenius norms; NaN
   *     where none was probed
   */
  record Near(double time, Curvature.Probe probe, double elsewhere) {}

  private final Protocol protocol;
  private final Dataset data;
  private final Map<Network, List<Near>> points = new EnumMap<>(Network.class);

  NearZero(Protocol protocol, Dataset data) {
    this.protocol = protocol;
    this.data = data;
  }

  static List<Network> networks() {
    return NETWORKS;
  }

  /**
   * Norm of theta at the start: for the linear network 1/(2n), the largest that (14) allows; (18)
   * holds for any.
   */
  private static double norm(Network network) {
    return network == Network.LINEAR ? 1.0 / 6 : 0.5;
  }

  void measure(Network network, Device device, Progress progress) {
    List<Near> found = new ArrayList<>();
    double eps = norm(network);
    double leg = protocol.nearTime() / LEGS;
    long seed = protocol.seed();
    try (Curvature along = new Curvature(network, data, device, DType.F64, seed);
        Curvature beside = new Curvature(network, data, device, DType.F64, seed);
        Program program =
            network.compile(data, device, DType.F64, Program.Purpose.TRAINING, seed)) {
      double[] theta = program.theta().toArray();
      double scale = eps / Curvature.norm(theta);
      for (int i = 0; i < theta.length; i++) {
        theta[i] *= scale;
      }
      for (int k = 0; k <= LEGS && !progress.interrupted(); k++) {
        Curvature.Probe here = along.probe(k, theta, eps);
        double elsewhere =
            k % ELSEWHERE == 0
                ? beside.probe(k, random(network, theta, k), eps).lambdaMin()
                : Double.NaN;
        found.add(new Near(k * leg, here, elsewhere));
        try {
          theta = advance(network, program, theta, leg, progress);
        } catch (GradientFlow.Stopped e) {
          break;
        }
      }
    }
    synchronized (this) {
      points.put(network, found);
    }
  }

  private static double[] advance(
      Network network, Program program, double[] theta, double leg, Progress progress) {
    GradientFlow.Field downhill = GradientFlow.downhill(program, progress::interrupted);
    if (network == Network.LINEAR) {
      return GradientFlow.advance(downhill, theta, leg);
    }
    long steps = Math.max(1, Math.round(leg / STEP));
    double[] at = theta.clone();
    for (long k = 0; k < steps; k++) {
      double[] down = downhill.at(at);
      for (int i = 0; i < at.length; i++) {
        at[i] += leg / steps * down[i];
      }
    }
    return at;
  }

  /** A normal direction, each layer scaled to its norm at theta. */
  private double[] random(Network network, double[] theta, int k) {
    double[] other = new double[theta.length];
    CounterRandom.fillGaussian(protocol.seed(), 90 + k, 0, other);
    int at = 0;
    for (var parameter : network.model(data).parameters()) {
      int end = at + (int) parameter.size();
      double here = 0;
      double there = 0;
      for (int i = at; i < end; i++) {
        here += theta[i] * theta[i];
        there += other[i] * other[i];
      }
      for (; at < end; at++) {
        other[at] *= Math.sqrt(here / there);
      }
    }
    return other;
  }

  /** The points of a trajectory, a row each. */
  synchronized double[][] state(Network network) {
    return of(network).stream()
        .map(
            near -> {
              double[] probe = near.probe.numbers();
              double[] row = new double[probe.length + 2];
              row[0] = near.time;
              row[1] = near.elsewhere;
              System.arraycopy(probe, 0, row, 2, probe.length);
              return row;
            })
        .toArray(double[][]::new);
  }

  synchronized void restore(Network network, double[][] state) {
    points.put(
        network,
        Arrays.stream(state)
            .map(
                row ->
                    new Near(
                        row[0], Curvature.Probe.of(Arrays.copyOfRange(row, 2, row.length)), row[1]))
            .toList());
  }

  private List<Near> of(Network network) {
    return points.getOrDefault(network, List.of());
  }

  // Claims

  @Override
  public synchronized List<Claim> claims() {
    List<Claim> claims = new ArrayList<>();
    for (Network network : NETWORKS) {
      claims.add(bound(network, network.boundAnywhere(), "", p -> p.bounds().anywhere()));
      claims.add(
          bound(network, network.boundOnFlow(), ", from near zero", p -> p.bounds().onFlow()));
    }
    ClaimCheck milder =
        new ClaimCheck(
            "towards convergence λmin is less negative than it was at its lowest",
            "002, Section 4.1");
    for (Network network : NETWORKS) {
      List<Near> list = of(network);
      if (list.size() == LEGS + 1) {
        double lowest = list.stream().mapToDouble(p -> p.probe.lambdaMin()).min().orElseThrow();
        milder.check(list.get(LEGS).probe.lambdaMin(), lowest / 2);
      }
    }
    claims.add(
        milder
            .note("At the end less than half as negative as at its lowest, from near zero.")
            .claim());
    return claims;
  }

  private Claim bound(
      Network network, String equation, String where, ToDoubleFunction<Curvature.Probe> bound) {
    ClaimCheck check =
        new ClaimCheck(
            "λmin ≥ lower bound ("
                + equation
                + ") on a trajectory from near zero, "
                + network.title(),
            "002, equation (" + equation + ")");
    for (Near near : of(network)) {
      check.check(
          near.probe.lambdaMin() - near.probe.minResidual(), bound.applyAsDouble(near.probe));
    }
    return check
        .note(
            (network == Network.LINEAR
                    ? "Along the integrated flow"
                    : "Along descent with a step of " + STEP + ", which stands in for the flow")
                + where
                + ", with the lower end of the eigenvalue's interval.")
        .claim();
  }

  // Figures

  @Override
  public synchronized List<Figure> figures() {
    List<Chart> panels = new ArrayList<>();
    for (Network network : NETWORKS) {
      List<Near> list = of(network);
      double[] time = list.stream().mapToDouble(Near::time).toArray();
      Chart.Builder panel =
          Chart.titled(network.title()).x("time").y("how negative, log scale").logY();
      panel.line(Line.solid("−λmin", time, values(list, p -> -p.probe.lambdaMin()), 0));
      panel.line(Line.points("−λmin elsewhere", time, values(list, p -> -p.elsewhere), 3));
      panel.line(
          Line.dashed(
              "−bound (" + network.boundAnywhere() + ")",
              time,
              values(list, p -> -p.probe.bounds().anywhere()),
              1));
      panel.line(
          Line.dashed(
              "−bound (" + network.boundOnFlow() + ")",
              time,
              values(list, p -> -p.probe.bounds().onFlow()),
              2));
      panel.line(Line.solid("loss", time, values(list, p -> p.probe.loss()), 4));
      panels.add(panel.build());
    }
    return List.of(
        new Figure(
            "near-zero",
            "Smallest eigenvalue on trajectories from near zero",
            "Minus λmin along the flow of the linear network from norm 1/6, and along descent with"
                + " a step of "
                + STEP
                + " of the ReLU network from norm 1/2, "
                + data.samples()
                + " digits; beside it λmin at random points whose layers have the same norms, the"
                + " paper's bounds for any point (13), (17) and for such trajectories (14), (18),"
                + " and the training loss, with which the bounds fall.",
            "",
            panels));
  }

  private static double[] values(List<Near> list, ToDoubleFunction<Near> value) {
    return list.stream().mapToDouble(value).toArray();
  }

  @Override
  public synchronized void describe(StudyResult.Builder result) {
    result.setting("nearZeroImages", data.samples());
    for (Network network : NETWORKS) {
      List<Near> list = of(network);
      if (list.isEmpty()) {
        continue;
      }
      Near last = list.get(list.size() - 1);
      String label = network.label() + "NearZero";
      result.metric(
          label + "LambdaMinLowest",
          list.stream().mapToDouble(p -> p.probe.lambdaMin()).min().orElseThrow());
      result.metric(label + "LambdaMinFinal", last.probe.lambdaMin());
      result.metric(label + "LambdaMinElsewhere", last.elsewhere);
      result.metric(label + "LossFinal", last.probe.loss());
      result.fact(
          "λmin from near zero, " + network.title(),
          Numbers.significant(last.probe.lambdaMin(), 3),
          String.format(
              Locale.ROOT,
              "at the end%s",
              Double.isNaN(last.elsewhere)
                  ? ""
                  : "; %.3g at a random point of its norms".formatted(last.elsewhere)));
    }
  }
}
