package dev.evolute.spectral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Products that spectra of a network's size and shape take, to a true error of 1e-3. */
final class ProductCountsTest {
  private static final int N = 100_000;
  private static Device device;

  @BeforeAll
  static void open() {
    device = Device.open("cpu", 2);
  }

  @AfterAll
  static void close() {
    device.close();
  }

  private static Lanczos.Options max(long seed) {
    return Lanczos.Options.defaults().withEnd(Lanczos.End.MAX).withSeed(seed);
  }

  private static List<double[]> spectra() {
    return List.of(
        Spectra.tenOutliers(N),
        Spectra.onePercentApart(N),
        Spectra.hundredthOfAPercentApart(N),
        Spectra.repeatedTop(N),
        Spectra.saddle(N),
        Spectra.oneNegativeOutlier(N));
  }

  @Test
  void lambdaMaxTakesTwelveColdAndThreeWarm() {
    for (double[] d : spectra()) {
      double lambda = Spectra.max(d);
      try (TestOperator a = TestOperator.withSpectrum(device, DType.F32, d);
          TestOperator moved = TestOperator.withSpectrum(device, DType.F32, d, 1e-3)) {
        for (int seed = 1; seed <= 3; seed++) {
          // Stops on the bound: the true error is within the tolerance at a risk of 0.01.
          try (Extremes cold =
                  Lanczos.extremes(a, max(seed).withFailure(0.01).withMeasured(false));
              Extremes warm =
                  Lanczos.extremes(moved, max(seed + 100).withStart(cold.max().vector(), 0.02))) {
            assertEquals(lambda, cold.max().value(), 1e-3 * lambda);
            assertTrue(cold.converged() && cold.products() <= 12, cold.toString());
            assertEquals(lambda, warm.max().value(), 1e-3 * lambda);
            assertTrue(warm.converged() && warm.products() <= 3, warm.toString());
          }
        }
      }
    }
  }

  @Test
  void bothEndsOfTenOutliersTakeForty() {
    double[] d = Spectra.tenOutliers(N);
    try (TestOperator a = TestOperator.withSpectrum(device, DType.F32, d)) {
      for (int seed = 1; seed <= 3; seed++) {
        // lambda_min is fifty times smaller than lambda_max, and asked for relative to itself.
        Lanczos.Options o =
            Lanczos.Options.defaults().withSeed(seed).withRelative(Lanczos.Relative.VALUE);
        try (Extremes e = Lanczos.extremes(a, o);
            Extremes estimate = Lanczos.extremes(a, o.withStop(Lanczos.Stop.ESTIMATE))) {
          assertTrue(e.converged() && e.products() <= 40, e.toString());
          assertTrue(estimate.products() < e.products());
          for (Extremes ends : List.of(e, estimate)) {
            assertEquals(Spectra.max(d), ends.max().value(), 1e-3 * Spectra.max(d));
            assertEquals(Spectra.min(d), ends.min().value(), -1e-3 * Spectra.min(d));
          }
        }
      }
    }
  }

  @Test
  void pairAHundredthOfAPercentApartConvergesAsAValueLongBeforeItsVector() {
    double[] d = Spectra.hundredthOfAPercentApart(N);
    try (TestOperator a = TestOperator.withSpectrum(device, DType.F64, d);
        Extremes value = Lanczos.extremes(a, max(1).withTolerance(1e-3));
        Extremes vector = Lanczos.extremes(a, max(1).withTolerance(1e-7))) {
      // The value is within 1e-4 whatever the mixture of the two vectors; to tell them apart the
      // residual must fall below their distance, which takes twice the products.
      assertTrue(value.products() <= 12, value.toString());
      assertEquals(20, value.max().value(), 20e-4);
      assertTrue(vector.products() > 1.4 * value.products(), vector.toString());
      assertEquals(20, vector.max().value(), 1e-6);
    }
  }

  @Test
  void stoppingOnTheEstimateIsCheaperAndSometimesWrong() {
    // Where two top values are 1 % apart a run that has not told them apart sees no neighbour, and
    // its estimate is of their mixture. That is why it is called an estimate.
    double[] d = Spectra.onePercentApart(2000);
    int estimates = 0;
    int residuals = 0;
    int wrong = 0;
    try (TestOperator a = TestOperator.withSpectrum(device, DType.F64, d)) {
      for (int seed = 0; seed < 50; seed++) {
        Lanczos.Options o = max(seed).withVectors(false);
        Extremes estimate = Lanczos.extremes(a, o.withStop(Lanczos.Stop.ESTIMATE));
        estimates += estimate.products();
        residuals += Lanczos.extremes(a, o).products();
        wrong += estimate.max().value() < 20 * (1 - 1e-3) ? 1 : 0;
        // The interval round it holds an eigenvalue all the same.
        double half = estimate.max().residual() + estimate.max().noise();
        assertTrue(Spectra.distance(d, estimate.max().value()) <= half + 1e-12);
      }
    }
    assertTrue(estimates < residuals, estimates + " and " + residuals);
    assertTrue(wrong > 0, "if it is never wrong here, say so in its documentation");
  }
}
