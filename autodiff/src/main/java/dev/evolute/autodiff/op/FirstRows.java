package dev.evolute.autodiff.op;

import dev.evolute.autodiff.graph.Adjoint;
import dev.evolute.autodiff.graph.Node;
import dev.evolute.autodiff.graph.Shape;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.kernels.Buffer;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The first row of each sequence: {@code x [b t x d]} becomes {@code [b x d]}, the class tokens of
 * {@link ClassToken}. Linear, so the reverse pass has no tangent of its own.
 *
 * <pre>
 *   y_i = x_(i t)      vjp  dx_(i t) = dy_i, else 0      jvp  y'_i = x'_(i t)
 * </pre>
 *
 * @param length t, rows a sequence
 */
public record FirstRows(int length) implements Linear {
  @Override
  public String name() {
    return "first rows";
  }

  @Override
  public int arity() {
    return 1;
  }

  @Override
  public Shape shape(List<Value> inputs) {
    Value x = inputs.get(0);
    return new Shape(Images.groups(name(), x, length), x.shape().cols());
  }

  @Override
  public void bind(Node n) {
    Buffer rows = n.allocate(n.kernels().dtype(), n.out().rows());
    rows.set(IntStream.range(0, n.out().rows()).mapToDouble(i -> (double) i * length).toArray());
    n.hold(rows);
  }

  @Override
  public void forward(Node n) {
    n.kernels().gather(n.in(0), (Buffer) n.held(), n.out());
  }

  @Override
  public void vjp(Node n, Adjoint d) {
    n.kernels().scatterAdd(d.out(), (Buffer) n.held(), d.beta(0), d.in(0));
  }

  @Override
  public void jvp(Node n) {
    n.kernels().gather(n.tangentIn(0), (Buffer) n.held(), n.tangentOut());
  }
}
