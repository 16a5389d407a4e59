package dev.evolute.spectral;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Kernels;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Densities against spectra that are known, moments that are computed otherwise, closed forms. */
final class SpectralDensityTest {
  private static final Device device = Device.open("cpu", 2);
  private static final SpectralDensity.Options DEFAULTS = SpectralDensity.Options.defaults();

  @AfterAll
  static void close() {
    device.close();
  }

  private static TestOperator spectrum(DType dtype, double... d) {
    return TestOperator.withSpectrum(device, dtype, d);
  }

  private static double[] uniform(int n) {
    double[] d = new double[n];
    Arrays.setAll(d, i -> -1 + 2.0 * i / (n - 1));
    return d;
  }

  private static List<double[]> spectra(int n) {
    double[] saddle = Spectra.with(n, 5, -4.8, 3);
    double[] tiny = Spectra.scaled(Spectra.tenOutliers(n), 1e-10);
    return List.of(Spectra.tenOutliers(n), saddle, tiny, uniform(n));
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void curvesIntegrateToOne(DType dtype) {
    for (double[] d : spectra(300)) {
      try (TestOperator a = spectrum(dtype, d)) {
        SpectralDensity density = SpectralDensity.of(a, DEFAULTS.withProbes(3).withSteps(40));
        assertEquals(3 * 40, density.products());
        assertEquals(a.products, density.products());
        double range = Spectra.max(d) - Spectra.min(d);
        for (double bandwidth : new double[] {density.defaultBandwidth(), range, 1e-3 * range}) {
          SpectralDensity.Curve curve = density.curve(bandwidth);
          assertEquals(1, curve.integral(), 1e-12);
          double sum = 0;
          for (int i = 1; i < curve.at().length; i++) {
            double step = curve.at()[i] - curve.at()[i - 1];
            sum += step * (curve.density()[i] + curve.density()[i - 1]) / 2;
          }
          assertEquals(1, sum, 1e-10);
        }
        for (Quadrature probe : density.probes()) {
          assertEquals(1, Arrays.stream(probe.weights()).sum(), 1e-14);
          assertTrue(Arrays.stream(probe.weights()).allMatch(w -> w >= 0));
        }
        double rounding = (dtype == DType.F32 ? 2e-6 : 4e-15) * range;
        double[] nodes = density.mean().nodes();
        assertTrue(nodes[0] >= Spectra.min(d) - rounding);
        assertTrue(nodes[nodes.length - 1] <= Spectra.max(d) + rounding);
      }
    }
  }

  /** {@code sum_j w_j theta_j^m = v' A^m v} up to {@code m = 2 k - 1}, by products alone. */
  @Test
  void quadratureIsExactForPolynomials() {
    int n = 200;
    Kernels kernels = device.kernels(DType.F64);
    for (double[] d : List.of(uniform(n), Spectra.scaled(Spectra.tenOutliers(n), 0.05))) {
      try (TestOperator a = spectrum(DType.F64, d);
          Buffer v = device.allocate(DType.F64, n);
          Buffer power = device.allocate(DType.F64, n);
          Buffer next = device.allocate(DType.F64, n)) {
        SpectralDensity density = SpectralDensity.of(a, DEFAULTS.withProbes(2).withSteps(6));
        for (int p = 0; p < 2; p++) {
          CounterRandom.fillGaussian(1, ProbeSpaces.PROBE_STREAM + p, 1, v);
          kernels.normalise(v);
          kernels.copy(v, power);
          for (int m = 0; m < 12; m++) {
            int degree = m;
            double found = density.probes().get(p).integral(x -> Math.pow(x, degree));
            assertEquals(kernels.dot(v, power), found, 1e-13, "moment " + m);
            a.apply(power, next);
            kernels.copy(next, power);
          }
        }
      }
    }
  }

  /** With as many steps as dimensions the weights are the probe's components, squared. */
  @Test
  void allStepsGiveTheSpectrumItself() {
    double[] d = uniform(30);
    try (TestOperator a = spectrum(DType.F64, d);
        Buffer v = device.allocate(DType.F64, 30)) {
      Quadrature found =
          SpectralDensity.of(a, DEFAULTS.withProbes(1).withSteps(1000)).probes().get(0);
      CounterRandom.fillGaussian(1, ProbeSpaces.PROBE_STREAM, 1, v);
      device.kernels(DType.F64).normalise(v);
      double[] weights = new double[30];
      for (int i = 0; i < 30; i++) {
        try (Buffer q = a.eigenvector(i)) {
          weights[i] = Math.pow(device.kernels(DType.F64).dot(q, v), 2);
        }
      }
      assertArrayEquals(d, found.nodes(), 1e-13);
      assertArrayEquals(weights, found.weights(), 1e-12);
    }
  }

  /** Wasserstein-1 distance to the true spectrum. */
  @Test
  void theDistanceToTheTruthFallsWithSteps() {
    for (double[] d : spectra(500)) {
      double range = Spectra.max(d) - Spectra.min(d);
      Quadrature truth = Quadrature.of(d);
      try (TestOperator a = spectrum(DType.F64, d)) {
        double before = Double.POSITIVE_INFINITY;
        for (int steps = 4; steps <= 16; steps *= 2) {
          SpectralDensity density = SpectralDensity.of(a, DEFAULTS.withProbes(40).withSteps(steps));
          double distance = density.mean().distance(truth);
          assertTrue(distance < before, distance + " after " + before);
          assertTrue(distance <= range / (2 * steps), distance + " with " + steps + " steps");
          before = distance;
        }
      }
    }
  }

  /** Of one probe, to what that probe would show with all steps: no chance is left in it. */
  @Test
  void theDistanceToTheWholeProbeFallsWithSteps() {
    for (double[] d : spectra(120)) {
      try (TestOperator a = spectrum(DType.F64, d)) {
        SpectralDensity.Options options = DEFAULTS.withProbes(1);
        Quadrature whole = SpectralDensity.of(a, options.withSteps(120)).mean();
        double range = Spectra.max(d) - Spectra.min(d);
        double before = Double.POSITIVE_INFINITY;
        for (int steps = 4; steps <= 64; steps *= 2) {
          double distance = SpectralDensity.of(a, options.withSteps(steps)).mean().distance(whole);
          assertTrue(distance < before, steps + " steps: " + distance + " after " + before);
          assertTrue(distance <= 3 * range / steps, distance + " with " + steps + " steps");
          before = distance;
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void closedForms(DType dtype) {
    int n = 64;
    double eps = dtype == DType.F32 ? 1e-5 : 1e-13;
    double[] ones = new double[n];
    Arrays.fill(ones, 1);
    try (TestOperator identity = TestOperator.diagonal(device, dtype, ones);
        TestOperator zero = TestOperator.diagonal(device, dtype, new double[n]);
        TestOperator single = TestOperator.diagonal(device, dtype, -3);
        TestOperator projection = spectrum(dtype, Arrays.copyOf(new double[] {1, 1, 1, 1}, n))) {
      SpectralDensity density = SpectralDensity.of(identity, DEFAULTS);
      assertEquals(10, density.products(), "one step ends the space of each probe");
      density.probes().forEach(probe -> assertEquals(1, probe.nodes()[0], eps));
      assertEquals(1, density.curve().integral(), 1e-12);

      density = SpectralDensity.of(zero, DEFAULTS);
      assertEquals(10, density.products());
      assertArrayEquals(new double[10], density.mean().nodes());
      assertEquals(1, density.defaultBandwidth());
      assertEquals(1, density.curve().integral(), 1e-12);

      density = SpectralDensity.of(single, DEFAULTS.withProbes(1));
      assertArrayEquals(new double[] {-3}, density.mean().nodes());
      assertEquals(1, density.curve().integral(), 1e-12);
      assertTrue(Double.isNaN(density.curve().standardError()[5]));

      density = SpectralDensity.of(projection, DEFAULTS.withProbes(100));
      assertEquals(200, density.products(), "two eigenvalues, two steps");
      for (Quadrature probe : density.probes()) {
        assertArrayEquals(new double[] {0, 1}, probe.nodes(), eps);
      }
      Estimate rank = density.trace(x -> x);
      assertTrue(rank.lower(3) < 4 && 4 < rank.upper(3), rank.toString());
      assertTrue(rank.standardError() < 0.5, rank.toString());
    }
  }

  /** Over seeds: right on average, and within three standard errors as often as those say. */
  @Test
  void functionsOfTheOperatorAreUnbiasedWithinTheirErrors() {
    double[] d = Spectra.with(150, 3, 2, -1.5, 1);
    double truth = Arrays.stream(d).map(x -> x * x * x - x * x).sum();
    try (TestOperator a = spectrum(DType.F64, d)) {
      Samples all = new Samples();
      int within = 0;
      for (int seed = 0; seed < 300; seed++) {
        SpectralDensity density =
            SpectralDensity.of(a, DEFAULTS.withProbes(30).withSteps(2).withSeed(seed));
        Estimate found = density.trace(x -> x * x * x - x * x);
        all.add(found.value());
        within += found.lower(3) <= truth && truth <= found.upper(3) ? 1 : 0;
      }
      assertEquals(truth, all.mean(), 4 * all.standardError());
      assertTrue(within >= 290, within + " of 300 within three standard errors");
    }
  }

  @Test
  void theErrorOfTheCurveIsItsSpread() {
    double[] d = uniform(100);
    try (TestOperator a = spectrum(DType.F64, d)) {
      double bandwidth = 0.2;
      Quadrature truth = Quadrature.of(d);
      SpectralDensity density = SpectralDensity.of(a, DEFAULTS.withProbes(60).withSteps(40));
      SpectralDensity.Curve curve = density.curve(bandwidth);
      int within = 0;
      for (int i = 0; i < curve.at().length; i++) {
        double off = curve.density()[i] - truth.density(curve.at()[i], 0, bandwidth);
        within += Math.abs(off) <= 3 * curve.standardError()[i] + 1e-12 ? 1 : 0;
      }
      assertTrue(within >= 0.95 * curve.at().length, within + " of " + curve.at().length);
      for (int i = 0; i < curve.at().length; i += 7) {
        double square = 0;
        for (Quadrature probe : density.probes()) {
          double off = probe.density(curve.at()[i], 0, bandwidth) - curve.density()[i];
          square += off * off;
        }
        // Of the mean of 60 probes.
        assertEquals(Math.sqrt(square / (60 * 59)), curve.standardError()[i], 1e-9);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void howManyProbesGoTogetherChangesNothing(DType dtype) {
    int n = 90;
    long one = (12 + 3L) * n * dtype.bytes();
    try (TestOperator a = spectrum(dtype, Spectra.tenOutliers(n))) {
      SpectralDensity.Options options = DEFAULTS.withProbes(5).withSteps(12);
      SpectralDensity whole = SpectralDensity.of(a, options);
      for (long fit : new long[] {1, 2, 3}) {
        SpectralDensity parts = SpectralDensity.of(a, options.withMaxBytes(fit * one));
        for (int p = 0; p < 5; p++) {
          assertArrayEquals(whole.probes().get(p).nodes(), parts.probes().get(p).nodes());
          assertArrayEquals(whole.probes().get(p).weights(), parts.probes().get(p).weights());
        }
      }
      String message =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> SpectralDensity.of(a, options.withMaxBytes(one - 1)))
              .getMessage();
      assertEquals(
          "density: a probe of 12 steps keeps 15 vectors of 90 elements, "
              + one
              + " bytes, maxBytes is "
              + (one - 1)
              + "; take fewer steps or allow for more",
          message);
    }
  }

  @Test
  void aProductThatIsNoNumberIsNamed() {
    try (TestOperator a = spectrum(DType.F64, uniform(50))) {
      TestOperator failing = a.failingAt(7, 3, 4);
      ArithmeticException e =
          assertThrows(
              ArithmeticException.class, () -> SpectralDensity.of(failing, DEFAULTS.withProbes(4)));
      assertTrue(
          e.getMessage().startsWith("operator: product 7 has 2 NaN or infinite entries of 50"),
          e.getMessage());
    }
  }

  @Test
  void whatCannotBeAskedForIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> DEFAULTS.withProbes(0));
    assertThrows(IllegalArgumentException.class, () -> DEFAULTS.withSteps(0));
    assertThrows(IllegalArgumentException.class, () -> DEFAULTS.withSteps(5000));
    try (TestOperator a = spectrum(DType.F64, uniform(50))) {
      SpectralDensity density = SpectralDensity.of(a, DEFAULTS.withProbes(1));
      for (double bandwidth : new double[] {0, -1, Double.NaN, 1e-9}) {
        assertThrows(IllegalArgumentException.class, () -> density.curve(bandwidth));
      }
    }
  }

  @Test
  void theDistanceIsThatOfSortedSamples() {
    for (int seed = 0; seed < 20; seed++) {
      double[] x = new double[40];
      double[] y = new double[40];
      for (int i = 0; i < 40; i++) {
        x[i] = CounterRandom.gaussian(seed, 1, i);
        y[i] = 2 * CounterRandom.gaussian(seed, 2, i) + 1;
      }
      double distance = Quadrature.of(x).distance(Quadrature.of(y));
      assertEquals(distance, Quadrature.of(y).distance(Quadrature.of(x)), 1e-14);
      Arrays.sort(x);
      Arrays.sort(y);
      double expected = 0;
      for (int i = 0; i < 40; i++) {
        expected += Math.abs(x[i] - y[i]) / 40;
      }
      assertEquals(expected, distance, 1e-13);
    }
    assertEquals(0.75, Quadrature.of(0, 0, 0, 3).distance(Quadrature.of(0)), 1e-15);
  }
}
