package dev.evolute.autodiff.nn;

import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.op.MatMul;
import dev.evolute.kernels.Activation;
import java.util.List;
import java.util.Objects;

/**
 * A network of two layers without factors or biases, on samples in rows, in the convention of paper
 * 000 or of paper 003. In theta {@code W_1} stands first, whichever side it is on.
 *
 * <pre>
 *   OUTPUT_FIRST   F = W_1 s(W_2 X), samples in columns there   W_1 [outputs x hidden], W_2 [hidden x inputs]
 *   FACTORS        s(X W_1) W_2^T                               W_1 [inputs x hidden],  W_2 [outputs x hidden]
 * </pre>
 *
 * @param convention how W_1 and W_2 stand
 * @param inputs d, in paper 003 n
 * @param hidden {@code n_1}, in paper 003 h
 * @param outputs c, in paper 003 m
 * @param activation s, in paper 003 none
 */
public record TwoLayer(
    Convention convention, int inputs, int hidden, int outputs, Activation activation)
    implements Model {
  /** How the papers write two layers. */
  public enum Convention {
    /** Paper 000: {@code W_1} is next to the output. */
    OUTPUT_FIRST,
    /** Paper 003: the model is {@code X W_1 W_2^T}. */
    FACTORS
  }

  /**
   * Checks them.
   *
   * @throws IllegalArgumentException if a width is below 1
   */
  public TwoLayer {
    Objects.requireNonNull(convention, "convention");
    Objects.requireNonNull(activation, "activation");
    Layers.checked(List.of(inputs, hidden, outputs));
  }

  /**
   * Propositions 3.3 and 3.4 of paper 000: with {@code SquaredError.sum()} or {@code
   * BinaryCrossEntropy.sum()} and an {@code L2Penalty} a layer.
   */
  public static TwoLayer outputFirst(Activation activation, int inputs, int hidden, int outputs) {
    return new TwoLayer(Convention.OUTPUT_FIRST, inputs, hidden, outputs, activation);
  }

  /**
   * The overparametrised linear model of paper 003: with {@code SquaredError.halfSum()}, entries
   * N(0, 1) or {@code N(0, 1 / h^{2p})}, which is {@code Initialisation.gaussian(Math.pow(h, -p))}.
   */
  public static TwoLayer factors(int inputs, int hidden, int outputs) {
    return new TwoLayer(Convention.FACTORS, inputs, hidden, outputs, Activation.IDENTITY);
  }

  @Override
  public List<Parameter> parameters() {
    return convention == Convention.FACTORS
        ? List.of(new Parameter("W1", inputs, hidden), new Parameter("W2", outputs, hidden))
        : List.of(new Parameter("W1", outputs, hidden), new Parameter("W2", hidden, inputs));
  }

  @Override
  public Value record(Graph graph, Value x) {
    List<Value> w = Layers.declare(this, graph);
    boolean factors = convention == Convention.FACTORS;
    Value first =
        factors
            ? graph.apply(new MatMul(false, false), x, w.get(0))
            : graph.apply(MatMul.LAYER, x, w.get(1));
    Value a = Layers.activate(graph, activation, first);
    return graph.apply(MatMul.LAYER, a, w.get(factors ? 1 : 0));
  }

  @Override
  public String toString() {
    return "two layers "
        + Layers.joined(List.of(inputs, hidden, outputs))
        + ", "
        + Layers.name(activation);
  }
}
