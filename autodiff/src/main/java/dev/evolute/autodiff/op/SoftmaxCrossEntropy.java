package dev.evolute.autodiff.op;

import dev.evolute.autodiff.graph.Adjoint;
import dev.evolute.autodiff.graph.Node;
import dev.evolute.autodiff.graph.Shape;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.Matrix;
import java.util.List;

/**
 * {@code l = scale sum_i (log sum_j exp z_ij - sum_j y_ij z_ij)} for logits {@code z [n x c]} and
 * targets {@code y [n x c]} whose rows sum to 1.
 *
 * <pre>
 *   saved p = softmax(z)
 *   vjp         dz  = scale (p - y)
 *   vjpTangent  dz' = scale (p (.) z' - p <p, z'>) row by row
 * </pre>
 *
 * @param scale 1/n for the mean over samples, 1 for the sum
 */
public record SoftmaxCrossEntropy(double scale) implements LossTerm {
  public SoftmaxCrossEntropy {
    LossTerm.finite("softmax cross-entropy: scale", scale);
  }

  /** The mean over n samples. */
  public static SoftmaxCrossEntropy mean(int samples) {
    return new SoftmaxCrossEntropy(LossTerm.reciprocal("softmax cross-entropy", samples));
  }

  @Override
  public String name() {
    return "softmax cross-entropy";
  }

  @Override
  public Shape shape(List<Value> inputs) {
    return LossTerm.scalar(name(), inputs);
  }

  @Override
  public boolean readsInputs() {
    return true;
  }

  @Override
  public long[] saved(List<Value> inputs) {
    return new long[] {inputs.get(0).shape().size()};
  }

  @Override
  public void bind(Node n) {
    Matrix z = n.in(0);
    n.operands(Matrix.of(n.saved(0), z.rows(), z.cols()));
  }

  private static Matrix p(Node n) {
    return (Matrix) n.operand(0);
  }

  @Override
  public void forward(Node n) {
    n.kernels().softmaxCrossEntropy(scale, n.in(0), n.in(1), p(n), n.out().buffer());
  }

  @Override
  public void vjp(Node n, Adjoint d) {
    Kernels k = n.kernels();
    k.axpby(scale, p(n).buffer(), d.beta(0), d.inBuffer(0));
    k.axpby(-scale, n.in(1).buffer(), 1, d.inBuffer(0));
  }

  @Override
  public void vjpTangent(Node n, Adjoint tangent) {
    n.kernels().softmaxTangent(scale, p(n), n.tangentIn(0), tangent.beta(0), tangent.in(0));
  }
}
