package dev.evolute.autodiff.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.autodiff.Dense;
import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Reference;
import dev.evolute.autodiff.graph.Shape;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.kernels.Activation;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Sizes, layouts, factors and starts of the papers' models, against their formulas. */
class ModelsTest {
  private static long recorded(Model model, int inputs, int outputs) {
    Graph graph = new Graph();
    Value z = model.record(graph, graph.data("x", 7, inputs));
    assertEquals(new Shape(7, outputs), z.shape(), model.toString());
    List<String> names = graph.parameters().stream().map(Value::name).toList();
    assertEquals(model.parameters().stream().map(Model.Parameter::name).toList(), names);
    assertEquals(model.size(), graph.size());
    return graph.size();
  }

  @Test
  void parameterCountsAreThoseOfTheFormulas() {
    int d = 11;
    int m = 6;
    int k = 3;
    for (int depth = 1; depth < 5; depth++) {
      long ntk = m * d + (depth - 1) * m * m + m * k;
      assertEquals(ntk, recorded(new NtkNetwork(d, m, depth, k, Activation.TANH), d, k));
    }
    assertEquals(m * d + m * k, recorded(TwoLayer.outputFirst(Activation.GELU, d, m, k), d, k));
    assertEquals(m * d + m * k, recorded(TwoLayer.factors(d, m, k), d, k));
    assertEquals(d * m + m * m + m * k, recorded(DeepLinear.of(d, m, m, k), d, k));
    FullyConnected biased = FullyConnected.of(Activation.RELU, d, m, m, k).withBias();
    assertEquals(d * m + m * m + m * k + m + m + k, recorded(biased, d, k));
  }

  @Test
  void summaryListsParametersAndTheirNumber() {
    FullyConnected model = FullyConnected.of(Activation.RELU, 784, 50, 10).withBias();
    assertEquals(
        """
        fully connected 784-50-10, relu, biases
          W1     [50 x 784]             39,200
          b1     [1 x 50]                   50
          W2     [10 x 50]                 500
          b2     [1 x 10]                   10
        39,760 parameters
        """,
        model.summary());
    assertEquals(
        List.of(
            "deep linear 5-4-3",
            "two layers 5-4-3, leaky relu 0.1",
            "1/sqrt(m) network 5-8-8-1, tanh"),
        List.of(
            DeepLinear.of(5, 4, 3).toString(),
            TwoLayer.outputFirst(Activation.leakyRelu(0.1), 5, 4, 3).toString(),
            new NtkNetwork(5, 8, 2, 1, Activation.TANH).toString()));
  }

  /** The network's output on rows x, by the plain loops of {@link Reference}. */
  private static double[] output(Model model, double[] x, int inputs, double[] theta) {
    Graph graph = new Graph();
    Value data = graph.data("x", x.length / inputs, inputs);
    Value z = model.record(graph, data);
    return Reference.of(graph, Map.of(data, x), theta).value(z);
  }

  private static double[][] part(double[] theta, int at, int rows, int cols) {
    return Dense.rows(Arrays.copyOfRange(theta, at, at + rows * cols), rows, cols);
  }

  private static double[][] tanh(double[][] a, double factor) {
    return Arrays.stream(a)
        .map(row -> Arrays.stream(row).map(z -> Math.tanh(factor * z)).toArray())
        .toArray(double[][]::new);
  }

  @Test
  void paper000WritesTheOutputLayerFirst() {
    double[] theta = Dense.normal(new Random(1), 3 * 4 + 4 * 5);
    double[] x = Dense.normal(new Random(2), 6 * 5);
    double[][] columns = Dense.transpose(Dense.rows(x, 6, 5));
    double[][] w1 = part(theta, 0, 3, 4);
    double[][] w2 = part(theta, 12, 4, 5);
    double[][] f = Dense.times(w1, tanh(Dense.times(w2, columns), 1));
    double[] actual = output(TwoLayer.outputFirst(Activation.TANH, 5, 4, 3), x, 5, theta);
    Dense.assertClose(Dense.flat(Dense.transpose(f)), actual, 1e-14, "W1 phi(W2 X)");
  }

  @Test
  void paper003MultipliesByTheFactorsOfTheProduct() {
    double[] theta = Dense.normal(new Random(1), 5 * 4 + 3 * 4);
    double[] x = Dense.normal(new Random(2), 6 * 5);
    double[][] w1 = part(theta, 0, 5, 4);
    double[][] w2 = part(theta, 20, 3, 4);
    double[][] f = Dense.times(Dense.times(Dense.rows(x, 6, 5), w1), Dense.transpose(w2));
    double[] actual = output(TwoLayer.factors(5, 4, 3), x, 5, theta);
    Dense.assertClose(Dense.flat(f), actual, 1e-14, "X W1 W2^T");
  }

  @Test
  void paper001DividesByTheRootOfEachFanIn() {
    double[] theta = Dense.normal(new Random(1), 4 * 5 + 4 * 4 + 3 * 4);
    double[] x = Dense.normal(new Random(2), 6 * 5);
    double[][] a = Dense.transpose(Dense.rows(x, 6, 5));
    a = tanh(Dense.times(part(theta, 0, 4, 5), a), 1 / Math.sqrt(5));
    a = tanh(Dense.times(part(theta, 20, 4, 4), a), 0.5);
    double[][] f = Dense.times(part(theta, 36, 3, 4), a);
    f = Dense.combine(0.5, f, 0, f);
    double[] actual = output(new NtkNetwork(5, 4, 2, 3, Activation.TANH), x, 5, theta);
    Dense.assertClose(Dense.flat(Dense.transpose(f)), actual, 1e-14, "V^T a / sqrt(m)");
  }

  @Test
  void paper001StartsWithGaussianLayersAndUnitOutputs() {
    int d = 40;
    int m = 100;
    NtkNetwork model = new NtkNetwork(d, m, 2, 3, Activation.TANH);
    double[] theta =
        InitialisationTest.theta(model, d, program -> model.initialise(program, 5, 1.5));
    double sigma0 = 1.5 / (2 * (1 + Math.sqrt(Math.log(m)) / Math.sqrt(2 * m)));
    assertEquals(sigma0, model.sigma0(1.5), 1e-15);
    InitialisationTest.assertNormal(sigma0, Arrays.copyOf(theta, m * d));
    InitialisationTest.assertNormal(sigma0, Arrays.copyOfRange(theta, m * d, m * d + m * m));
    double[][] v = part(theta, m * d + m * m, 3, m);
    for (double[] row : v) {
      assertEquals(1, Dense.norm(row), 1e-15);
    }
    double[] entries = Dense.flat(v);
    assertEquals(0, Arrays.stream(entries).average().orElseThrow(), 5 / Math.sqrt(300.0 * m));
    assertTrue(Math.abs(Dense.dot(v[0], v[1])) < 5 / Math.sqrt(m));
    Exception e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                InitialisationTest.theta(
                    model, d, program -> model.initialise(program, 5, Double.NaN)));
    assertEquals("sigma_1: NaN given; it must be finite and positive", e.getMessage());
  }

  @Test
  void networksWithoutLayersAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new NtkNetwork(3, 4, 0, 1, Activation.TANH));
    assertThrows(IllegalArgumentException.class, () -> new NtkNetwork(3, 0, 1, 1, Activation.TANH));
    assertThrows(IllegalArgumentException.class, () -> TwoLayer.factors(3, 4, 0));
    assertThrows(IllegalArgumentException.class, () -> DeepLinear.of(3));
  }
}
