package dev.evolute.autodiff;

import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Op;
import dev.evolute.autodiff.graph.SampledLoss;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.nn.DeepLinear;
import dev.evolute.autodiff.nn.FullyConnected;
import dev.evolute.autodiff.nn.Model;
import dev.evolute.autodiff.nn.NtkNetwork;
import dev.evolute.autodiff.nn.TwoLayer;
import dev.evolute.autodiff.op.BinaryCrossEntropy;
import dev.evolute.autodiff.op.SoftmaxCrossEntropy;
import dev.evolute.autodiff.op.SquaredError;
import dev.evolute.kernels.Activation;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * A model of random kind, shape and loss on n random samples, which may be cut into chunks of rows
 * that leave a smaller last one.
 */
record Oracle(
    String name, SampledLoss loss, int n, int rows, Map<String, double[]> data, double[] theta) {
  private static final int WIDEST = 33;
  private static final int MOST_SAMPLES = 40;

  /** Of an element from the kink of the ReLU it enters, well above rounding in f32. */
  private static final double MARGIN = 1e-5;

  static List<Oracle> random(int count) {
    return IntStream.range(0, count).mapToObj(Oracle::away).toList();
  }

  private static Oracle away(int number) {
    for (int attempt = 0; attempt < 1000; attempt++) {
      Oracle oracle = draw(number, new Random(1_000_003L * number + attempt));
      if (oracle.network().reference().margin() > MARGIN) {
        return oracle;
      }
    }
    throw new AssertionError("model " + number + ": no point away from the kinks");
  }

  private static Oracle draw(int number, Random random) {
    // Every fourth has one sample, every fifth one unit in each layer.
    int n = number % 4 == 0 ? 1 : 2 + random.nextInt(MOST_SAMPLES - 1);
    int widest = number % 5 == 0 ? 1 : WIDEST;
    int[] widths = random.ints(3 + random.nextInt(3), 1, widest + 1).toArray();
    int inputs = widths[0];
    int outputs = widths[widths.length - 1];
    Activation f = Networks.ACTIVATIONS.get(random.nextInt(Networks.ACTIVATIONS.size()));
    FullyConnected dense = FullyConnected.of(f, widths);
    Model model =
        switch (number % 6) {
          case 0 -> dense;
          case 1 -> dense.withBias();
          case 2 -> DeepLinear.of(widths);
          case 3 -> TwoLayer.outputFirst(f, inputs, widths[1], outputs);
          case 4 -> TwoLayer.factors(inputs, widths[1], outputs);
          default -> new NtkNetwork(inputs, widths[1], widths.length - 2, outputs, f);
        };
    boolean weighted = random.nextBoolean();
    double scale = random.nextBoolean() ? 1.0 / n : 0.5;
    Op loss =
        switch (random.nextInt(3)) {
          case 0 -> new SquaredError(scale, weighted);
          case 1 -> new BinaryCrossEntropy(scale, weighted);
          default ->
              // One class has nothing to learn.
              outputs == 1
                  ? new BinaryCrossEntropy(scale, weighted)
                  : new SoftmaxCrossEntropy(scale, weighted);
        };
    Recording recording = new Recording(random.nextLong());
    Map<String, double[]> data = new HashMap<>();
    data.put("x", recording.normal(n * inputs, 1));
    data.put("y", targets(loss, recording.random, n, outputs));
    data.put("w", recording.random.doubles(n, 0.2, 2).toArray());
    double[] theta =
        model.parameters().stream()
            .flatMapToDouble(
                p ->
                    Arrays.stream(
                        recording.normal(
                            (int) p.size(),
                            model instanceof NtkNetwork ? 1 : 1 / Math.sqrt(p.cols()))))
            .toArray();
    SampledLoss record =
        (graph, rows) -> {
          Value z = model.record(graph, graph.data("x", rows, inputs));
          Value y = graph.data("y", rows, outputs);
          if (weighted) {
            graph.loss(loss, z, y, graph.data("w", rows, 1));
          } else {
            graph.loss(loss, z, y);
          }
        };
    String name = number + ": " + model + ", " + loss + ", n " + n;
    return new Oracle(name, record, n, 1 + random.nextInt(n), data, theta);
  }

  private static double[] targets(Op loss, Random random, int n, int outputs) {
    double[] targets = random.doubles((long) n * outputs).toArray();
    for (int i = 0; loss instanceof SoftmaxCrossEntropy && i < n; i++) {
      double sum = 0;
      for (int j = i * outputs; j < (i + 1) * outputs; j++) {
        sum += targets[j];
      }
      for (int j = i * outputs; j < (i + 1) * outputs; j++) {
        targets[j] /= sum;
      }
    }
    return targets;
  }

  /** All samples at once. */
  Network network() {
    Graph graph = new Graph();
    loss.record(graph, n);
    Map<Value, double[]> values = new HashMap<>();
    graph.data().forEach(value -> values.put(value, data.get(value.name())));
    return new Network(name, graph, values, theta, true);
  }

  @Override
  public String toString() {
    return name;
  }
}
