package dev.evolute.app.study.warmup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.app.study.Dense;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** The constants of paper 000, worked out by hand and in another program. */
class BoundTest {
  /** X = I of size 2, ||Y||_F = sqrt 5. */
  private static final SmallData IDENTITY =
      SmallData.of(2, 2, 2, new double[] {1, 0, 0, 1}, new double[] {1, 0, 0, 2});

  private static void assertBound(double h0, double h1, Bound bound) {
    assertEquals(h0, bound.h0(), 1e-6 * h0);
    assertEquals(h1, bound.h1(), 1e-6 * h1);
  }

  @Test
  void deepLinearConstantsOfEquations4To6() {
    assertBound(311.640604, 77.254834, Bound.deepLinearAboveMinimum(IDENTITY, 2, 0));
    assertBound(1846.694190, 360.460328, Bound.deepLinearAboveMinimum(IDENTITY, 3, 0));
    assertBound(117.192885, 77.254834, Bound.deepLinearPower(IDENTITY, 2));
    assertBound(743.116931, 360.460328, Bound.deepLinearPower(IDENTITY, 3));
    Bound above = Bound.deepLinearAboveMinimum(IDENTITY, 3, 0.7);
    assertEquals(above.at(1.3 - 0.7), Bound.deepLinearAboveMinimum(IDENTITY, 3, 0).at(1.3), 1e-9);
  }

  @Test
  void constantsOfOneLeakyReluOfEquations17And18() {
    assertBound(1296, 272, Bound.oneLeaky(IDENTITY, 2, 1, 0.5));
    assertBound(5866.829515, 1258.829515, Bound.oneLeaky(IDENTITY, 3, 1, 0.5));
  }

  @Test
  void constantsOfLeakyRelusOfPropositionC1() {
    assertBound(1416, 136, Bound.allLeaky(IDENTITY, 2, 1.0 / 4));
    assertBound(3760438.6625, 74038.6625, Bound.allLeaky(IDENTITY, 3, 1.0 / 16));
  }

  @Test
  void constantsWithPenaltiesOfEquations31To37() {
    assertBound(2.2, 354.331615, Bound.penalisedSquares(IDENTITY, Smooth.TANH, 0.1, 0.1));
    assertBound(4.4, 516.331615, Bound.penalisedSquaresProof(IDENTITY, Smooth.TANH, 0.1, 0.1));
    assertBound(1.1, 177.1658075, Bound.penalisedSquaresSharp(IDENTITY, Smooth.TANH, 0.1, 0.1));
    assertBound(0.2, 138.165808, Bound.penalisedLogistic(IDENTITY, Smooth.TANH, 0.1, 0.1));
  }

  /** Twice the inputs, lambda of their own: where the powers of ||X|| and the penalties part. */
  @Test
  void constantsScaleWithInputsAndPenalties() {
    SmallData twice = SmallData.of(2, 2, 2, new double[] {2, 0, 0, 2}, new double[] {1, 0, 0, 2});
    double c3 = Smooth.TANH.c3();
    assertBound(
        4 + 3,
        4 * (4 / 1.0 * (4 + c3) + 8 / 2.0 * 2 + 2 * c3) + 4,
        Bound.penalisedSquares(twice, Smooth.TANH, 1, 2));
    assertBound(
        3,
        4 * (2 / 1.0 * (3 + c3) + 2 / 2.0 * 3 + c3) + 4,
        Bound.penalisedLogistic(twice, Smooth.TANH, 1, 2));
    // r = 4 d / (h b^2 lambda) = 8 / (1/4 * 4) = 8, t = 1/4, y^2 = 5.
    double both = 2 * Math.pow(8 * 5, 0.25) * 2 + 2 * Math.pow(8, 0.25) * 2;
    assertBound(
        9 * (4 * 8 * 5 * 4 + both), 9 * (4 * 8 * 4 + both), Bound.oneLeaky(twice, 3, 1, 0.5));
  }

