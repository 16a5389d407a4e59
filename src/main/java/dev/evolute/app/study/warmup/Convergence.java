package dev.evolute.app.study.warmup;

import dev.evolute.app.report.Chart;
import dev.evolute.app.report.Claim;
import dev.evolute.app.report.ClaimCheck;
import dev.evolute.app.report.Figure;
import dev.evolute.app.report.Line;
import dev.evolute.app.report.Numbers;
import dev.evolute.app.report.StudyResult;
import dev.evolute.app.study.Progress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;

/**
 * Section 4 of paper 000 on functions of one variable: the step (1) against the best constant step,
 * with the theorems' counts beside both, and every lemma at every iterate.
 */
final class Convergence {
  /** The H1 of the steep function. */
  private static final double STEEP = 4;

  private static final double RUNWAY = 0.01;
  private static final int STARTS = 9;
  private static final int COURSE = 100_000;

  /**
   * Counts for one start value.
   *
   * @param value the largest the runs start from
   * @param constant the best constant step and its count
   * @param bound the theorems' count for the step (1)
   * @param needs what a constant step needs at least
   */
  record Row(
      double value, long adaptive, ScalarDescent.Constant constant, double bound, double needs) {
    double factor() {
      return (double) constant.iterations() / adaptive;
    }
  }

  private final Protocol protocol;
  private final List<Row> rows = new ArrayList<>();
  private final List<Claim> claims = new ArrayList<>();
  private final List<Chart> courses = new ArrayList<>();

  Convergence(Protocol protocol) {
    this.protocol = protocol;
  }

  List<Row> rows() {
    return rows;
  }

  List<Claim> claims() {
    return claims;
  }

  boolean measured() {
    return !claims.isEmpty();
  }

  void measure(Progress progress) {
    lemmas(progress);
    compare(progress);
    if (progress.interrupted()) {
      return;
    }
    divergence();
    lowerBounds();
    course(Scalar.exponential(STEEP), 1e4);
    course(Scalar.quadraticThenExponential(0.5, 2, 1), 1e4);
    course(Scalar.wavy(), 1e4);
  }

  private void lemmas(Progress progress) {
    ScalarDescent descent = new ScalarDescent();
    List<Scalar> functions =
        List.of(
            Scalar.exponential(1),
            Scalar.exponential(STEEP),
            Scalar.quadraticThenExponential(0.5, 2, 1),
            Scalar.cosh(),
            Scalar.runway(1, 2, 0.1),
            Scalar.wavy());
    for (Scalar f : functions) {
      for (double value : protocol.values()) {
        for (double gap : new double[] {1e-2, 1e-6}) {
          if (progress.interrupted()) {
            return;
          }
          double start = f.at(value + f.least());
          descent.check(f, start, gap);
          if (f.mu() > 0 && f.aiming() < 1) {
            descent.checkDominated(f, start, gap);
          }
        }
      }
    }
    claims.addAll(descent.claims());
  }

  private void compare(Progress progress) {
    Scalar f = Scalar.exponential(STEEP);
    for (double value : protocol.values()) {
      if (progress.interrupted()) {
        return;
      }
      double[] starts = new double[STARTS];
      // The edge of the quadratic part, where the gap is 1/2, and values up to the largest.
      Arrays.setAll(starts, j -> f.at(Math.pow(value, (double) j / (STARTS - 1))));
      double gap = protocol.gap();
      DoubleUnaryOperator step = g -> Rates.step(f.bound(), g, 1);
      rows.add(
          new Row(
              value,
              ScalarDescent.worst(f, starts, step, gap, Long.MAX_VALUE - 1),
              ScalarDescent.best(f, starts, gap),
              Rates.both(f.bound(), f.mu(), f.at(value), value - f.least(), gap),
              Rates.constantNeeds(STEEP, value, gap)));
    }
    ClaimCheck fewer =
        new ClaimCheck(
                "fewer iterations than the best constant step, where the bounds say so",
                "000, Theorems 4.1 to 4.3")
            .note(
                "Where the count of Theorems 4.2 and 4.3 is below what any constant step needs; starts of"
                    + " all values up to one, for a constant step can hit the minimum from a single one.");
    ClaimCheck needs =
        new ClaimCheck("the best constant step needs at least its lower bound", "000, Section 4.2");
    ClaimCheck within =
        new ClaimCheck("the step (1) stays within both bounds together", "000, Thms 4.2, 4.3");
    for (Row row : rows) {
      if (row.bound() < row.needs()) {
        fewer.check(row.constant().iterations(), row.adaptive());
      }
      needs.check(row.constant().iterations(), row.needs());
      within.check(row.bound(), row.adaptive());
    }
    claims.add(fewer.claim());
    claims.add(needs.claim());
    claims.add(within.claim());
  }

