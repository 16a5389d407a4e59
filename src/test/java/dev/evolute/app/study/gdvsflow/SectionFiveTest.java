package dev.evolute.app.study.gdvsflow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The problem of section 5: closed form, three numbers for all weights, constants. */
class SectionFiveTest {
  @Test
  void closedFormAtKnownTimes() {
    ClosedFlow flow = new ClosedFlow(3, 0.2, 0);
    double[] norms = {0.2138505600, 0.3620400961, 0.8374213444};
    double[] cosines = {0.4621171573, 0.7615941560, 0.9640275801};
    double[] times = {0.5, 1, 2};
    for (int i = 0; i < 3; i++) {
      assertEquals(norms[i], flow.norm(times[i]), 1e-10);
      assertEquals(cosines[i], flow.nu(times[i]), 1e-10);
    }
    assertEquals(2.667645, flow.whenGap(0.01), 1e-6);
    assertEquals(3.515817, flow.time(flow.whenGap(0.01)), 1e-6);
  }

  @ParameterizedTest
  @CsvSource({
    "3, 0, 2.8270431468, 0.9425723058",
    "3, -0.9, 6.7971760226, 0.2683325338",
    "4, 0, 3.2729539670, 0.9750997726"
  })
  void timesOfTheFlowAndNormsOfLayers(int depth, double cosine, double time, double layer) {
    ClosedFlow flow = new ClosedFlow(depth, 0.2, cosine);
    assertEquals(time, flow.time(2), 1e-9);
    assertEquals(layer, flow.weights(2).s(), 1e-10);
    assertEquals(2, flow.when(new double[] {time / 3, time})[1], 1e-9);
  }

  @Test
  void closedFormSolvesItsDifferentialEquations() {
    for (int n = 2; n <= 6; n++) {
      ClosedFlow flow = new ClosedFlow(n, 0.05, -0.6);
      for (double t : new double[] {0.1, 1, 3}) {
        double h = 1e-5;
        // Lemma 40: ||u||' = n ||u|| (nu - ||u||).
        double slope = (flow.norm(t + h) - flow.norm(t - h)) / (2 * h);
        assertEquals(n * flow.norm(t) * (flow.nu(t) - flow.norm(t)), slope, 1e-8);
        double d = flow.norm(t) * flow.nu(t) - 1;
        double q = flow.norm(t) * flow.sine(t);
        assertEquals((d * d + q * q) / 2, flow.gap(t), 1e-14);
      }
      assertEquals(0.05, flow.norm(0), 1e-16);
      assertEquals(1, flow.norm(400), 1e-15);
    }
  }

  @Test
  void constantsOfTheorems() {
    SectionFive problem = SectionFive.of(3, 0.2, 0);
    assertEquals(944.472495, problem.time(0.01), 1e-6);
    assertEquals(1.216493e-23, problem.step(0.02), 1e-29);
    assertEquals(7.764e25, problem.iterations(0.02), 1e22);
    assertEquals(15.416100, problem.integral(0, 0.1), 1e-6);
    assertEquals(6834.375, problem.integral(10, 0.1) - problem.integral(0, 0.1), 1e-9);
    // (71) by hand at the start: 2 (sqrt(1.04) + 0.6) (0.8)^(1/3).
    assertEquals(2 * (Math.sqrt(1.04) + 0.6) * Math.cbrt(0.8), problem.m(0, 0.1), 1e-12);
    // r = 3: R_1 = 3, R_2 = 4.5, R_3 = max(3, 3.5 / 0.5) = 7.
    SectionFive turned = SectionFive.of(2, 0.1, -0.5);
    assertEquals(4 * 4.5 * 4.5 / 0.1 * Math.log(90 / (0.1 * 0.02)), turned.time(0.01), 1e-6);
    double l = Math.log(46 * 7 / (0.1 * 0.01));
    assertEquals(
        1,
        Math.exp(30)
            * Math.pow(7, 13)
            * Math.pow(2, 15)
            * l
            * l
            * turned.allowedImbalance(0.01)
            / (1e-8 * 1e-4),
        1e-12);
    assertEquals(
        1,
        Math.pow(2, 8.5)
            * Math.exp(24)
            * Math.pow(7, 8.5)
            * l
            * l
            * turned.stepUnbalanced(0.01)
            / (1e-5 * 0.01),
        1e-12);
    assertEquals(
        6 * 10.5 * 10.5 / (0.1 * turned.stepUnbalanced(0.01)) * l,
        turned.iterationsUnbalanced(0.01),
        1e-9 * turned.iterationsUnbalanced(0.01));
  }

