package dev.evolute.autodiff.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.autodiff.Dense;
import dev.evolute.autodiff.graph.ChunkPlan;
import dev.evolute.autodiff.graph.Chunks;
import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Program.Purpose;
import dev.evolute.autodiff.graph.Reference;
import dev.evolute.autodiff.graph.SampledLoss;
import dev.evolute.autodiff.graph.Shape;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.op.Activate;
import dev.evolute.autodiff.op.AveragePool;
import dev.evolute.autodiff.op.Convolution;
import dev.evolute.autodiff.op.DropPath;
import dev.evolute.autodiff.op.SoftmaxCrossEntropy;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.ConvolutionShape;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.PoolingShape;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Sizes, starts and states of convolutional networks and transformers. */
class BlockModelsTest {
  private static final Device CPU = Device.open("cpu", 1);

  private static Graph recorded(Model model, int rows, int inputs, Shape outputs) {
    Graph graph = new Graph();
    Value z = model.record(graph, graph.data("x", rows, inputs));
    assertEquals(outputs, z.shape(), model.toString());
    assertEquals(model.size(), graph.size());
    return graph;
  }

  private static long decoderSize(long v, long layers, long d, long h, boolean tied) {
    long layer = 3 * d * d + d * d + 3 * d * h + 2 * d;
    return (tied ? 1 : 2) * v * d + layers * layer + d;
  }

  @Test
  void parameterCountsAreThoseOfThePapers() {
    assertEquals(61_470, LeNet.adapted().size());
    assertEquals(61_706, LeNet.ofTutorial().size());
    recorded(LeNet.adapted(), 2, 784, new Shape(2, 10));
    recorded(LeNet.ofTutorial(), 2, 784, new Shape(2, 10));
    recorded(new LeNet(32, 3, 7, true), 2, 3072, new Shape(2, 7));
    // torchvision's 25,557,032 for 1000 classes has 7 x 7 in front where this has 3 x 3.
    assertEquals(25_557_032 - 64 * 3 * (49 - 9), ResNet.resNet50(1000).size());
    recorded(ResNet.resNet50(1000), 1, 3072, new Shape(1, 1000));
    long block = 2 * 2 * 192 + 192 * 576 + 576 + 192 * 192 + 192 + 2 * 192 * 576 + 576 + 192;
    long vision = 48 * 192 + 192 + 192 + 65 * 192 + 12 * block + 2 * 192 + 192 * 1000 + 1000;
    assertEquals(vision, VisionTransformer.tiny(1000).size());
    recorded(VisionTransformer.tiny(1000), 2, 3072, new Shape(2, 1000));
    recorded(Decoder.PAPER_70M, 1, 16, new Shape(16, 50_257));
  }

  @Test
  void decodersHaveAsManyParametersAsTheirNamesSay() {
    assertEquals(decoderSize(50_257, 6, 512, 1376, false), Decoder.PAPER_70M.size());
    assertEquals(decoderSize(50_257, 12, 768, 2048, false), Decoder.PAPER_160M.size());
    assertEquals(decoderSize(50_257, 24, 1024, 2736, false), Decoder.PAPER_410M.size());
    assertEquals(70e6, Decoder.PAPER_70M.size(), 1e6);
    assertEquals(160e6, Decoder.PAPER_160M.size(), 3e6);
    assertEquals(410e6, Decoder.PAPER_410M.size(), 6e6);
    Decoder tied = new Decoder(11, 2, 2, 8, 5, 6, true);
    assertEquals(decoderSize(11, 2, 8, 5, true), tied.size());
    recorded(tied, 3, 6, new Shape(18, 11));
    String[] summary = Decoder.PAPER_70M.summary().split("\n");
    assertEquals("70,442,496 parameters", summary[summary.length - 1]);
  }

