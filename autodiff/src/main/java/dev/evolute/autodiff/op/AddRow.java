package dev.evolute.autodiff.op;

import dev.evolute.autodiff.graph.Node;
import dev.evolute.autodiff.graph.Shape;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Matrix;
import java.util.List;

/**
 * A bias: {@code y = x + 1 b} with {@code x [n x d]} and {@code b [1 x d]}.
 *
 * <pre>
 *   vjp  dx = dy    db = sum over rows of dy      jvp  y' = x' + 1 b'
 * </pre>
 */
public record AddRow() implements AddRepeated {
  @Override
  public String name() {
    return "bias";
  }

  @Override
  public boolean actsOnRows() {
    return true;
  }

  @Override
  public Shape shape(List<Value> inputs) {
    Shape x = inputs.get(0).shape();
    Shape b = inputs.get(1).shape();
    if (b.rows() != 1 || b.cols() != x.cols()) {
      throw new IllegalArgumentException(
          "bias: the input is " + x + ", the bias " + b + "; it must be [1 x " + x.cols() + "]");
    }
    return x;
  }

  /** {@code db_r = dy_r}. */
  @Override
  public void vjpRows(Node n, int from, Matrix gradients, long at) {
    Buffer dy = n.adjoint().out().buffer();
    int d = n.out().cols();
    for (int r = 0; r < gradients.rows(); r++) {
      Buffer target = gradients.buffer().view((long) r * gradients.cols() + at, d);
      n.kernels().axpby(1, dy.view((long) (from + r) * d, d), 1, target);
    }
  }
}
