package dev.evolute.app.study.gdvsflow;

import dev.evolute.app.report.Chart;
import dev.evolute.app.report.Claim;
import dev.evolute.app.report.ClaimCheck;
import dev.evolute.app.report.Figure;
import dev.evolute.app.report.Line;
import dev.evolute.app.report.Numbers;
import dev.evolute.app.report.StudyResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.DoubleStream;

/**
 * Theorem 3 on the problem of section 5 (paper 002): the distance between descent and gradient flow
 * in closed form, all weights taken together; the step that equation (7) allows, with the bound
 * (71) on the curvature within eps of the flow; and the largest step that in fact stays within eps.
 */
final class Following implements Part {
  private static final double NORM = 0.2;
  private static final double COSINE = 0;

  /** The gap at which following ends: where the flow is all but at the minimum. */
  private static final double GAP = 1e-3;

  private static final double[] STEPS = {0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001};

  /** Times at which descent and flow are compared. */
  private static final int COMPARED = 200;

  /** What counts as slope 1 of the error against the step in the doubly logarithmic plot. */
  private static final double FIRST_ORDER = 0.1;

  /**
   * One depth with one eps.
   *
   * @param eps how far descent may be from the flow
   * @param exponent integral of m along the flow
   * @param allowed the step of (7)
   * @param distance between descent with that step and the flow; NaN where it takes too many
   * @param largest the largest step that stays within eps
   */
  record Case(
      int depth, double eps, double exponent, double allowed, double distance, double largest) {
    private double[] numbers() {
      return new double[] {depth, eps, exponent, allowed, distance, largest};
    }

    private static Case of(double[] n) {
      return new Case((int) n[0], n[1], n[2], n[3], n[4], n[5]);
    }
  }

  private final Protocol protocol;
  private final List<Case> cases = new ArrayList<>();

  /** Largest distance to the flow by depth and step. */
  private final Map<Integer, double[]> errors = new LinkedHashMap<>();

  Following(Protocol protocol) {
    this.protocol = protocol;
  }

  /**
   * Measures everything.
   *
   * @throws GradientFlow.Stopped if the user interrupts; finished depths stay
   */
  void measure(BooleanSupplier interrupted) {
    for (int depth : protocol.depths()) {
      SectionFive problem = SectionFive.of(depth, NORM, COSINE);
      ClosedFlow flow = problem.flow();
      double end = flow.time(flow.whenGap(GAP));
      double[] found = new double[STEPS.length];
      for (int i = 0; i < STEPS.length; i++) {
        found[i] = distance(flow, end, Math.round(end / STEPS[i]), interrupted);
      }
      List<Case> mine = new ArrayList<>();
      for (double part : new double[] {1, 0.1, 0.01}) {
        double eps = part / (2 * depth);
        double[] m = alongTube(problem, end, eps);
        double allowed = eps / (problem.beta() * problem.gamma() * m[1]);
        long steps = (long) Math.ceil(end / allowed);
        double distance =
            steps > protocol.longest() ? Double.NaN : distance(flow, end, steps, interrupted);
        double largest =
            LargestStep.within(end, k -> distance(flow, end, k, interrupted), eps, 256);
        mine.add(new Case(depth, eps, m[0], allowed, distance, largest));
      }
      synchronized (this) {
        errors.put(depth, found);
        cases.addAll(mine);
      }
    }
  }

  /** How many depths there are, a row of errors for each, and the cases. */
  synchronized double[][] state() {
    List<double[]> state = new ArrayList<>();
    state.add(new double[] {errors.size()});
    errors.forEach(
        (depth, found) -> {
          double[] row = new double[found.length + 1];
          row[0] = depth;
          System.arraycopy(found, 0, row, 1, found.length);
          state.add(row);
        });
    cases.forEach(c -> state.add(c.numbers()));
    return state.toArray(new double[0][]);
  }

  synchronized void restore(double[][] state) {
    int depths = (int) state[0][0];
    for (int i = 1; i <= depths; i++) {
      errors.put((int) state[i][0], Arrays.copyOfRange(state[i], 1, state[i].length));
    }
    for (int i = depths + 1; i < state.length; i++) {
      cases.add(Case.of(state[i]));
    }
  }

  /** {@code integral of m} and {@code E} with {@code E' = 1 + m E}, E(0) = 0, at a time. */
  static double[] alongTube(SectionFive problem, double end, double eps) {
    ClosedFlow flow = problem.flow();
    double power = 1 - 2.0 / flow.depth();
    double[] last =
        GradientFlow.advance(
            y -> {
              double m = problem.m(y[0], eps);
              return new double[] {Math.pow(flow.norm(y[0]), power), m, 1 + m * y[2]};
            },
            new double[] {0, 0, 0},
            end);
    return new double[] {last[1], last[2]};
  }

  /** {@code integral of m} along the flow up to a time. */
  static double integralOfM(SectionFive problem, double end, double eps) {
    ClosedFlow flow = problem.flow();
    double power = 1 - 2.0 / flow.depth();
    return GradientFlow.advance(
        y -> new double[] {Math.pow(flow.norm(y[0]), power), problem.m(y[0], eps)},
        new double[] {0, 0},
        end)[1];
  }

  /** Largest distance between descent with that many steps and the flow, up to a time. */
  static double distance(ClosedFlow flow, double end, long steps) {
    return distance(flow, end, steps, () -> false);
  }

