package dev.evolute.autodiff.op;

import dev.evolute.autodiff.graph.Adjoint;
import dev.evolute.autodiff.graph.Node;
import dev.evolute.autodiff.graph.Shape;
import dev.evolute.autodiff.graph.Value;
import java.util.List;

/**
 * The same elements in other rows, a copy: what flattens images before a dense layer.
 *
 * @param rows rows of the result; its columns follow
 */
public record Reshape(int rows) implements Linear {
  @Override
  public String name() {
    return "reshape";
  }

  @Override
  public int arity() {
    return 1;
  }

  @Override
  public Shape shape(List<Value> inputs) {
    Value x = inputs.get(0);
    if (rows < 1 || x.shape().size() % rows != 0) {
      throw new IllegalArgumentException(
          "reshape: the elements of " + x + " do not fill " + rows + " rows; give a divisor");
    }
    return new Shape(rows, Math.toIntExact(x.shape().size() / rows));
  }

  @Override
  public void forward(Node n) {
    n.kernels().copy(n.in(0).buffer(), n.out().buffer());
  }

  @Override
  public void vjp(Node n, Adjoint d) {
    n.kernels().axpby(1, d.out().buffer(), d.beta(0), d.inBuffer(0));
  }

  @Override
  public void jvp(Node n) {
    n.kernels().copy(n.tangentIn(0).buffer(), n.tangentOut().buffer());
  }
}
