package dev.evolute.autodiff.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Program.Purpose;
import dev.evolute.autodiff.graph.Reference;
import dev.evolute.autodiff.graph.Shape;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.op.SquaredError;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FullyConnectedTest {
  private static final Device CPU = Device.open("cpu", 1);

  private static Program program(FullyConnected model, DType dtype) {
    Graph graph = new Graph();
    Value x = graph.data("x", 2, model.widths().get(0));
    Value z = model.record(graph, x);
    graph.loss(SquaredError.sum(), z, graph.data("y", 2, z.shape().cols()));
    return Program.compile(graph, CPU, dtype, Purpose.TRAINING);
  }

  private static double[] xavier(FullyConnected model, long seed) {
    try (Program program = program(model, DType.F64)) {
      Initialisation.xavierUniform().fill(program, seed);
      return program.theta().toArray();
    }
  }

  @Test
  void paperNetworkHas42200Parameters() {
    FullyConnected model = FullyConnected.of(Activation.RELU, 784, 50, 50, 10);
    assertEquals(42_200, model.size());
    assertEquals(3, model.depth());
    try (Program program = program(model, DType.F32)) {
      assertEquals(42_200, program.size());
      assertEquals(42_200, program.theta().length());
    }
  }

  @Test
  void biasesCount() {
    FullyConnected model = new FullyConnected(List.of(784, 50, 50, 10), Activation.TANH, true);
    assertEquals(42_310, model.size());
    try (Program program = program(model, DType.F32)) {
      assertEquals(42_310, program.size());
    }
  }

  @Test
  void thetaHoldsWeightsAndBiasesLayerByLayer() {
    FullyConnected model = new FullyConnected(List.of(4, 3, 2), Activation.TANH, true);
    Graph graph = new Graph();
    Value z = model.record(graph, graph.data("x", 5, 4));
    assertEquals(new Shape(5, 2), z.shape());
    List<Value> parameters = graph.parameters();
    assertEquals(List.of("W1", "b1", "W2", "b2"), parameters.stream().map(Value::name).toList());
    assertEquals(
        List.of(new Shape(3, 4), new Shape(1, 3), new Shape(2, 3), new Shape(1, 2)),
        parameters.stream().map(Value::shape).toList());
    assertEquals(List.of(0L, 12L, 15L, 21L), parameters.stream().map(Value::offset).toList());
  }

  @Test
  void networkIsLinearActivationLinearWithoutActivationAtTheEnd() {
    FullyConnected model = new FullyConnected(List.of(2, 2, 1), Activation.RELU, true);
    Graph graph = new Graph();
    Value x = graph.data("x", 1, 2);
    Value z = model.record(graph, x);
    double[] theta = {1, 0, 0, -1, 0.5, 0.25, 2, -3, -7};
    Reference at = Reference.of(graph, Map.of(x, new double[] {1, 2}), theta);
    // relu(1 + 0.5), relu(-2 + 0.25) = 1.5, 0; 2 * 1.5 - 7 = -4: no ReLU after the last layer.
    assertArrayEquals(new double[] {-4}, at.value(z));
  }

  @Test
  void identityNetworkRecordsNoActivation() {
    Graph linear = new Graph();
    FullyConnected.of(Activation.IDENTITY, 4, 3, 2).record(linear, linear.data("x", 5, 4));
    Graph tanh = new Graph();
    FullyConnected.of(Activation.TANH, 4, 3, 2).record(tanh, tanh.data("x", 5, 4));
    assertEquals(Reference.operations(linear) + 1, Reference.operations(tanh));
  }

  @Test
  void xavierWeightsFillTheirBoundsAndBiasesAreZero() {
    double[] theta = xavier(new FullyConnected(List.of(60, 40, 20), Activation.TANH, true), 5);
    double[] w1 = Arrays.copyOfRange(theta, 0, 2400);
    double[] b1 = Arrays.copyOfRange(theta, 2400, 2440);
    double[] w2 = Arrays.copyOfRange(theta, 2440, 3240);
    assertArrayEquals(new double[40], b1);
    assertFills(w1, Math.sqrt(6.0 / 100));
    assertFills(w2, Math.sqrt(6.0 / 60));
  }

  private static void assertFills(double[] w, double bound) {
    assertTrue(Arrays.stream(w).allMatch(v -> Math.abs(v) <= bound));
    assertTrue(Arrays.stream(w).max().orElseThrow() > 0.98 * bound);
    assertTrue(Arrays.stream(w).min().orElseThrow() < -0.98 * bound);
    double sum = Arrays.stream(w).sum();
    double squares = Arrays.stream(w).map(v -> v * v).sum();
    assertEquals(0, sum / w.length, 4 * bound / Math.sqrt(3.0 * w.length));
    assertEquals(bound * bound / 3, squares / w.length, 0.1 * bound * bound);
  }

  @Test
  void oneSeedGivesOneThetaAndAnotherSeedAnother() {
    FullyConnected model = FullyConnected.of(Activation.RELU, 6, 5, 4);
    assertArrayEquals(xavier(model, 1), xavier(model, 1));
    assertFalse(Arrays.equals(xavier(model, 1), xavier(model, 2)));
  }

  @Test
  void layersOfOneShapeStartDifferently() {
    double[] theta = xavier(FullyConnected.of(Activation.RELU, 5, 5, 5), 1);
    assertFalse(Arrays.equals(Arrays.copyOfRange(theta, 0, 25), Arrays.copyOfRange(theta, 25, 50)));
  }

  @Test
  void singlePrecisionStartsAtTheRoundedTheta() {
    FullyConnected model = FullyConnected.of(Activation.RELU, 6, 5, 4);
    double[] wide = xavier(model, 3);
    try (Program program = program(model, DType.F32)) {
      Initialisation.xavierUniform().fill(program, 3);
      double[] rounded = Arrays.stream(wide).map(v -> (float) v).toArray();
      assertArrayEquals(rounded, program.theta().toArray());
    }
  }

  @Test
  void widthsThatMakeNoNetworkAreRefused() {
    for (List<Integer> widths : List.of(List.of(3), List.of(3, 0, 2), List.<Integer>of())) {
      Exception e =
          assertThrows(
              IllegalArgumentException.class,
              () -> new FullyConnected(widths, Activation.TANH, false));
      assertEquals(
          "widths: " + widths + " given; a network needs at least two, each at least 1",
          e.getMessage());
    }
  }

  @Test
  void inputOfAnotherWidthIsRefused() {
    Graph graph = new Graph();
    Value x = graph.data("x", 10, 7);
    FullyConnected model = FullyConnected.of(Activation.TANH, 8, 2);
    Exception e = assertThrows(IllegalArgumentException.class, () -> model.record(graph, x));
    assertEquals(
        "matmul: left is [10 x 7], right is [8 x 2]; inner sizes 7 and 8 must be equal",
        e.getMessage());
  }
}
