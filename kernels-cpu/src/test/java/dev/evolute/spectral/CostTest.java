package dev.evolute.spectral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a run takes is known before it starts, and refused with the number. */
final class CostTest {
  private static Device device;

  @BeforeAll
  static void open() {
    device = Device.open("cpu", 1);
  }

  @AfterAll
  static void close() {
    device.close();
  }

  @Test
  void predictionBoundsWhatTheRunTakes() {
    double[] d = Spectra.tenOutliers(2000);
    Lanczos.Options o = Lanczos.Options.defaults().withMaxBasis(30).withMaxProducts(60);
    try (TestOperator a = TestOperator.withSpectrum(device, DType.F32, d)) {
      Cost cost = Cost.of(a, o);
      assertEquals(3, a.products);
      assertTrue(cost.secondsPerProduct() > 0 && cost.secondsPerProduct() < 1);
      assertEquals(60 * cost.secondsPerProduct(), cost.seconds());
      assertEquals(cost, cost.within(cost.bytes(), cost.seconds()));
      try (Extremes e = Lanczos.extremes(a, o)) {
        assertTrue(e.products() <= cost.mostProducts() && e.products() >= cost.fewestProducts());
      }
      // 30 multiplied, one to come, one of scratch, two of the result.
      assertEquals(34L * 2000 * 4, cost.bytes());
      assertEquals(3L * 2000 * 4, Cost.of(a, o.withoutBasis(), 0).bytes());
    }
  }

  @Test
  void spaceThatIsNotRestartedEndsWithTheDimension() {
    try (TestOperator a = TestOperator.diagonal(device, DType.F64, 1, 2, 3, 4, 5)) {
      Cost cost = Cost.of(a, Lanczos.Options.defaults(), 0.5);
      assertEquals(7, cost.mostProducts());
      assertEquals(3.5, cost.seconds());
    }
  }

  @Test
  void whatDoesNotFitIsRefusedWithTheNumber() {
    // A hundred million parameters: nothing is allocated or applied.
    LinearOperator huge =
        LinearOperator.of(
            device,
            DType.F32,
            100_000_000,
            (x, y) -> {
              throw new AssertionError("applied");
            });
    Cost cost = Cost.of(huge, Lanczos.Options.defaults().withMaxBasis(100), 0.25);
    String memory =
        assertThrows(IllegalArgumentException.class, () -> cost.within(16L << 30, 1e9))
            .getMessage();
    assertTrue(memory.contains("41,600,000,000 bytes, 17,179,869,184 are allowed"), memory);
    String time =
        assertThrows(IllegalArgumentException.class, () -> cost.within(1L << 40, 100)).getMessage();
    assertTrue(time.contains("1,000 products of 0.250 s take 250 s, 100 s are allowed"), time);
    assertTrue(time.contains("400 products fit, and this run takes 12 at least"), time);
  }

  @Test
  void aPrioriNumberOfProductsSufficesAndIsGenerous() {
    // Kuczynski and Wozniakowski hold for every spectrum; the harder one here has no outliers.
    assertEquals(170, Cost.sufficientProducts(100_000, 1e-3, 0.01), 5);
    assertEquals(50, Cost.sufficientProducts(50, 1e-6, 0.01));
    int n = 400;
    double[] d = new double[n];
    for (int i = 0; i < n; i++) {
      d[i] = i / (n - 1.0);
    }
    int products = (int) Cost.sufficientProducts(n, 0.05, 0.1);
    int missed = 0;
    try (TestOperator a = TestOperator.withSpectrum(device, DType.F64, d)) {
      for (int seed = 0; seed < 200; seed++) {
        Lanczos.Options o =
            Lanczos.Options.defaults()
                .withEnd(Lanczos.End.MAX)
                .withVectors(false)
                .withMeasured(false)
                .withTolerance(0)
                .withMaxProducts(products)
                .withSeed(seed);
        missed += Lanczos.extremes(a, o).max().value() < 0.95 ? 1 : 0;
      }
    }
    assertTrue(missed <= 20, missed + " of 200 missed");
    assertThrows(IllegalArgumentException.class, () -> Cost.sufficientProducts(100, 0, 0.1));
  }
}
