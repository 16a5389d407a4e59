package dev.evolute.autodiff.op;

import dev.evolute.autodiff.graph.Adjoint;
import dev.evolute.autodiff.graph.Node;
import dev.evolute.autodiff.graph.Op;
import dev.evolute.autodiff.graph.Shape;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.Kernels;
import java.util.List;

/**
 * {@code y = f(x)} element by element.
 *
 * <pre>
 *   saved f'(x)    kept dy (.) f''(x)
 *   vjp         dx  = dy (.) f'(x)
 *   jvp         y'  = x' (.) f'(x)
 *   vjpTangent  dx' = dy' (.) f'(x) + dy (.) f''(x) (.) x'
 * </pre>
 *
 * @param f the function
 */
public record Activate(Activation f) implements Op {
  @Override
  public int arity() {
    return 1;
  }

  @Override
  public String name() {
    return f.kind().name().toLowerCase(java.util.Locale.ROOT);
  }

  @Override
  public boolean actsOnRows() {
    return true;
  }

  @Override
  public Shape shape(List<Value> inputs) {
    return inputs.get(0).shape();
  }

  @Override
  public long[] saved(List<Value> inputs) {
    return new long[] {inputs.get(0).shape().size()};
  }

  @Override
  public long[] kept(List<Value> inputs) {
    return f.piecewiseLinear() ? new long[0] : saved(inputs);
  }

  @Override
  public void forward(Node n) {
    n.kernels().activation(f, n.in(0).buffer(), n.out().buffer(), n.saved(0), null);
  }

  @Override
  public void vjp(Node n, Adjoint d) {
    n.kernels().mul(d.out().buffer(), n.saved(0), d.beta(0), d.inBuffer(0));
  }

  @Override
  public void keep(Node n) {
    if (!f.piecewiseLinear()) {
      Kernels k = n.kernels();
      k.activation(f, n.in(0).buffer(), null, null, n.kept(0));
      k.mul(n.kept(0), n.adjoint().out().buffer(), 0, n.kept(0));
    }
  }

  @Override
  public void jvp(Node n) {
    n.kernels().mul(n.tangentIn(0).buffer(), n.saved(0), 0, n.tangentOut().buffer());
  }

  @Override
  public void vjpTangent(Node n, Adjoint tangent) {
    if (f.piecewiseLinear()) {
      vjp(n, tangent);
    } else {
      n.kernels()
          .mulAdd(
              tangent.out().buffer(),
              n.saved(0),
              n.kept(0),
              n.tangentIn(0).buffer(),
              tangent.beta(0),
              tangent.inBuffer(0));
    }
  }
}
