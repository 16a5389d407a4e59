package dev.evolute.app.study.gdvsflow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.app.data.Dataset;
import dev.evolute.autodiff.nn.DeepLinear;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.NormOps_DDRM;
import org.junit.jupiter.api.Test;

/** Formulas of deep linear networks, bounds and constructions against what is known otherwise. */
class DeepLinearTheoryTest {
  private static DMatrixRMaj random(Random random, int rows, int cols) {
    return new DMatrixRMaj(rows, cols, true, random.doubles(rows * cols, -1, 1).toArray());
  }

  private static Chain chain(Random random, int... widths) {
    List<DMatrixRMaj> weights = new ArrayList<>();
    for (int j = 1; j < widths.length; j++) {
      weights.add(random(random, widths[j], widths[j - 1]));
    }
    return new Chain(weights);
  }

  private static double loss(Chain chain, DMatrixRMaj lambda) {
    DMatrixRMaj d = CommonOps_DDRM.subtract(chain.endToEnd(), lambda, null);
    return Chain.inner(d, d) / 2;
  }

  private static double along(Chain chain, double[] u, double s, DMatrixRMaj lambda) {
    double[] theta = chain.theta();
    for (int i = 0; i < theta.length; i++) {
      theta[i] += s * u[i];
    }
    return loss(chain.with(theta), lambda);
  }

  @Test
  void gradientAndSecondOrderFormAreDerivatives() {
    Random random = new Random(2);
    Chain chain = chain(random, 4, 3, 5, 2, 3);
    DMatrixRMaj lambda = random(random, 3, 4);
    double[] u = random.doubles(chain.theta().length, -1, 1).toArray();
    DMatrixRMaj slope = CommonOps_DDRM.subtract(chain.endToEnd(), lambda, null);
    double[] gradient = chain.gradient(slope).theta();
    double first = 0;
    for (int i = 0; i < u.length; i++) {
      first += gradient[i] * u[i];
    }
    double h = 1e-4;
    double plus = along(chain, u, h, lambda);
    double minus = along(chain, u, -h, lambda);
    assertEquals((plus - minus) / (2 * h), first, 1e-6 * Math.abs(first));
    double second = (plus - 2 * loss(chain, lambda) + minus) / (h * h);
    assertEquals(second, chain.secondOrder(chain.with(u), slope), 1e-5 * Math.abs(second));
  }

  @Test
  void secondOrderFormOfScalarChains() {
    // f = (w_1 w_2 w_3 - y)^2 / 2 at ones: H_jj = 1, H_jk = 2 - y.
    Chain chain = new Chain(List.of(one(1), one(1), one(1)));
    for (double y : new double[] {0, 1, 2, 3}) {
      double even = chain.secondOrder(new Chain(List.of(one(1), one(1), one(1))), one(1 - y));
      assertEquals(3 + 6 * (2 - y), even, 1e-14);
      double odd = chain.secondOrder(new Chain(List.of(one(1), one(-1), one(0))), one(1 - y));
      assertEquals(2 - 2 * (2 - y), odd, 1e-14);
    }
  }

  private static DMatrixRMaj one(double value) {
    return new DMatrixRMaj(new double[][] {{value}});
  }

  @Test
  void powersBelongTogether() {
    Random random = new Random(3);
    DMatrixRMaj w = random(random, 3, 5);
    DMatrixRMaj gram = CommonOps_DDRM.multTransB(w, w, null);
    DMatrixRMaj third = Powers.of(gram, 1.0 / 3);
    DMatrixRMaj cube = CommonOps_DDRM.mult(CommonOps_DDRM.mult(third, third, null), third, null);
    assertEquals(0, NormOps_DDRM.normF(CommonOps_DDRM.subtract(cube, gram, null)), 1e-13);
    Powers.Sides sides = Powers.Sides.of(w);
    assertEquals(
        0, NormOps_DDRM.normF(CommonOps_DDRM.subtract(sides.left(1.0 / 3), third, null)), 1e-13);
    DMatrixRMaj root = sides.right(0.5);
    assertEquals(
        0,
        NormOps_DDRM.normF(
            CommonOps_DDRM.subtract(
                CommonOps_DDRM.mult(root, root, null),
                CommonOps_DDRM.multTransA(w, w, null),
                null)),
        1e-13);
    DMatrixRMaj q = Powers.polar(w);
    DMatrixRMaj p = CommonOps_DDRM.multTransB(w, q, null);
    DMatrixRMaj half = Powers.of(gram, 0.5);
    assertEquals(0, NormOps_DDRM.normF(CommonOps_DDRM.subtract(p, half, null)), 1e-13);
    assertEquals(Powers.spectral(w), Math.sqrt(Powers.spectral(gram)), 1e-13);
    DMatrixRMaj indefinite = new DMatrixRMaj(new double[][] {{1, 0}, {0, -3}});
    assertEquals(4, Powers.nuclear(indefinite), 1e-14);
  }

