package dev.evolute.bench;

import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.nn.FullyConnected;
import dev.evolute.autodiff.nn.Initialisation;
import dev.evolute.autodiff.op.SquaredError;
import dev.evolute.kernels.Activation;
import org.openjdk.jmh.annotations.Param;

/**
 * A fully connected network 784-50-50-10 without biases on 1000 samples, loss {@code 1/n sum ||h -
 * y||^2}, at its Xavier initialisation. ReLU, or no activation at all: a deep linear network, whose
 * time is that of its products alone.
 */
public abstract class MlpProblem extends Measured {
  static final int SAMPLES = 1000;
  private static final int[] WIDTHS = {784, 50, 50, 10};
  private static final long SEED = 1;

  @Param({"RELU", "IDENTITY"})
  public Activation.Kind activation;

  /** Inputs {@code [1000 x 784]} and targets {@code [1000 x 10]}, row by row. */
  double[] samples;

  double[] targets;
  Program program;

  /** Compiles the network, with its data in place. */
  final void compile(Program.Purpose purpose) {
    samples = gaussian(SAMPLES * inputs(), 1);
    targets = gaussian(SAMPLES * outputs(), 2);
    Graph graph = new Graph();
    Value x = graph.data("x", SAMPLES, inputs());
    Value y = graph.data("y", SAMPLES, outputs());
    Value h = FullyConnected.of(new Activation(activation, 0), WIDTHS).record(graph, x);
    graph.loss(SquaredError.mean(SAMPLES), h, y);
    program = own(Program.compile(graph, device, dtype, purpose));
    program.set(x, samples);
    program.set(y, targets);
    Initialisation.xavierUniform().fill(program, SEED);
  }

  /** A direction {@code v [P]}. */
  final double[] direction() {
    return gaussian((int) program.size(), 3);
  }

  static int layers() {
    return WIDTHS.length - 1;
  }

  /** Units of layer j; layer 0 is the input. */
  static int width(int j) {
    return WIDTHS[j];
  }

  static int inputs() {
    return width(0);
  }

  static int outputs() {
    return width(layers());
  }
}
