package dev.evolute.autodiff.op;

import dev.evolute.autodiff.graph.Adjoint;
import dev.evolute.autodiff.graph.Node;
import dev.evolute.autodiff.graph.Shape;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.kernels.Matrix;
import dev.evolute.spectral.CounterRandom;
import java.util.List;

/**
 * A branch that some samples go without (Huang et al. 2016): {@code y = m x} for a branch {@code x
 * [b t x d]} with t rows a sample and, in data, one factor a sample, {@code m [b x 1]}: 0 where it
 * is dropped, {@code 1 / (1 - rate)} where it is not. The mask is data and so stays while a point
 * is looked at. Linear, so the reverse pass has no tangent of its own.
 *
 * <pre>
 *   vjp  dx = m dy      jvp  y' = m x'
 * </pre>
 */
public record DropPath() implements Linear {
  /** Values with one sample a row. */
  private record Samples(Matrix x, Matrix y, Matrix tangentX, Matrix tangentY) {}

  private record Cotangents(Matrix y, Matrix x) {}

  /**
   * A mask: each sample is dropped with probability {@code rate}.
   *
   * @param stream of {@link CounterRandom}, one for each mask of a step
   */
  public static double[] mask(int samples, double rate, long seed, long stream) {
    if (!(rate >= 0 && rate < 1)) {
      throw new IllegalArgumentException(
          "drop path: rate " + rate + "; give one from 0 to below 1");
    }
    double[] mask = new double[samples];
    CounterRandom.fillUniform(seed, stream, 0, mask);
    for (int i = 0; i < samples; i++) {
      mask[i] = mask[i] < rate ? 0 : 1 / (1 - rate);
    }
    return mask;
  }

  @Override
  public String name() {
    return "drop path";
  }

  @Override
  public Shape shape(List<Value> inputs) {
    Value x = inputs.get(0);
    Value m = inputs.get(1);
    if (m.differentiable() || m.shape().cols() != 1 || x.shape().rows() % m.shape().rows() != 0) {
      throw new IllegalArgumentException(
          "drop path: the branch is "
              + x
              + ", the mask "
              + m
              + "; it must be data with one row for each sample of the branch");
    }
    return x.shape();
  }

  /** The mask. */
  @Override
  public boolean readsInputs() {
    return true;
  }

  @Override
  public void bind(Node n) {
    int b = n.in(1).rows();
    n.hold(
        new Samples(
            Columns.inRows(n.in(0), b),
            Columns.inRows(n.out(), b),
            Columns.inRows(n.tangentIn(0), b),
            Columns.inRows(n.tangentOut(), b)));
  }

  @Override
  public void forward(Node n) {
    Samples s = (Samples) n.held();
    n.kernels().scaleRows(1, s.x, n.in(1).buffer(), 0, s.y);
  }

  @Override
  public void vjp(Node n, Adjoint d) {
    if (d.held() == null) {
      int b = n.in(1).rows();
      d.hold(new Cotangents(Columns.inRows(d.out(), b), Columns.inRows(d.in(0), b)));
    }
    Cotangents c = (Cotangents) d.held();
    n.kernels().scaleRows(1, c.y, n.in(1).buffer(), d.beta(0), c.x);
  }

  @Override
  public void jvp(Node n) {
    Samples s = (Samples) n.held();
    n.kernels().scaleRows(1, s.tangentX, n.in(1).buffer(), 0, s.tangentY);
  }
}
