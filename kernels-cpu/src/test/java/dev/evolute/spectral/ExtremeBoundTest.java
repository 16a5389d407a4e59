package dev.evolute.spectral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is stated with a probability holds at least that often, and is not vacuous. */
final class ExtremeBoundTest {
  private static final double[] RISKS = {0.5, 0.1, 0.01};
  private static final int RUNS = 300;
  private static Device device;

  @BeforeAll
  static void open() {
    device = Device.open("cpu", 1);
  }

  @AfterAll
  static void close() {
    device.close();
  }

  private static Lanczos.Options options() {
    return Lanczos.Options.defaults().withVectors(false);
  }

  /** The five spectra of the promise, small enough for many runs. */
  private static List<double[]> spectra(int n) {
    return List.of(
        Spectra.tenOutliers(n),
        Spectra.onePercentApart(n),
        Spectra.hundredthOfAPercentApart(n),
        Spectra.repeatedTop(n),
        Spectra.saddle(n),
        Spectra.oneNegativeOutlier(n));
  }

  /** Runs that miss an end by more than was stated with this risk must not be more than that. */
  private static void assertAtMost(double risk, int runs, int missed, String what) {
    double most = risk * runs + 3 * Math.sqrt(risk * runs);
    assertTrue(missed <= most, what + ": " + missed + " of " + runs + " at risk " + risk);
  }

  /** Counts misses over many seeds, and checks every certain statement of every run. */
  private static int[] misses(TestOperator a, double[] d, Lanczos.Options options, int runs) {
    double max = Spectra.max(d);
    double min = Spectra.min(d);
    // What the test operator itself is off by.
    double rounding = (a.dtype() == DType.F32 ? 2e-6 : 4e-15) * max;
    int[] missed = new int[RISKS.length];
    for (int seed = 0; seed < runs; seed++) {
      Extremes e = Lanczos.extremes(a, options.withSeed(seed));
      for (Eigenpair pair : List.of(e.min(), e.max())) {
        double half = pair.residual() + pair.noise() + rounding;
        assertTrue(Spectra.distance(d, pair.value()) <= half, seed + ": no eigenvalue in " + pair);
        assertTrue(pair.atLeast() <= max + rounding, seed + ": " + pair);
        assertTrue(pair.atMost() >= min - rounding, seed + ": " + pair);
      }
      for (int i = 0; i < RISKS.length; i++) {
        missed[i] += max - rounding > e.max().extreme().at(RISKS[i]) ? 1 : 0;
        missed[i] += min + rounding < e.min().extreme().at(RISKS[i]) ? 1 : 0;
      }
    }
    return missed;
  }

  @Test
  void everyBoundHoldsAsOftenAsItStatesAndEveryIntervalHoldsAnEigenvalue() {
    assertEveryStatementHolds(60);
  }

  @Test
  @Tag("slow")
  void everyStatementHoldsOverThousandsOfRuns() {
    assertEveryStatementHolds(1000);
  }

  private static void assertEveryStatementHolds(int runs) {
    for (double[] d : spectra(200)) {
      try (TestOperator a = TestOperator.withSpectrum(device, DType.F64, d)) {
        // From a few steps, where the risk is real, to convergence.
        for (int products : new int[] {6, 9, 14}) {
          int[] missed = misses(a, d, options().withMaxProducts(products), runs);
          for (int i = 0; i < RISKS.length; i++) {
            assertAtMost(RISKS[i], 2 * runs, missed[i], products + " products");
          }
        }
      }
    }
  }

