package dev.evolute.autodiff.op;

import dev.evolute.autodiff.graph.Adjoint;
import dev.evolute.autodiff.graph.Node;
import dev.evolute.autodiff.graph.Shape;
import dev.evolute.autodiff.graph.Value;
import java.util.List;

/**
 * {@code l = lambda/2 ||w||_F^2}, usually of a parameter.
 *
 * <pre>
 *   vjp  dw = lambda w      vjpTangent  dw' = lambda w'
 * </pre>
 *
 * @param lambda the factor
 */
public record L2Penalty(double lambda) implements LossTerm {
  /**
   * Of any factor.
   *
   * @throws IllegalArgumentException if it is not finite
   */
  public L2Penalty {
    LossTerm.finite("L2 penalty: lambda", lambda);
  }

  @Override
  public int arity() {
    return 1;
  }

  @Override
  public String name() {
    return "L2 penalty";
  }

  @Override
  public Shape shape(List<Value> inputs) {
    return new Shape(1, 1);
  }

  @Override
  public boolean readsInputs() {
    return true;
  }

  @Override
  public void forward(Node n) {
    n.kernels().dot(lambda / 2, n.in(0).buffer(), n.in(0).buffer(), n.out().buffer());
  }

  @Override
  public void vjp(Node n, Adjoint d) {
    n.kernels().axpby(lambda, n.in(0).buffer(), d.beta(0), d.inBuffer(0));
  }

  @Override
  public void vjpTangent(Node n, Adjoint tangent) {
    n.kernels().axpby(lambda, n.tangentIn(0).buffer(), tangent.beta(0), tangent.inBuffer(0));
  }
}
