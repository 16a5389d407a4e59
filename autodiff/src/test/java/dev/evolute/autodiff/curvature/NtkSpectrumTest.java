package dev.evolute.autodiff.curvature;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.autodiff.Dense;
import dev.evolute.autodiff.Eigenvalues;
import dev.evolute.autodiff.Network;
import dev.evolute.autodiff.Recording;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Program.Purpose;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.nn.FullyConnected;
import dev.evolute.autodiff.op.SquaredError;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.spectral.Interval;
import dev.evolute.spectral.Lanczos;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Both ends of the kernel against all eigenvalues of {@code J J^T}. */
class NtkSpectrumTest {
  private static final Device CPU = Device.open("cpu", 1);

  private static Network network(int samples, int... widths) {
    Recording r = new Recording(5);
    FullyConnected model = FullyConnected.of(Activation.TANH, widths);
    Value z = r.model(model, r.data(samples, widths[0]));
    int outputs = widths[widths.length - 1];
    r.graph.loss(SquaredError.halfSum(), z, r.data(samples, outputs));
    return r.done("");
  }

  private static double[] truth(Network network) {
    try (Program program = network.curvature(CPU)) {
      double[][] j = Dense.materialise(Point.of(program).predictor().jacobian());
      return Eigenvalues.of(Dense.times(j, Dense.transpose(j)));
    }
  }

  private static void assertContains(Interval interval, double truth, double slack) {
    assertTrue(
        interval.lower() - slack <= truth && truth <= interval.upper() + slack,
        interval + " is not round " + truth);
  }

  @ParameterizedTest
  @CsvSource({"F64, 1e-12", "F32, 3e-6"})
  void bothWaysFindBothEnds(DType dtype, double tolerance) {
    Network network = network(12, 6, 9, 3);
    double[] truth = truth(network);
    double max = truth[truth.length - 1];
    try (Program program = network.compile(CPU, dtype, Purpose.CURVATURE)) {
      Predictor predictor = Point.of(program).predictor();
      NtkSpectrum dense = NtkSpectrum.of(predictor);
      assertTrue(dense.dense() && dense.converged());
      assertEquals(36, dense.products());
      Lanczos.Options options =
          Lanczos.Options.defaults().withTolerance(dtype == DType.F32 ? 1e-5 : 1e-10);
      NtkSpectrum iterated = NtkSpectrum.iterative(predictor.map(), options);
      assertFalse(iterated.dense());
      assertTrue(iterated.converged() && iterated.products() <= 40, iterated.toString());
      // Ended early, what it says of both ends still holds.
      NtkSpectrum early = NtkSpectrum.iterative(predictor.map(), options.withMaxProducts(10));
      assertFalse(early.converged());
      assertTrue(early.min().upper() >= truth[0] && early.max().lower() <= max, early.toString());
      assertEquals(early.min().value(), early.min().upper(), tolerance * max);
      assertEquals(early.max().value(), early.max().lower(), tolerance * max);
      for (NtkSpectrum found : new NtkSpectrum[] {dense, iterated}) {
        assertEquals(truth[0], found.min().value(), tolerance * max);
        assertEquals(max, found.max().value(), tolerance * max);
        assertContains(found.min(), truth[0], 1e-14 * max);
        assertContains(found.max(), max, 1e-14 * max);
        assertTrue(found.min().lower() >= 0);
      }
    }
  }

  /** 20 outputs of 12 parameters: the kernel is singular, and no product is spent to see that. */
  @Test
  void moreOutputsThanParametersMakeItSingular() {
    Network network = network(10, 2, 3, 2);
    double[] truth = truth(network);
    assertEquals(0, truth[0], 1e-12);
    try (Program program = network.curvature(CPU)) {
      Predictor predictor = Point.of(program).predictor();
      NtkSpectrum iterated = NtkSpectrum.iterative(predictor.map(), Lanczos.Options.defaults());
      assertEquals(new Interval(0, 0, 0), iterated.min());
      assertContains(iterated.max(), truth[19], 1e-12);
      NtkSpectrum dense = NtkSpectrum.of(predictor);
      assertEquals(0, dense.min().lower());
      assertTrue(dense.min().upper() < 1e-12 * dense.max().value());
    }
  }
}