  /** (52), and the H0 of the function it is about. */
  private void divergence() {
    ClaimCheck printed =
        new ClaimCheck("printed: the steep function has H₀ = H₁/2", "000, proof of Theorem 4.1");
    ClaimCheck corrected =
        new ClaimCheck("corrected: the steep function has H₀ = H₁", "000, proof of Theorem 4.1")
            .note("Its curvature at the minimum is H₁, with no gap to make up for it.");
    ClaimCheck away =
        new ClaimCheck("a step a hundredth above (52) runs away", "000, equation (52)")
            .note("And one a hundredth below it does not.");
    for (double h1 : new double[] {1, STEEP, 9}) {
      Scalar f = Scalar.exponential(h1);
      Bound half = new Bound(h1 / 2, h1);
      for (int i = -100; i <= 100; i++) {
        double w = 0.05 * i / Math.sqrt(h1);
        printed.check(half.at(f.gap(w)), f.curvature(w));
        corrected.check(f.bound().at(f.gap(w)) * (1 + 1e-14), f.curvature(w));
      }
      for (double value : protocol.values()) {
        double eta = Rates.divergence(h1, value);
        if (eta * h1 < 2) {
          double start = f.at(value);
          long most = (long) (1e3 + 100 * Rates.constantNeeds(h1, value, protocol.gap()));
          away.check(
              ScalarDescent.iterations(f, start, g -> 1.01 * eta, protocol.gap(), most) < 0
                  && ScalarDescent.iterations(f, start, g -> 0.99 * eta, protocol.gap(), most)
                      >= 0);
        }
      }
    }
    claims.add(printed.claim());
    claims.add(corrected.claim());
    claims.add(away.claim());
  }

  /** Theorem 4.1's counts against descent on its proof's own functions with the step (52). */
  private void lowerBounds() {
    ClaimCheck printed =
        new ClaimCheck("printed: iterations of a constant step, at least", "000, Theorem 4.1")
            .note(
                "On the functions of its proof, with the step (52) that the steep function allows for"
                    + " values up to M. The statement has M in two factors; the runway is 1 high, whatever"
                    + " M is.");
    ClaimCheck corrected =
        new ClaimCheck("corrected: iterations of a constant step, at least", "000, Theorem 4.1")
            .note(
                "With the runway’s own height and H₀, which is H₁ where both functions are of one class,"
                    + " and for PL functions with log(1 − z) ≤ −z the right way round.");
    double mu = 0.5;
    for (double value : new double[] {1e2, 1e3, 1e4}) {
      for (double epsilon : new double[] {0.3, 0.1, 0.03}) {
        double eta = Rates.divergence(STEEP, value);
        for (int what = 1; what <= 3; what++) {
          double delta = what == 1 ? 2 * epsilon * epsilon / STEEP : epsilon;
          Scalar f =
              what == 3
                  ? Scalar.quadraticThenExponential(mu, STEEP, 1)
                  : Scalar.runway(STEEP, STEEP, delta);
          // The gradient is 2 epsilon all along the runway, and falls to epsilon below it.
          double gap = what == 1 ? epsilon * epsilon / (2 * STEEP) : epsilon;
          long count = ScalarDescent.iterations(f, f.at(1), g -> eta, gap, Long.MAX_VALUE - 1);
          printed.check(count, Rates.constantPrinted(what, STEEP, value, epsilon, mu));
          corrected.check(
              count, Rates.constantCorrected(what, STEEP, STEEP, value, epsilon, mu, 1));
        }
      }
    }
    claims.add(printed.claim());
    claims.add(corrected.claim());
  }

