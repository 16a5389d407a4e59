package dev.evolute.autodiff.nn;

import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.op.AddRow;
import dev.evolute.autodiff.op.MatMul;
import dev.evolute.kernels.Activation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * A fully connected network {@code h(x) = W_n s(W_{n-1} ... s(W_1 x + b_1) ...) + b_n} (paper 002,
 * equation 8; biases optional) on samples in rows, without factors, as libraries have it. Theta
 * holds {@code W_1 [d_1 x d_0], b_1, W_2 [d_2 x d_1], ...}, each row-major. {@link Initialisation}
 * says how it starts.
 *
 * @param widths {@code d_0, d_1, ..., d_n}: at least an input and an output
 * @param activation s, applied after every layer but the last
 * @param bias whether layers have biases
 */
public record FullyConnected(List<Integer> widths, Activation activation, boolean bias)
    implements Model {
  /**
   * Copies and checks the widths.
   *
   * @throws IllegalArgumentException if they are fewer than two or one is below 1
   */
  public FullyConnected {
    widths = Layers.checked(widths);
    Objects.requireNonNull(activation, "activation");
  }

  /** Without biases, as in the papers. */
  public static FullyConnected of(Activation activation, int... widths) {
    return new FullyConnected(Arrays.stream(widths).boxed().toList(), activation, false);
  }

  /** The same with biases. */
  public FullyConnected withBias() {
    return new FullyConnected(widths, activation, true);
  }

  /** Number of layers n. */
  public int depth() {
    return widths.size() - 1;
  }

  @Override
  public List<Parameter> parameters() {
    List<Parameter> parameters = new ArrayList<>();
    for (int j = 1; j <= depth(); j++) {
      parameters.add(new Parameter("W" + j, widths.get(j), widths.get(j - 1)));
      if (bias) {
        parameters.add(new Parameter("b" + j, 1, widths.get(j)));
      }
    }
    return parameters;
  }

  @Override
  public Value record(Graph graph, Value x) {
    List<Value> layers = Layers.declare(this, graph);
    Value a = x;
    for (int p = 0; p < layers.size(); p++) {
      a = graph.apply(MatMul.LAYER, a, layers.get(p));
      if (bias) {
        a = graph.apply(new AddRow(), a, layers.get(++p));
      }
      if (p < layers.size() - 1) {
        a = Layers.activate(graph, activation, a);
      }
    }
    return a;
  }

  @Override
  public String toString() {
    return "fully connected "
        + Layers.joined(widths)
        + ", "
        + Layers.name(activation)
        + (bias ? ", biases" : "");
  }
}
