package dev.evolute.app.study.twolayer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.app.study.Dense;
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

  /** (10) to (12), where neither K nor mu is 1. */
  @Test
  void localConstantsAreTheirFormulas() {
    double k = 1.7;
    double mu = 0.6;
    double loss = 0.4;
    Local local = new Local(k, mu, loss, 0.9, 3, 2.5, 4.1, 1.1, 1.9);
    double eta = 0.2;
    double root = Math.sqrt(2 * k * loss);
    double expected =
        k * 4.1 + root + 3 * k * 4.1 * root * eta + 6 * k * k * 1.9 * loss * eta * eta;
    assertEquals(expected, local.k(eta), 1e-12);
    assertEquals(mu * 2.5, local.mu(), 1e-15);
    assertEquals(1 - 2 * mu * 2.5 * eta + mu * 2.5 * expected * eta * eta, local.rho(eta), 1e-12);
    assertEquals(1, local.inverse() * local.k(local.inverse()), 1e-12);
    assertEquals(new Local(k, mu, 16 * loss, 4 * 0.9, 48, 2.5, 4.1, 1.1, 1.9), local.lifted(16));
  }

  /** The bounds of Theorem E.1 as they are written, where neither K nor mu is 1. */
  @Test
  void boundsAreTheirFormulas() {
    double k = 2;
    double mu = 0.5;
    double loss = 0.3;
    Constants at = new Constants(k, mu, loss, 3, 2, 4, 0, 0, 0.5, 2.5, 5, 5, 8, 6, 7);
    Theorem theorem = Theorem.of(at, 0.5, 2);
    double eta0 = theorem.eta0();
    double grown = Math.exp(Math.sqrt(eta0));
    double muBar = mu * (5 + 2 * 8 * (1 - grown));
    assertEquals(muBar, theorem.muBar(), 1e-12);
    double k0 =
        Math.sqrt(2 * k * loss)
            + 6 * k * k * 2.5 * loss * eta0 * eta0
            + k * grown * 8 * (1 + 3 * Math.sqrt(2 * k * loss) * eta0);
    double rho = 1 - 2 * muBar * eta0 + muBar * k0 * eta0 * eta0;
    assertEquals(rho, theorem.rhoBar(), 1e-12);
    double q = (1 + eta0 * eta0) * rho;
    int t = 7;
    double kt =
        Math.sqrt(2 * k * loss * Math.pow(rho, t))
            + 6 * k * k * 2.5 * loss * eta0 * eta0 * Math.pow(q, t)
            + k * grown * 8 * (1 + 3 * Math.sqrt(2 * k * loss * Math.pow(q, t)) * eta0);
    assertEquals(kt, theorem.kBar(t), 1e-12 * kt);
    assertEquals(1 - 2 * muBar * 0.01 + muBar * kt * 1e-4, theorem.rhoBar(0.01, t), 1e-12);
    assertEquals(eta0 * Math.pow(1 + eta0 * eta0, 3.5), theorem.grown(t), 1e-15);
    assertEquals(8 * grown, theorem.sigmaMax2(), 1e-12);
    assertEquals(muBar / mu, theorem.sigmaMin2(), 1e-12);
    double drift = 2 * k * eta0 * eta0 * 8 * grown * loss / (1 - q);
    assertEquals(drift, theorem.imbalance(), 1e-12 * drift);
  }

  /** Each rule against what it is said to be. */
  @Test
  void stepsOfTheRules() {
    Constants at = new Constants(2, 0.5, 0.3, 3, 2, 4, 0, 0, 0.5, 2.5, 5, 5, 8, 6, 7);
    Theorem theorem = Theorem.of(at, 0.5, 2);
    Local flat = new Local(2, 0.5, 1e-9, 1e-5, 1e-9, 6, 7, 1, 2);
    Local steep = new Local(2, 0.5, 1e-9, 1e-5, 1e-9, 6, 1e4, 1, 2);
    assertEquals(theorem.grown(3), Rule.ADAPTIVE.step(3, theorem, flat, null));
    assertEquals(steep.inverse(), Rule.ADAPTIVE.step(3, theorem, steep, null));
    assertEquals(theorem.grown(3), Rule.ADAPTIVE_BAR.step(3, theorem, flat, null));
    int late = 1;
    while (theorem.grown(late) * theorem.kBar(late) < 1) {
      late++;
    }
    assertEquals(1 / theorem.kBar(late), Rule.ADAPTIVE_BAR.step(late, theorem, flat, null));
    assertEquals(theorem.eta0(), Rule.CONSTANT.step(3, theorem, flat, null));
    // Xu et al. with 0.5 alpha_1, 1.5 alpha_2, beta_2 and sqrt(2 K L) in place of the spectra.
    Local bounds = new Local(2, 0.5, 1, Math.sqrt(2 * 2 * 0.3), 1, 2.5, 12, 0, 2.5);
    Local now = new Local(2, 0.5, 0.3, 0.1, 1, 6, 7, 1, 2);
    assertEquals(
        Rule.XU_LOCAL.step(0, theorem, bounds, null), Rule.XU.step(0, theorem, now, null), 1e-15);
  }

  /** (102) as it is written: its sides cross at eta2 and, on a fine grid, nowhere before. */
  @Test
  void noSmallerStepViolatesTheSecondCondition() {
    Random random = new Random(3);
    int found = 0;
    for (int trial = 0; trial < 200; trial++) {
      double k = Math.pow(10, random.nextDouble() * 2 - 1);
      double mu = k * random.nextDouble();
      double alpha1 = Math.pow(10, random.nextDouble() * 4 - 1);
      double alpha2 = alpha1 * (1 + 3 * random.nextDouble());
      double loss = Math.pow(10, random.nextDouble() * 6 - 3);
      double beta2 = 20 * random.nextDouble();
      Constants at =
          new Constants(
              k, mu, loss, 1, 1, 1, 1, 1, 0, beta2, alpha1, alpha1, alpha2, alpha1, alpha2);
      Theorem theorem;
      try {
        theorem = Theorem.of(at, 0.5, trial % 2 == 0 ? 2 : 1.01);
      } catch (IllegalStateException none) {
        continue;
      }
      double most = Math.min(theorem.eta1(), theorem.eta3());
      double end = Math.min(most, theorem.eta2());
      for (int i = 0; i < 3000; i++) {
        double eta = end * Math.pow(10, -12.0 * i / 3000) * (1 - 1e-9);
        assertTrue(second(at, theorem.d(), eta) > 0, trial + " at " + eta);
      }
      if (theorem.eta2() < most) {
        found++;
        assertTrue(second(at, theorem.d(), theorem.eta2() * (1 + 1e-9)) < 0, "trial " + trial);
      }
    }
    assertTrue(found > 50, found + " steps were bounded by the second condition");
  }

  /** Right side of (102) less its left side, for c = 1/2. */
  private static double second(Constants at, double d, double eta) {
    double spread = Math.expm1(Math.sqrt(eta));
    double muBar = at.convexity() * (at.alpha1() - 2 * at.alpha2() * spread);
    double root = Math.sqrt(2 * at.smoothness() * at.loss());
    double k0 =
        root
            + 6 * Math.pow(at.smoothness() * eta, 2) * at.beta2() * at.loss()
            + at.smoothness() * (1 + spread) * at.alpha2() * (1 + 3 * root * eta);
    double rho = 1 - 2 * muBar * eta + muBar * k0 * eta * eta;
    double q = -2 * muBar * eta + muBar * k0 * eta * eta + Math.pow(eta, d) * rho;
    return Math.expm1(-Math.sqrt(eta)) * q - 4 * at.smoothness() * at.loss() * eta * eta;
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
