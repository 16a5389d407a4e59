package dev.evolute.app.study.gdvsflow;

import dev.evolute.app.data.Dataset;
import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.nn.FullyConnected;
import dev.evolute.autodiff.nn.Initialisation;
import dev.evolute.autodiff.op.SoftmaxCrossEntropy;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;

/** The two fully connected networks of Figure 1: depth 3, 784-50-50-10, no biases. */
enum Network {
  LINEAR("linear", "linear network", Activation.IDENTITY),
  RELU("relu", "ReLU network", Activation.RELU);

  /** Hidden widths of the paper's experiment. */
  static final int HIDDEN = 50;

  private final String label;
  private final String title;
  private final Activation activation;

  Network(String label, String title, Activation activation) {
    this.label = label;
    this.title = title;
    this.activation = activation;
  }

  /** The name in files and settings. */
  String label() {
    return label;
  }

  /** The name in text. */
  String title() {
    return title;
  }

  FullyConnected model(Dataset data) {
    return FullyConnected.of(activation, data.features(), HIDDEN, HIDDEN, data.classes());
  }

  /** The training loss, the mean softmax cross-entropy over all samples, at Xavier's theta. */
  Program compile(Dataset data, Device device, DType dtype, Program.Purpose purpose, long seed) {
    Graph graph = new Graph();
    Value x = graph.data("x", data.samples(), data.features());
    Value y = graph.data("y", data.samples(), data.classes());
    graph.loss(SoftmaxCrossEntropy.mean(data.samples()), model(data).record(graph, x), y);
    Program program = Program.compile(graph, device, dtype, purpose);
    program.set(x, data.inputs());
    program.set(y, data.oneHot());
    Initialisation.xavierUniform().fill(program, seed);
    return program;
  }
}
