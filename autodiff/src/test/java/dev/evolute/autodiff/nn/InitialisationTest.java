package dev.evolute.autodiff.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.op.L2Penalty;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.util.Arrays;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Moments and bounds of what networks start from, in closed form. */
class InitialisationTest {
  private static final Device CPU = Device.open("cpu", 1);
  private static final int IN = 120;
  private static final int OUT = 80;
  private static final FullyConnected MODEL =
      FullyConnected.of(Activation.TANH, IN, OUT).withBias();

  /** A model's theta after some way to start. */
  static double[] theta(Model model, int inputs, Consumer<Program> start) {
    Graph graph = new Graph();
    graph.loss(new L2Penalty(1), model.record(graph, graph.data("x", 1, inputs)));
    try (Program program = Program.compile(graph, CPU, DType.F64, Program.Purpose.TRAINING)) {
      start.accept(program);
      return program.theta().toArray();
    }
  }

  private static double[] weights(Initialisation initialisation) {
    double[] theta = theta(MODEL, IN, program -> initialisation.fill(program, 3));
    assertArrayEquals(new double[OUT], Arrays.copyOfRange(theta, IN * OUT, theta.length), "biases");
    return Arrays.copyOf(theta, IN * OUT);
  }

  private static double moment(double[] x, int power) {
    return Arrays.stream(x).map(v -> Math.pow(v, power)).average().orElseThrow();
  }

  /** Mean, variance and fourth moment of a normal distribution, within five standard errors. */
  static void assertNormal(double deviation, double[] x) {
    double n = x.length;
    double variance = deviation * deviation;
    assertEquals(0, moment(x, 1), 5 * deviation / Math.sqrt(n));
    assertEquals(variance, moment(x, 2), 5 * variance * Math.sqrt(2 / n));
    double fourth = variance * variance;
    assertEquals(3 * fourth, moment(x, 4), 5 * fourth * Math.sqrt(96 / n));
  }

  private static void assertUniform(double bound, double[] x) {
    double n = x.length;
    double variance = bound * bound / 3;
    assertTrue(Arrays.stream(x).allMatch(v -> Math.abs(v) <= bound));
    assertEquals(0, moment(x, 1), 5 * Math.sqrt(variance / n));
    assertEquals(variance, moment(x, 2), 5 * Math.sqrt(4 * Math.pow(bound, 4) / 45 / n));
    assertTrue(Arrays.stream(x).map(Math::abs).max().orElseThrow() > 0.99 * bound);
  }

  @Test
  void xavierDependsOnBothFans() {
    assertUniform(Math.sqrt(6.0 / (IN + OUT)), weights(Initialisation.xavierUniform()));
    assertNormal(Math.sqrt(2.0 / (IN + OUT)), weights(Initialisation.xavierNormal()));
  }

  @Test
  void heKeepsTheVarianceBehindItsActivation() {
    assertUniform(Math.sqrt(6.0 / IN), weights(Initialisation.heUniform(Activation.RELU)));
    assertNormal(Math.sqrt(2.0 / IN), weights(Initialisation.heNormal(Activation.RELU)));
    assertNormal(1 / Math.sqrt(IN), weights(Initialisation.heNormal(Activation.IDENTITY)));
    assertNormal(5 / (3 * Math.sqrt(IN)), weights(Initialisation.heNormal(Activation.TANH)));
    assertNormal(
        Math.sqrt(2 / (1.25 * IN)), weights(Initialisation.heNormal(Activation.leakyRelu(0.5))));
    Exception e =
        assertThrows(
            IllegalArgumentException.class, () -> Initialisation.heNormal(Activation.GELU));
    assertEquals(
        "he: there is no gain for gelu; that of RELU is commonly taken for its smooth relatives",
        e.getMessage());
  }

  @Test
  void libraryDefaultDrawsBiasesFromTheFansOfTheirLayer() {
    double[] theta = theta(MODEL, IN, program -> Initialisation.libraryDefault().fill(program, 4));
    double bound = 1 / Math.sqrt(IN);
    assertUniform(bound, Arrays.copyOf(theta, IN * OUT));
    double[] biases = Arrays.copyOfRange(theta, IN * OUT, theta.length);
    assertTrue(Arrays.stream(biases).allMatch(b -> b != 0 && Math.abs(b) <= bound));
    assertTrue(Arrays.stream(biases).map(Math::abs).max().orElseThrow() > 0.9 * bound);
  }

  @Test
  void nearZeroIsGaussianOfASmallDeviation() {
    assertNormal(1e-3, weights(Initialisation.gaussian(1e-3)));
    for (double deviation : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThrows(IllegalArgumentException.class, () -> Initialisation.gaussian(deviation));
    }
  }

  /** By another implementation of the same formulas: every machine must draw the same bits. */
  @Test
  void thetaIsTheSameEverywhere() {
    FullyConnected model = FullyConnected.of(Activation.TANH, 2, 2);
    double[] uniform = theta(model, 2, p -> Initialisation.xavierUniform().fill(p, 1));
    double[] normal = theta(model, 2, p -> Initialisation.heNormal(Activation.RELU).fill(p, 1));
    assertArrayEquals(
        new double[] {
          -1.126954746180763, -0.5069284115619814, -0.9512296797326655, -0.5206248317509661
        },
        uniform);
    assertArrayEquals(
        new double[] {
          -0.07626953815052463, 0.27507419045077824, -0.11346949698051575, 0.4732133505547226
        },
        normal);
  }

  @Test
  void layersAndSeedsDiffer() {
    FullyConnected model = FullyConnected.of(Activation.TANH, 5, 5, 5);
    double[] one = theta(model, 5, p -> Initialisation.xavierNormal().fill(p, 1));
    double[] two = theta(model, 5, p -> Initialisation.xavierNormal().fill(p, 2));
    for (int i = 0; i < 25; i++) {
      assertTrue(one[i] != one[i + 25] && one[i] != two[i]);
    }
  }
}
