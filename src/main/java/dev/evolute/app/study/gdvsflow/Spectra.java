package dev.evolute.app.study.gdvsflow;

import dev.evolute.app.report.Chart;
import dev.evolute.app.report.Claim;
import dev.evolute.app.report.ClaimCheck;
import dev.evolute.app.report.Figure;
import dev.evolute.app.report.Line;
import dev.evolute.app.report.Numbers;
import dev.evolute.app.report.StudyResult;
import dev.evolute.kernels.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Both ends of the Hessian's spectrum along the eta0 runs, beside the paper's bounds. */
final class Spectra implements Part {
  /** What the second-order form and a Hessian-vector product may differ by, in f64. */
  private static final double SAME = 1e-9;

  private static final double SAME_F32 = 1e-3;

  private final Protocol protocol;
  private final Map<Network, List<Curvature.Probe>> probes = new EnumMap<>(Network.class);

  Spectra(Protocol protocol) {
    this.protocol = protocol;
  }

  synchronized void put(Network network, List<Curvature.Probe> found) {
    probes.put(network, found);
  }

  /** The probes of a network, a row each. */
  double[][] state(Network network) {
    return of(network).stream().map(Curvature.Probe::numbers).toArray(double[][]::new);
  }

  void restore(Network network, double[][] state) {
    put(network, Arrays.stream(state).map(Curvature.Probe::of).toList());
  }

  List<Curvature.Probe> of(Network network) {
    return probes.getOrDefault(network, List.of());
  }

  Curvature.Probe at(Network network, int point) {
    return of(network).stream().filter(p -> p.point() == point).findFirst().orElse(null);
  }

  // Claims

  @Override
  public List<Claim> claims() {
    List<Claim> claims = new ArrayList<>();
    for (Network network : Network.values()) {
      if (network.covered()) {
        claims.add(
            bound(
                "λmin of the Hessian ≥ lower bound (" + network.boundAnywhere() + ")",
                network,
                network.boundAnywhere(),
                p -> p.bounds().anywhere()));
      }
      // (14) asks for a start within 1/(2n) of the origin; see the trajectories from near zero.
      if (network == Network.RELU || network == Network.CONV_ADAPTED) {
        claims.add(
            bound(
                "λmin ≥ lower bound (" + network.boundOnFlow() + "), ε the norm of the start",
                network,
                network.boundOnFlow(),
                p -> p.bounds().onFlow()));
      }
    }
    claims.add(
        bound(
            "λmin ≥ the sharper bound of the proof, without the factor √min(d₀, d_n)",
            Network.LINEAR,
            "13",
            p -> p.bounds().sharp()));
    claims.add(
        bound(
            "λmin ≥ the sharper bound of the proof, with spectral norms",
            Network.RELU,
            "17",
            p -> p.bounds().sharp()));
    claims.add(forms());
    return claims;
  }

  private Claim bound(
      String name, Network network, String equation, ToDoubleFunction<Curvature.Probe> bound) {
    ClaimCheck check =
        new ClaimCheck(name + ", " + network.title(), "002, equation (" + equation + ")");
    for (Curvature.Probe probe : of(network)) {
      check.check(probe.lambdaMin() - probe.minResidual(), bound.applyAsDouble(probe));
    }
    return check
        .note(
            "Checked at every probed point with the lower end of the eigenvalue's residual"
                + " interval.")
        .claim();
  }

  private Claim forms() {
    double allowed = protocol.dtype() == DType.F64 ? SAME : SAME_F32;
    ClaimCheck check =
        new ClaimCheck(
            "second-order form of the loss = Hessian-vector product, at the eigenvector of λmin",
            "002, equations (12), (16) and (30)");
    for (Network network : Network.values()) {
      for (Curvature.Probe probe : of(network)) {
        if (network.covered()) {
          check.check(allowed * probe.lambdaMax(), Math.abs(probe.form() - probe.lambdaMin()));
        }
      }
    }
    return check
        .note(
            "To "
                + (protocol.dtype() == DType.F64 ? "10⁻⁹" : "10⁻³")
                + " of λmax. The form is computed layer by layer from its definition.")
        .claim();
  }

