package dev.evolute.autodiff.op;

import dev.evolute.autodiff.graph.Adjoint;
import dev.evolute.autodiff.graph.Node;
import dev.evolute.autodiff.graph.Shape;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Kernels;
import java.util.List;

/**
 * A residual connection: {@code z = x + y}, all {@code [n x d]}. Linear, so the reverse pass has no
 * tangent of its own.
 *
 * <pre>
 *   vjp  dx = dz    dy = dz      jvp  z' = x' + y'
 * </pre>
 */
public record Add() implements Linear {
  @Override
  public String name() {
    return "add";
  }

  @Override
  public Shape shape(List<Value> inputs) {
    Shape x = inputs.get(0).shape();
    Shape y = inputs.get(1).shape();
    if (!x.equals(y)) {
      throw new IllegalArgumentException(
          "add: one value is " + x + ", the other " + y + "; they must have the same shape");
    }
    return x;
  }

  @Override
  public void forward(Node n) {
    Kernels k = n.kernels();
    k.copy(n.in(0).buffer(), n.out().buffer());
    k.axpby(1, n.in(1).buffer(), 1, n.out().buffer());
  }

  @Override
  public void vjp(Node n, Adjoint d) {
    for (int i = 0; i < 2; i++) {
      if (d.wants(i)) {
        n.kernels().axpby(1, d.out().buffer(), d.beta(i), d.inBuffer(i));
      }
    }
  }

  @Override
  public void jvp(Node n) {
    Buffer sum = n.tangentOut().buffer();
    double beta = 0;
    for (int i = 0; i < 2; i++) {
      if (n.tangentIn(i) != null) {
        n.kernels().axpby(1, n.tangentIn(i).buffer(), beta, sum);
        beta = 1;
      }
    }
  }
}
