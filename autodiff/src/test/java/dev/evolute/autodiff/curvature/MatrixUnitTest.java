package dev.evolute.autodiff.curvature;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.autodiff.Recording;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Program.Purpose;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.nn.FullyConnected;
import dev.evolute.autodiff.nn.Initialisation;
import dev.evolute.autodiff.op.SoftmaxCrossEntropy;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Precision;
import dev.evolute.kernels.cpu.EmulatedDevice;
import dev.evolute.spectral.Confirmation;
import dev.evolute.spectral.Eigenpair;
import dev.evolute.spectral.Extremes;
import dev.evolute.spectral.Lanczos;
import dev.evolute.spectral.LinearOperator;
import org.junit.jupiter.api.Test;

/** Hessians whose products run on an interpreted matrix unit: intervals agree with fp64. */
class MatrixUnitTest {
  private static final int SAMPLES = 40;
  private static final int INPUTS = 20;
  private static final int CLASSES = 5;

  private static Program program(Device device, DType dtype) {
    FullyConnected model = FullyConnected.of(Activation.TANH, INPUTS, 33, 33, CLASSES);
    Recording r = new Recording(21);
    Value z = model.record(r.graph, r.data(SAMPLES, INPUTS));
    r.graph.loss(SoftmaxCrossEntropy.mean(SAMPLES), z, r.labels(SAMPLES, CLASSES));
    Program program = Program.compile(r.graph, device, dtype, Purpose.CURVATURE);
    r.done("").data().forEach(program::set);
    Initialisation.xavierUniform().fill(program, 4);
    return program;
  }

  private static double exact() {
    try (Device cpu = Device.open("cpu", 1);
        Program program = program(cpu, DType.F64);
        Extremes ends = Lanczos.extremes(Point.of(program).hessian(), Lanczos.Options.defaults())) {
      return ends.max().value();
    }
  }

  private static void assertContains(Eigenpair pair, double value, String what) {
    assertTrue(pair.lower() <= value && value <= pair.upper(), what + ": " + pair);
  }

  @Test
  void intervalsOfCheapProductsContainTheEigenvalueOfFp64() {
    double exact = exact();
    for (Precision precision : new Precision[] {Precision.BF16X6, Precision.BF16}) {
      try (Device device = EmulatedDevice.open(1, precision);
          Program program = program(device, DType.F32)) {
        LinearOperator hessian = Point.of(program).hessian();
        assertEquals(precision.noise(), hessian.noise());
        Lanczos.Options options = Lanczos.Options.defaults().withMaxProducts(25);
        try (Extremes found = Lanczos.extremes(hessian, options)) {
          assertContains(found.max(), exact, "" + precision);
          device.precision(Precision.F32);
          LinearOperator precise = Point.of(program).hessian();
          Eigenpair confirmed = Confirmation.of(precise, found, 1e-3).max();
          assertContains(confirmed, exact, precision + ", confirmed");
          assertTrue(confirmed.noise() < 1e-5 * exact, "" + confirmed);
          if (precision == Precision.BF16X6) {
            assertEquals(exact, found.max().value(), 1e-5 * exact);
          }
        }
      }
    }
  }
}