  private static double distance(
      ClosedFlow flow, double end, long steps, BooleanSupplier interrupted) {
    int compared = (int) Math.min(steps, COMPARED);
    double eta = end / steps;
    double[] times = new double[compared];
    for (int i = 0; i < compared; i++) {
      times[i] = eta * (steps * (i + 1) / compared);
    }
    double[] when = flow.when(times);
    RankOne descent = flow.weights(0);
    double most = 0;
    long done = 0;
    for (int i = 0; i < compared; i++) {
      if (interrupted.getAsBoolean()) {
        throw new GradientFlow.Stopped();
      }
      for (long next = steps * (i + 1) / compared; done < next; done++) {
        descent = descent.step(eta);
      }
      double distance = descent.distance(flow.weights(when[i]));
      if (!(distance < Double.POSITIVE_INFINITY)) {
        return Double.POSITIVE_INFINITY;
      }
      most = Math.max(most, distance);
    }
    return most;
  }

  // Claims

  @Override
  public synchronized List<Claim> claims() {
    ClaimCheck theorem =
        new ClaimCheck(
            "descent with the step that (7) allows stays within ε of gradient flow",
            "002, Theorem 3, equation (7)");
    ClaimCheck order =
        new ClaimCheck(
            "distance between descent and flow is of first order in the step, to a tenth",
            "002, Section 2");
    ClaimCheck conservative =
        new ClaimCheck(
            "the step that (7) allows is below the largest that stays within ε",
            "002, Theorem 3, equation (7)");
    for (Case c : cases) {
      if (!Double.isNaN(c.distance)) {
        theorem.check(c.eps, c.distance);
      }
      conservative.check(c.largest, c.allowed);
    }
    errors.forEach(
        (depth, found) -> {
          for (int i = 1; i < STEPS.length; i++) {
            double slope = Math.log(found[i] / found[i - 1]) / Math.log(STEPS[i] / STEPS[i - 1]);
            order.check(FIRST_ORDER, Math.abs(slope - 1));
          }
        });
    return List.of(
        theorem
            .note(
                "On the problem of section 5, with the constants of its proof: β = 16n, γ = 6√n and"
                    + " m(t) of equation (71). Checked where the step needs no more than "
                    + String.format(Locale.ROOT, "%,d", protocol.longest())
                    + " iterations.")
            .claim(),
        conservative
            .note(
                "Largest steps are found by bisection; "
                    + Numbers.fixed(orders(DoubleStream::min), 1)
                    + " to "
                    + Numbers.fixed(orders(DoubleStream::max), 1)
                    + " orders of magnitude apart.")
            .claim(),
        order.note("Slope of the largest distance against the step, both in logarithms.").claim());
  }

  /** The least or the most orders of magnitude between what is allowed and what works. */
  private double orders(Function<DoubleStream, OptionalDouble> end) {
    return end.apply(cases.stream().mapToDouble(c -> Math.log10(c.largest / c.allowed)))
        .orElse(Double.NaN);
  }

  // Figures

  @Override
  public synchronized List<Figure> figures() {
    Chart.Builder distance =
        Chart.titled("Distance to the flow").x("step η").y("largest up to the end").logX().logY();
    Chart.Builder step = Chart.titled("Step that stays within ε").x("ε").y("step η").logX().logY();
    int colour = 0;
    for (Map.Entry<Integer, double[]> e : errors.entrySet()) {
      int depth = e.getKey();
      distance.line(Line.solid("n = " + depth, STEPS, e.getValue(), colour));
      List<Case> mine = cases.stream().filter(c -> c.depth == depth).toList();
      double[] eps = mine.stream().mapToDouble(Case::eps).toArray();
      step.line(
          Line.solid(
              "n = " + depth + ", in fact",
              eps,
              mine.stream().mapToDouble(Case::largest).toArray(),
              colour));
      step.line(
          Line.dashed(
              "n = " + depth + ", (7)",
              eps,
              mine.stream().mapToDouble(Case::allowed).toArray(),
              colour));
      colour++;
    }
    return List.of(
        new Figure(
            "following",
            "How far descent is from gradient flow, and what theory allows",
            "The deep linear problem of section 5 from a balanced start (norm 0.2, at a right angle"
                + " to the target) until the loss is within 10⁻³ of its minimum, where the flow is"
                + " known in closed form. Left: largest distance of all weights between descent and"
                + " flow, of first order in the step. Right: the largest step with which descent"
                + " stays within ε of the flow (solid), beside the step that Theorem 3 allows"
                + " (dashed).",
            "",
            List.of(distance.build(), step.build())));
  }

  // Numbers

  @Override
  public synchronized void describe(StudyResult.Builder result) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Case c : cases) {
      rows.add(
          Row.of(
              "depth", c.depth,
              "eps", c.eps,
              "integralOfM", c.exponent,
              "stepAllowed", c.allowed,
              "distanceWithIt", c.distance,
              "largestStep", c.largest));
    }
    result.more("theorem3", rows);
    if (!cases.isEmpty()) {
      String least = Numbers.power(Math.round(orders(DoubleStream::min)));
      String most = Numbers.power(Math.round(orders(DoubleStream::max)));
      result.fact("step, in fact over (7)", least + " to " + most, "section 5, over depths and ε");
    }
  }
}