  @Test
  void endToEndDynamicsOfDepthTwoByTheProductRule() {
    // Balanced: W_1 = S^(1/2) V^T, W_2 = U S^(1/2). (W_2 W_1)' = -(W_2 W_2^T G + G W_1^T W_1).
    Random random = new Random(4);
    DMatrixRMaj w = random(random, 3, 5);
    DMatrixRMaj lambda = random(random, 3, 5);
    Powers.Sides sides = Powers.Sides.of(w);
    DMatrixRMaj g = CommonOps_DDRM.subtract(w, lambda, null);
    DMatrixRMaj expected = CommonOps_DDRM.mult(sides.left(0.5), g, null);
    CommonOps_DDRM.multAdd(g, sides.right(0.5), expected);
    CommonOps_DDRM.changeSign(expected);
    assertEquals(0, Trajectory.distance(expected.data, EndToEnd.matrix(w.data, lambda, 2)), 1e-13);
  }

  @Test
  void rebalancedChainsAreBalancedAndKeepTheLastLayer() {
    Chain chain = chain(new Random(5), 4, 4, 4, 2);
    Chain hat = ApproximateBalance.rebalanced(chain);
    assertEquals(0, ApproximateBalance.imbalance(hat), 1e-7);
    assertEquals(chain.layer(3).data[1], hat.layer(3).data[1]);
    assertTrue(ApproximateBalance.imbalance(chain) > 0.1);
  }

  @Test
  void corollaryFourByHand() {
    // c = 1 / (sqrt(2 beta^3 f) + beta^2 eps).
    double c = 1 / (Math.sqrt(2 * 8 * 3) + 4 * 0.1);
    assertEquals(c * 0.1 * 2, SmoothSteps.allowed(3, 2, -2, 0.1, 5), 1e-15);
    assertEquals(c * 0.1 / 5, SmoothSteps.allowed(3, 2, 0, 0.1, 5), 1e-15);
    assertEquals(c * 0.1 * 2 / (Math.exp(10) - 1), SmoothSteps.allowed(3, 2, 2, 0.1, 5), 1e-18);
  }

  @Test
  void boundOnEulersErrorWithConstantCurvature() {
    double[] time = {0, 1, 2.5};
    double[] m = {0.7, 0.7, 0.7};
    double[] delta = {0.2, 0.2, 0.2};
    EulerBound.Estimate e = EulerBound.estimate(time, m, delta);
    assertEquals(0.7 * 2.5, e.exponent()[2], 1e-12);
    assertEquals(0.2 * Math.expm1(0.7 * 2.5) / 0.7, e.bound()[2], 1e-5);
  }

  @Test
  void hillsOfTheWorstCaseAreTheirDerivatives() {
    for (WorstCase.Hill hill :
        List.of(WorstCase.Hill.phi(2, 4), WorstCase.Hill.phiBar(2, 5, 0.2))) {
      for (double z : new double[] {-6.3, -5.2, -2.9, -1, 0.3, 0.9, 2, 4.5, 5.6, 7}) {
        double h = 1e-5;
        double slope = (hill.at(z + h)[0] - hill.at(z - h)[0]) / (2 * h);
        assertEquals(slope, hill.at(z)[1], 1e-6, "slope at " + z);
        double second = (hill.at(z + h)[1] - hill.at(z - h)[1]) / (2 * h);
        assertEquals(second, hill.at(z)[2], 1e-5, "curvature at " + z);
      }
      assertEquals(0, hill.at(20)[0]);
    }
  }

