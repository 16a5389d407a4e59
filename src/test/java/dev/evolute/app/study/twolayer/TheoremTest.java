package dev.evolute.app.study.twolayer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.ejml.simple.SimpleMatrix;
import org.junit.jupiter.api.Test;

/** Table 2, Theorem E.1 and the step rules against their definitions. */
class TheoremTest {
  private static final Problem ONE = Problem.squared(1, 1, 1, new double[] {1}, new double[] {1});

  /** x1 = 2, x2 = 1, W* = 1 and K = mu = 1. */
  private static Constants scalar() {
    return Constants.of(ONE, 0.5, new double[] {4, 2, 2, 1}, 1);
  }

  @Test
  void scalarCaseHasItsClosedForm() {
    Constants at = scalar();
    assertEquals(3, at.delta(), 1e-12);
    assertEquals(0, at.beta1(), 1e-12);
    assertEquals(2, at.beta2(), 1e-12);
    assertEquals(3, at.alpha1(), 1e-7);
    assertEquals(6, at.alpha2(), 1e-7);
    assertEquals(5, at.sigmaMin2(), 1e-12);
    assertEquals(5, at.sigmaMax2(), 1e-12);
  }

  @Test
  void largestFirstStepIsThatOfTheGoldenScalar() {
    Theorem paper = Theorem.of(scalar(), 0.5, 2);
    assertEquals(0.0886686850, paper.eta1(), 1e-8);
    assertEquals(0.0497930445, paper.eta3(), 1e-8);
    assertEquals(0.0411366546, paper.eta2(), 1e-9);
    assertEquals(0.99 * paper.eta2(), paper.eta0(), 1e-15);
    assertEquals(0.0295746317, Theorem.of(scalar(), 0.5, 1.01).eta2(), 1e-9);
  }

  @Test
  void implicitStepIsThatOfTheGoldenScalar() {
    Local local = new Local(1, 1, 0.5, 1, 5, 5, 5, 2, 2);
    double eta = local.inverse();
    assertEquals(0.1253891477, eta, 1e-10);
    assertEquals(7.9751718448, local.k(eta), 1e-8);
    assertTrue(eta * local.k(eta) <= 1);
    assertEquals(0.1865271309, local.loss() * local.rho(eta), 1e-9);
  }

  @Test
  void boundsStartWhereTheFirstRootPutsThem() {
    Theorem theorem = Theorem.of(scalar(), 0.5, 2);
    assertTrue(theorem.eta0() * theorem.kBar(0) < 1);
    assertTrue(theorem.muBar() > 0 && theorem.rhoBar() < 1 && theorem.rhoBar() > 0);
    assertTrue(theorem.growth() * theorem.rhoBar() < 1);
    for (int t = 0; t < 100; t++) {
      assertTrue(theorem.kBar(t + 1) < theorem.kBar(t));
    }
  }

  @Test
  void aSmallMuAlphaFallsBackToSquareGrowth() {
    Problem flat = Problem.squared(1, 1, 1, new double[] {0.1}, new double[] {0.1});
    Constants at = Constants.of(flat, 0.005, new double[] {4, 2, 2, 1}, 1);
    assertEquals(2, Theorem.of(at, 0.5, 1.01).d());
    Constants none = Constants.of(ONE, 0.5, new double[] {0, 0, 0, 0}, 1);
    assertTrue(
        assertThrows(IllegalStateException.class, () -> Theorem.of(none, 0.5, 2))
            .getMessage()
            .contains("alpha_1"));
  }

