package dev.evolute.spectral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class PowerIterationTest {
  private static Device device;

  @BeforeAll
  static void open() {
    device = Device.open("cpu", 2);
  }

  @AfterAll
  static void close() {
    device.close();
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void agreesWithLanczosOnBothEnds(DType dtype) {
    for (double[] tops : new double[][] {{20, 14, -6, -3}, {6, 3, -20, -14}, {9, -9}}) {
      double[] d = Spectra.with(1000, tops);
      try (TestOperator a = TestOperator.withSpectrum(device, dtype, d);
          Extremes power = PowerIteration.extremes(a, 1e-5, 3000, 1);
          Extremes lanczos = Lanczos.extremes(a, Lanczos.Options.defaults().withTolerance(1e-5))) {
        assertEquals(a.products, power.products() + lanczos.products());
        assertTrue(power.converged(), power.toString());
        assertEquals(lanczos.max().value(), power.max().value(), 1e-5);
        assertEquals(lanczos.min().value(), power.min().value(), 1e-5);
        assertTrue(power.products() > 2 * lanczos.products());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void dominantIsTheLargestByMagnitude(DType dtype) {
    double[] d = Spectra.with(500, 3, -8, 2);
    try (TestOperator a = TestOperator.withSpectrum(device, dtype, d);
        PowerIteration.Result r = PowerIteration.dominant(a, 1e-4, 200, 1)) {
      assertTrue(r.pair().converged());
      assertEquals(-8, r.pair().value(), 1e-5);
      assertEquals(a.products, r.products());
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void equalMagnitudesDoNotPassForConverged(DType dtype) {
    double[] d = Spectra.with(500, 8, -8, 2);
    try (TestOperator a = TestOperator.withSpectrum(device, dtype, d);
        PowerIteration.Result r = PowerIteration.dominant(a, 1e-4, 200, 1)) {
      assertFalse(r.pair().converged());
      assertTrue(r.pair().residual() > 0.1);
      assertEquals(200, r.products());
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void zeroOneDimensionAndScaleAreHandled(DType dtype) {
    try (TestOperator zero = TestOperator.diagonal(device, dtype, 0, 0, 0);
        Extremes e = PowerIteration.extremes(zero, 0, 100, 1)) {
      assertTrue(e.converged());
      assertEquals(0, e.max().value());
      assertEquals(2, e.products());
    }
    try (TestOperator one = TestOperator.diagonal(device, dtype, -4);
        Extremes e = PowerIteration.extremes(one, 1e-6, 100, 1)) {
      assertEquals(-4, e.max().value());
      assertEquals(-4, e.min().value());
    }
    double[] d = Spectra.with(200, 20, 14, -6, -3);
    int[] products = new int[3];
    double[] factors = {1, 1e-10, 1e10};
    for (int i = 0; i < 3; i++) {
      try (TestOperator a =
              TestOperator.withSpectrum(device, dtype, Spectra.scaled(d, factors[i]));
          Extremes e = PowerIteration.extremes(a, 1e-3, 3000, 1)) {
        products[i] = e.products();
      }
    }
    assertEquals(products[0], products[1]);
    assertEquals(products[0], products[2]);
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void nanInAProductIsReported(DType dtype) {
    try (TestOperator a = TestOperator.withSpectrum(device, dtype, Spectra.with(50, 3));
        TestOperator bad = a.failingAt(2, 0)) {
      assertThrows(ArithmeticException.class, () -> PowerIteration.extremes(bad, 1e-3, 100, 1));
    }
  }
}
