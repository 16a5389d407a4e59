package dev.evolute.autodiff.op;

import dev.evolute.autodiff.graph.Adjoint;
import dev.evolute.autodiff.graph.Node;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Matrix;
import java.util.List;

/**
 * {@code l = scale sum_i w_i sum_j (log(1 + exp z_ij) - y_ij z_ij)} for logits {@code z [n x c]},
 * usually with c = 1, targets {@code y [n x c]} from 0 to 1, the probability of yes, and, as a
 * third input where asked for, weights {@code w [n x 1]}, else 1. With y in {0, 1} it is the
 * logistic loss {@code log(1 + exp(-(2y - 1) z))} (paper 000, proposition 3.4): labels of -1 and 1
 * are handed over as {@code (label + 1) / 2}.
 *
 * <pre>
 *   saved r = scale w (.) (s - y), q = scale w (.) s (.) (1 - s), s = sigmoid(z)
 *   vjp         dz  = r
 *   vjpTangent  dz' = q (.) z'
 * </pre>
 *
 * @param scale 1/n for the mean over samples, 1 for the sum
 * @param weighted whether there are weights; a sample of weight 0 is left out
 */
public record BinaryCrossEntropy(double scale, boolean weighted) implements DataLoss {
  /**
   * Of any factor.
   *
   * @throws IllegalArgumentException if it is not finite
   */
  public BinaryCrossEntropy {
    LossTerm.finite("binary cross-entropy: scale", scale);
  }

  /** The sum over samples. */
  public static BinaryCrossEntropy sum() {
    return new BinaryCrossEntropy(1, false);
  }

  /** The mean over n samples. */
  public static BinaryCrossEntropy mean(int samples) {
    return new BinaryCrossEntropy(LossTerm.reciprocal("binary cross-entropy", samples), false);
  }

  /** The same with a weight for each sample, the third input {@code [n x 1]}. */
  public BinaryCrossEntropy withWeights() {
    return new BinaryCrossEntropy(scale, true);
  }

  @Override
  public String name() {
    return "binary cross-entropy";
  }

  @Override
  public long[] saved(List<Value> inputs) {
    long size = inputs.get(0).shape().size();
    return new long[] {size, size};
  }

  @Override
  public void bind(Node n) {
    Matrix z = n.in(0);
    n.operands(
        Matrix.of(n.saved(0), z.rows(), z.cols()), Matrix.of(n.saved(1), z.rows(), z.cols()));
  }

  @Override
  public void forward(Node n) {
    Buffer weights = weighted ? n.in(2).buffer() : null;
    Matrix r = (Matrix) n.operand(0);
    Matrix q = (Matrix) n.operand(1);
    n.kernels().binaryCrossEntropy(scale, n.in(0), n.in(1), weights, r, q, n.out().buffer());
  }

  @Override
  public void vjp(Node n, Adjoint d) {
    n.kernels().axpby(1, n.saved(0), d.beta(0), d.inBuffer(0));
  }

  @Override
  public void vjpTangent(Node n, Adjoint tangent) {
    n.kernels().mul(n.saved(1), n.tangentIn(0).buffer(), tangent.beta(0), tangent.inBuffer(0));
  }
}
