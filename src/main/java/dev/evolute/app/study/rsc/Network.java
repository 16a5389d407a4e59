package dev.evolute.app.study.rsc;

import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.nn.FullyConnected;
import dev.evolute.autodiff.nn.Initialisation;
import dev.evolute.autodiff.nn.Model;
import dev.evolute.autodiff.nn.NtkNetwork;
import dev.evolute.autodiff.op.SquaredError;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Matrix;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A network of L hidden layers of one width: {@code a_l = s(c_l W_l a_{l-1})}, {@code f = c V a_L}.
 *
 * @param parametrisation which factors c it has, and how it starts
 * @param inputs d
 * @param width m
 * @param depth L
 * @param outputs k
 * @param activation s
 */
record Network(
    Parametrisation parametrisation,
    int inputs,
    int width,
    int depth,
    int outputs,
    Activation activation) {

  /** With one output and tanh, as in the paper. */
  static Network tanh(Parametrisation parametrisation, int inputs, int width, int depth) {
    return new Network(parametrisation, inputs, width, depth, 1, Activation.TANH);
  }

  Model model() {
    if (parametrisation == Parametrisation.SCALED) {
      return new NtkNetwork(inputs, width, depth, outputs, activation);
    }
    List<Integer> widths = new ArrayList<>(List.of(inputs));
    widths.addAll(Collections.nCopies(depth, width));
    widths.add(outputs);
    return new FullyConnected(widths, activation, false);
  }

  /** The factor {@code c_l} of layer l, 1 to L + 1. */
  double scale(int l) {
    return parametrisation == Parametrisation.LIBRARY ? 1 : 1 / Math.sqrt(l == 1 ? inputs : width);
  }

  /** {@code W_1, ..., W_L, V} as views of theta. */
  List<Matrix> weights(Buffer theta) {
    List<Matrix> weights = new ArrayList<>();
    long at = 0;
    for (Model.Parameter p : model().parameters()) {
      weights.add(Matrix.of(theta.view(at, p.size()), p.rows(), p.cols()));
      at += p.size();
    }
    return weights;
  }

  /** Assumption 2 of the paper, or {@code N(0, 1/fan-in)}. */
  void initialise(Program program, long seed, double sigma1) {
    if (model() instanceof NtkNetwork scaled) {
      scaled.initialise(program, seed, sigma1);
    } else {
      Initialisation.heNormal(Activation.IDENTITY).fill(program, seed);
    }
  }

  /**
   * Theta at its initialisation, without a training set.
   *
   * @return {@code [P]}, to be closed by the caller
   */
  Buffer start(Device device, DType dtype, long seed, double sigma1) {
    Graph graph = new Graph();
    Value z = model().record(graph, graph.data("x", 1, inputs));
    graph.loss(SquaredError.mean(1), z, graph.data("y", 1, outputs));
    try (Program program = Program.compile(graph, device, dtype, Program.Purpose.TRAINING)) {
      initialise(program, seed, sigma1);
      Buffer theta = device.allocate(dtype, program.size());
      program.kernels().copy(program.theta(), theta);
      return theta;
    }
  }
}
