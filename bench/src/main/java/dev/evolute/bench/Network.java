package dev.evolute.bench;

import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Op;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.nn.FullyConnected;
import dev.evolute.autodiff.nn.Initialisation;
import dev.evolute.autodiff.nn.LinearSamples;
import dev.evolute.autodiff.op.SoftmaxCrossEntropy;
import dev.evolute.autodiff.op.SquaredError;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A fully connected network without biases and its loss, the mean over n samples: {@code
 * 784-50-50-10 relu cross-entropy n1000} in words. With {@code digits} behind, the samples are
 * images of MNIST; else they are random.
 *
 * @param widths {@code d_0, d_1, ...} from the inputs to the outputs
 * @param activation after every layer but the last
 * @param classifies whether the loss is cross-entropy, with one class a sample; else {@code 1/n sum
 *     ||h - y||^2}
 * @param n samples
 * @param digits whether they are real
 */
record Network(int[] widths, Activation activation, boolean classifies, int n, boolean digits)
    implements Workload {
  private static final long SEED = 1;
  private static final Pattern NAME =
      Pattern.compile(
          "(\\d+(?:-\\d+)+) (relu|tanh|linear) (squared|cross-entropy) n([1-9]\\d*)( digits)?");

  Network {
    if (digits && !classifies) {
      throw new IllegalArgumentException("network: digits have classes, so cross-entropy is meant");
    }
  }

  /** Empty where that is not how one reads. */
  static Optional<Workload> parse(String text) {
    Matcher parts = NAME.matcher(text);
    if (!parts.matches()) {
      return Optional.empty();
    }
    String function = parts.group(2).equals("linear") ? "identity" : parts.group(2);
    return Optional.of(
        new Network(
            Arrays.stream(parts.group(1).split("-")).mapToInt(Integer::parseInt).toArray(),
            new Activation(Activation.Kind.valueOf(function.toUpperCase(Locale.ROOT)), 0),
            parts.group(3).equals("cross-entropy"),
            Integer.parseInt(parts.group(4)),
            parts.group(5) != null));
  }

  private int inputs() {
    return widths[0];
  }

  private int outputs() {
    return widths[widths.length - 1];
  }

  @Override
  public Graph graph() {
    return graph(n);
  }

  /** The loss over so many rows, which is the mean over n samples. */
  private Graph graph(int rows) {
    Graph graph = new Graph();
    Value x = graph.data("x", rows, inputs());
    Value y = graph.data("y", rows, classifies ? 1 : outputs());
    Value h = FullyConnected.of(activation, widths).record(graph, x);
    Op loss = classifies ? SoftmaxCrossEntropy.mean(n).ofLabels() : SquaredError.mean(n);
    graph.loss(loss, h, y);
    return graph;
  }

  @Override
  public Map<String, double[]> data() {
    if (digits) {
      Digits first = Digits.first(n);
      return Map.of("x", first.images(), "y", first.labels());
    }
    double[] targets = Measured.gaussian(n * outputs(), 2);
    return Map.of(
        "x", Measured.gaussian(n * inputs(), 1), "y", classifies ? classes(targets) : targets);
  }

  /** The column of the largest element of each row. */
  private double[] classes(double[] rows) {
    int width = outputs();
    double[] classes = new double[n];
    for (int i = 0; i < n; i++) {
      int largest = 0;
      for (int j = 1; j < width; j++) {
        largest = rows[i * width + j] > rows[i * width + largest] ? j : largest;
      }
      classes[i] = largest;
    }
    return classes;
  }

  /** Xavier's uniform weights. */
  @Override
  public double[] theta(Device device) {
    try (Buffer theta = device.allocate(DType.F64, graph().size())) {
      Initialisation.xavierUniform().fill(graph().parameters(), theta, SEED);
      return theta.toArray();
    }
  }

  @Override
  public int units() {
    return n;
  }

  /** Of linear networks under squared error. */
  @Override
  public Workload compressed() {
    if (activation.kind() != Activation.Kind.IDENTITY || classifies) {
      return this;
    }
    Map<String, double[]> all = data();
    LinearSamples few = LinearSamples.of(n, all.get("x"), all.get("y"));
    return new Compressed(this, few);
  }

  private record Compressed(Network network, LinearSamples samples) implements Workload {
    @Override
    public Graph graph() {
      return network.graph(samples.rows());
    }

    @Override
    public Map<String, double[]> data() {
      return Map.of("x", samples.inputs(), "y", samples.targets());
    }

    @Override
    public double[] theta(Device device) {
      return network.theta(device);
    }

    @Override
    public int units() {
      return network.units();
    }
  }
}
