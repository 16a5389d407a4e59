package dev.evolute.app.study.gdvsflow;

import dev.evolute.app.report.Claim;
import dev.evolute.app.report.ClaimCheck;
import dev.evolute.app.report.Figure;
import dev.evolute.app.report.StudyResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Corollary 4 of paper 002 on three objectives that are not negative and smooth everywhere, one for
 * each sign of {@code m = -inf lambda_min}: the step it allows, and the largest with which descent
 * stays within eps of gradient flow.
 */
final class SmoothSteps implements Part {
  private static final double[] EPS = {0.1, 0.01, 0.001};
  private static final int COMPARED = 100;

  /**
   * An objective.
   *
   * @param loss f at the start
   * @param beta the largest {@code ||Hess f||}
   * @param m minus the least eigenvalue of the Hessian anywhere
   * @param downhill {@code -grad f}
   */
  private record Objective(
      String name,
      double loss,
      double beta,
      double m,
      double[] start,
      double end,
      GradientFlow.Field downhill) {}

  private record Case(String name, double m, double eps, double allowed, double largest) {}

  private final List<Case> cases = new ArrayList<>();
  private final ClaimCheck corollary =
      new ClaimCheck("descent with the step that it allows stays within ε", "002, Corollary 4");
  private final ClaimCheck below =
      new ClaimCheck(
          "the step that it allows is below the largest that stays within ε", "002, Corollary 4");

  private static List<Objective> objectives() {
    WorstCase.Hill hill = WorstCase.Hill.phi(1, 4);
    double curved = 0;
    for (double z : ClosedFlow.grid(6, 60_001)) {
      curved = Math.max(curved, Math.abs(hill.at(z)[2]));
    }
    return List.of(
        new Objective(
            "strongly convex, (q₁² + 4q₂²)/2",
            2.5,
            4,
            -1,
            new double[] {1, 1},
            5,
            q -> new double[] {-q[0], -4 * q[1]}),
        new Objective(
            "convex, log(1 + e^−q)",
            Math.log1p(Math.exp(2)),
            0.25,
            0,
            new double[] {-2},
            10,
            q -> new double[] {1 / (1 + Math.exp(q[0]))}),
        new Objective(
            "not convex, φ of equation (25) with its cut at 4",
            hill.at(0.1)[0],
            curved,
            1,
            new double[] {0.1},
            3,
            q -> new double[] {-hill.at(q[0])[1]}));
  }

  /** The step of Corollary 4 from the same start as the flow. */
  static double allowed(double loss, double beta, double m, double eps, double end) {
    double c = 1 / (Math.sqrt(2 * beta * beta * beta * loss) + beta * beta * eps);
    return c * eps * (m < 0 ? -m : m == 0 ? 1 / end : m / Math.expm1(m * end));
  }

  /** Takes well under a second. */
  void measure() {
    for (Objective f : objectives()) {
      for (double eps : EPS) {
        double allowed = allowed(f.loss, f.beta, f.m, eps, f.end);
        corollary.check(eps, distance(f, (long) Math.ceil(f.end / allowed)));
        double largest = LargestStep.within(f.end, k -> distance(f, k), eps, 64);
        below.check(largest, allowed);
        cases.add(new Case(f.name, f.m, eps, allowed, largest));
      }
    }
  }

  private static double distance(Objective f, long steps) {
    int compared = (int) Math.min(steps, COMPARED);
    double eta = f.end / steps;
    double[] flow = f.start;
    double[] descent = f.start.clone();
    double most = 0;
    long done = 0;
    for (int i = 0; i < compared; i++) {
      long next = steps * (i + 1) / compared;
      flow = GradientFlow.advance(f.downhill, flow, eta * (next - done));
      for (; done < next; done++) {
        double[] down = f.downhill.at(descent);
        for (int j = 0; j < descent.length; j++) {
          descent[j] += eta * down[j];
        }
      }
      most = Math.max(most, Trajectory.distance(descent, flow));
    }
    return Double.isNaN(most) ? Double.POSITIVE_INFINITY : most;
  }

  @Override
  public List<Claim> claims() {
    String note = "Three objectives: m < 0, m = 0 and m > 0, each with three ε.";
    return List.of(corollary.note(note).claim(), below.note(note).claim());
  }

  @Override
  public List<Figure> figures() {
    return List.of();
  }

  @Override
  public void describe(StudyResult.Builder result) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Case c : cases) {
      rows.add(
          Row.of(
              "objective", c.name,
              "m", c.m,
              "eps", c.eps,
              "stepAllowed", c.allowed,
              "largestStep", c.largest));
    }
    result.more("corollary4", rows);
  }
}
