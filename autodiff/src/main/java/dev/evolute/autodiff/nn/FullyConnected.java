package dev.evolute.autodiff.nn;

import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Shape;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.op.Activate;
import dev.evolute.autodiff.op.AddRow;
import dev.evolute.autodiff.op.MatMul;
import dev.evolute.kernels.Activation;
import dev.evolute.spectral.CounterRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * A fully connected network {@code h(x) = W_n s(W_{n-1} ... s(W_1 x + b_1) ...) + b_n} (paper 002,
 * equation 8; biases optional) on samples in rows. Theta holds {@code W_1 [d_1 x d_0], b_1, W_2
 * [d_2 x d_1], ...}, each row-major.
 *
 * @param widths {@code d_0, d_1, ..., d_n}: at least an input and an output
 * @param activation s, applied after every layer but the last
 * @param bias whether layers have biases
 */
public record FullyConnected(List<Integer> widths, Activation activation, boolean bias) {
  public FullyConnected {
    widths = List.copyOf(widths);
    Objects.requireNonNull(activation, "activation");
    if (widths.size() < 2 || widths.stream().anyMatch(w -> w < 1)) {
      throw new IllegalArgumentException(
          "widths: " + widths + " given; a network needs at least two, each at least 1");
    }
  }

  /** Without biases, as in the papers. */
  public static FullyConnected of(Activation activation, int... widths) {
    return new FullyConnected(Arrays.stream(widths).boxed().toList(), activation, false);
  }

  /** Number of layers n. */
  public int depth() {
    return widths.size() - 1;
  }

  /** Number of parameters P. */
  public long size() {
    long size = 0;
    for (int j = 1; j < widths.size(); j++) {
      size += (long) widths.get(j) * widths.get(j - 1) + (bias ? widths.get(j) : 0);
    }
    return size;
  }

  /**
   * Records the network on {@code x [samples x d_0]}; returns its output {@code [samples x d_n]}.
   */
  public Value record(Graph graph, Value x) {
    Value a = x;
    for (int j = 1; j <= depth(); j++) {
      Value w = graph.parameter("W" + j, widths.get(j), widths.get(j - 1));
      a = graph.apply(MatMul.LAYER, a, w);
      if (bias) {
        a = graph.apply(new AddRow(), a, graph.parameter("b" + j, 1, widths.get(j)));
      }
      if (j < depth() && activation.kind() != Activation.Kind.IDENTITY) {
        a = graph.apply(new Activate(activation), a);
      }
    }
    return a;
  }

  /**
   * Xavier's uniform initialisation (Glorot and Bengio 2010): weights uniform in {@code +-sqrt(6 /
   * (fan_in + fan_out))}, biases zero. The same seed gives the same theta on every machine.
   */
  public static void xavierUniform(Program program, long seed) {
    List<Value> parameters = program.graph().parameters();
    for (int p = 0; p < parameters.size(); p++) {
      Value parameter = parameters.get(p);
      Shape shape = parameter.shape();
      double[] values = new double[(int) shape.size()];
      if (parameter.name().startsWith("W")) {
        double bound = Math.sqrt(6.0 / (shape.rows() + shape.cols()));
        for (int i = 0; i < values.length; i++) {
          values[i] = bound * (2 * CounterRandom.uniform(seed, p, i) - 1);
        }
      }
      program.parameter(parameter).buffer().set(values);
    }
  }
}
