package dev.evolute.autodiff.op;

import dev.evolute.autodiff.graph.Adjoint;
import dev.evolute.autodiff.graph.Node;
import dev.evolute.kernels.PoolingShape;

/**
 * The mean of each window and channel; images as in {@link Convolution}. With {@link
 * PoolingShape#global} it is global average pooling, with {@link PoolingShape#subsampling} it takes
 * the top-left pixel of each cell. Linear, so the reverse pass has no tangent of its own.
 *
 * <pre>
 *   y = P x      vjp  dx = P^T dy      jvp  y' = P x'
 * </pre>
 *
 * @param shape sizes, the number of images included
 */
public record AveragePool(PoolingShape shape) implements Pooling {
  @Override
  public String name() {
    return "average pooling";
  }

  @Override
  public void forward(Node n) {
    n.kernels().averagePool(shape, 1, n.in(0).buffer(), 0, n.out().buffer());
  }

  @Override
  public void vjp(Node n, Adjoint d) {
    n.kernels().averagePoolInput(shape, 1, d.out().buffer(), d.beta(0), d.inBuffer(0));
  }

  @Override
  public void jvp(Node n) {
    n.kernels().averagePool(shape, 1, n.tangentIn(0).buffer(), 0, n.tangentOut().buffer());
  }
}
