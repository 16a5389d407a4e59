package dev.evolute.autodiff.op;

import dev.evolute.autodiff.graph.Adjoint;
import dev.evolute.autodiff.graph.Node;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.Matrix;

/**
 * {@code y_i = x_i + p_(i mod t)} for {@code x [b t x d]} and {@code p [t x d]}.
 *
 * <pre>
 *   vjp  dx = dy    dp = sum over groups of dy      jvp  y' = x' + p'
 * </pre>
 */
sealed interface AddRepeated extends Linear permits AddRow, AddPositions {
  /** Values with one group of t rows in a row. */
  record Groups(Matrix x, Matrix y, Matrix tangent) {}

  private static Matrix grouped(Node n, Matrix values) {
    return Columns.inRows(values, n.in(0).rows() / n.in(1).rows());
  }

  @Override
  default void bind(Node n) {
    n.hold(new Groups(grouped(n, n.in(0)), grouped(n, n.out()), grouped(n, n.tangentOut())));
  }

  @Override
  default void forward(Node n) {
    Groups groups = (Groups) n.held();
    n.kernels().addRow(groups.x, n.in(1).buffer(), groups.y);
  }

  @Override
  default void vjp(Node n, Adjoint d) {
    Kernels k = n.kernels();
    if (d.held() == null) {
      d.hold(grouped(n, d.out()));
    }
    if (d.wants(0)) {
      k.axpby(1, d.out().buffer(), d.beta(0), d.inBuffer(0));
    }
    if (d.wants(1)) {
      k.columnSums((Matrix) d.held(), d.beta(1), d.inBuffer(1));
    }
  }

  @Override
  default void jvp(Node n) {
    Kernels k = n.kernels();
    if (n.tangentIn(0) == null) {
      k.fill(0, n.tangentOut().buffer());
    } else {
      k.copy(n.tangentIn(0).buffer(), n.tangentOut().buffer());
    }
    if (n.tangentIn(1) != null) {
      Matrix tangent = ((Groups) n.held()).tangent;
      k.addRow(tangent, n.tangentIn(1).buffer(), tangent);
    }
  }
}
