package dev.evolute.autodiff.op;

import dev.evolute.autodiff.graph.Adjoint;
import dev.evolute.autodiff.graph.Node;
import dev.evolute.autodiff.graph.Op;

/** Linear in what depends on parameters: the reverse pass has no tangent of its own. */
interface Linear extends Op {
  @Override
  default void vjpTangent(Node n, Adjoint tangent) {
    vjp(n, tangent);
  }
}
