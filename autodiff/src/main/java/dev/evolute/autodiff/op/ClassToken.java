package dev.evolute.autodiff.op;

import dev.evolute.autodiff.graph.Adjoint;
import dev.evolute.autodiff.graph.Node;
import dev.evolute.autodiff.graph.Shape;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.Matrix;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A learned token {@code c [1 x d]} before each of b sequences: {@code x [b t x d]} becomes {@code
 * [b (t + 1) x d]} (Dosovitskiy et al. 2021). Linear, so the reverse pass has no tangent of its
 * own. Its inputs are x and c.
 *
 * <pre>
 *   vjp  dx = dy behind the tokens    dc = sum of dy at them      jvp  y' = [c' x']
 * </pre>
 *
 * @param length t, rows a sequence without its token
 */
public record ClassToken(int length) implements Linear {
  /** A result by columns, one sequence a row. */
  private record Sequences(Matrix token, Matrix rest) {}

  /**
   * @param sequence 0, 1, 2, ...
   * @param zero as many zeros
   */
  private record Places(
      Buffer sequence, Buffer zero, Matrix x, Matrix tangentX, Sequences y, Sequences tangentY) {}

  private record Cotangents(Sequences y, Matrix x) {}

  @Override
  public String name() {
    return "class token";
  }

  @Override
  public Shape shape(List<Value> inputs) {
    Value x = inputs.get(0);
    int sequences = Images.groups(name(), x, length);
    Images.check(name(), "token", inputs.get(1), new Shape(1, x.shape().cols()));
    return new Shape(Math.multiplyExact(sequences, length + 1), x.shape().cols());
  }

  @Override
  public void bind(Node n) {
    int b = n.in(0).rows() / length;
    Buffer sequence = n.allocate(n.kernels().dtype(), b);
    sequence.set(IntStream.range(0, b).asDoubleStream().toArray());
    n.hold(
        new Places(
            sequence,
            n.allocate(n.kernels().dtype(), b),
            Columns.inRows(n.in(0), b),
            Columns.inRows(n.tangentIn(0), b),
            sequences(n.out(), b),
            n.tangentOut() == null ? null : sequences(n.tangentOut(), b)));
  }

  private static Sequences sequences(Matrix y, int b) {
    Matrix whole = Columns.inRows(y, b);
    int d = y.cols();
    return new Sequences(Columns.of(whole, 0, d), Columns.of(whole, d, whole.cols() - d));
  }

  @Override
  public void forward(Node n) {
    Places p = (Places) n.held();
    n.kernels().gather(n.in(1), p.zero, p.y.token);
    n.kernels().gather(p.x, p.sequence, p.y.rest);
  }

  @Override
  public void vjp(Node n, Adjoint d) {
    Places p = (Places) n.held();
    if (d.held() == null) {
      int b = p.x.rows();
      d.hold(new Cotangents(sequences(d.out(), b), Columns.inRows(d.in(0), b)));
    }
    Cotangents c = (Cotangents) d.held();
    Kernels k = n.kernels();
    if (d.wants(0)) {
      k.scatterAdd(c.y.rest, p.sequence, d.beta(0), c.x);
    }
    if (d.wants(1)) {
      k.scatterAdd(c.y.token, p.zero, d.beta(1), d.in(1));
    }
  }

  @Override
  public void jvp(Node n) {
    Places p = (Places) n.held();
    Kernels k = n.kernels();
    if (n.tangentIn(0) == null || n.tangentIn(1) == null) {
      k.fill(0, n.tangentOut().buffer());
    }
    if (n.tangentIn(1) != null) {
      k.gather(n.tangentIn(1), p.zero, p.tangentY.token);
    }
    if (n.tangentIn(0) != null) {
      k.gather(p.tangentX, p.sequence, p.tangentY.rest);
    }
  }
}
