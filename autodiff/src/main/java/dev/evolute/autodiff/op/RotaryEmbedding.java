package dev.evolute.autodiff.op;

import dev.evolute.autodiff.graph.Adjoint;
import dev.evolute.autodiff.graph.Node;
import dev.evolute.autodiff.graph.Shape;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Rotary;
import java.util.List;

/**
 * Rotary positions (Su et al. 2021): {@code y = R x}, R turning each of the first {@code heads}
 * heads of a row by angles that grow with the row's place in its sequence; what stands behind those
 * heads is copied. So a row of queries, keys and values is turned in one go, values left alone.
 * Elements j and {@code j + width/2} of a head turn together, by {@code position base^(-2 j /
 * width)}: with the rows of a projection permuted, these are the pairs (2 j, 2 j + 1) of the paper.
 * Linear, so the reverse pass has no tangent of its own.
 *
 * <pre>
 *   vjp  dx = R^T dy      jvp  y' = R x'
 * </pre>
 *
 * @param length rows a sequence; row i is at position {@code i % length}
 * @param heads heads that turn
 * @param width elements a head, even
 * @param base 10000 in the paper
 */
public record RotaryEmbedding(int length, int heads, int width, double base) implements Linear {
  /** With base 10000. */
  public RotaryEmbedding(int length, int heads, int width) {
    this(length, heads, width, 10_000);
  }

  private record Turned(Rotary rotary, Matrix out, Matrix tangentOut) {}

  @Override
  public String name() {
    return "rotary";
  }

  @Override
  public int arity() {
    return 1;
  }

  @Override
  public Shape shape(List<Value> inputs) {
    Value x = inputs.get(0);
    Images.groups(name(), x, length);
    if (heads < 1 || width < 2 || width % 2 != 0 || (long) heads * width > x.shape().cols()) {
      throw new IllegalArgumentException(
          "rotary: "
              + heads
              + " heads of "
              + width
              + " elements turn in rows of "
              + x
              + "; heads are even and fit into a row");
    }
    return x.shape();
  }

  @Override
  public void bind(Node n) {
    Kernels k = n.kernels();
    Rotary rotary = new Rotary(k.device(), k.dtype(), length, width, width, base);
    n.onClose(rotary::close);
    n.hold(new Turned(rotary, part(n.out()), part(n.tangentOut())));
  }

  private Matrix part(Matrix x) {
    return Columns.of(x, 0, heads * width);
  }

  @Override
  public void forward(Node n) {
    Turned turned = (Turned) n.held();
    n.kernels().copy(n.in(0).buffer(), n.out().buffer());
    n.kernels().rotary(turned.rotary, length, turned.out, 0, turned.out);
  }

  /** Where a cotangent is there already, the new one is formed apart. */
  @Override
  public void vjp(Node n, Adjoint d) {
    Kernels k = n.kernels();
    boolean first = d.beta(0) == 0;
    if (d.held() == null) {
      d.hold(part(first ? d.in(0) : n.scratch(0)));
    }
    Matrix part = (Matrix) d.held();
    k.copy(d.out().buffer(), part.buffer());
    k.rotaryVjp(((Turned) n.held()).rotary, length, part, 0, part);
    if (!first) {
      k.axpby(1, part.buffer(), 1, d.inBuffer(0));
    }
  }

  @Override
  public void jvp(Node n) {
    Turned turned = (Turned) n.held();
    n.kernels().copy(n.tangentIn(0).buffer(), n.tangentOut().buffer());
    n.kernels().rotary(turned.rotary, length, turned.tangentOut, 0, turned.tangentOut);
  }
}