  /** One step with Adam's two moments, and one product, on a sequence of 1024 tokens. */
  @Test
  void aStepAndAProductOfTheSmallestDecoderFitInto12GiB() {
    Decoder model = Decoder.PAPER_70M;
    for (int batch : new int[] {1, 4}) {
      Graph graph = new Graph();
      Value z = model.record(graph, graph.data("ids", batch, 1024));
      int rows = z.shape().rows();
      graph.loss(SoftmaxCrossEntropy.mean(rows).ofLabels(), z, graph.data("next", batch, 1024));
      long moments = 2 * DType.F32.bytes() * graph.size();
      long step = Program.estimate(graph, DType.F32, Purpose.TRAINING) + moments;
      long product = Program.estimate(graph, DType.F32, Purpose.CURVATURE);
      assertTrue(step < 12L << 30 && product < 12L << 30, step + " and " + product + " bytes");
    }
  }

  private static double[] theta(Model model, int rows, int inputs) {
    Graph graph = new Graph();
    model.record(graph, graph.data("x", rows, inputs));
    try (Buffer theta = CPU.allocate(DType.F64, graph.size())) {
      model.start().fill(graph.parameters(), theta, 3);
      return theta.toArray();
    }
  }

  /** Every parameter's mean and deviation, in units of what they should be. */
  private static void assertStarts(Model model, int rows, int inputs, double[] deviations) {
    double[] theta = theta(model, rows, inputs);
    int at = 0;
    for (int p = 0; p < deviations.length; p++) {
      Model.Parameter parameter = model.parameters().get(p);
      double[] part = Arrays.copyOfRange(theta, at, at + (int) parameter.size());
      at += part.length;
      boolean gain = parameter.name().endsWith("gain") || parameter.name().endsWith("scale");
      if (deviations[p] == 0) {
        double[] constant = new double[part.length];
        Arrays.fill(constant, gain ? 1 : 0);
        assertArrayEquals(constant, part, parameter.name());
      } else {
        double square = Dense.dot(part, part) / part.length;
        double error = 5 / Math.sqrt(part.length);
        assertEquals(1, Math.sqrt(square) / deviations[p], error, parameter.name());
        double mean = Arrays.stream(part).average().orElseThrow();
        assertEquals(0, mean / deviations[p], error, parameter.name());
      }
    }
  }

  @Test
  void modelsStartAsThePapersSay() {
    double inner = 0.02 / Math.sqrt(2);
    Decoder decoder = new Decoder(60, 2, 2, 32, 48, 8, false);
    double[] layer = {0, inner, inner, 0, inner, inner};
    double[] deviations = new double[15];
    deviations[0] = 0.02;
    System.arraycopy(layer, 0, deviations, 1, 6);
    System.arraycopy(layer, 0, deviations, 7, 6);
    deviations[14] = 0.02;
    assertStarts(decoder, 2, 8, deviations);
    VisionTransformer vision = new VisionTransformer(8, 3, 4, 32, 1, 2, 3, 30, 0.1);
    double w = 0.02;
    assertStarts(
        vision, 2, 192, new double[] {w, 0, w, w, 0, 0, w, 0, w, 0, 0, 0, w, 0, w, 0, 0, 0, w, 0});
    // Uniform in +-b has deviation b / sqrt(3).
    double[] lenet = new double[10];
    double[] fanIn = {25, 150, 400, 120, 84};
    double[] fanOut = {6, 16, 120, 84, 10};
    for (int j = 0; j < 5; j++) {
      lenet[2 * j] = j < 2 ? 1 / Math.sqrt(3 * fanIn[j]) : Math.sqrt(2 / (fanIn[j] + fanOut[j]));
      lenet[2 * j + 1] = 1 / Math.sqrt(3 * fanIn[j]);
    }
    assertStarts(LeNet.ofTutorial(), 1, 784, lenet);
    ResNet network = new ResNet(4, 3, List.of(1), 8, 20, true);
    double head = 1 / Math.sqrt(3 * 32);
    assertStarts(
        network,
        1,
        48,
        new double[] {
          Math.sqrt(2.0 / 72),
          0,
          0,
          Math.sqrt(2.0 / 8),
          0,
          0,
          Math.sqrt(2.0 / 72),
          0,
          0,
          Math.sqrt(2.0 / 32),
          0,
          0,
          Math.sqrt(2.0 / 32),
          0,
          0,
          head,
          head
        });
  }

