package dev.evolute.bench;

import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.nn.Decoder;
import dev.evolute.autodiff.nn.LeNet;
import dev.evolute.autodiff.nn.Model;
import dev.evolute.autodiff.nn.ResNet;
import dev.evolute.autodiff.nn.VisionTransformer;
import dev.evolute.autodiff.op.SoftmaxCrossEntropy;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.spectral.CounterRandom;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * A convolutional network or a transformer under the mean cross-entropy over n random samples, at
 * its start:
 *
 * <pre>
 *   mnist-cnn:tutorial n256     LeNet with biases and max pooling
 *   resnet:1:64 n8              a convolution and one bottleneck block, 64 to 256 channels, 32 x 32
 *   vit-tiny n16                ViT-Tiny as it is evaluated, without drop path
 *   decoder:4-8-256-256 n4      4 layers, 8 heads, width 256, sequences of 256, 256 tokens
 *   decoder-70m n1              paper 000's 70M on sequences of 1024
 * </pre>
 *
 * @param n samples
 * @param inputs of an image, or tokens of a sequence
 * @param sequential whether samples are sequences of tokens
 * @param classes outputs, or the vocabulary
 */
record Blocks(Model model, int n, int inputs, boolean sequential, int classes) implements Workload {
  private static final Pattern NAME =
      Pattern.compile(
          "(mnist-cnn:tutorial|resnet:1:64|vit-tiny|decoder-70m|decoder:\\d+-\\d+-\\d+-\\d+)"
              + " n([1-9]\\d*)");
  private static final long SEED = 1;
  private static final int CLASSES = 10;
  private static final int BYTES = 256;

  static Blocks parse(String text) {
    Matcher parts = NAME.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "network: '"
              + text
              + "' given; '784-50-50-10 relu cross-entropy n1000' and 'decoder:4-8-256-256 n4' are"
              + " how two of them read");
    }
    int n = Integer.parseInt(parts.group(2));
    return switch (parts.group(1)) {
      case "mnist-cnn:tutorial" -> images(LeNet.ofTutorial(), n, 28 * 28);
      case "resnet:1:64" ->
          images(new ResNet(32, 3, List.of(1), 64, CLASSES, true), n, 32 * 32 * 3);
      case "vit-tiny" -> images(VisionTransformer.tiny(CLASSES).evaluation(), n, 32 * 32 * 3);
      case "decoder-70m" -> text(Decoder.PAPER_70M, n);
      default -> text(decoder(parts.group(1)), n);
    };
  }

  private static Decoder decoder(String name) {
    int[] sizes =
        Pattern.compile("\\D+").splitAsStream(name).skip(1).mapToInt(Integer::parseInt).toArray();
    int width = sizes[2];
    int hidden = Math.ceilDiv(8 * width, 3 * 32) * 32;
    return new Decoder(BYTES, sizes[0], sizes[1], width, hidden, sizes[3], false);
  }

  private static Blocks images(Model model, int n, int inputs) {
    return new Blocks(model, n, inputs, false, CLASSES);
  }

  private static Blocks text(Decoder model, int n) {
    return new Blocks(model, n, model.length(), true, model.vocabulary());
  }

  @Override
  public Graph graph() {
    Graph graph = new Graph();
    Value x = graph.data("x", n, inputs);
    Value y = graph.data("y", n, sequential ? inputs : 1);
    Value z = model.record(graph, x);
    graph.loss(SoftmaxCrossEntropy.mean(units()).ofLabels(), z, y);
    return graph;
  }

  @Override
  public Map<String, double[]> data() {
    double[] x = sequential ? drawn(n * inputs, 1) : Measured.gaussian(n * inputs, 1);
    return Map.of("x", x, "y", drawn(units(), 2));
  }

  /** Classes. */
  private double[] drawn(int count, long stream) {
    return IntStream.range(0, count)
        .mapToDouble(i -> Math.floor(classes * CounterRandom.uniform(SEED, stream, i)))
        .toArray();
  }

  @Override
  public double[] theta(Device device) {
    try (Buffer theta = device.allocate(DType.F64, model.size())) {
      model.start().fill(graph().parameters(), theta, SEED);
      return theta.toArray();
    }
  }

  @Override
  public int units() {
    return sequential ? n * inputs : n;
  }
}