  /** All weights of three numbers, with two inputs along lambda and e, and hidden width 2. */
  private static Chain weights(RankOne three) {
    List<DMatrixRMaj> weights = new ArrayList<>();
    weights.add(new DMatrixRMaj(new double[][] {{three.p(), three.q()}, {0, 0}}));
    for (int j = 2; j < three.depth(); j++) {
      weights.add(new DMatrixRMaj(new double[][] {{three.s(), 0}, {0, 0}}));
    }
    weights.add(new DMatrixRMaj(new double[][] {{three.s(), 0}}));
    return new Chain(weights);
  }

  private static DMatrixRMaj slope(Chain chain) {
    DMatrixRMaj lambda = new DMatrixRMaj(new double[][] {{1, 0}});
    return CommonOps_DDRM.subtract(chain.endToEnd(), lambda, null);
  }

  @Test
  void threeNumbersDescendAsAllWeights() {
    for (int n = 2; n <= 5; n++) {
      RankOne three = new ClosedFlow(n, 0.2, -0.3).weights(0);
      double[] theta = weights(three).theta();
      assertEquals(0, three.imbalance(), 1e-15);
      for (int k = 0; k < 30; k++) {
        Chain chain = weights(three).with(theta);
        double[] gradient = chain.gradient(slope(chain)).theta();
        for (int i = 0; i < theta.length; i++) {
          theta[i] -= 0.1 * gradient[i];
        }
        three = three.step(0.1);
      }
      assertEquals(0, Trajectory.distance(theta, weights(three).theta()), 1e-13);
      RankOne other = new RankOne(n, 0.1, 0.7, -0.2);
      double distance = Trajectory.distance(weights(other).theta(), weights(three).theta());
      assertEquals(distance, three.distance(other), 1e-13);
      DMatrixRMaj left = slope(weights(three));
      assertEquals(Chain.inner(left, left) / 2, three.gap(), 1e-14);
    }
  }

  @Test
  void boundOfTheoremThreeSolvesItsEquation() {
    // E' = 1 + m E with the m of the problem, by Euler's method with small steps.
    SectionFive problem = SectionFive.of(3, 0.2, 0);
    double end = 2;
    int steps = 20_000;
    double t = 0;
    double e = 0;
    double mu = 0;
    for (int k = 0; k < steps; k++) {
      double h = end / steps;
      double m = problem.m(t, 0.01);
      e += h * (1 + m * e);
      mu += h * m;
      t += h * Math.cbrt(problem.flow().norm(t));
    }
    double[] found = Following.alongTube(problem, end, 0.01);
    assertEquals(mu, found[0], 1e-3 * mu);
    assertEquals(e, found[1], 1e-3 * e);
    assertEquals(found[0], Following.integralOfM(problem, end, 0.01), 1e-8);
  }

  @Test
  void distanceToTheFlowIsOfFirstOrder() {
    ClosedFlow flow = new ClosedFlow(3, 0.2, 0);
    double coarse = Following.distance(flow, 4, 400);
    double fine = Following.distance(flow, 4, 4000);
    assertEquals(10, coarse / fine, 0.2);
    assertTrue(Double.isInfinite(Following.distance(flow, 4000, 10)));
  }

  @Test
  void iterationsUntilTheGap() {
    RankOne start = new ClosedFlow(3, 0.2, 0).weights(0);
    long k = Convergence.iterations(start, 0.01, 0.01);
    assertEquals(3.515817 / 0.01, k, 5);
    assertEquals(-1, Convergence.iterations(start, 50, 0.01));
  }
}