  // Figures

  @Override
  public List<Figure> figures() {
    return List.of(sharpness(), smallest());
  }

  private Figure sharpness() {
    List<Chart> panels = new ArrayList<>();
    for (Network network : Network.values()) {
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
        "λmax of the training loss along the η₀ run, far below the 2/η₀ at which gradient descent"
            + " would become unstable: the step is conventional, not at the edge of stability.",
        "",
        panels);
  }

  private Figure smallest() {
    List<Chart> panels = new ArrayList<>();
    for (Network network : Network.values()) {
      if (!network.covered()) {
        continue;
      }
      Chart.Builder panel =
          Chart.titled(network.title())
              .x("iteration of the η₀ run")
              .y("how negative, log scale")
              .logY()
              .line(curve("−λmin", network, p -> -p.lambdaMin(), false, 0))
              .line(
                  curve(
                      "−bound (" + network.boundAnywhere() + ")",
                      network,
                      p -> -p.bounds().anywhere(),
                      true,
                      1));
      if (network != Network.CONV_ADAPTED) {
        panel.line(curve("−bound of the proof", network, p -> -p.bounds().sharp(), true, 2));
      }
      panels.add(panel.build());
    }
    return new Figure(
        "lambda-min",
        "Smallest eigenvalue of the Hessian and the paper's bounds",
        "Minus λmin of the training loss along the η₀ run (solid), and minus the paper's lower"
            + " bounds on λmin (dashed): equation (13) for the linear network, (17) for the ReLU"
            + " network, (31) for the convolutional one, and what their proofs give beyond the"
            + " statement. The bound holds where the solid line stays below the dashed one. How"
            + " negative λmin is decides how fast descent and flow can part.",
        "",
        panels);
  }

  private Line curve(
      String name,
      Network network,
      ToDoubleFunction<Curvature.Probe> value,
      boolean dashed,
      int colour) {
    List<Curvature.Probe> list = of(network);
    double[] x = list.stream().mapToDouble(p -> (double) p.point() * protocol.every()).toArray();
    double[] y = list.stream().mapToDouble(value).toArray();
    return dashed ? Line.dashed(name, x, y, colour) : Line.solid(name, x, y, colour);
  }

  // Numbers

  @Override
  public void describe(StudyResult.Builder result) {
    int products = 0;
    for (Network network : Network.values()) {
      List<Curvature.Probe> list = of(network);
      if (list.isEmpty()) {
        continue;
      }
      String label = StepSizes.camel(network.label());
      Curvature.Probe first = list.get(0);
      Curvature.Probe end = list.get(list.size() - 1);
      products += list.stream().mapToInt(Curvature.Probe::products).sum();
      result.metric(label + "LambdaMaxInitial", first.lambdaMax());
      result.metric(label + "LambdaMaxFinal", end.lambdaMax());
      result.metric(label + "LambdaMinInitial", first.lambdaMin());
      result.metric(label + "LambdaMinFinal", end.lambdaMin());
      result.metric(
          label + "ProbesConverged", list.stream().filter(Curvature.Probe::converged).count());
      result.fact(
          "λmin, " + network.title(),
          Numbers.significant(end.lambdaMin(), 3),
          String.format(
              Locale.ROOT,
              "at the end; %.3g at the start. λmax %.4g; %.4g",
              first.lambdaMin(),
              end.lambdaMax(),
              first.lambdaMax()));
    }
    result.metric("hessianVectorProducts", products);
    result.prose(
        "How long descent follows the flow is governed by how negative the smallest eigenvalue of"
            + " the Hessian is along the way. It is computed here by Lanczos' method on exact"
            + " Hessian-vector products, each value with a residual, and held against the paper's"
            + " bounds.");
  }
}
