package dev.evolute.app.study.warmup;

import dev.evolute.app.report.Chart;
import dev.evolute.app.report.Claim;
import dev.evolute.app.report.ClaimCheck;
import dev.evolute.app.report.Figure;
import dev.evolute.app.report.Line;
import dev.evolute.app.report.StudyResult;
import dev.evolute.app.study.Progress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Theorem 4.4 of paper 000 on two sums of functions with a common minimum. */
final class Stochastic {
  /** H0 / H1 of the sums. */
  private static final double[] SCALES = {1, 1e-3};

  private final Protocol protocol;

  /**
   * One sum.
   *
   * @param adaptive means with the step (1) of each sample
   * @param eta the best constant step
   * @param constant means with that
   */
  private record Run(Interpolation sum, double[][] adaptive, double eta, double[][] constant) {}

  private final List<Run> runs = new ArrayList<>();

  Stochastic(Protocol protocol) {
    this.protocol = protocol;
  }

  static int parts() {
    return SCALES.length;
  }

  private Interpolation sum(int part) {
    return new Interpolation(SCALES[part], protocol.stochasticSteps(), protocol.seed());
  }

  /** The state of one part, or null where the user interrupted. */
  double[][] measure(int part, Progress progress) {
    Interpolation sum = sum(part);
    double[][] adaptive = sum.means(Double.NaN, protocol.repetitions(), progress);
    double eta = sum.bestConstant(protocol.repetitions(), progress);
    double[][] constant = sum.means(eta, protocol.repetitions(), progress);
    return progress.interrupted() || constant == null
        ? null
        : new double[][] {adaptive[0], adaptive[1], adaptive[2], constant[0], {eta}};
  }

  void add(int part, double[][] state) {
    synchronized (runs) {
      runs.add(
          new Run(
              sum(part),
              new double[][] {state[0], state[1], state[2]},
              state[4][0],
              new double[][] {state[3]}));
      runs.sort((a, b) -> Double.compare(b.sum().scale, a.sum().scale));
    }
  }

  List<Claim> claims() {
    ClaimCheck mean =
        new ClaimCheck("mean of the cut gaps of SGD with the step (1)", "000, Theorem 4.4")
            .note(
                "Single samples, as the proof needs; means over "
                    + protocol.repetitions()
                    + " runs, at every recorded K.");
    ClaimCheck printed =
        new ClaimCheck("printed: share of iterates above H₀/(2nH₁), with H₀", "000, Section 4.4")
            .note("Markov’s inequality on Theorem 4.4 gives H₁ in its place.");
    ClaimCheck corrected = new ClaimCheck("corrected: the same with H₁", "000, Section 4.4");
    for (Run run : runs) {
      for (int p = 0; p < Interpolation.POINTS; p++) {
        long k = run.sum().at(p);
        Bound bound = run.sum().bound;
        double d = run.sum().distance;
        mean.check(Rates.stochastic(bound, d, 1, k), run.adaptive()[1][p]);
        double share = run.adaptive()[2][p];
        printed.check(Rates.failures(bound, d, run.sum().samples(), k, true), share);
        corrected.check(Rates.failures(bound, d, run.sum().samples(), k, false), share);
      }
    }
    return List.of(mean.claim(), printed.claim(), corrected.claim());
  }

  Figure figure() {
    List<Chart> panels = new ArrayList<>();
    for (Run run : runs) {
      double[] x = run.sum().abscissae();
      double[] bound = new double[x.length];
      for (int p = 0; p < x.length; p++) {
        bound[p] = Rates.stochastic(run.sum().bound, run.sum().distance, 1, (long) x[p]);
      }
      panels.add(
          Chart.titled(String.format(Locale.ROOT, "H₀/H₁ = %.3g", run.sum().scale))
              .x("iteration")
              .y("mean over runs")
              .logX()
              .logY()
              .line(Line.solid("gap, step (1)", x, visible(run.adaptive()[0]), 0))
              .line(Line.solid("gap, best constant step", x, run.constant()[0], 1))
              .line(Line.solid("mean of cut gaps, step (1)", x, run.adaptive()[1], 2))
              .line(Line.dashed("its bound", x, bound, 2))
              .build());
    }
    return new Figure(
        "stochastic",
        "Stochastic descent under interpolation",
        "One of ten samples a step on a sum of cosh, all with their minimum at 0. The constant step is the"
            + " one of least mean gap at the end. The bound is Theorem 4.4’s on the running mean of gaps cut"
            + " at H₀/(2nH₁).",
        "Theorem 4.4",
        panels);
  }

  /** Gaps that can be told from rounding of the first one. */
  private static double[] visible(double[] gaps) {
    return Arrays.stream(gaps).map(g -> g > 1e-16 * gaps[0] ? g : Double.NaN).toArray();
  }

  void metrics(StudyResult.Builder result) {
    for (Run run : runs) {
      String which = String.format(Locale.ROOT, ", H0/H1 = %.3g", run.sum().scale);
      int last = Interpolation.POINTS - 1;
      result.metric("SGD gap, step (1)" + which, run.adaptive()[0][last]);
      result.metric("SGD gap, best constant" + which, run.constant()[0][last]);
    }
  }
}
