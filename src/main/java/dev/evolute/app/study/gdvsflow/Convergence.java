package dev.evolute.app.study.gdvsflow;

import dev.evolute.app.report.Chart;
import dev.evolute.app.report.Claim;
import dev.evolute.app.report.ClaimCheck;
import dev.evolute.app.report.Figure;
import dev.evolute.app.report.Line;
import dev.evolute.app.report.Numbers;
import dev.evolute.app.report.StudyResult;
import dev.evolute.spectral.CounterRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;

/**
 * Proposition 14 and Theorem 15 (paper 002) for random problems of section 5: the time by which
 * gradient flow has converged and the bound on the integral of m, beside what the closed form
 * gives; the step and the iterations with which descent provably converges, beside those with which
 * it does.
 */
final class Convergence implements Part {
  /** Tried steps fall by this factor. */
  private static final double FINER = 1.05;

  private static final long MOST = 200_000;

  /** Times along a flow at which the bounds of the lemmas and (22) are checked. */
  private static final int POINTS = 24;

  private static final double ROUNDING = 1e-9;

  /**
   * One random problem.
   *
   * @param gap how close to the minimum is close enough
   * @param time of the flow until there
   * @param step the largest tried with which descent gets there and stays on the way
   * @param iterations it takes with that step
   */
  record Problem(SectionFive problem, double gap, double time, double step, long iterations) {
    private double[] numbers() {
      ClosedFlow flow = problem.flow();
      return new double[] {flow.depth(), flow.norm(), flow.cosine(), gap, time, step, iterations};
    }

    private static Problem of(double[] n) {
      return new Problem(SectionFive.of((int) n[0], n[1], n[2]), n[3], n[4], n[5], (long) n[6]);
    }
  }

  private final int draws;
  private final long seed;
  private final List<Problem> rows = new ArrayList<>();
  private final ClaimCheck integral =
      new ClaimCheck("∫ m ≤ its bound", "002, Proposition 14, equation (22)");
  private final ClaimCheck lemmas =
      new ClaimCheck("bounds on the end-to-end vector along the flow", "002, Lemmas 40 to 54");

  Convergence(int draws, long seed) {
    this.draws = draws;
    this.seed = seed;
  }

  private SectionFive draw(int i) {
    int depth = 2 + i % 4;
    double norm = 0.2 * Math.pow(10, -2 * CounterRandom.uniform(seed, 70, i));
    double cosine = -0.95 + 1.9 * CounterRandom.uniform(seed, 71, i);
    return SectionFive.of(depth, norm, cosine);
  }

  void measure(BooleanSupplier interrupted) {
    for (int i = 0; i < draws && !interrupted.getAsBoolean(); i++) {
      // The problem that the paper's constants are quoted for, then random ones.
      SectionFive problem = i == 0 ? SectionFive.of(3, 0.2, 0) : draw(i);
      double gap = i == 0 ? 0.01 : Math.pow(10, -1 - 4 * CounterRandom.uniform(seed, 72, i));
      ClosedFlow flow = problem.flow();
      double when = flow.whenGap(gap);
      double time = flow.time(when);
      double step = 4;
      long iterations = -1;
      while (iterations < 0) {
        step /= FINER;
        iterations = iterations(flow.weights(0), step, gap);
      }
      synchronized (this) {
        rows.add(new Problem(problem, gap, time, step, iterations));
        along(problem, when, time);
      }
    }
  }

  /** The two checks along the flows, then a row a problem. */
  synchronized double[][] state() {
    List<double[]> state = new ArrayList<>(List.of(integral.tally(), lemmas.tally()));
    rows.forEach(row -> state.add(row.numbers()));
    return state.toArray(new double[0][]);
  }

  synchronized void restore(double[][] state) {
    integral.add(state[0]);
    lemmas.add(state[1]);
    for (int i = 2; i < state.length; i++) {
      rows.add(Problem.of(state[i]));
    }
  }

  /** Iterations of descent until the gap, or -1 if it does not get there. */
  static long iterations(RankOne start, double eta, double gap) {
    RankOne at = start;
    for (long k = 0; k < MOST; k++) {
      double now = at.gap();
      if (now <= gap) {
        return k;
      }
      if (!(now < 1e3)) {
        return -1;
      }
      at = at.step(eta);
    }
    return -1;
  }

  private void along(SectionFive problem, double when, double time) {
    ClosedFlow flow = problem.flow();
    int n = flow.depth();
    double eps = 1.0 / (2 * n);
    for (double share : new double[] {0.25, 0.5, 1, 2}) {
      for (double e : new double[] {eps, eps / 100}) {
        integral.check(
            problem.integral(share * time, e), Following.integralOfM(problem, share * time, e));
      }
    }
    double r = problem.r();
    double smallest = flow.norm() * Math.min(1, Math.pow(2 / (3 * r), n));
    double turned = 0.5 * Math.log(Math.max(5 * r, 1));
    double grown = 3 / (2.0 * n) * Math.log(2 * n / (3 * smallest));
    for (double t : ClosedFlow.grid(turned + grown + when, POINTS)) {
      double u = flow.norm(t);
      lemmas.check(flow.norm() * Math.exp(n * t) * (1 + ROUNDING), u);
      lemmas.check(u * (1 + ROUNDING), flow.norm() * Math.exp(-2 * n * t));
      lemmas.check(1, u);
      lemmas.check(u * (1 + ROUNDING), smallest);
      if (t >= turned) {
        lemmas.check(flow.nu(t) + ROUNDING, 2.0 / 3);
      }
      if (t >= turned + grown) {
        lemmas.check(u, 2 * n / (3.0 * (n + 1)));
        double left = t - turned - grown;
        lemmas.check(1.2 * Math.exp(-2 * n * left / (3.0 * (n + 1))), flow.toTarget(t));
      }
    }
  }