  @Test
  void descentOfTheWorstCaseAgreesWithItsIterates() {
    // Plain iterates of both coordinates, with a transition that is wide enough to matter.
    double rho = 0.3;
    double above = 0.2;
    WorstCase.Course course = new WorstCase.Course(rho, above);
    WorstCase.Hill hill = WorstCase.Hill.phiBar(1, 1000, rho);
    double eta = 1e-3;
    double q1 = 0.75;
    double q2 = above - 1;
    while (q2 <= 1) {
      q2 -= eta * hill.at(q2)[1];
      q1 += eta * q1;
    }
    double time = course.turn + 3;
    double ratio = q2 / q1;
    double expected =
        Math.abs(ratio * 0.75 * Math.exp(time) - course.flowAt(time))
            / Math.sqrt(1 + ratio * ratio);
    assertEquals(expected, course.apart(eta, time), 1e-8);
    double[] flow =
        GradientFlow.advance(q -> new double[] {-hill.at(q[0])[1]}, new double[] {above - 1}, time);
    assertEquals(flow[0], course.flowAt(time), 1e-6 * flow[0]);
  }

  @Test
  void stepsOfTheWorstCaseFallExponentially() {
    WorstCase worst = new WorstCase();
    worst.measure();
    assertEquals(-1, worst.slope(0.01), 0.1);
    assertTrue(worst.claims().stream().allMatch(c -> c.holds()));
  }

  @Test
  void whitenedDigitsHaveUnitMomentAndTarget() {
    byte[] pixels = new byte[60 * 36];
    byte[] labels = new byte[60];
    new Random(6).nextBytes(pixels);
    for (int i = 0; i < 60; i++) {
      labels[i] = (byte) (i % 3);
    }
    Whitened white =
        Whitened.of(
            new Dataset("tiny", false, "train", 6, 6, 3, pixels, labels, "", 0.5, 0.3, new int[0]));
    DMatrixRMaj x = DMatrixRMaj.wrap(60, white.inputs(), white.x());
    DMatrixRMaj moment = CommonOps_DDRM.multTransA(x, x, null);
    CommonOps_DDRM.scale(1.0 / 60, moment);
    CommonOps_DDRM.subtractEquals(moment, CommonOps_DDRM.identity(white.inputs()));
    assertEquals(0, NormOps_DDRM.normF(moment), 1e-12);
    assertEquals(1, Curvature.norm(white.target(white.parity(), 1)), 1e-13);
    assertEquals(60, Arrays.stream(white.oneHot(3)).sum());
  }

  @Test
  void largestStepIsFoundByDoublingAndBisection() {
    // The error is the step, so the answer is the limit, to the fineness asked for.
    assertEquals(0.01, LargestStep.within(10, k -> 10.0 / k, 0.01, 1000), 2e-5);
    assertEquals(10, LargestStep.within(10, k -> 0, 0.01, 1000));
  }

  @Test
  void balanceOfChainsByHand() {
    DeepLinear scalar = DeepLinear.of(1, 1, 1, 1);
    double[] theta = {2, 3, 5};
    assertArrayEquals(new double[] {5, 16}, Balance.matrices(scalar, theta));
    assertArrayEquals(new double[] {5, 16}, Balance.norms(scalar, theta));
    DeepLinear wide = DeepLinear.of(2, 2, 1);
    double[] weights = {1, 2, 3, 4, 5, 6};
    // W_2^T W_2 - W_1 W_1^T.
    assertArrayEquals(
        new double[] {25 - 5, 30 - 11, 30 - 11, 36 - 25}, Balance.matrices(wide, weights));
    assertArrayEquals(new double[] {61 - 30}, Balance.norms(wide, weights));
    assertEquals(0, Balance.of(Network.CONV, wide, weights).length);
  }
}