  /** Of two penalties the sharper pair takes the larger, on either side. */
  @Test
  void sharperConstantsTakeTheLargerPenalty() {
    assertEquals(3, Bound.penalisedSquaresSharp(IDENTITY, Smooth.TANH, 1, 2).h0(), 1e-12);
    assertEquals(3, Bound.penalisedSquaresSharp(IDENTITY, Smooth.TANH, 2, 1).h0(), 1e-12);
  }

  /** C1, C2 and C3 are reached, and not exceeded, by functions written here. */
  @Test
  void activationsKeepTheirConstants() {
    DoubleUnaryOperator gaussian = z -> Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
    DoubleUnaryOperator logistic = z -> 1 / (1 + Math.exp(-z));
    // First derivatives; GELU's is Phi(z) + z phi(z), by Simpson's rule.
    List<DoubleUnaryOperator> slopes =
        List.of(
            z -> 1 - Math.tanh(z) * Math.tanh(z),
            z -> distribution(z) + z * gaussian.applyAsDouble(z),
            z -> {
              double s = logistic.applyAsDouble(z);
              return s + z * s * (1 - s);
            });
    List<Smooth> all = List.of(Smooth.TANH, Smooth.GELU, Smooth.SILU);
    for (int i = 0; i < all.size(); i++) {
      double first = 0;
      double second = 0;
      for (int k = -4000; k <= 4000; k++) {
        double z = 0.002 * k;
        DoubleUnaryOperator slope = slopes.get(i);
        first = Math.max(first, Math.abs(slope.applyAsDouble(z)));
        double h = 1e-4;
        second =
            Math.max(
                second,
                Math.abs(slope.applyAsDouble(z + h) - slope.applyAsDouble(z - h)) / (2 * h));
      }
      String name = all.get(i).title();
      assertTrue(first <= all.get(i).c2() && first > all.get(i).c2() - 1e-5, name + " " + first);
      assertEquals(all.get(i).c3(), second, 1e-5, name);
    }
  }

  private static double distribution(double z) {
    int n = 200;
    double h = z / n;
    double sum = 0;
    for (int i = 0; i <= n; i++) {
      double u = i * h;
      sum += (i == 0 || i == n ? 1 : i % 2 == 1 ? 4 : 2) * Math.exp(-u * u / 2);
    }
    return 0.5 + sum * h / 3 / Math.sqrt(2 * Math.PI);
  }

  @Test
  void leastLineAboveTouchesAndCovers() {
    double[] g = {0, 1, 2, 3};
    double[] curvature = {1, 2.5, 4, 4.2};
    Bound line = Bound.above(g, curvature);
    for (int i = 0; i < g.length; i++) {
      assertTrue(line.at(g[i]) >= curvature[i] - 1e-12);
    }
    assertBound(1, 1.5, line);
    // What falls with g is covered by a constant.
    assertBoundExactly(3, 0, Bound.above(new double[] {0, 1}, new double[] {3, 1}));
  }

  private static void assertBoundExactly(double h0, double h1, Bound bound) {
    assertEquals(new Bound(h0, h1), bound);
  }

  @Test
  void leastSquaresOfRankIsTheBestOfThatRank() {
    SmallData data = SmallData.gaussian(5, 0, 9, 4, 3, 2);
    double full = data.leastSquares(3);
    assertEquals(full, data.leastSquares(7), 0);
    assertTrue(full < data.leastSquares(2) && data.leastSquares(2) < data.leastSquares(1));
    // No matrix at all leaves the targets.
    assertEquals(data.targetNorm() * data.targetNorm(), data.leastSquares(0), 1e-12);
    for (int draw = 0; draw < 200; draw++) {
      double[] u = Dense.gaussian(5, 100 + draw, 3, 0.5);
      double[] v = Dense.gaussian(5, 500 + draw, 4, 0.5);
      double[] fit = Dense.multiply(9, 4, 1, data.x(), v);
      double f = 0;
      for (int i = 0; i < 27; i++) {
        f += Math.pow(fit[i / 3] * u[i % 3] - data.y()[i], 2);
      }
      assertTrue(f >= data.leastSquares(1));
    }
  }
}
