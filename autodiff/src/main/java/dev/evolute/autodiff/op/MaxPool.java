package dev.evolute.autodiff.op;

import dev.evolute.autodiff.graph.Adjoint;
import dev.evolute.autodiff.graph.Node;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.kernels.PoolingShape;
import java.util.List;

/**
 * The largest element of each window and channel, the first of equal ones; images as in {@link
 * Convolution}. Between the points where two elements of a window are equal it is linear, so that
 * the reverse pass has no tangent of its own.
 *
 * <pre>
 *   saved taps, the place of each maximum
 *   vjp  dx at the taps = dy      jvp  y' = x' at the taps
 * </pre>
 *
 * @param shape sizes, the number of images included
 */
public record MaxPool(PoolingShape shape) implements Pooling {
  @Override
  public String name() {
    return "max pooling";
  }

  @Override
  public long[] saved(List<Value> inputs) {
    return new long[] {shape.outputLength()};
  }

  @Override
  public void forward(Node n) {
    n.kernels().maxPool(shape, n.in(0).buffer(), n.out().buffer(), n.saved(0));
  }

  @Override
  public void vjp(Node n, Adjoint d) {
    n.kernels().maxPoolInput(shape, 1, d.out().buffer(), n.saved(0), d.beta(0), d.inBuffer(0));
  }

  @Override
  public void jvp(Node n) {
    n.kernels()
        .maxPoolTangent(shape, 1, n.tangentIn(0).buffer(), n.saved(0), 0, n.tangentOut().buffer());
  }
}
