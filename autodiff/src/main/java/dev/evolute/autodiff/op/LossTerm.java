package dev.evolute.autodiff.op;

import dev.evolute.autodiff.graph.Node;
import dev.evolute.autodiff.graph.Op;
import dev.evolute.autodiff.graph.Shape;
import dev.evolute.autodiff.graph.Value;
import java.util.List;

/**
 * A term of the loss: a scalar whose cotangent is 1, and from whose tangent nothing follows. So its
 * {@code jvp} is empty and its {@code vjpTangent} is a Hessian product, {@code dx' = (Hess l) x'}.
 */
interface LossTerm extends Op {
  @Override
  default boolean isLoss() {
    return true;
  }

  @Override
  default void jvp(Node n) {}

  /** Refuses a factor that would make every loss NaN. */
  static void finite(String what, double factor) {
    if (!Double.isFinite(factor)) {
      throw new IllegalArgumentException(what + " is " + factor + "; it must be finite");
    }
  }

  /** {@code 1 / samples}. */
  static double reciprocal(String name, int samples) {
    if (samples < 1) {
      throw new IllegalArgumentException(
          name + ": a mean over " + samples + " samples; there must be at least 1");
    }
    return 1.0 / samples;
  }

  /**
   * The shape of a scalar, after checking that predictions and targets agree, and the weights of
   * the samples, if they are a third input.
   */
  static Shape scalar(String name, List<Value> inputs) {
    Shape z = inputs.get(0).shape();
    Value y = inputs.get(1);
    if (!z.equals(y.shape())) {
      throw new IllegalArgumentException(
          name + ": predictions are " + z + ", targets " + y.shape() + "; shapes must be equal");
    }
    fixed(name, "targets", y);
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

  private static void fixed(String name, String what, Value value) {
    if (value.differentiable()) {
      throw new IllegalArgumentException(
          name + ": the " + what + " depend on parameters; they must be data");
    }
  }
}
