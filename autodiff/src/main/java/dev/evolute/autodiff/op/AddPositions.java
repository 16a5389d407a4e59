package dev.evolute.autodiff.op;

import dev.evolute.autodiff.graph.Shape;
import dev.evolute.autodiff.graph.Value;
import java.util.List;

/**
 * Learned positions: {@code y_i = x_i + p_(i mod t)} for sequences {@code x [b t x d]} and {@code p
 * [t x d]}.
 *
 * <pre>
 *   vjp  dx = dy    dp = sum over sequences of dy      jvp  y' = x' + p'
 * </pre>
 */
public record AddPositions() implements AddRepeated {
  @Override
  public String name() {
    return "positions";
  }

  @Override
  public Shape shape(List<Value> inputs) {
    Value x = inputs.get(0);
    Shape p = inputs.get(1).shape();
    Images.groups(name(), x, p.rows());
    if (p.cols() != x.shape().cols()) {
      throw new IllegalArgumentException(
          "positions: the input is " + x + ", the positions " + p + "; columns must be as many");
    }
    return x.shape();
  }
}
