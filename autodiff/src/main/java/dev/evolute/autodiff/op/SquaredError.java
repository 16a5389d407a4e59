package dev.evolute.autodiff.op;

import dev.evolute.autodiff.graph.Adjoint;
import dev.evolute.autodiff.graph.Node;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.Matrix;
import java.util.List;

/**
 * {@code l = scale sum_i w_i ||z_i - y_i||^2} for predictions {@code z [n x c]}, targets {@code y
 * [n x c]} and, as a third input where asked for, weights {@code w [n x 1]}, else 1.
 *
 * <pre>
 *   saved r = z - y, and with weights s = 2 scale w (.) r
 *   vjp         dz  = 2 scale w (.) r
 *   vjpTangent  dz' = 2 scale w (.) z'
 * </pre>
 *
 * @param scale 1 for the sum, 1/2 for half the sum, 1/n for the mean over samples
 * @param weighted whether there are weights
 */
public record SquaredError(double scale, boolean weighted) implements DataLoss {
  /**
   * Of any factor.
   *
   * @throws IllegalArgumentException if it is not finite
   */
  public SquaredError {
    LossTerm.finite("squared error: scale", scale);
  }

  /** Without weights. */
  public SquaredError(double scale) {
    this(scale, false);
  }

  /** {@code sum_i ||z_i - y_i||^2} (papers 000 and, over n, 001). */
  public static SquaredError sum() {
    return new SquaredError(1);
  }

  /** {@code 1/2 sum_i ||z_i - y_i||^2} (paper 003). */
  public static SquaredError halfSum() {
    return new SquaredError(0.5);
  }

  /**
   * {@code (1/n) sum_i ||z_i - y_i||^2}: the mean over samples, summed over outputs (paper 001).
   */
  public static SquaredError mean(int samples) {
    return new SquaredError(LossTerm.reciprocal("squared error", samples));
  }

  /** {@code (1/2n) sum_i ||z_i - y_i||^2} (paper 002). */
  public static SquaredError halfMean(int samples) {
    return new SquaredError(LossTerm.reciprocal("squared error", samples) / 2);
  }

  /** The same with a weight for each sample, the third input {@code [n x 1]}. */
  public SquaredError withWeights() {
    return new SquaredError(scale, true);
  }

  @Override
  public String name() {
    return "squared error";
  }

  @Override
  public long[] saved(List<Value> inputs) {
    long size = inputs.get(0).shape().size();
    return weighted ? new long[] {size, size} : new long[] {size};
  }

  @Override
  public void bind(Node n) {
    if (weighted) {
      Matrix z = n.in(0);
      n.operands(
          Matrix.of(n.saved(0), z.rows(), z.cols()), Matrix.of(n.saved(1), z.rows(), z.cols()));
    }
  }

  @Override
  public void forward(Node n) {
    Kernels k = n.kernels();
    k.copy(n.in(0).buffer(), n.saved(0));
    k.axpby(-1, n.in(1).buffer(), 1, n.saved(0));
    if (weighted) {
      Matrix r = (Matrix) n.operand(0);
      Matrix s = (Matrix) n.operand(1);
      k.scaleRows(2 * scale, r, n.in(2).buffer(), 0, s);
      k.dot(0.5, n.saved(0), n.saved(1), n.out().buffer());
    } else {
      k.dot(scale, n.saved(0), n.saved(0), n.out().buffer());
    }
  }

  @Override
  public void vjp(Node n, Adjoint d) {
    Kernels k = n.kernels();
    if (weighted) {
      k.axpby(1, n.saved(1), d.beta(0), d.inBuffer(0));
    } else {
      k.axpby(2 * scale, n.saved(0), d.beta(0), d.inBuffer(0));
    }
  }

  @Override
  public void vjpTangent(Node n, Adjoint tangent) {
    Kernels k = n.kernels();
    if (weighted) {
      k.scaleRows(2 * scale, n.tangentIn(0), n.in(2).buffer(), tangent.beta(0), tangent.in(0));
    } else {
      k.axpby(2 * scale, n.tangentIn(0).buffer(), tangent.beta(0), tangent.inBuffer(0));
    }
  }
}
