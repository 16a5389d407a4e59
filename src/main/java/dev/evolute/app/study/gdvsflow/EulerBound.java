package dev.evolute.app.study.gdvsflow;

import dev.evolute.app.report.Chart;
import dev.evolute.app.report.Claim;
import dev.evolute.app.report.ClaimCheck;
import dev.evolute.app.report.Figure;
import dev.evolute.app.report.Line;
import dev.evolute.app.report.StudyResult;
import java.util.List;
import java.util.Locale;

/**
 * The bound (4) of paper 002 on the distance between descent and flow of the linear network, {@code
 * E' = m E + delta}, with {@code m = -lambda_min} and the defect {@code delta = eta0 lambda_max
 * ||grad f||} as they are measured on the path. The theorem wants both in a tube about the flow; on
 * the path alone they give an estimate.
 */
final class EulerBound implements Part {
  /** Substeps between two probed points. */
  private static final int FINE = 400;

  private final Protocol protocol;
  private final StepSizes steps;
  private final Spectra spectra;

  EulerBound(Protocol protocol, StepSizes steps, Spectra spectra) {
    this.protocol = protocol;
    this.steps = steps;
    this.spectra = spectra;
  }

  /** Times, integral of m, and E at the probed points. */
  record Estimate(double[] time, double[] exponent, double[] bound) {}

  /** Between probed points m and delta are taken as linear. */
  static Estimate estimate(double[] time, double[] m, double[] delta) {
    double[] exponent = new double[time.length];
    double[] bound = new double[time.length];
    for (int i = 1; i < time.length; i++) {
      double h = (time[i] - time[i - 1]) / FINE;
      double mu = exponent[i - 1];
      double e = bound[i - 1];
      for (int k = 0; k < FINE; k++) {
        double at = (k + 0.5) / FINE;
        double middle = m[i - 1] + at * (m[i] - m[i - 1]);
        double defect = delta[i - 1] + at * (delta[i] - delta[i - 1]);
        e = e * Math.exp(h * middle) + h * defect * Math.exp(h * middle / 2);
        mu += h * middle;
      }
      exponent[i] = mu;
      bound[i] = e;
    }
    return new Estimate(time, exponent, bound);
  }

  private Estimate estimate() {
    List<Curvature.Probe> probes = spectra.of(FlowRun.NETWORK);
    return estimate(
        probes.stream().mapToDouble(p -> protocol.time(p.point())).toArray(),
        probes.stream().mapToDouble(p -> -p.lambdaMin()).toArray(),
        probes.stream().mapToDouble(p -> protocol.eta0() * p.lambdaMax() * p.slope()).toArray());
  }

  private double distance(int probe) {
    return steps.reference(FlowRun.NETWORK).toFlow[spectra.of(FlowRun.NETWORK).get(probe).point()];
  }

  @Override
  public List<Claim> claims() {
    ClaimCheck check =
        new ClaimCheck(
            "distance to gradient flow below the bound (4) with what is measured on the path",
            "002, Theorem 3, equation (4)");
    double[] bound = estimate().bound;
    for (int i = 1; i < bound.length; i++) {
      check.check(bound[i], distance(i));
    }
    return List.of(
        check
            .note(
                "Linear network, η₀. The theorem wants curvature and gradient in a tube about the flow;"
                    + " here they are those on the path, so this is an estimate and no guarantee.")
            .claim());
  }

  @Override
  public List<Figure> figures() {
    Estimate e = estimate();
    double[] iteration = new double[e.time.length];
    double[] distance = new double[e.time.length];
    for (int i = 0; i < iteration.length; i++) {
      iteration[i] = e.time[i] / protocol.eta0();
      distance[i] = distance(i);
    }
    Chart apart =
        Chart.titled("Distance to gradient flow")
            .x("iteration of the η₀ run")
            .y("Euclidean distance")
            .logY()
            .line(Line.solid("measured", iteration, distance, 0))
            .line(Line.dashed("bound (4)", iteration, e.bound, 1))
            .build();
    Chart exponent =
        Chart.titled("∫ m, m = −λmin")
            .x("iteration of the η₀ run")
            .y("exponent of the bound")
            .line(Line.solid("∫ m", iteration, e.exponent, 2))
            .build();
    return List.of(
        new Figure(
            "euler-bound",
            "What curvature on the path says of the distance to the flow",
            "Left: distance of the η₀ run of the linear network to gradient flow, and the bound (4)"
                + " evaluated with λmin, λmax and the gradient as measured on the path. Right: the"
                + " integral of −λmin, whose exponential carries old errors on.",
            "",
            List.of(apart, exponent)));
  }

  @Override
  public void describe(StudyResult.Builder result) {
    Estimate e = estimate();
    int last = e.time.length - 1;
    if (last > 0) {
      result.metric("linearIntegralOfM", e.exponent[last]);
      result.metric("linearBoundOverDistance", e.bound[last] / distance(last));
      result.fact(
          "∫ m, linear network",
          String.format(Locale.ROOT, "%.2f", e.exponent[last]),
          "of −λmin along the η₀ run");
    }
  }
}