  private void course(Scalar f, double value) {
    double start = f.at(value);
    Bound bound = f.bound();
    double gap = 1e-6;
    double[] starts = new double[STARTS];
    Arrays.setAll(
        starts, j -> f.at(f.least() + 0.5 * Math.pow(2 * value, (double) j / (STARTS - 1))));
    ScalarDescent.Constant best = ScalarDescent.best(f, starts, gap);
    double first = f.gap(start);
    double[] adaptive =
        ScalarDescent.gaps(f, start, g -> Rates.step(bound, g, f.aiming()), gap, COURSE);
    double[] constant = ScalarDescent.gaps(f, start, g -> best.eta(), gap, COURSE);
    double safe = Rates.step(bound, first, f.aiming());
    double[] safeCourse = ScalarDescent.gaps(f, start, g -> safe, gap, COURSE);
    double[] x = new double[200];
    double[] above = new double[200];
    for (int i = 0; i < x.length; i++) {
      double gapHere = first * Math.pow(gap / first, i / (x.length - 1.0));
      above[i] = gapHere;
      double aiming = Rates.aiming(bound, start, f.aiming(), gapHere);
      double dominated = Rates.both(bound, f.mu(), start, first, gapHere);
      // Theorem 4.3 is about the step (1) itself, not theta times it.
      x[i] = f.mu() > 0 && f.aiming() == 1 ? Math.min(aiming, dominated) : aiming;
      // Further out nothing is drawn.
      x[i] = x[i] > 100 * COURSE ? Double.NaN : x[i];
    }
    courses.add(
        Chart.titled(f.title() + ", from " + String.format(Locale.ROOT, "%,.0f", value))
            .x("iteration")
            .y("f − f*")
            .logX()
            .logY()
            .line(line("step (1)", adaptive, 0))
            .line(line("best constant step", constant, 1))
            .line(line("step (1) of the start, constant", safeCourse, 2))
            .line(Line.dashed("bound for step (1)", x, above, 0))
            .build());
  }

  private static Line line(String name, double[] gaps, int colour) {
    int count = Math.min(300, gaps.length);
    double[] x = new double[count];
    double[] y = new double[count];
    for (int i = 0; i < count; i++) {
      int k = CurvatureRun.at(i, gaps.length - 1, count);
      x[i] = k + 1.0;
      y[i] = gaps[Math.min(k, gaps.length - 1)];
    }
    return Line.solid(name, x, y, colour);
  }

  List<Figure> figures() {
    double[] x = rows.stream().mapToDouble(Row::value).toArray();
    Figure factor =
        new Figure(
            "iterations",
            "The step (1) against the best constant step",
            "Iterations until f − f* ≤ "
                + protocol.gap()
                + " on the steep function of Theorem 4.1’s proof, H₀ = H₁ = 4, from the worst of nine"
                + " starts with values up to M: measured (solid), and what the theorems allow the step (1)"
                + " and ask of a constant step (dashed). Where the dashed lines have crossed, theory says"
                + " that the step (1) wins.",
            "Theorems 4.1 to 4.3",
            List.of(
                Chart.titled("")
                    .x("largest value M at the start")
                    .y("iterations")
                    .logX()
                    .logY()
                    .line(Line.solid("step (1)", x, column(Row::adaptive), 0))
                    .line(
                        Line.solid(
                            "best constant step", x, column(r -> r.constant().iterations()), 1))
                    .line(Line.dashed("allowed to step (1)", x, column(Row::bound), 0))
                    .line(Line.dashed("needed by a constant step", x, column(Row::needs), 1))
                    .build()));
    Figure courseFigure =
        new Figure(
            "descent",
            "Courses of descent on functions of the class",
            "From a value of 10,000 down to a gap of 10⁻⁶, iteration 0 drawn at 1: the step (1), the"
                + " constant step that is best in the worst of nine starts, the step (1) of the start kept"
                + " constant, and the theorems’ bound for the step (1).",
            "",
            courses);
    return List.of(factor, courseFigure);
  }

  private double[] column(ToDoubleFunction<Row> value) {
    return rows.stream().mapToDouble(value).toArray();
  }

  void metrics(StudyResult.Builder result) {
    for (Row row : rows) {
      String from = String.format(Locale.ROOT, " from 1e%.0f", Math.log10(row.value()));
      result.metric("iterations, step (1)" + from, row.adaptive());
      result.metric("iterations, best constant" + from, row.constant().iterations());
      result.metric("factor" + from, row.factor());
    }
    result.metric("nu", Arithmetic.NU);
    result.metric("nuPrinted", Arithmetic.NU_PRINTED);
  }

  void prose(StudyResult.Builder result) {
    if (rows.isEmpty()) {
      return;
    }
    StringBuilder text =
        new StringBuilder(
            "Iterations of the best constant step over those of the step (1), on the steep function: ");
    for (Row row : rows) {
      text.append(
          String.format(
              Locale.ROOT,
              "%s from M = %,.0f (%,d and %,d), ",
              Numbers.fixed(row.factor(), row.factor() < 10 ? 2 : 0),
              row.value(),
              row.constant().iterations(),
              row.adaptive()));
    }
    text.setLength(text.length() - 2);
    result.prose(
        text.append(
                ". From small values the best constant step is the faster one: the factors 10 and 20 of"
                    + " (1) are safe, not sharp.")
            .toString());
  }
}
