package dev.evolute.autodiff.op;

import dev.evolute.autodiff.graph.Adjoint;
import dev.evolute.autodiff.graph.Node;
import dev.evolute.autodiff.graph.Op;
import dev.evolute.autodiff.graph.Shape;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Norm;
import java.util.List;

/**
 * Normalisation of the rows of {@code x [n x d]}: LayerNorm {@code y = gain (x - mean) / sqrt(
 * variance + eps) + b} with {@code gain, b [1 x d]}, or RMSNorm {@code y = gain x / sqrt(mean(x^2)
 * + eps)} without b. The formulas of its four derivatives stand in {@link
 * dev.evolute.kernels.NormKernels}.
 *
 * @param norm which of the two, and eps
 */
public record RowNorm(Norm norm) implements Op {
  /** LayerNorm: inputs x, gain, b. */
  public static RowNorm layer(double eps) {
    return new RowNorm(Norm.layer(eps));
  }

  /** RMSNorm: inputs x, gain. */
  public static RowNorm rms(double eps) {
    return new RowNorm(Norm.rms(eps));
  }

  @Override
  public String name() {
    return norm.centred() ? "layer norm" : "RMS norm";
  }

  @Override
  public int arity() {
    return norm.centred() ? 3 : 2;
  }

  @Override
  public Shape shape(List<Value> inputs) {
    Shape x = inputs.get(0).shape();
    Images.check(name(), "gain", inputs.get(1), new Shape(1, x.cols()));
    if (norm.centred()) {
      Images.check(name(), "bias", inputs.get(2), new Shape(1, x.cols()));
    }
    return x;
  }

  @Override
  public boolean readsInputs() {
    return true;
  }

  /** Means and inverse deviations of the rows. */
  @Override
  public long[] saved(List<Value> inputs) {
    return new long[] {2L * inputs.get(0).shape().rows()};
  }

  @Override
  public void bind(Node n) {
    n.operands(Matrix.of(n.saved(0), 2, n.in(0).rows()));
  }

  private static Matrix statistics(Node n) {
    return (Matrix) n.operand(0);
  }

  @Override
  public void forward(Node n) {
    Buffer bias = norm.centred() ? n.in(2).buffer() : null;
    n.kernels().norm(norm, n.in(0), n.in(1).buffer(), bias, n.out(), statistics(n));
  }

  @Override
  public void vjp(Node n, Adjoint d) {
    n.kernels()
        .normVjp(
            norm,
            n.in(0),
            statistics(n),
            n.in(1).buffer(),
            d.out(),
            d.beta(0),
            d.in(0),
            d.beta(1),
            place(d, 1),
            norm.centred() ? d.beta(2) : 0,
            norm.centred() ? place(d, 2) : null);
  }

  private static Buffer place(Adjoint d, int i) {
    return d.wants(i) ? d.inBuffer(i) : null;
  }

  @Override
  public void jvp(Node n) {
    boolean shifted = norm.centred() && n.tangentIn(2) != null;
    n.kernels()
        .normJvp(
            norm,
            n.in(0),
            statistics(n),
            n.in(1).buffer(),
            n.tangentOrZeros(0),
            n.tangentOrZeros(1).buffer(),
            shifted ? n.tangentIn(2).buffer() : null,
            n.tangentOut());
  }

  @Override
  public void vjpTangent(Node n, Adjoint tangent) {
    Kernels k = n.kernels();
    k.normVjpTangent(
        norm,
        n.in(0),
        statistics(n),
        n.in(1).buffer(),
        n.adjoint().out(),
        n.tangentOrZeros(0),
        n.tangentOrZeros(1).buffer(),
        tangent.out(),
        tangent.beta(0),
        tangent.in(0),
        tangent.beta(1),
        place(tangent, 1),
        norm.centred() ? tangent.beta(2) : 0,
        norm.centred() ? place(tangent, 2) : null);
  }
}
