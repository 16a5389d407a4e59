package dev.evolute.spectral;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Diagonals against the one that unit vectors show. */
final class DiagonalTest {
  private static final Device device = Device.open("cpu", 2);
  private static final Estimate.Options DEFAULTS = Estimate.Options.defaults();

  @AfterAll
  static void close() {
    device.close();
  }

  private static double[] truth(TestOperator a) {
    int n = (int) a.size();
    double[] d = new double[n];
    try (Buffer x = device.allocate(a.dtype(), n);
        Buffer y = device.allocate(a.dtype(), n)) {
      for (int i = 0; i < n; i++) {
        double[] unit = new double[n];
        unit[i] = 1;
        x.set(unit);
        a.apply(x, y);
        d[i] = y.get(i);
      }
    }
    return d;
  }

  private static double rms(double[] x) {
    return Math.sqrt(Arrays.stream(x).map(v -> v * v).sum() / x.length);
  }

  private static List<double[]> spectra(int n) {
    double[] slow = new double[n];
    Arrays.setAll(slow, i -> Math.pow(i + 1, -0.5));
    return List.of(
        Spectra.tenOutliers(n), Spectra.with(n, 5, -4.8), slow, Spectra.scaled(slow, 1e-10));
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void elementsAreWithinTheirErrors(DType dtype) {
    int n = 512;
    for (double[] spectrum : spectra(n)) {
      for (TestOperator each :
          List.of(
              TestOperator.withSpectrum(device, dtype, spectrum),
              TestOperator.spread(device, dtype, spectrum))) {
        try (TestOperator a = each) {
          elementsAreWithinTheirErrors(a);
        }
      }
    }
  }

  private static void elementsAreWithinTheirErrors(TestOperator a) {
    int n = (int) a.size();
    double[] truth = truth(a);
    Samples all = new Samples();
    int within = 0;
    double off = 0;
    double said = 0;
    int seeds = 20;
    for (int seed = 0; seed < seeds; seed++) {
      int before = a.products;
      try (Diagonal found =
          Diagonal.of(a, DEFAULTS.withTolerance(0.1).withMaxProducts(300).withSeed(seed))) {
        assertEquals(a.products - before, found.products());
        double[] value = found.value().toArray();
        double[] error = found.standardError().toArray();
        for (int i = 0; i < n; i++) {
          double difference = value[i] - truth[i];
          within += Math.abs(difference) <= 3 * error[i] + found.noise() ? 1 : 0;
          off += difference * difference;
          said += error[i] * error[i];
        }
        assertEquals(rms(error) / rms(value), found.error(), 1e-3 * found.error());
        assertEquals(found.error() <= 0.1, found.converged());
        all.add(value[7]);
      }
    }
    assertTrue(within >= 0.985 * n * seeds, within + " of " + n * seeds);
    assertEquals(1, Math.sqrt(said / off), 0.15);
    assertEquals(truth[7], all.mean(), 4 * all.standardError() + 1e-6 * rms(truth));
  }

  @Test
  void runsStopOnTheErrorAndAdmitACap() {
    try (TestOperator a = TestOperator.withSpectrum(device, DType.F64, Spectra.tenOutliers(2000))) {
      int before = 0;
      for (double tolerance : new double[] {0.4, 0.2, 0.1}) {
        try (Diagonal found =
            Diagonal.of(a, DEFAULTS.withTolerance(tolerance).withMaxProducts(1900))) {
          assertTrue(found.converged() && found.error() <= tolerance, found.toString());
          assertTrue(found.products() >= before);
          before = found.products();
        }
      }
      try (Diagonal capped = Diagonal.of(a, DEFAULTS.withTolerance(1e-6).withMaxProducts(100))) {
        assertFalse(capped.converged());
        assertEquals(100, capped.products());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void exactWhereNothingIsLeftToChance(DType dtype) {
    double eps = dtype == DType.F32 ? 1e-5 : 1e-13;
    double[] lowRank = Arrays.copyOf(new double[] {5, 2, -4}, 300);
    double[] few = {3, 1, -2, 0.5};
    double[] some = Arrays.copyOf(Spectra.bulk(100), 100);
    for (double[] d : List.of(lowRank, new double[200], few, new double[] {2}, some)) {
      try (TestOperator a = TestOperator.withSpectrum(device, dtype, d);
          Diagonal found = Diagonal.of(a, DEFAULTS.withTolerance(1e-9).withMaxProducts(500))) {
        assertArrayEquals(truth(a), found.value().toArray(), eps);
        assertArrayEquals(new double[d.length], found.standardError().toArray());
        assertEquals(0, found.error());
        assertTrue(found.converged());
      }
    }
  }

  @Test
  void memoryIsRefusedAndNoNumberIsNamed() {
    try (TestOperator a = TestOperator.withSpectrum(device, DType.F64, Spectra.bulk(300))) {
      Diagonal.of(a, DEFAULTS.withMaxBytes(6 * 300 * 8)).close();
      assertEquals(
          "diagonal: 6 vectors of 300 elements take 14400 bytes, maxBytes is 14399;"
              + " allow for more",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> Diagonal.of(a, DEFAULTS.withMaxBytes(14399)))
              .getMessage());
      for (int at : new int[] {1, 20, 40}) {
        ArithmeticException e =
            assertThrows(
                ArithmeticException.class, () -> Diagonal.of(a.failingAt(at, 9), DEFAULTS));
        assertTrue(
            e.getMessage().startsWith("operator: product " + at + " has 1 NaN"), e.getMessage());
      }
    }
  }
}
