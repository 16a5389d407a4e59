package dev.evolute.autodiff.op;

import dev.evolute.autodiff.graph.Shape;
import dev.evolute.autodiff.graph.Value;
import java.util.List;

/**
 * A term of the loss that holds predictions {@code [n x c]} against targets of that shape, the
 * samples weighted, {@code [n x 1]}, or not.
 */
interface DataLoss extends LossTerm {
  /** Whether the weights of the samples are a third input. */
  boolean weighted();

  @Override
  default int arity() {
    return weighted() ? 3 : 2;
  }

  /**
   * The shape of a scalar, after checking that predictions and targets agree, and the weights of
   * the samples, if they are a third input.
   */
  @Override
  default Shape shape(List<Value> inputs) {
    String name = name();
    Shape z = inputs.get(0).shape();
    targets(inputs.get(0), inputs.get(1));
    fixed(name, "targets", inputs.get(1));
    if (inputs.size() > 2) {
      Value weights = inputs.get(2);
      if (!weights.shape().equals(new Shape(z.rows(), 1))) {
        throw new IllegalArgumentException(
            name
                + ": predictions are "
                + z
                + ", weights "
                + weights.shape()
                + "; give one weight a sample, ["
                + z.rows()
                + " x 1]");
      }
      fixed(name, "weights", weights);
    }
    return new Shape(1, 1);
  }

  /** Refuses targets y whose shape does not fit predictions z. */
  default void targets(Value z, Value y) {
    if (!z.shape().equals(y.shape())) {
      throw new IllegalArgumentException(
          name()
              + ": predictions are "
              + z.shape()
              + ", targets "
              + y.shape()
              + "; shapes must be equal");
    }
  }

  private static void fixed(String name, String what, Value value) {
    if (value.differentiable()) {
      throw new IllegalArgumentException(
          name + ": the " + what + " depend on parameters; they must be data");
    }
  }
}
