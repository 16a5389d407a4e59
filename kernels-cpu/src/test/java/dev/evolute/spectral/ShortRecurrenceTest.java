package dev.evolute.spectral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Values without a basis: the same ends, three vectors of memory, honest intervals. */
final class ShortRecurrenceTest {
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
    return Lanczos.Options.defaults().withoutBasis();
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void endsAndIntervalsHoldLongAfterOrthogonalityIsLost(DType dtype) {
    for (double[] d : List.of(Spectra.tenOutliers(3000), Spectra.saddle(3000))) {
      try (TestOperator a = TestOperator.withSpectrum(device, dtype, d)) {
        double min = Spectra.min(d);
        double norm = Spectra.max(d);
        // Tight enough that the upper end has come back many times when the lower end is found.
        double tolerance = dtype == DType.F32 ? 1e-5 : 1e-8;
        Extremes e = Lanczos.extremes(a, options().withTolerance(tolerance));
        assertTrue(e.converged(), e.toString());
        assertEquals(a.products, e.products());
        assertEquals(norm, e.max().value(), 2e-6 * norm);
        assertEquals(min, e.min().value(), 1e-5 * norm);
        for (Eigenpair pair : List.of(e.min(), e.max())) {
          assertNull(pair.vector());
          double half = pair.residual() + pair.noise() + (dtype == DType.F32 ? 4e-5 : 8e-14);
          assertTrue(Spectra.distance(d, pair.value()) <= half, pair.toString());
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void recurrenceItselfTakesThreeVectors(DType dtype) {
    double[] d = Spectra.tenOutliers(1000);
    try (TestOperator a = TestOperator.withSpectrum(device, dtype, d);
        TestOperator counted = a.countingAllocations()) {
      Lanczos.extremes(counted, options());
      assertEquals(3, counted.allocations);
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void degenerateOperatorsEnd(DType dtype) {
    double[] rankTwo = new double[500];
    rankTwo[0] = 3;
    rankTwo[1] = -2;
    for (double[] d : new double[][] {rankTwo, new double[50], {-2.5}, {-1, 3}}) {
      try (TestOperator a = TestOperator.withSpectrum(device, dtype, d)) {
        Extremes e = Lanczos.extremes(a, options().withTolerance(1e-5));
        assertEquals(Spectra.max(d), e.max().value(), 1e-4);
        assertEquals(Spectra.min(d), e.min().value(), 1e-4);
        assertTrue(e.products() <= 12, "took " + e.products());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void exactEigenvectorAsAStartGoesOnAtRandom(DType dtype) {
    double[] d = Spectra.with(2000, 20, 15, -3);
    try (TestOperator a = TestOperator.withSpectrum(device, dtype, d);
        Buffer second = a.eigenvector(1)) {
      Extremes e = Lanczos.extremes(a, options().withTolerance(1e-5).withStart(second, 0));
      assertEquals(20, e.max().value(), 1e-3);
      assertEquals(-3, e.min().value(), 1e-3);
    }
    try (TestOperator a = TestOperator.withSpectrum(device, dtype, d);
        Buffer second = a.eigenvector(1);
        ShortRecurrence space = new ShortRecurrence(a, new Products(a), 1)) {
      space.begin(second, 0);
      assertEquals(0, space.randomVectors());
      space.step(1);
      assertTrue(space.exhausted());
      space.reseed();
      assertEquals(1, space.randomVectors());
      for (int i = 0; i < 5; i++) {
        space.step(1);
      }
      // What came before the random vector says nothing of what it sees.
      assertEquals(5, space.cycles().getFirst().band().length);
      assertEquals(15, space.ritz().values()[4], 5);
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void whatNeedsABasisIsRefused(DType dtype) {
    try (TestOperator a = TestOperator.withSpectrum(device, dtype, Spectra.tenOutliers(50))) {
      List<Lanczos.Options> refused =
          List.of(
              options().withBlock(2), options().withVectors(true), options().withMeasured(true));
      for (Lanczos.Options o : refused) {
        assertThrows(IllegalArgumentException.class, () -> Lanczos.extremes(a, o));
      }
      assertThrows(IllegalArgumentException.class, () -> Lanczos.eigenpairs(a, 0, 2, options()));
      try (TestOperator bad = a.failingAt(3, 7)) {
        assertThrows(ArithmeticException.class, () -> Lanczos.extremes(bad, options()));
      }
    }
  }
}
