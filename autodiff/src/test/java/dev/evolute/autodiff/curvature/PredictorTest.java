package dev.evolute.autodiff.curvature;

import static dev.evolute.autodiff.Dense.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.autodiff.Dense;
import dev.evolute.autodiff.Network;
import dev.evolute.autodiff.Networks;
import dev.evolute.autodiff.Recording;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Program.Purpose;
import dev.evolute.autodiff.graph.Reference;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.memory.Memory;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Matrix;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Derivatives of the network's output, for every value of every network. */
class PredictorTest {
  private static final Device CPU = Device.open("cpu", 1);
  private static final double STEP = 1e-5;
  private static final List<Network> ALL = Networks.all();

  static List<Network> all() {
    return ALL;
  }

  static double[] output(Network network, double[] theta, Value value) {
    return Reference.of(network.graph(), network.data(), theta).value(value);
  }

  private static double[][] differences(Network network, Value value) {
    return Dense.sharpDifferences(theta -> output(network, theta, value), network.theta(), STEP);
  }

  @ParameterizedTest
  @MethodSource("all")
  void jacobianOfEveryValueMatchesDifferences(Network network) {
    try (Program program = network.curvature(CPU)) {
      Point point = Point.of(program);
      for (Value value : Reference.differentiated(network.graph())) {
        LinearMap jacobian = point.predictor(value).jacobian();
        double[][] expected = differences(network, value);
        double[][] forward = Dense.materialise(jacobian);
        double[][] reverse = Dense.materialiseTransposed(jacobian);
        assertClose(expected, forward, 1e-7, "J of " + value);
        assertClose(forward, reverse, 1e-13, "J^T of " + value);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void tangentKernelIsTheGramMatrixOfTheJacobian(Network network) {
    try (Program program = network.curvature(CPU)) {
      Point point = Point.of(program);
      for (Value value : Reference.differentiated(network.graph())) {
        Predictor predictor = point.predictor(value);
        double[][] jacobian = Dense.materialise(predictor.jacobian());
        double[][] expected = Dense.times(jacobian, Dense.transpose(jacobian));
        assertClose(expected, Dense.materialise(predictor.ntk()), 1e-13, "NTK products");
        Matrix matrix = predictor.ntkMatrix();
        try (Buffer memory = matrix.buffer()) {
          double[][] rows = Dense.rows(memory.toArray(), matrix.rows(), matrix.cols());
          assertClose(expected, rows, 1e-13, "NTK matrix");
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void singlePrecisionAgreesWithDouble(Network network) {
    Random random = new Random(5);
    try (Program wide = network.curvature(CPU);
        Program narrow = network.compile(CPU, DType.F32, Purpose.CURVATURE)) {
      Point exact = Point.of(wide);
      Point rounded = Point.of(narrow);
      for (Value value : Reference.differentiated(network.graph())) {
        double[] v = Dense.normal(random, network.theta().length);
        double[] u = Dense.normal(random, (int) value.shape().size());
        Predictor a = exact.predictor(value);
        Predictor b = rounded.predictor(value);
        assertClose(Dense.apply(a.jacobian(), v), Dense.apply(b.jacobian(), v), 2e-4, "J v in f32");
        assertClose(
            Dense.applyTransposed(a.jacobian(), u),
            Dense.applyTransposed(b.jacobian(), u),
            2e-4,
            "J^T u in f32");
        assertClose(Dense.apply(a.ntk(), u), Dense.apply(b.ntk(), u), 2e-4, "J J^T u in f32");
      }
      assertArrayEquals(network.theta(), wide.theta().toArray());
    }
  }

  /** Products of both kinds share their memory and must not see each other. */
  @ParameterizedTest
  @MethodSource("all")
  void productsInTurnsGiveTheSameBits(Network network) {
    double[] v = Dense.normal(new Random(6), network.theta().length);
    try (Program program = network.curvature(CPU)) {
      Point point = Point.of(program);
      double[] hessian = Dense.apply(point.hessian(), v);
      for (Value value : Reference.differentiated(network.graph())) {
        double[] u = Dense.normal(new Random(7), (int) value.shape().size());
        Predictor predictor = point.predictor(value);
        double[] ntk = Dense.apply(predictor.ntk(), u);
        assertArrayEquals(hessian, Dense.apply(point.hessian(), v));
        assertArrayEquals(ntk, Dense.apply(predictor.ntk(), u));
      }
      assertArrayEquals(network.theta(), program.theta().toArray());
    }
  }

  private static Network classifier(int samples) {
    Recording r = new Recording(8);
    Value a = r.activate(Activation.TANH, r.layer(r.data(samples, 4), r.parameter(5, 4)));
    Value w = r.parameter(3, 5);
    r.crossEntropy(r.layer(a, w));
    r.penalty(0.1, w);
    return r.done("classifier");
  }

  @Test
  void outputIsWhatTheLossIsGivenBesidePenalties() {
    try (Program program = classifier(6).curvature(CPU)) {
      Predictor predictor = Point.of(program).predictor();
      assertEquals("matmul [6 x 3]", predictor.output().toString());
      assertEquals(18, predictor.size());
      assertEquals(18, predictor.jacobian().rows());
      assertEquals(35, predictor.jacobian().columns());
    }
  }

  @Test
  void severalOutputsMustBeNamed() {
    Recording r = new Recording(9);
    Value a = r.activate(Activation.TANH, r.layer(r.data(4, 3), r.parameter(2, 3)));
    r.squaredError(1, a);
    r.squaredError(1, r.layer(a, r.parameter(1, 2)));
    Network network = r.done("two heads");
    try (Program program = network.curvature(CPU)) {
      Point point = Point.of(program);
      IllegalStateException e = assertThrows(IllegalStateException.class, point::predictor);
      assertEquals(
          "output: the loss is given [tanh [4 x 2], matmul [4 x 1]]; name the value that is the"
              + " output",
          e.getMessage());
      Value w = network.graph().parameters().get(0);
      IllegalArgumentException f =
          assertThrows(IllegalArgumentException.class, () -> point.predictor(w));
      assertEquals(
          "output: W1 [2 x 3] is not computed by this program from its parameters", f.getMessage());
    }
  }

  @Test
  void leftPointGivesNoMoreJacobianProducts() {
    try (Program program = classifier(2).curvature(CPU)) {
      LinearMap jacobian = Point.of(program).predictor().jacobian();
      program.value();
      assertThrows(IllegalStateException.class, () -> Dense.apply(jacobian, new double[35]));
      assertThrows(
          IllegalStateException.class, () -> Dense.applyTransposed(jacobian, new double[6]));
    }
  }

  /** A million outputs: the matrix would take 8 TB. */
  @Test
  void kernelMatrixThatCannotFitIsRefused() {
    Recording r = new Recording(10);
    int samples = 1_000_000;
    r.squaredError(1, r.layer(r.data(samples, 1, new double[samples]), r.parameter(1, 1)));
    try (Program program = r.done("many samples").curvature(CPU)) {
      Predictor predictor = Point.of(program).predictor();
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, predictor::ntkMatrix);
      assertTrue(
          e.getMessage().startsWith("ntk: the matrix [1000000 x 1000000] takes 8000000000000 "),
          e.getMessage());
    }
  }

  @Test
  void kernelMatrixBeyondAllMemoryIsRefusedWithItsBytes() {
    long bytes = 1L << 50;
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> Memory.require("ntk", bytes, "use ntk()"));
    assertTrue(e.getMessage().startsWith("ntk takes 1125899906842624 bytes, there are "));
    assertTrue(e.getMessage().endsWith("; use ntk()"));
  }
}