  @Test
  void sequencesThatDoNotFitAreRefused() {
    Decoder decoder = new Decoder(11, 1, 2, 8, 5, 6, true);
    Graph graph = new Graph();
    Value ids = graph.data("ids", 2, 7);
    Exception e = assertThrows(IllegalArgumentException.class, () -> decoder.record(graph, ids));
    assertEquals(
        "decoder: sequences of 7 tokens in ids [2 x 7], the model takes up to 6; cut them, or make a"
            + " model for longer ones",
        e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> new Decoder(11, 1, 3, 8, 5, 6, true));
    assertThrows(IllegalArgumentException.class, () -> new LeNet(29, 1, 10, true));
    assertThrows(IllegalArgumentException.class, () -> new ResNet(4, 3, List.of(), 8, 20, true));
    assertThrows(
        IllegalArgumentException.class, () -> new VisionTransformer(9, 3, 4, 32, 1, 2, 3, 30, 0.1));
  }

  /** The paper takes the top-left entry of each window after a convolution of stride 1. */
  @Test
  void adaptedLeNetIsSubsampling() {
    double[] theta = Dense.normal(new Random(1), 25 * 6);
    double[] x = Dense.normal(new Random(2), 784);
    Graph graph = new Graph();
    Value image = graph.data("x", 1, 784);
    Value w = graph.parameter("W", 25, 6);
    ConvolutionShape s = ConvolutionShape.of(1, 28, 28, 1, 6, 5).withPadding(2);
    Value full = graph.apply(new Convolution(s, false), image, w);
    Value relu = graph.apply(new Activate(Activation.RELU), full);
    Value sub = graph.apply(new AveragePool(PoolingShape.subsampling(1, 28, 28, 6, 2)), relu);
    Value strided = graph.apply(new Convolution(s.withStride(2), false), image, w);
    Value expected = graph.apply(new Activate(Activation.RELU), strided);
    Reference at = Reference.of(graph, Map.of(image, x), theta);
    assertArrayEquals(at.value(expected), at.value(sub));
  }

  private static Program program(Model model, int rows, int inputs, Purpose purpose) {
    Graph graph = new Graph();
    Value x = graph.data("x", rows, inputs);
    Value z = model.record(graph, x);
    graph.loss(SoftmaxCrossEntropy.mean(rows).ofLabels(), z, graph.data("y", rows, 1));
    Program program = Program.compile(graph, CPU, DType.F64, purpose);
    program.set(x, Dense.normal(new Random(4), rows * inputs));
    model.start().fill(program, 5);
    return program;
  }

  @Test
  void runningStatisticsFollowStepsAndNoProbe() {
    ResNet model = new ResNet(4, 2, List.of(1), 2, 3, true);
    try (Program program = program(model, 5, 32, Purpose.CURVATURE)) {
      Map<String, Buffer> state = program.state();
      assertEquals(10, state.size());
      assertTrue(state.keySet().containsAll(Set.of("stem.scale.mean", "stem.scale.variance")));
      program.value();
      program.gradientPass();
      program.keep();
      program.tangent().set(Dense.normal(new Random(6), (int) program.size()));
      program.hessianPass();
      state.forEach(
          (name, buffer) -> {
            double[] start = new double[(int) buffer.length()];
            Arrays.fill(start, name.endsWith("variance") ? 1 : 0);
            assertArrayEquals(start, buffer.toArray(), name);
          });
      program.advance();
      double[] conv = convolved(program);
      for (int j = 0; j < 2; j++) {
        double mean = 0;
        double square = 0;
        int rows = conv.length / 2;
        for (int i = 0; i < rows; i++) {
          mean += conv[2 * i + j] / rows;
        }
        for (int i = 0; i < rows; i++) {
          square += Math.pow(conv[2 * i + j] - mean, 2);
        }
        assertEquals(0.1 * mean, state.get("stem.scale.mean").get(j), 1e-14);
        double variance = 0.9 + 0.1 * square / (rows - 1);
        assertEquals(variance, state.get("stem.scale.variance").get(j), 1e-13);
      }
      evaluationTakesTheStatistics(model, program);
    }
  }

