package dev.evolute.app.study.warmup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.app.report.Claim;
import dev.evolute.app.study.Progress;
import dev.evolute.kernels.Device;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConvergenceTest {
  private static final List<Scalar> ALL =
      List.of(
          Scalar.exponential(3),
          Scalar.runway(2, 3, 0.2),
          Scalar.runway(9, 2, 0.9),
          Scalar.quadraticThenExponential(0.5, 2, 1),
          Scalar.quadraticThenExponential(4, 1, 3),
          Scalar.cosh(),
          Scalar.quartic(),
          Scalar.expLinear(),
          Scalar.parabola(3),
          Scalar.wavy(),
          Scalar.exponential(2).moved(0.7, 1.3, -4));

  @Test
  void functionsHaveTheirDerivativesMinimumAndConstants() {
    double h = 1e-6;
    for (Scalar f : ALL) {
      assertEquals(0, f.gap(0), 1e-15, f.title());
      double[] kinks = new double[2];
      for (int k = -397; k <= 397; k++) {
        double w = 0.0151 * k;
        double slope = (f.gap(w + h) - f.gap(w - h)) / (2 * h);
        double size = 1 + Math.abs(f.slope(w));
        assertEquals(slope, f.slope(w), 1e-6 * size, f.title() + " at " + w);
        double curvature = (f.slope(w + h) - f.slope(w - h)) / (2 * h);
        boolean smooth = Math.abs(f.curvature(w + h) - f.curvature(w - h)) < 1e-2 * size;
        if (smooth) {
          assertEquals(curvature, f.curvature(w), 1e-5 * size, f.title() + " at " + w);
        } else {
          kinks[0]++;
        }
        assertTrue(
            f.bound().at(f.gap(w)) * (1 + 1e-12) >= Math.abs(f.curvature(w)),
            f.title() + " at " + w);
        assertTrue(
            w * f.slope(w) >= f.aiming() * f.gap(w) * (1 - 1e-9) - 1e-15, "aiming " + f.title());
        assertTrue(
            f.slope(w) * f.slope(w) >= 2 * f.mu() * f.gap(w) * (1 - 1e-9) - 1e-15,
            "PL " + f.title());
      }
      assertTrue(kinks[0] <= 8, f.title());
      assertEquals(7, f.value().applyAsDouble(f.at(7)), 1e-9, f.title());
    }
    Scalar wavy = Scalar.wavy();
    assertTrue(wavy.curvature(Math.PI / 2) < 0 && wavy.aiming() < 0.9, "not convex");
  }

  /** Counts known from another program: H1, M, the step (52), iterations to a gap of 1e-4. */
  @Test
  void countsOnTheSteepFunction() {
    double[][] known = {
      {4, 100, 0.02803, 138, 10_493, 6.28e6},
      {4, 1e4, 5.105e-4, 230, 1_051_693, 2.09e7},
      {1, 1e3, 0.01582, 184, 105_147, 1.25e7}
    };
    for (double[] row : known) {
      Scalar f = Scalar.exponential(row[0]);
      double start = f.at(row[1]);
      assertEquals((Math.log(row[1]) + 1) / Math.sqrt(row[0]), start, 1e-12);
      assertEquals(row[2], Rates.divergence(row[0], row[1]), 1e-3 * row[2]);
      long count =
          ScalarDescent.iterations(
              f, start, g -> Rates.step(f.bound(), g, 1), 1e-4, Long.MAX_VALUE - 1);
      assertEquals(row[3], count);
      double safe = Rates.step(f.bound(), f.gap(start), 1);
      assertEquals(row[4], ScalarDescent.iterations(f, start, g -> safe, 1e-4, Long.MAX_VALUE - 1));
      assertEquals(row[5], Rates.aiming(f.bound(), start, 1, 1e-4), 5e-3 * row[5]);
    }
  }

  @Test
  void bestConstantStepOfAParabolaIsItsInverseCurvature() {
    ScalarDescent.Constant best =
        ScalarDescent.best(Scalar.parabola(3), new double[] {1, 5, 20}, 1e-8);
    // Within the grid around 1/3 two steps suffice for a gap of 1e-8 only close to it.
    assertEquals(1.0 / 3, best.eta(), 0.03);
    assertTrue(best.iterations() <= 7, best.toString());
  }

  /** Iterations of a constant step on the quadratic part, from their closed form. */
  @Test
  void neededIterationsAreThoseOfTheQuadraticPart() {
    double h1 = 4;
    double m = 1e4;
    double eta = Rates.divergence(h1, m);
    Scalar f = Scalar.exponential(h1);
    long count = ScalarDescent.iterations(f, 1 / Math.sqrt(h1), g -> eta, 1e-4, Long.MAX_VALUE - 1);
    assertEquals(count, Math.ceil(Rates.constantNeeds(h1, m, 1e-4)), 1);
  }

  @Test
  void ratesAreTheTheorems() {
    Bound bound = new Bound(3, 2);
    assertEquals(0.5 / (30 + 40 * 5), Rates.step(bound, 5, 0.5), 1e-15);
    assertEquals((60 * 4 / 0.1 + 80 * 4) / 0.25, Rates.aiming(bound, 2, 0.5, 0.1), 1e-9);
    assertEquals(1 - 0.125 / (80 * 2 * 4), Rates.linear(bound, 2, 0.5), 1e-15);
    // D0 = 5 above the turn 3/4: 80 * 5 / mu - 60 / mu, then 60 / mu log(0.75 / 0.1).
    double mu = 0.5;
    assertEquals(
        (400 - 60 + 60 * Math.log(7.5)) / mu, Rates.gradientDominated(bound, mu, 5, 0.1), 1e-9);
    assertEquals(60 / mu * Math.log(5), Rates.gradientDominated(bound, mu, 0.5, 0.1), 1e-9);
    // K = 6 with 10 H1 D0 (K-1)(K-2) / (K^2 (10 H0 + 20 H1 D0)) = 2000 / (36 * 230).
    assertEquals(
        20 * (3 + 20) * 5 / 6.0 / (1 + 2000 / (36 * 230.0)), Rates.stationary(bound, 5, 6), 1e-9);
    assertEquals(60 * 4 / 100.0, Rates.stochastic(bound, 2, 1, 99), 1e-12);
    assertEquals(40 * 7 * 2 * 4 / 100.0, Rates.failures(bound, 2, 7, 99, false), 1e-12);
    assertEquals(40 * 7 * 3 * 4 / 100.0, Rates.failures(bound, 2, 7, 99, true), 1e-12);
  }

  @Test
  void rootsOfNu() {
    assertEquals(0.5671432904097838, Arithmetic.NU, 1e-15);
    assertEquals(0.6529186404192047, Arithmetic.NU_PRINTED, 1e-15);
    Bound bound = Arithmetic.ofGradientSmooth(2, 3, 0.5);
    assertEquals(new Bound(2 + 12, (36 + 1.5) / 1), bound);
  }

  /** A sum whose (H0, H1) can be told at sight, minima above and below zero. */
  @Test
  void sumsAsPrintedFailBelowZeroOnly() {
    Scalar f = Scalar.parabola(1).moved(1, 1, -10);
    Scalar g = Scalar.cosh();
    // h* = -10 + 1 at 0; H1 = 1; f' bound is (1, 0).
    assertEquals(new Bound(1 + 1 - 9 - 1, 1), Arithmetic.ofSum(f, g, -9, true));
    assertEquals(new Bound(1 + 1 - 9 + 10 - 1, 1), Arithmetic.ofSum(f, g, -9, false));
  }

  @Test
  void fresnelIntegralOfTheSum() {
    // S(infinity) = sqrt(pi / 8) each.
    assertEquals(2 * 0.3102683017, Counterexamples.sineIntegral(1), 1e-7);
    assertEquals(-Counterexamples.sineIntegral(2), Counterexamples.sineIntegral(-2), 1e-12);
  }

  /** Descent's drift is of first order in the step, the fourth-order method's far smaller. */
  @Test
  void driftFromBalanceIsThatOfTheSteps() {
    try (Device device = Device.open("cpu", 1)) {
      double[][] runs = Balancedness.run(device, Protocol.linear(2, 3, 4, 3));
      int last = Balancedness.POINTS - 1;
      assertEquals(0.5, runs[2][last] / runs[1][last], 0.05);
      assertEquals(0.5, runs[3][last] / runs[2][last], 0.03);
      assertEquals(1.0 / 16, runs[5][last] / runs[4][last], 0.03);
      assertTrue(runs[4][last] < 0.02 * runs[1][last]);
    }
  }

  /** Theorem 4.4's quantities against sums over all iterates of a single run. */
  @Test
  void meansOfStochasticRunsAreMeans() {
    Interpolation sum = new Interpolation(0.5, 400, 9);
    double[][] one = sum.means(Double.NaN, 1, Progress.silent());
    double[][] two = sum.means(Double.NaN, 2, Progress.silent());
    assertEquals(0.5, sum.bound.h0() / sum.bound.h1(), 1e-15);
    assertEquals(1, two[2][0], 0, "starts are above the cut");
    assertTrue(one[0][0] > sum.cut() && one[1][0] == sum.cut());
    for (int p = 1; p < Interpolation.POINTS; p++) {
      assertTrue(two[1][p] <= sum.cut() * (1 + 1e-12) && two[2][p] <= 1);
    }
    assertEquals(399, sum.at(Interpolation.POINTS - 1));
  }

  @Test
  void everyLemmaHoldsAlongDescent() {
    ScalarDescent descent = new ScalarDescent();
    for (Scalar f : List.of(Scalar.exponential(2), Scalar.wavy(), Scalar.runway(1, 2, 0.1))) {
      descent.check(f, f.at(500), 1e-3);
    }
    for (Claim claim : descent.claims()) {
      assertTrue(
          claim.holds() || claim.paper().contains("4.3") && claim.checked() > 0, claim.name());
    }
  }
}
