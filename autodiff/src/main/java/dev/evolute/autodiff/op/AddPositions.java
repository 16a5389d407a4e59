package dev.evolute.autodiff.op;

import dev.evolute.autodiff.graph.Adjoint;
import dev.evolute.autodiff.graph.Node;
import dev.evolute.autodiff.graph.Op;
import dev.evolute.autodiff.graph.Shape;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.Matrix;
import java.util.List;

/**
 * Learned positions: {@code y_i = x_i + p_(i mod t)} for sequences {@code x [b t x d]} and {@code p
 * [t x d]}. Linear, so the reverse pass has no tangent of its own.
 *
 * <pre>
 *   vjp  dx = dy    dp = sum over sequences of dy      jvp  y' = x' + p'
 * </pre>
 */
public record AddPositions() implements Op {
  /** Values with one sequence a row. */
  private record Sequences(Matrix x, Matrix y, Matrix tangent) {}

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

  @Override
  public void bind(Node n) {
    int b = n.in(0).rows() / n.in(1).rows();
    n.hold(
        new Sequences(
            Columns.inRows(n.in(0), b),
            Columns.inRows(n.out(), b),
            Columns.inRows(n.tangentOut(), b)));
  }

  @Override
  public void forward(Node n) {
    Sequences s = (Sequences) n.held();
    n.kernels().addRow(s.x, n.in(1).buffer(), s.y);
  }

  @Override
  public void vjp(Node n, Adjoint d) {
    Kernels k = n.kernels();
    if (d.held() == null) {
      d.hold(Columns.inRows(d.out(), n.in(0).rows() / n.in(1).rows()));
    }
    if (d.wants(0)) {
      k.axpby(1, d.out().buffer(), d.beta(0), d.inBuffer(0));
    }
    if (d.wants(1)) {
      k.columnSums((Matrix) d.held(), d.beta(1), d.inBuffer(1));
    }
  }

  @Override
  public void jvp(Node n) {
    Kernels k = n.kernels();
    if (n.tangentIn(0) == null) {
      k.fill(0, n.tangentOut().buffer());
    } else {
      k.copy(n.tangentIn(0).buffer(), n.tangentOut().buffer());
    }
    if (n.tangentIn(1) != null) {
      Matrix tangent = ((Sequences) n.held()).tangent;
      k.addRow(tangent, n.tangentIn(1).buffer(), tangent);
    }
  }

  @Override
  public void vjpTangent(Node n, Adjoint tangent) {
    vjp(n, tangent);
  }
}