  /** The stem's convolution on the images of {@link #program}, by plain loops. */
  private static double[] convolved(Program program) {
    Graph graph = new Graph();
    Value x = graph.data("x", 5, 32);
    ConvolutionShape s = ConvolutionShape.of(5, 4, 4, 2, 2, 3).withPadding(1);
    Value y = graph.apply(new Convolution(s, false), x, graph.parameter("stem", 18, 2));
    double[] w = Arrays.copyOf(program.theta().toArray(), 36);
    return Reference.of(graph, Map.of(x, Dense.normal(new Random(4), 160)), w).value(y);
  }

  private static void evaluationTakesTheStatistics(ResNet model, Program trained) {
    try (Program program = program(model.evaluation(), 5, 32, Purpose.TRAINING)) {
      program.theta().set(trained.theta().toArray());
      double before = program.value();
      assertEquals(trained.state().keySet(), program.state().keySet());
      program.state().forEach((name, b) -> b.set(trained.state().get(name).toArray()));
      assertTrue(Math.abs(program.value() - before) > 1e-3);
      Map<String, Buffer> state = program.state();
      program.advance();
      state.forEach(
          (name, b) -> assertArrayEquals(trained.state().get(name).toArray(), b.toArray()));
    }
  }

  /** Programs on one theta have one state, and so have all chunks of a loss. */
  @Test
  void runningStatisticsAreSharedWithTheta() {
    ResNet model = new ResNet(4, 2, List.of(1), 2, 3, true);
    SampledLoss loss =
        (graph, rows) -> {
          Value z = model.evaluation().record(graph, graph.data("x", rows, 32));
          graph.loss(SoftmaxCrossEntropy.mean(5).ofLabels(), z, graph.data("y", rows, 1));
        };
    double[] x = Dense.normal(new Random(4), 160);
    Graph graph = new Graph();
    loss.record(graph, 5);
    try (Program trained = program(model, 5, 32, Purpose.TRAINING);
        Program evaluated = Program.compile(graph, trained);
        Chunks chunks = ChunkPlan.of(5, 2, loss).compile(CPU, DType.F64)) {
      evaluated.set(graph.data().get(0), x);
      double before = evaluated.value();
      trained.value();
      trained.advance();
      assertTrue(Math.abs(evaluated.value() - before) > 1e-3);
      chunks.set("x", x);
      chunks.theta().set(trained.theta().toArray());
      assertEquals(trained.state().keySet(), chunks.state().keySet());
      chunks.state().forEach((name, b) -> b.set(trained.state().get(name).toArray()));
      assertEquals(evaluated.value(), chunks.value(), 1e-12);
    }
  }

  @Test
  void dropPathRisesWithDepthAndEndsInEvaluation() {
    VisionTransformer model = new VisionTransformer(4, 1, 2, 4, 3, 2, 1, 3, 0.5);
    try (Program program = program(model, 400, 16, Purpose.TRAINING)) {
      Set<String> masks = new TreeSet<>();
      program.graph().data().forEach(value -> masks.add(value.name()));
      assertEquals(
          Set.of(
              "x",
              "y",
              "layer2.attention.mask",
              "layer2.mlp.mask",
              "layer3.attention.mask",
              "layer3.mlp.mask"),
          masks);
      model.draw(program, 7, 0);
      double first = program.value();
      model.draw(program, 7, 1);
      assertTrue(first != program.value());
      model.draw(program, 7, 0);
      assertEquals(first, program.value());
    }
    recorded(model.evaluation(), 2, 16, new Shape(2, 3));
    assertEquals(1, graphData(model.evaluation()));
    double[] mask = DropPath.mask(4000, 0.25, 1, 2);
    long dropped = Arrays.stream(mask).filter(m -> m == 0).count();
    assertEquals(0.25, dropped / 4000.0, 0.03);
    assertTrue(Arrays.stream(mask).allMatch(m -> m == 0 || m == 1 / 0.75));
  }

  private static int graphData(Model model) {
    return recorded(model, 2, 16, new Shape(2, 3)).data().size();
  }
}
