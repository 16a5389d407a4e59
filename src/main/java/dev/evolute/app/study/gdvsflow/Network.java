package dev.evolute.app.study.gdvsflow;

import dev.evolute.app.data.Dataset;
import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.nn.FullyConnected;
import dev.evolute.autodiff.nn.Initialisation;
import dev.evolute.autodiff.nn.LeNet;
import dev.evolute.autodiff.nn.Model;
import dev.evolute.autodiff.op.SoftmaxCrossEntropy;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;

/**
 * The networks of Figure 1, fully connected of depth 3, 784-50-50-10, without biases, and of Figure
 * 3, convolutional: that of a tutorial, with biases and max pooling, and the one adapted to the
 * theory, without biases and with subsampling.
 */
enum Network {
  LINEAR("linear", "linear network", "Figure 1, left pair", "13", "14"),
  RELU("relu", "ReLU network", "Figure 1, right pair", "17", "18"),
  CONV("conv", "convolutional network off the shelf", "Figure 3, left pair", "", ""),
  CONV_ADAPTED("conv-adapted", "adapted convolutional network", "Figure 3, right pair", "31", "32");

  /** Hidden widths of the fully connected networks. */
  static final int HIDDEN = 50;

  private final String label;
  private final String title;
  private final String figure;
  private final String anywhere;
  private final String onFlow;

  Network(String label, String title, String figure, String anywhere, String onFlow) {
    this.label = label;
    this.title = title;
    this.figure = figure;
    this.anywhere = anywhere;
    this.onFlow = onFlow;
  }

  /** The name in files and settings. */
  String label() {
    return label;
  }

  /** The name in text. */
  String title() {
    return title;
  }

  /** The figure of the paper that its runs reproduce. */
  String figure() {
    return figure;
  }

  boolean convolutional() {
    return this == CONV || this == CONV_ADAPTED;
  }

  /** Whether the paper's theory covers it: no biases, and homogeneous throughout. */
  boolean covered() {
    return this != CONV;
  }

  /** Number of the equation that bounds lambda_min at any theta; empty if not covered. */
  String boundAnywhere() {
    return anywhere;
  }

  /** Number of the equation that bounds lambda_min on trajectories of the flow. */
  String boundOnFlow() {
    return onFlow;
  }

  Model model(Dataset data) {
    return convolutional()
        ? new LeNet(data.rows(), 1, data.classes(), this == CONV)
        : fullyConnected(data);
  }

  /** The model of a network that is not convolutional. */
  FullyConnected fullyConnected(Dataset data) {
    Activation activation = this == LINEAR ? Activation.IDENTITY : Activation.RELU;
    return FullyConnected.of(activation, data.features(), HIDDEN, HIDDEN, data.classes());
  }

  /** Multiplications of a forward pass over all samples. */
  long multiplications(Dataset data) {
    if (!convolutional()) {
      return fullyConnected(data).size() * data.samples();
    }
    // Outputs times patch of both convolutions, of stride 1 or 2, and the dense layers.
    long positions = this == CONV ? 4 : 1;
    long each = positions * (14 * 14 * 6 * 25 + 5 * 5 * 16 * 150) + 400 * 120 + 120 * 84 + 840;
    return each * data.samples();
  }

  /**
   * The training loss, the mean softmax cross-entropy over all samples, at the start of the paper's
   * experiment: Xavier's, for convolutions and biases that of libraries.
   */
  Program compile(Dataset data, Device device, DType dtype, Program.Purpose purpose, long seed) {
    Graph graph = new Graph();
    Value x = graph.data("x", data.samples(), data.features());
    Value y = graph.data("y", data.samples(), data.classes());
    Model model = model(data);
    graph.loss(SoftmaxCrossEntropy.mean(data.samples()), model.record(graph, x), y);
    Program program = Program.compile(graph, device, dtype, purpose);
    program.set(x, data.inputs());
    program.set(y, data.oneHot());
    Initialisation start = convolutional() ? model.start() : Initialisation.xavierUniform();
    start.fill(program, seed);
    return program;
  }
}
