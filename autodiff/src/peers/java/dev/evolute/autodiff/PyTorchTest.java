package dev.evolute.autodiff;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.autodiff.curvature.Point;
import dev.evolute.autodiff.graph.ChunkPlan;
import dev.evolute.autodiff.graph.Chunks;
import dev.evolute.autodiff.graph.Objective;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Program.Purpose;
import dev.evolute.autodiff.graph.Torch;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.spectral.LinearOperator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Value, gradient, Hessian- and Gauss-Newton-vector products agree with PyTorch's, for every
 * operation, model and loss: over all cases of {@link Networks}, and over random models with one
 * sample or several, one unit or several, whole and in chunks of which the last is smaller.
 */
class PyTorchTest {
  private static final int MODELS = 240;
  private static final Device CPU = Device.open("cpu", 2);

  @AfterAll
  static void close() {
    CPU.close();
  }

  static List<Network> networks() {
    return Networks.all();
  }

  static List<Oracle> models() {
    return Oracle.random(MODELS);
  }

  @ParameterizedTest
  @MethodSource("networks")
  void operationsAgree(Network network) {
    for (DType dtype : DType.values()) {
      try (Program program = network.compile(CPU, dtype, Purpose.CURVATURE)) {
        agree(network, program);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void modelsAgreeWholeAndInChunks(Oracle oracle) {
    Network network = oracle.network();
    for (DType dtype : DType.values()) {
      try (Program program = network.compile(CPU, dtype, Purpose.CURVATURE);
          Chunks chunks =
              ChunkPlan.of(oracle.n(), oracle.rows(), oracle.loss()).compile(CPU, dtype)) {
        agree(network, program);
        network.graph().data().forEach(x -> chunks.set(x.name(), oracle.data().get(x.name())));
        chunks.theta().set(oracle.theta());
        agree(network, chunks);
      }
    }
  }

  private static void agree(Network network, Objective ours) {
    double[] v = Dense.normal(new Random(7), network.theta().length);
    DType dtype = ours.dtype();
    try (Torch torch = new Torch(network.graph(), network.data(), network.theta(), dtype)) {
      Point point = Point.of(ours);
      close(dtype, "value", new double[] {torch.value()}, new double[] {point.loss()});
      close(dtype, "gradient", torch.gradient(), point.gradient().toArray());
      close(dtype, "Hessian product", torch.hessian(v), product(point.hessian(), v));
      close(dtype, "Gauss-Newton product", torch.gaussNewton(v), product(point.gaussNewton(), v));
    }
  }

  private static double[] product(LinearOperator operator, double[] v) {
    try (Buffer x = CPU.allocate(operator.dtype(), v.length);
        Buffer y = CPU.allocate(operator.dtype(), v.length)) {
      x.set(v);
      operator.apply(x, y);
      return y.toArray();
    }
  }

  /** Relative to the norm. */
  private static void close(DType dtype, String what, double[] expected, double[] actual) {
    double distance = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      distance = Math.hypot(distance, expected[i] - actual[i]);
      norm = Math.hypot(norm, expected[i]);
    }
    double tolerance = dtype == DType.F64 ? 1e-10 : 2e-4;
    assertTrue(
        distance <= tolerance * norm,
        dtype + " " + what + ": off by " + distance + ", of norm " + norm);
  }
}
