package dev.evolute.autodiff.op;

import dev.evolute.autodiff.graph.Adjoint;
import dev.evolute.autodiff.graph.Node;
import dev.evolute.autodiff.graph.Op;
import dev.evolute.autodiff.graph.Shape;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.kernels.PoolingShape;
import java.util.List;

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
public record AveragePool(PoolingShape shape) implements Op {
  @Override
  public String name() {
    return "average pooling";
  }

  @Override
  public int arity() {
    return 1;
  }

  @Override
  public Shape shape(List<Value> inputs) {
    Images.check(name(), inputs.get(0), shape.inputLength(), shape);
    return Images.pixels(
        shape.batch(), shape.outputHeight(), shape.outputWidth(), shape.channels());
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

  @Override
  public void vjpTangent(Node n, Adjoint tangent) {
    vjp(n, tangent);
  }
}
