package dev.evolute.autodiff.op;

import dev.evolute.autodiff.graph.Adjoint;
import dev.evolute.autodiff.graph.Node;
import dev.evolute.autodiff.graph.Op;
import dev.evolute.autodiff.graph.Shape;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.kernels.AttentionShape;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Matrix;
import java.util.List;

/**
 * {@code O = softmax(Q K^T / sqrt(dim)) V} head by head in sequences of {@code length} rows, for
 * queries, keys and values side by side as one projection leaves them, {@code [Q K V] [b t x (heads
 * + 2 keyHeads) dim]}; O is {@code [b t x heads dim]}. No scores are kept, neither forward nor for
 * any derivative: they are formed again, block by block, from one number a row ({@link
 * dev.evolute.kernels.AttentionKernels}, where the formulas stand).
 *
 * @param heads query heads
 * @param keyHeads key and value heads, a divisor of {@code heads}
 * @param length t, rows a sequence
 * @param causal whether a row sees itself and earlier rows only, else all of its sequence
 */
public record Attention(int heads, int keyHeads, int length, boolean causal) implements Op {
  private record Values(
      AttentionShape shape, AttentionShape.Values x, AttentionShape.Values tangent) {}

  /** Each query head with its own keys, in which a row sees no later one. */
  public static Attention causal(int heads, int length) {
    return new Attention(heads, heads, length, true);
  }

  /** Each query head with its own keys, in which every row sees all of its sequence. */
  public static Attention full(int heads, int length) {
    return new Attention(heads, heads, length, false);
  }

  @Override
  public String name() {
    return "attention";
  }

  @Override
  public int arity() {
    return 1;
  }

  @Override
  public Shape shape(List<Value> inputs) {
    Value x = inputs.get(0);
    return new Shape(x.shape().rows(), heads * shape(x).dim());
  }

  private AttentionShape shape(Value x) {
    int batch = Images.groups(name(), x, length);
    if (heads < 1 || keyHeads < 1 || x.shape().cols() % (heads + 2 * keyHeads) != 0) {
      throw new IllegalArgumentException(
          "attention: the input is "
              + x
              + "; its columns are queries of "
              + heads
              + " heads, keys and values of "
              + keyHeads
              + ", all of one width");
    }
    return shape(batch, x.shape().cols());
  }

  private AttentionShape shape(int batch, int columns) {
    int dim = columns / (heads + 2 * keyHeads);
    double scale = 1 / Math.sqrt(dim);
    return new AttentionShape(batch, heads, keyHeads, length, length, dim, causal, scale);
  }

  @Override
  public boolean readsInputs() {
    return true;
  }

  @Override
  public boolean readsResult() {
    return true;
  }

  /** The log-sum-exp of each row's scores, head by head. */
  @Override
  public long[] saved(List<Value> inputs) {
    return new long[] {(long) heads * inputs.get(0).shape().rows()};
  }

  @Override
  public long[] savedTangent(List<Value> inputs) {
    return saved(inputs);
  }

  @Override
  public void bind(Node n) {
    AttentionShape s = shape(n.in(0).rows() / length, n.in(0).cols());
    boolean moves = n.tangentIn(0) != null;
    n.hold(
        new Values(
            s,
            values(s, n.in(0), n.out(), n.saved(0)),
            moves ? values(s, n.tangentIn(0), n.tangentOut(), n.savedTangent(0)) : null));
  }

  private static AttentionShape.Values values(AttentionShape s, Matrix x, Matrix o, Buffer lse) {
    return s.values(part(s, x, 0), part(s, x, 1), part(s, x, 2), o, lse);
  }

  /** Queries, keys, or values. */
  private static Matrix part(AttentionShape s, Matrix x, int which) {
    int queries = s.heads() * s.dim();
    int keys = s.keyHeads() * s.dim();
    return which == 0
        ? Columns.of(x, 0, queries)
        : Columns.of(x, queries + (which - 1) * keys, keys);
  }

  private static AttentionShape.Gradients gradients(Node n, Adjoint d) {
    if (d.held() == null) {
      AttentionShape s = ((Values) n.held()).shape;
      // Where it is not wanted, nothing but the cotangent of the output is read.
      Matrix dx = d.wants(0) ? d.in(0) : n.in(0);
      d.hold(s.gradients(d.out(), part(s, dx, 0), part(s, dx, 1), part(s, dx, 2)));
    }
    return (AttentionShape.Gradients) d.held();
  }

  @Override
  public void forward(Node n) {
    n.kernels().attention(((Values) n.held()).x);
  }

  @Override
  public void vjp(Node n, Adjoint d) {
    n.kernels().attentionVjp(((Values) n.held()).x, gradients(n, d), d.beta(0));
  }

  @Override
  public void jvp(Node n) {
    Values values = (Values) n.held();
    n.kernels().attentionJvp(values.x, values.tangent);
  }

  @Override
  public void vjpTangent(Node n, Adjoint tangent) {
    Values values = (Values) n.held();
    n.kernels()
        .attentionVjpTangent(
            values.x,
            gradients(n, n.adjoint()),
            values.tangent,
            gradients(n, tangent),
            tangent.beta(0));
  }
}
