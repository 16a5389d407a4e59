package dev.evolute.autodiff.op;

import dev.evolute.autodiff.graph.Adjoint;
import dev.evolute.autodiff.graph.Node;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Targets;
import java.util.List;

/**
 * {@code l = scale sum_i w_i (log sum_j exp z_ij - sum_j y_ij z_ij)} for logits {@code z [n x c]},
 * targets y and, as a third input where asked for, weights {@code w [n x 1]}, else 1. Targets are
 * distributions {@code [n x c]} whose rows sum to 1, or data of n labels in any shape, each a class
 * from 0 on or {@link Targets#LEFT_OUT}: the classes of images {@code [n x 1]}, the next tokens of
 * sequences {@code [b x t]} with {@code n = b t}.
 *
 * <pre>
 *   saved p = softmax(z)
 *   vjp         dz  = scale w (.) (p - y)
 *   vjpTangent  dz' = scale w (.) (p (.) z' - p &lt;p, z'&gt;) row by row
 * </pre>
 *
 * @param scale 1/n for the mean over samples, 1 for the sum
 * @param weighted whether there are weights; a sample of weight 0 is left out
 * @param labelled whether targets are labels
 */
public record SoftmaxCrossEntropy(double scale, boolean weighted, boolean labelled)
    implements DataLoss {
  /**
   * Of any factor.
   *
   * @throws IllegalArgumentException if it is not finite
   */
  public SoftmaxCrossEntropy {
    LossTerm.finite("softmax cross-entropy: scale", scale);
  }

  /** Of distributions, without weights. */
  public SoftmaxCrossEntropy(double scale) {
    this(scale, false);
  }

  /** Of distributions. */
  public SoftmaxCrossEntropy(double scale, boolean weighted) {
    this(scale, weighted, false);
  }

  /** The sum over samples. */
  public static SoftmaxCrossEntropy sum() {
    return new SoftmaxCrossEntropy(1);
  }

  /** The mean over n samples. */
  public static SoftmaxCrossEntropy mean(int samples) {
    return new SoftmaxCrossEntropy(LossTerm.reciprocal("softmax cross-entropy", samples));
  }

  /** The same with a weight for each sample, the third input {@code [n x 1]}. */
  public SoftmaxCrossEntropy withWeights() {
    return new SoftmaxCrossEntropy(scale, true, labelled);
  }

  /** The same with labels for targets. */
  public SoftmaxCrossEntropy ofLabels() {
    return new SoftmaxCrossEntropy(scale, weighted, true);
  }

  @Override
  public void targets(Value z, Value y) {
    if (!labelled) {
      DataLoss.super.targets(z, y);
    } else if (y.shape().size() != z.shape().rows() || !y.isData()) {
      throw new IllegalArgumentException(
          name()
              + ": labels "
              + y
              + " for predictions "
              + z.shape()
              + "; give data with one a row");
    }
  }

  @Override
  public String name() {
    return "softmax cross-entropy";
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
    Targets y =
        labelled ? Targets.labels(n.in(1).buffer(), z.cols()) : Targets.distributions(n.in(1));
    n.targets(weighted ? y.weighted(n.in(2).buffer()) : y);
  }

  private static Matrix p(Node n) {
    return (Matrix) n.operand(0);
  }

  @Override
  public void forward(Node n) {
    n.kernels().softmaxCrossEntropy(scale, n.in(0), n.targets(), p(n), n.out().buffer());
  }

  @Override
  public void vjp(Node n, Adjoint d) {
    n.kernels().softmaxCrossEntropyVjp(scale, p(n), n.targets(), d.beta(0), d.in(0));
  }

  @Override
  public void vjpTangent(Node n, Adjoint tangent) {
    n.kernels()
        .softmaxCrossEntropyVjpTangent(
            scale, p(n), n.targets(), n.tangentIn(0), tangent.beta(0), tangent.in(0));
  }
}
