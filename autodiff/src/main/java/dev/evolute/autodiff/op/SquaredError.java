package dev.evolute.autodiff.op;

import dev.evolute.autodiff.graph.Adjoint;
import dev.evolute.autodiff.graph.Node;
import dev.evolute.autodiff.graph.Shape;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.kernels.Kernels;
import java.util.List;

/**
 * {@code l = scale ||z - y||_F^2} for predictions {@code z [n x c]} and targets {@code y [n x c]}.
 *
 * <pre>
 *   saved r = z - y
 *   vjp         dz  = 2 scale r
 *   vjpTangent  dz' = 2 scale z'
 * </pre>
 *
 * @param scale 1 for the sum, 1/2 for half the sum, 1/n for the mean over samples
 */
public record SquaredError(double scale) implements LossTerm {
  public SquaredError {
    LossTerm.finite("squared error: scale", scale);
  }

  /** {@code sum_i ||z_i - y_i||^2}. */
  public static SquaredError sum() {
    return new SquaredError(1);
  }

  /** {@code 1/2 sum_i ||z_i - y_i||^2}. */
  public static SquaredError halfSum() {
    return new SquaredError(0.5);
  }

  /** {@code (1/n) sum_i ||z_i - y_i||^2}: the mean over samples, summed over outputs. */
  public static SquaredError mean(int samples) {
    return new SquaredError(LossTerm.reciprocal("squared error", samples));
  }

  @Override
  public String name() {
    return "squared error";
  }

  @Override
  public Shape shape(List<Value> inputs) {
    return LossTerm.scalar(name(), inputs);
  }

  @Override
  public long[] saved(List<Value> inputs) {
    return new long[] {inputs.get(0).shape().size()};
  }

  @Override
  public void forward(Node n) {
    Kernels k = n.kernels();
    k.copy(n.in(0).buffer(), n.saved(0));
    k.axpby(-1, n.in(1).buffer(), 1, n.saved(0));
    k.dot(scale, n.saved(0), n.saved(0), n.out().buffer());
  }

  @Override
  public void vjp(Node n, Adjoint d) {
    n.kernels().axpby(2 * scale, n.saved(0), d.beta(0), d.inBuffer(0));
  }

  @Override
  public void vjpTangent(Node n, Adjoint tangent) {
    n.kernels().axpby(2 * scale, n.tangentIn(0).buffer(), tangent.beta(0), tangent.inBuffer(0));
  }
}
