package dev.evolute.spectral;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Kernels;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class LanczosTest {
  private static Device device;

  @BeforeAll
  static void open() {
    device = Device.open("cpu", 2);
  }

  @AfterAll
  static void close() {
    device.close();
  }

  private static Lanczos.Options options() {
    return Lanczos.Options.defaults();
  }

  private static TestOperator spectrum(DType dtype, double... d) {
    return TestOperator.withSpectrum(device, dtype, d);
  }

  /** Solves and checks what must hold of every result, whatever the spectrum. */
  private static Extremes solve(TestOperator a, double[] d, Lanczos.Options o) {
    int before = a.products;
    Extremes e = Lanczos.extremes(a, o);
    assertEquals(a.products - before, e.products());
    assertTrue(e.products() <= o.maxProducts());
    double norm = Math.max(Math.abs(Spectra.max(d)), Math.abs(Spectra.min(d)));
    double rounding = (a.dtype() == DType.F32 ? 2e-6 : 4e-15) * norm;
    int ends = 0;
    for (Eigenpair pair : new Eigenpair[] {e.min(), e.max()}) {
      if (pair == null) {
        continue;
      }
      ends++;
      assertTrue(
          Spectra.distance(d, pair.value()) <= pair.residual() + rounding, "interval " + pair);
      assertTrue(pair.value() <= Spectra.max(d) + rounding, "upper bound " + pair);
      assertTrue(pair.value() >= Spectra.min(d) - rounding, "lower bound " + pair);
      double tolerance = pair == e.min() ? o.minTolerance() : o.maxTolerance();
      if (pair.converged()) {
        assertTrue(pair.residual() <= tolerance * norm + rounding, "converged " + pair);
      }
      if (pair.vector() != null) {
        assertUnitWithLargestPositive(pair.vector());
        assertEquals(pair.residual(), residual(a, pair), rounding);
      }
    }
    assertEquals(e.products(), e.steps() + ends);
    return e;
  }

  private static void assertUnitWithLargestPositive(Buffer x) {
    double square = 0;
    double largest = 0;
    for (double v : x.toArray()) {
      square += v * v;
      largest = Math.abs(v) > Math.abs(largest) ? v : largest;
    }
    assertEquals(1, square, 1e-6);
    assertTrue(largest > 0);
  }

  private static double residual(TestOperator a, Eigenpair pair) {
    try (Buffer y = device.allocate(a.dtype(), a.size())) {
      a.apply(pair.vector(), y);
      double[] ax = y.toArray();
      double[] x = pair.vector().toArray();
      double square = 0;
      for (int i = 0; i < x.length; i++) {
        double r = ax[i] - pair.value() * x[i];
        square += r * r;
      }
      return Math.sqrt(square);
    }
  }

  private static void assertEnds(Extremes e, double[] d, double relative) {
    double norm = Math.max(Math.abs(Spectra.max(d)), Math.abs(Spectra.min(d)));
    assertTrue(e.converged());
    assertEquals(Spectra.max(d), e.max().value(), relative * norm);
    assertEquals(Spectra.min(d), e.min().value(), relative * norm);
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void bothEndsOfTenOutliersFromOneSpaceInFewProducts(DType dtype) {
    double[] d = Spectra.tenOutliers(10_000);
    try (TestOperator a = spectrum(dtype, d);
        Extremes max = solve(a, d, options().withEnd(Lanczos.End.MAX));
        Extremes both = solve(a, d, options())) {
      assertNull(max.min());
      assertEquals(20, max.max().value(), 20e-6);
      assertTrue(max.products() <= 12, "max took " + max.products());
      assertEnds(both, d, 2e-3);
      assertEquals(20, both.max().value(), 20e-6);
      assertTrue(both.products() <= 40, "both took " + both.products());
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void aSmallEndIsFoundRelativeToItselfWhenAskedThatTightly(DType dtype) {
    double[] d = Spectra.tenOutliers(10_000);
    double min = Spectra.min(d);
    try (TestOperator a = spectrum(dtype, d);
        Extremes e = solve(a, d, options().withTolerances(1e-3 * -min / 20, 1e-3))) {
      assertTrue(e.converged());
      assertEquals(min, e.min().value(), -1e-3 * min);
      assertTrue(e.products() <= 80, "took " + e.products());
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void twoTopValuesOnePercentApartAreTold(DType dtype) {
    double[] d = Spectra.with(5000, 20, 19.8, 3);
    try (TestOperator a = spectrum(dtype, d);
        Extremes e = solve(a, d, options().withTolerance(1e-4))) {
      assertEnds(e, d, 1e-5);
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void aRepeatedTopValueIsFoundOnce(DType dtype) {
    double[] d = Spectra.with(5000, 20, 20, 20, 3, -1);
    try (TestOperator a = spectrum(dtype, d);
        Extremes e = solve(a, d, options().withTolerance(1e-5))) {
      assertEnds(e, d, 1e-6);
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void theEndsOfASaddleAreNotConfused(DType dtype) {
    for (double[] tops : new double[][] {{5, -4.8}, {5, -5}, {0.1, -7}}) {
      double[] d = Spectra.with(3000, tops);
      try (TestOperator a = spectrum(dtype, d);
          Extremes e = solve(a, d, options().withTolerance(1e-5))) {
        assertEnds(e, d, 1e-6);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void definiteSpectraKeepTheirSigns(DType dtype) {
    double[] up = new double[200];
    double[] down = new double[200];
    for (int i = 0; i < 200; i++) {
      up[i] = 3 + i / 100.0;
      down[i] = -up[i];
    }
    for (double[] d : new double[][] {up, down}) {
      try (TestOperator a = spectrum(dtype, d);
          Extremes e = solve(a, d, options().withTolerance(1e-5).withMaxBasis(200))) {
        assertEnds(e, d, 1e-5);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void zeroOperatorHasZeroEnds(DType dtype) {
    double[] d = new double[50];
    try (TestOperator a = spectrum(dtype, d);
        Extremes e = solve(a, d, options().withTolerance(0))) {
      assertTrue(e.converged());
      assertEquals(0, e.max().value());
      assertEquals(0, e.min().value());
      assertEquals(0, e.max().residual());
      assertEquals(3, e.products());
      assertTrue(Lanczos.extremes(a, options().withFailure(0.01).withVectors(false)).converged());
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void oneAndTwoDimensionsEnd(DType dtype) {
    try (TestOperator one = TestOperator.diagonal(device, dtype, -2.5);
        Extremes e = solve(one, new double[] {-2.5}, options())) {
      assertEquals(-2.5, e.max().value());
      assertEquals(-2.5, e.min().value());
      assertEquals(3, e.products());
    }
    double[] d = {-1, 3};
    try (TestOperator two = TestOperator.diagonal(device, dtype, d);
        Extremes e = solve(two, d, options().withTolerance(1e-6))) {
      assertEnds(e, d, 1e-6);
      assertEquals(4, e.products());
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void multipleOfIdentityEndsAfterOneStep(DType dtype) {
    double[] d = new double[100];
    Arrays.fill(d, 4);
    try (TestOperator a = TestOperator.diagonal(device, dtype, d);
        Extremes e = solve(a, d, options().withTolerance(1e-6))) {
      assertEnds(e, d, 1e-6);
      assertEquals(1, e.steps());
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void rankTwoOperatorEndsWhenItsKrylovSpaceIsExhausted(DType dtype) {
    double[] d = new double[1000];
    d[0] = 3;
    d[1] = -2;
    try (TestOperator a = spectrum(dtype, d);
        Extremes e = solve(a, d, options().withTolerance(1e-6))) {
      assertEnds(e, d, 1e-6);
      assertTrue(e.steps() <= 5, "took " + e.steps());
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void askingForMoreStepsThanDimensionsEnds(DType dtype) {
    double[] d = {1, 2, 3, 4, 5, 6, 7};
    try (TestOperator a = spectrum(dtype, d);
        Extremes e = solve(a, d, options().withTolerance(0).withMaxBasis(100))) {
      assertEquals(7, e.steps());
      assertEquals(7, e.max().value(), 5e-6);
      assertEquals(1, e.min().value(), 5e-6);
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void startOrthogonalToTheTopVectorStillFindsIt(DType dtype) {
    double[] d = Spectra.with(2000, 20, 15, -3);
    // An exact eigenvector, with and without the random share: an invariant subspace.
    for (double share : new double[] {0, 0.05}) {
      try (TestOperator a = spectrum(dtype, d);
          Buffer second = a.eigenvector(1);
          Extremes e = solve(a, d, options().withTolerance(1e-5).withStart(second, share))) {
        assertEnds(e, d, 1e-6);
      }
    }
    try (TestOperator a = spectrum(dtype, d);
        Buffer top = a.eigenvector(0);
        Buffer start = device.allocate(dtype, d.length)) {
      Kernels kernels = device.kernels(dtype);
      CounterRandom.fillGaussian(5, 5, 1, start);
      kernels.axpby(-kernels.dot(top, start), top, 1, start);
      try (Extremes e = solve(a, d, options().withTolerance(1e-5).withStart(start, 0.05))) {
        assertEnds(e, d, 1e-6);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void scaleOfTheOperatorChangesNoDecision(DType dtype) {
    double[] d = Spectra.with(2000, 20, 19, 7, -1);
    int[] products = new int[3];
    double[] factors = {1, 1e-10, 1e10};
    for (int i = 0; i < 3; i++) {
      double[] scaled = Spectra.scaled(d, factors[i]);
      try (TestOperator a = spectrum(dtype, scaled);
          Extremes e = solve(a, scaled, options().withTolerance(1e-4))) {
        assertEnds(e, scaled, 1e-5);
        products[i] = e.products();
      }
    }
    assertArrayEquals(new int[] {products[0], products[0], products[0]}, products);
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void nanInAProductIsReportedWithItsPlace(DType dtype) {
    double[] d = Spectra.tenOutliers(100);
    try (TestOperator a = spectrum(dtype, d);
        TestOperator bad = a.failingAt(4, 17, 39, 40)) {
      String message =
          assertThrows(ArithmeticException.class, () -> Lanczos.extremes(bad, options()))
              .getMessage();
      assertTrue(message.contains("product 4 has 3 NaN or infinite entries of 100"), message);
    }
    try (TestOperator a = spectrum(dtype, d);
        Extremes e = Lanczos.extremes(a, options());
        TestOperator last = a.failingAt(e.products(), 99)) {
      String message =
          assertThrows(ArithmeticException.class, () -> Lanczos.extremes(last, options()))
              .getMessage();
      assertTrue(message.contains("product " + e.products() + " has 1 NaN"), message);
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void budgetSpentIsNotConvergedAndTheResidualStillHolds(DType dtype) {
    double[] d = Spectra.tenOutliers(3000);
    for (int budget : new int[] {3, 4, 7}) {
      try (TestOperator a = spectrum(dtype, d);
          Extremes e = solve(a, d, options().withTolerance(1e-6).withMaxProducts(budget))) {
        assertEquals(budget, e.products());
        assertFalse(e.converged());
        assertFalse(e.max().converged() || e.min().converged());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void thickRestartReachesTheSameEnds(DType dtype) {
    double[] d = Spectra.with(2000, 20, 19.8, 11, 2, -0.3, -0.29);
    double tolerance = dtype == DType.F32 ? 1e-5 : 1e-9;
    try (TestOperator a = spectrum(dtype, d);
        Extremes whole = solve(a, d, options().withTolerance(tolerance))) {
      for (int rows : new int[] {8, 13, 20}) {
        try (Extremes e = solve(a, d, options().withTolerance(tolerance).withMaxBasis(rows))) {
          assertTrue(e.steps() > rows, "a restart was wanted");
          assertTrue(e.converged(), "rows " + rows + " gave " + e);
          assertEquals(whole.max().value(), e.max().value(), 20 * tolerance);
          assertEquals(whole.min().value(), e.min().value(), 20 * tolerance);
        }
      }
      for (Lanczos.End end : new Lanczos.End[] {Lanczos.End.MIN, Lanczos.End.MAX}) {
        Lanczos.Options one = options().withTolerance(tolerance).withMaxBasis(12).withEnd(end);
        try (Extremes e = solve(a, d, one)) {
          assertTrue(e.converged());
          Eigenpair pair = end == Lanczos.End.MIN ? e.min() : e.max();
          assertNotNull(pair);
          double truth = end == Lanczos.End.MIN ? -0.3 : 20;
          assertEquals(truth, pair.value(), 20 * tolerance);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void theSmallestBasisStillConverges(DType dtype) {
    double[] d = Spectra.with(1000, 20, 15, 9, -4);
    try (TestOperator a = spectrum(dtype, d);
        Extremes e = solve(a, d, options().withTolerance(1e-4).withMaxBasis(4))) {
      assertEnds(e, d, 1e-5);
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void warmStartNeedsFewerProducts(DType dtype) {
    double[] d = Spectra.with(5000, 20, 17, 9, 4, -2, -1.5);
    double[] moved = d.clone();
    moved[0] = 20.3;
    moved[4] = -2.05;
    Lanczos.Options max = options().withEnd(Lanczos.End.MAX);
    try (TestOperator a = spectrum(dtype, d);
        TestOperator b = TestOperator.withSpectrum(device, dtype, moved, 1e-3);
        Extremes last = solve(a, d, options());
        Buffer start = Lanczos.warmStart(last);
        Extremes cold = solve(b, moved, options());
        Extremes warm = solve(b, moved, options().withStart(start, 0.05));
        Extremes pure = solve(b, moved, options().withStart(start, 0));
        Extremes coldMax = solve(b, moved, max);
        Extremes warmMax = solve(b, moved, max.withStart(last.max().vector(), 0))) {
      assertEnds(warm, moved, 1e-5);
      assertEnds(pure, moved, 1e-5);
      assertTrue(warm.products() < cold.products(), warm.products() + " " + cold.products());
      assertTrue(pure.products() < warm.products(), pure.products() + " " + warm.products());
      assertTrue(warmMax.products() <= 3, "warm max took " + warmMax.products());
      assertTrue(coldMax.products() > 2 * warmMax.products());
    }
  }

  @Test
  void denseMatrixAgreesWithTheDenseSolver() {
    int n = 300;
    double[] a = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        a[i * n + j] = a[j * n + i] = CounterRandom.gaussian(8, i, j);
      }
    }
    double[] truth = SymmetricEigen.of(a, n, n).values();
    try (TestOperator op = TestOperator.dense(device, DType.F64, n, a);
        Extremes e = solve(op, truth, options().withTolerance(1e-10))) {
      assertEnds(e, truth, 1e-13);
      assertEquals(truth[0], e.min().value(), 1e-12 * Math.abs(truth[0]));
      assertEquals(truth[n - 1], e.max().value(), 1e-12 * truth[n - 1]);
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void repeatedRunsAreIdenticalAndSeedsAreNot(DType dtype) {
    double[] d = Spectra.tenOutliers(2000);
    try (TestOperator a = spectrum(dtype, d);
        Extremes one = solve(a, d, options());
        Extremes two = solve(a, d, options());
        Extremes other = solve(a, d, options().withSeed(2))) {
      assertEquals(one.max().value(), two.max().value());
      assertEquals(one.min().residual(), two.min().residual());
      assertArrayEquals(one.max().vector().toArray(), two.max().vector().toArray());
      assertFalse(one.max().residual() == other.max().residual());
      assertEquals(one.max().value(), other.max().value(), 1e-3);
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void everyIntervalOfManySeedsHoldsAnEigenvalue(DType dtype) {
    double[] d = Spectra.with(300, 20, 19.998, 5, -4.8);
    try (TestOperator a = spectrum(dtype, d)) {
      for (int seed = 0; seed < 100; seed++) {
        for (double tolerance : new double[] {1e-1, 1e-2, 1e-4}) {
          Lanczos.Options o = options().withSeed(seed).withTolerance(tolerance).withVectors(false);
          Extremes e = solve(a, d, o);
          assertNull(e.max().vector());
          for (Eigenpair pair : List.of(e.min(), e.max())) {
            double centre = 0.5 * (pair.lower() + pair.upper());
            double half = 0.5 * (pair.upper() - pair.lower());
            assertTrue(Spectra.distance(d, centre) <= half, seed + " " + pair);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void neverIteratesBelowTheNoise(DType dtype) {
    double[] d = Spectra.with(500, 20, 10, -5);
    try (TestOperator a = spectrum(dtype, d);
        Extremes e = solve(a, d, options().withTolerance(0))) {
      assertTrue(e.steps() < 30, "took " + e.steps());
      assertTrue(e.max().residual() <= 4 * e.max().noise(), e.max().toString());
      assertEquals(
          (dtype == DType.F32 ? 0x1p-21 : 0x1p-50) * 20, e.max().noise(), 1e-6 * e.max().noise());
    }
  }

  @Test
  void unusableRequestsAreRefusedInOneSentence() {
    try (TestOperator a = spectrum(DType.F64, 1, 2, 3);
        Buffer zero = device.allocate(DType.F64, 3);
        Buffer shorter = device.allocate(DType.F64, 2)) {
      for (Buffer start : List.of(zero, shorter)) {
        assertThrows(
            IllegalArgumentException.class,
            () -> Lanczos.extremes(a, options().withStart(start, 0)));
      }
      assertThrows(IllegalArgumentException.class, () -> options().withTolerance(Double.NaN));
      assertThrows(
          IllegalArgumentException.class, () -> Lanczos.extremes(a, options().withMaxProducts(2)));
      assertThrows(IllegalArgumentException.class, () -> options().withMaxBasis(3));
      assertThrows(IllegalArgumentException.class, () -> options().withMaxBasis(1 << 20));
      Extremes values = Lanczos.extremes(a, options().withVectors(false));
      assertThrows(IllegalArgumentException.class, () -> Lanczos.warmStart(values));
    }
  }
}
