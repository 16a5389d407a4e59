package dev.evolute.autodiff.op;

import dev.evolute.autodiff.graph.Adjoint;
import dev.evolute.autodiff.graph.Node;
import dev.evolute.autodiff.graph.Shape;
import dev.evolute.autodiff.graph.Value;
import java.util.List;

/**
 * {@code y_i = table_{id_i}} for a table {@code [v x d]} and ids in data of any shape, row by row:
 * sequences {@code [n x t]} become {@code [n t x d]}. Ids are whole numbers from 0 on, stored as
 * elements of the program's type, exact up to 2^24 in f32; any other is refused by the pass that
 * meets it. Linear in the table, so the reverse pass has no tangent of its own.
 *
 * <pre>
 *   vjp  dtable_k = sum of dy_i over id_i = k      jvp  y'_i = table'_{id_i}
 * </pre>
 */
public record Embedding() implements Linear {
  @Override
  public String name() {
    return "embedding";
  }

  @Override
  public Shape shape(List<Value> inputs) {
    Value ids = inputs.get(1);
    if (!ids.isData()) {
      throw new IllegalArgumentException("embedding: the ids are " + ids + "; they must be data");
    }
    return new Shape(Math.toIntExact(ids.shape().size()), inputs.get(0).shape().cols());
  }

  @Override
  public void forward(Node n) {
    n.kernels().gather(n.in(0), n.in(1).buffer(), n.out());
  }

  @Override
  public void vjp(Node n, Adjoint d) {
    n.kernels().scatterAdd(d.out(), n.in(1).buffer(), d.beta(0), d.in(0));
  }

  @Override
  public void jvp(Node n) {
    n.kernels().gather(n.tangentIn(0), n.in(1).buffer(), n.tangentOut());
  }
}