  @Test
  void boundIsNotVacuous() {
    // A quarter of the risk at least is real where the run is short and the end an outlier.
    double[] d = Spectra.tenOutliers(400);
    try (TestOperator a = TestOperator.withSpectrum(device, DType.F64, d)) {
      Lanczos.Options o = options().withEnd(Lanczos.End.MAX).withMaxProducts(5);
      int missed = 0;
      for (int seed = 0; seed < RUNS; seed++) {
        missed += Lanczos.extremes(a, o.withSeed(seed)).max().extreme().at(0.5) < 20 ? 1 : 0;
      }
      assertTrue(missed > RUNS / 8, "missed " + missed);
      // And where it has converged the bound is close, though the residual alone says nothing.
      Extremes e = Lanczos.extremes(a, o.withMaxProducts(15).withTolerance(1e-9));
      assertTrue(e.max().extreme().at(1e-6) < 20 * (1 + 1e-4), e.toString());
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void boundHoldsForBlocksWarmStartsRestartsAndWithoutABasis(DType dtype) {
    double[] d = Spectra.onePercentApart(400);
    try (TestOperator a = TestOperator.withSpectrum(device, dtype, d);
        Buffer second = a.eigenvector(1)) {
      Lanczos.Options few = options().withMaxProducts(8);
      List<Lanczos.Options> ways =
          List.of(
              few.withBlock(2),
              few.withMaxProducts(11).withBlock(3),
              // The worst start: an eigenvector next to the top one, and little else.
              few.withStart(second, 0.05),
              few.withStart(second, 0).withBlock(2),
              // Of that block one direction vanishes at once, and a restart goes on with the other.
              options().withMaxProducts(20).withMaxBasis(6).withStart(second, 0).withBlock(2),
              options().withMaxProducts(16).withMaxBasis(5),
              few.withMaxProducts(6).withoutBasis(),
              options().withMaxProducts(25).withoutBasis().withTolerance(1e-5));
      for (int w = 0; w < ways.size(); w++) {
        int runs = 40;
        int[] missed = misses(a, d, ways.get(w), runs);
        for (int i = 0; i < RISKS.length; i++) {
          assertAtMost(RISKS[i], 2 * runs, missed[i], "way " + w);
        }
      }
    }
  }

  @Test
  void wrongEndsAmongTheConvergedHaveTheirProbability() {
    // Two top values 1 % apart: one run in some has converged to the second.
    double[] d = Spectra.onePercentApart(400);
    try (TestOperator a = TestOperator.withSpectrum(device, DType.F64, d)) {
      int wrong = 0;
      int wrongAtBound = 0;
      double stated = 0;
      Lanczos.Options residual = options().withEnd(Lanczos.End.MAX).withTolerance(5e-3);
      for (int seed = 0; seed < RUNS; seed++) {
        Eigenpair max = Lanczos.extremes(a, residual.withSeed(seed)).max();
        assertTrue(max.converged());
        wrong += max.value() < 19.9 ? 1 : 0;
        stated += max.extreme().failure(max.upper());
        Eigenpair sure = Lanczos.extremes(a, residual.withFailure(0.01).withSeed(seed)).max();
        assertTrue(sure.converged());
        wrongAtBound += sure.value() < 20 * (1 - 5e-3) ? 1 : 0;
      }
      assertTrue(wrong > 0, "a case without wrong ends shows nothing");
      assertTrue(wrong <= stated, wrong + " wrong, stated " + stated);
      assertAtMost(0.01, RUNS, wrongAtBound, "stopped on the bound");
    }
  }

  @Test
  void withOneStepTheBoundIsTheClosedForm() {
    // One step: gamma^2 (1 + ((lambda - alpha) / beta)^2) <= 1.
    double[] d = Spectra.tenOutliers(400);
    try (TestOperator a = TestOperator.withSpectrum(device, DType.F64, d)) {
      Eigenpair max =
          Lanczos.extremes(a, options().withEnd(Lanczos.End.MAX).withMaxProducts(2)).max();
      double alpha = max.value();
      double beta = max.residual();
      double delta = 0.1 * Math.sqrt(Math.PI / (2 * 400));
      double expected = alpha + beta * Math.sqrt(1 / (delta * delta) - 1);
      assertEquals(expected, max.extreme().at(0.1), 1e-5 * expected);
      assertEquals(0.1, max.extreme().failure(expected), 1e-5);
      assertEquals(1, max.extreme().failure(alpha - 1));
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void noBoundWhereNothingIsRandom(DType dtype) {
    double[] d = Spectra.tenOutliers(400);
    try (TestOperator a = TestOperator.withSpectrum(device, dtype, d);
        Buffer start = device.allocate(dtype, 400)) {
      CounterRandom.fillGaussian(3, 4, 1, start);
      Extremes e = Lanczos.extremes(a, options().withStart(start, 0).withFailure(0.01));
      assertNull(e.max().extreme());
      // It stopped on the residual instead.
      assertTrue(e.max().converged() && e.max().residual() <= 20e-3);
      Eigenpairs pairs = Lanczos.eigenpairs(a, 0, 2, options());
      assertNull(pairs.largest().get(1).extreme());
      ExtremeBound bound = pairs.largest().getFirst().extreme();
      assertThrows(IllegalArgumentException.class, () -> bound.at(0));
      assertThrows(IllegalArgumentException.class, () -> options().withFailure(1));
    }
  }

  @Test
  void scaleAndShiftOfTheOperatorMoveTheBoundAlong() {
    double[] d = Spectra.tenOutliers(400);
    double bound = bound(d);
    assertEquals(1e-10 * bound, bound(Spectra.scaled(d, 1e-10)), 1e-15 * bound);
    assertEquals(1e10 * bound, bound(Spectra.scaled(d, 1e10)), 1e5 * bound);
    double[] down = Spectra.scaled(d, -1);
    try (TestOperator a = TestOperator.withSpectrum(device, DType.F64, down)) {
      Lanczos.Options o = options().withMaxProducts(9);
      assertEquals(-bound, Lanczos.extremes(a, o).min().extreme().at(0.1), 1e-6 * bound);
    }
  }

  private static double bound(double[] d) {
    try (TestOperator a = TestOperator.withSpectrum(device, DType.F64, d)) {
      return Lanczos.extremes(a, options().withMaxProducts(9)).max().extreme().at(0.1);
    }
  }

  @Test
  void noiseWidensTheBoundByItselfAndRisksAreThoseOfTheBound() {
    double noise = 0.05;
    try (TestOperator a = TestOperator.withSpectrum(device, DType.F64, Spectra.tenOutliers(400));
        KrylovSpace space = space(a, 30)) {
      for (int i = 0; i < 4; i++) {
        space.step(1);
      }
      double[] theta = space.ritz().values();
      for (int outwards : new int[] {-1, 1}) {
        double value = outwards > 0 ? theta[3] : theta[0];
        ExtremeBound exact = bound(space, value, 0, outwards, 400);
        ExtremeBound noisy = bound(space, value, noise, outwards, 400);
        for (double p : RISKS) {
          double at = exact.at(p);
          assertTrue(outwards * (at - value) > 2 * noise);
          assertEquals(at + outwards * noise, noisy.at(p), 1e-5 * Math.abs(at));
          assertTrue(exact.failure(at) <= p * (1 + 1e-9), p + ": " + exact.failure(at));
          assertEquals(exact.failure(at), noisy.failure(at + outwards * noise), 1e-9);
        }
        assertEquals(1, exact.failure(value), 0);
        assertEquals(1, noisy.failure(value + outwards * noise), 0);
      }
    }
  }

  /** What the recurrence says an eigenvector holds of the vectors, it does, across restarts too. */
  @Test
  void massIsWhatTheVectorsHoldOfAnEigenvector() {
    int n = 400;
    double[] d = new double[n];
    Arrays.setAll(d, i -> 1 - (double) i / n);
    try (TestOperator a = TestOperator.withSpectrum(device, DType.F64, d);
        Buffer x = a.eigenvector(0);
        KrylovSpace space = space(a, 10)) {
      double[] c = new double[n];
      double first = held(space, x, c);
      double gamma = Math.abs(c[0]);
      assertEquals(gamma * gamma, first, 1e-15);
      double most = 0;
      for (int restarts = 0; restarts < 12; restarts++) {
        while (!space.full()) {
          space.step(1);
          double held = held(space, x, c);
          ExtremeBound bound = bound(space, d[0] - 1e-9, 0, 1, 1);
          // P(|gamma| <= delta) = delta sqrt(2 n / pi), for n = 1.
          double mass = 2 / (Math.PI * Math.pow(bound.failure(d[0]), 2));
          double expected = Math.max(most, held) / (gamma * gamma);
          assertEquals(expected, mass, 1e-6 * expected, restarts + " " + space.size());
        }
        double held = held(space, x, c);
        assertTrue(held > most + 1e-4, "a restart that adds nothing shows nothing: " + held);
        most = held;
        space.restart(space.ritz(), 2, 3);
      }
    }
  }

  /**
   * The same of a block, seen by two eigenvectors of one value: with G their components along the
   * start and C along all rows, {@code G' M G = C' C}. Where a direction vanishes, what the rows up
   * to there hold still stands, and a restart beyond adds nothing that could be trusted.
   */
  @ParameterizedTest
  @ValueSource(ints = {3, 60})
  void massOfABlockIsWhatItsVectorsHoldOfARepeatedEigenvalue(int different) {
    int n = 60;
    double[] d = new double[n];
    Arrays.setAll(d, i -> i < 2 ? 1 : 0.9 - 0.9 * Math.min(i - 1, different) / different);
    try (TestOperator a = TestOperator.withSpectrum(device, DType.F64, d);
        Buffer x = a.eigenvector(0);
        Buffer y = a.eigenvector(1);
        KrylovSpace space = new KrylovSpace(a, new Products(a), 1, 12, 2, List.of())) {
      space.begin(null, 0);
      double[] g = new double[4];
      double most = 0;
      for (int restarts = 0; restarts < 3; restarts++) {
        while (!space.full() && !space.exhausted()) {
          space.step(2);
          double[][] c = {components(space, x), components(space, y)};
          if (restarts == 0 && space.size() == 2) {
            g = new double[] {c[0][0], c[1][0], c[0][1], c[1][1]};
          }
          double held = smallestOver(g, c);
          // P(both components of the start are as short as delta) = delta^2 n / 2, for n = 1.
          double mass = 0.5 / failure(space, 1, 2);
          double expected = Math.max(most, held);
          assertEquals(expected, mass, 1e-6 * expected, restarts + " " + space.size());
          most = space.full() ? expected : most;
        }
        if (space.exhausted()) {
          break;
        }
        space.restart(space.ritz(), 2, 3);
      }
    }
  }

  private static double failure(KrylovSpace space, double lambda, int block) {
    return new ExtremeBound(space.cycles(), lambda - 1e-9, 0, 1, 1, 1, block, 1).failure(lambda);
  }

  private static double[] components(KrylovSpace space, Buffer x) {
    double[] c = new double[space.size() + space.width];
    space.basis.dots(c.length, x, c);
    return c;
  }

  /** The smallest eigenvalue of {@code G^-T C' C G^-1}, G {@code [2 x 2]} row-major. */
  private static double smallestOver(double[] g, double[][] c) {
    double det = g[0] * g[3] - g[1] * g[2];
    double[] inverse = {g[3] / det, -g[1] / det, -g[2] / det, g[0] / det};
    double[] m = new double[4];
    for (int row = 0; row < c[0].length; row++) {
      double first = c[0][row] * inverse[0] + c[1][row] * inverse[2];
      double second = c[0][row] * inverse[1] + c[1][row] * inverse[3];
      m[0] += first * first;
      m[1] += first * second;
      m[3] += second * second;
    }
    m[2] = m[1];
    return SymmetricEigen.of(m, 2, 2).values()[0];
  }

  /** Products that round away what is small, as they may by what they say of their noise. */
  @Test
  void noiseOfProductsMayHideAnEigenvalueFromASpaceThatSeemsExhausted() {
    int n = 64;
    double step = 1e-4;
    try (Buffer x = device.allocate(DType.F64, n)) {
      double[] direction = new double[n];
      Arrays.fill(direction, 1 / Math.sqrt(n));
      x.set(direction);
      // I + 60 steps along x, every entry beyond I rounded to multiples of 2 steps.
      LinearOperator a =
          new LinearOperator() {
            @Override
            public long size() {
              return n;
            }

            @Override
            public Device device() {
              return device;
            }

            @Override
            public DType dtype() {
              return DType.F64;
            }

            @Override
            public double noise() {
              return step * Math.sqrt(n);
            }

            @Override
            public void apply(Buffer v, Buffer y) {
              double along = 60 * step * device.kernels(DType.F64).dot(x, v) / Math.sqrt(n);
              double[] sum = v.toArray();
              Arrays.setAll(sum, i -> sum[i] + 2 * step * Math.rint(along / (2 * step)));
              y.set(sum);
            }
          };
      int missed = 0;
      for (int seed = 0; seed < RUNS; seed++) {
        Eigenpair max = Lanczos.extremes(a, options().withSeed(seed)).max();
        missed += max.extreme().at(0.01) < 1 + 60 * step ? 1 : 0;
      }
      assertAtMost(0.01, RUNS, missed, "hidden");
    }
  }

  private static KrylovSpace space(TestOperator a, int limit) {
    KrylovSpace space = new KrylovSpace(a, new Products(a), 1, limit, 1, List.of());
    space.begin(null, 0);
    return space;
  }

  private static double held(KrylovSpace space, Buffer x, double[] c) {
    int rows = space.size() + (space.exhausted() ? 0 : 1);
    space.basis.dots(rows, x, c);
    return Math.pow(KrylovBasis.norm(c, rows), 2);
  }

  private static ExtremeBound bound(
      KrylovSpace space, double value, double noise, int outwards, long dimension) {
    return new ExtremeBound(space.cycles(), value, noise, 20, outwards, dimension, 1, 1);
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void exhaustedSpacesLeaveNothingBeyond(DType dtype) {
    double[] rankTwo = new double[400];
    rankTwo[0] = 3;
    rankTwo[1] = -2;
    for (double[] d : new double[][] {rankTwo, new double[400], {5}, {1, 2}}) {
      try (TestOperator a = TestOperator.withSpectrum(device, dtype, d)) {
        Extremes e = Lanczos.extremes(a, options());
        assertEquals(Spectra.max(d), e.max().extreme().at(0.01), 1e-3);
        assertEquals(Spectra.min(d), e.min().extreme().at(0.01), 1e-3);
      }
    }
  }
}