  // Claims

  @Override
  public synchronized List<Claim> claims() {
    ClaimCheck proposition =
        new ClaimCheck(
            "gradient flow is within the gap of the minimum by the time (21)",
            "002, Proposition 14, equation (21)");
    ClaimCheck step =
        new ClaimCheck(
            "the step (23) is below the largest with which descent converges",
            "002, Theorem 15, equation (23)");
    ClaimCheck iterations =
        new ClaimCheck(
            "descent needs no more iterations than (24)", "002, Theorem 15, equation (24)");
    for (Problem row : rows) {
      proposition.check(row.problem.time(row.gap), row.time);
      step.check(row.step, row.problem.step(row.gap));
      iterations.check(row.problem.iterations(row.gap), row.iterations);
    }
    return List.of(
        proposition.note("The loss falls along the flow, so the time it needs decides.").claim(),
        integral.note("With m(t) of equation (71), ε = 1/(2n) and a hundredth of it.").claim(),
        lemmas.note("Growth, decay, angle and convergence, at points along every flow.").claim(),
        step.note(
                "The theorem's own step is never run: "
                    + paperBeside()
                    + ". Steps are tried from 4"
                    + " downwards by factors of "
                    + FINER
                    + ".")
            .claim(),
        iterations.note("With the largest step that converges, not that of the theorem.").claim());
  }

  private String paperBeside() {
    if (rows.isEmpty()) {
      return "nothing was measured";
    }
    Problem row = rows.get(0);
    return String.format(
        Locale.ROOT,
        "for n = 3, N = 0.2, ν = 0 and a gap of 0.01 it is %.1e with %.1e iterations, where %.2g"
            + " with %d suffice",
        row.problem.step(row.gap),
        row.problem.iterations(row.gap),
        row.step,
        row.iterations);
  }

  // Figures

  @Override
  public synchronized List<Figure> figures() {
    Chart.Builder time =
        Chart.titled("Time to converge")
            .x("time of the flow, closed form")
            .y("bound (21)")
            .logX()
            .logY();
    Chart.Builder step =
        Chart.titled("Step of descent").x("largest that converges").y("step (23)").logY();
    for (int depth = 2; depth <= 5; depth++) {
      int n = depth;
      List<Problem> mine = rows.stream().filter(r -> r.problem.flow().depth() == n).toList();
      double[] measured = mine.stream().mapToDouble(Problem::time).toArray();
      double[] bound = mine.stream().mapToDouble(r -> r.problem.time(r.gap)).toArray();
      time.line(Line.points("n = " + n, measured, bound, n - 2));
      double[] works = mine.stream().mapToDouble(Problem::step).toArray();
      double[] proved = mine.stream().mapToDouble(r -> r.problem.step(r.gap)).toArray();
      step.line(Line.points("n = " + n, works, proved, n - 2));
    }
    return List.of(
        new Figure(
            "convergence",
            "What Proposition 14 and Theorem 15 guarantee, beside what happens",
            "Random problems of section 5, norms from 0.002 to 0.2 and all angles. Left: the time"
                + " (21) by which gradient flow has provably converged, over the time it takes."
                + " Right: the step (23) with which descent provably converges, over the largest"
                + " that does.",
            "",
            List.of(time.build(), step.build())));
  }

  // Numbers

  @Override
  public synchronized void describe(StudyResult.Builder result) {
    if (rows.isEmpty()) {
      return;
    }
    Problem row = rows.get(0);
    result.more(
        "theorem15",
        Row.of(
            "depth",
            3,
            "norm",
            0.2,
            "cosine",
            0,
            "gap",
            row.gap,
            "timeBound",
            row.problem.time(row.gap),
            "time",
            row.time,
            "stepBound",
            row.problem.step(row.gap),
            "step",
            row.step,
            "iterationsBound",
            row.problem.iterations(row.gap),
            "iterations",
            row.iterations,
            "allowedImbalance",
            row.problem.allowedImbalance(row.gap),
            "stepUnbalancedBound",
            row.problem.stepUnbalanced(row.gap),
            "iterationsUnbalancedBound",
            row.problem.iterationsUnbalanced(row.gap)));
    result.fact(
        "step of Theorem 15",
        Numbers.significant(row.problem.step(row.gap), 1),
        "where " + Numbers.fixed(row.step, 2) + " works (n = 3, N = 0.2, ν = 0)");
  }
}