  /** T as a matrix and D as it is, where the code reads both from the Gram matrix. */
  @Test
  void constantsAreThoseOfTheWeightsThemselves() {
    Random random = new Random(5);
    for (int[] shape : new int[][] {{3, 3, 8}, {2, 3, 3}, {4, 2, 10}, {3, 2, 4}, {2, 2, 2}}) {
      int n = shape[0];
      int m = shape[1];
      int h = shape[2];
      SimpleMatrix w1 = SimpleMatrix.random_DDRM(n, h, -1, 1, random);
      SimpleMatrix w2 = SimpleMatrix.random_DDRM(m, h, -1, 1, random);
      SimpleMatrix b = w1.combine(n, 0, w2);
      SimpleMatrix target =
          w1.mult(w2.transpose()).plus(SimpleMatrix.random_DDRM(n, m, -0.1, 0.1, random));
      SimpleMatrix identity = SimpleMatrix.identity(n);
      Problem problem = Problem.squared(n, n, m, identity.getDDRM().data, target.getDDRM().data);
      Constants at = Constants.of(problem, 1, b.mult(b.transpose()).getDDRM().data, h);

      SimpleMatrix t = new SimpleMatrix((n + m) * h, n * m);
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < m; j++) {
          SimpleMatrix u = new SimpleMatrix(n, m);
          u.set(i, j, 1);
          SimpleMatrix image = u.mult(w2).combine(n, 0, u.transpose().mult(w1));
          for (int k = 0; k < (n + m) * h; k++) {
            t.set(k, i * m + j, image.get(k));
          }
        }
      }
      double[] sigma = t.svd().getSingularValues();
      assertEquals(sigma[0] * sigma[0], at.sigmaMax2(), 1e-9);
      // With h < n or m a side has no n-th singular value; T has none then either.
      assertEquals(Math.pow(sigma[n * m - 1], 2), at.sigmaMin2(), 1e-9);

      double[] d =
          Dense.eigenvalues(
              h, w1.transpose().mult(w1).minus(w2.transpose().mult(w2)).getDDRM().data);
      double p = n <= h ? Math.max(0, d[h - n]) : 0;
      double r = m <= h ? Math.max(0, -d[m - 1]) : 0;
      assertEquals(Math.max(0, d[h - 1]), at.lambdaPlus(), 1e-9);
      assertEquals(Math.max(0, -d[0]), at.lambdaMinus(), 1e-9);
      assertEquals(p + r, at.delta(), 1e-9);
      assertTrue(at.alpha1() <= at.sigmaMin2() + 1e-9, at.toString());
      assertTrue(at.alpha2() >= at.sigmaMax2() - 1e-9, at.toString());
    }
  }

  @Test
  void printedAlphaIsRightWhereBothSidesAreAlike() {
    Random random = new Random(6);
    SimpleMatrix b = SimpleMatrix.random_DDRM(6, 9, -1, 1, random);
    double[] gram = b.mult(b.transpose()).getDDRM().data;
    double[] target = Constants.block(gram, 6, 0, 3, 3, 3);
    target[0] += 0.01;
    Problem problem = Problem.squared(3, 3, 3, SimpleMatrix.identity(3).getDDRM().data, target);
    Constants at = Constants.of(problem, 1, gram, 9);
    assertEquals(at.alpha1Printed(), at.alpha1(), 1e-12);
  }

  @Test
  void xuStepMinimisesItsBound() {
    Theorem theorem = Theorem.of(scalar(), 0.5, 2);
    Local local = new Local(1.3, 0.7, 0.5, 0.8, 5, 2.5, 4, 1, 2);
    double eta = Rule.XU_LOCAL.step(0, theorem, local, null);
    for (double other : new double[] {0.9 * eta, 0.99 * eta, 1.01 * eta, 1.1 * eta}) {
      assertTrue(rhoXu(local, eta) < rhoXu(local, other));
    }
  }

  /** (62) to (64). */
  private static double rhoXu(Local at, double eta) {
    double k = at.smoothness();
    double mu = at.convexity();
    double s = at.sigmaMax2();
    double wg = at.wMax() * at.outer();
    return 1
        - 2 * eta * mu * at.sigmaMin2()
        + k * mu * eta * eta * s * s
        + 2 * eta * eta * mu * wg
        + 2 * Math.pow(eta, 3) * mu * k * s * wg
        + Math.pow(eta, 4) * mu * k * wg * wg;
  }

  @Test
  void kOverNeedsTheFactorFour() {
    assertEquals(2, PrintedForms.kOver(1, 1, 4), 1e-12);
    assertEquals(1, PrintedForms.kOver(0, 0, 4), 1e-12);
    assertEquals(0.5, PrintedForms.kOver(0, 0, 1), 1e-12);
  }
}
