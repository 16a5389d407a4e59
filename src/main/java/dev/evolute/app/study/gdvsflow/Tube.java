package dev.evolute.app.study.gdvsflow;

import dev.evolute.app.report.ClaimCheck;
import dev.evolute.autodiff.curvature.Point;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.spectral.CounterRandom;
import dev.evolute.spectral.Extremes;
import dev.evolute.spectral.Lanczos;

/**
 * What the proof of proposition 14 of paper 002 says of every point within eps of the flow: the
 * smallest eigenvalue is at least -m(t) of (71), the Hessian's norm at most 16 n, the gradient's at
 * most 6 sqrt(n).
 */
final class Tube {
  private static final double TOLERANCE = 1e-9;

  /** On the flow the bound is attained, so eigenvalue and bound differ by rounding alone. */
  private static final double ROUNDING = 1e-9;

  final ClaimCheck curvature =
      new ClaimCheck("λmin ≥ −m(t) within ε of the flow", "002, equation (71)");
  final ClaimCheck smooth =
      new ClaimCheck(
          "‖Hessian‖ ≤ 16n and ‖gradient‖ ≤ 6√n within ε of the flow",
          "002, proof of Proposition 14");

  /**
   * Checks the flow itself and a random point at a distance of 1/(2n) from it.
   *
   * @param theta all weights on the flow
   * @param when its u-time
   * @param draw which random point
   */
  void check(SectionFive problem, Program program, double[] theta, double when, int draw) {
    int n = problem.flow().depth();
    double eps = 1.0 / (2 * n);
    double[] direction = new double[theta.length];
    CounterRandom.fillGaussian(7, draw, 0, direction);
    double scale = eps / Curvature.norm(direction);
    for (int side = 0; side < 2; side++) {
      double[] at = theta.clone();
      for (int i = 0; i < at.length; i++) {
        at[i] += side * scale * direction[i];
      }
      program.theta().set(at);
      Point point = Point.of(program);
      Lanczos.Options options = Lanczos.Options.defaults().withTolerance(TOLERANCE).withSeed(draw);
      try (Extremes ends = Lanczos.extremes(point.hessian(), options)) {
        double norm = Math.max(ends.max().upper(), -ends.min().lower());
        curvature.check(ends.min().value() + ROUNDING * norm, -problem.m(when, side * eps));
        smooth.check(problem.beta(), norm);
        smooth.check(problem.gamma(), program.kernels().nrm2(point.gradient()));
      }
    }
  }
}
