package dev.evolute.autodiff.op;

import dev.evolute.autodiff.graph.Adjoint;
import dev.evolute.autodiff.graph.Node;
import dev.evolute.autodiff.graph.Op;
import dev.evolute.autodiff.graph.Shape;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.kernels.BatchStatistics;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Kernels;
import java.util.List;

/**
 * Batch normalisation (Ioffe and Szegedy 2015): {@code y = gamma xhat + b} with {@code xhat = (x -
 * mean) / sqrt(variance + epsilon)} channel by channel, for {@code x [n x c]}, whose rows are the
 * samples or their pixels, {@code gamma [1 x c]} and {@code b [1 x c]}. The formulas of its four
 * derivatives stand in {@link dev.evolute.kernels.ImageKernels}.
 *
 * <p>In training, mean and variance are those of the batch, and derivatives go through them. So the
 * loss is that of the batch as a whole: cut into chunks it is another one. In evaluation they are
 * the running ones, which are state of the program ({@link
 * dev.evolute.autodiff.graph.Program#state}) under the name of gamma with {@code .mean} and {@code
 * .variance}. No pass changes them: {@link dev.evolute.autodiff.graph.Program#advance} does, once a
 * step of training.
 *
 * @param training whether statistics are those of the batch
 * @param epsilon added to the variance, usually 1e-5
 * @param momentum share of the last batch in the running statistics, usually 0.1
 */
public record BatchNorm(boolean training, double epsilon, double momentum) implements Op {
  /** With epsilon 1e-5 and momentum 0.1, as libraries have it. */
  public BatchNorm(boolean training) {
    this(training, 1e-5, 0.1);
  }

  @Override
  public String name() {
    return "batch norm";
  }

  @Override
  public int arity() {
    return 3;
  }

  @Override
  public Shape shape(List<Value> inputs) {
    Shape x = inputs.get(0).shape();
    Images.check(name(), "scale", inputs.get(1), new Shape(1, x.cols()));
    Images.check(name(), "bias", inputs.get(2), new Shape(1, x.cols()));
    if (training && x.rows() < 2) {
      throw new IllegalArgumentException(
          "batch norm: the input is " + x + "; in training its variance takes at least 2 rows");
    }
    return x;
  }

  @Override
  public boolean readsInputs() {
    return true;
  }

  @Override
  public void bind(Node n) {
    int c = n.in(0).cols();
    n.hold(
        new BatchStatistics(
            training,
            epsilon,
            training ? 0 : momentum,
            n.allocate(DType.F64, c),
            n.allocate(DType.F64, c),
            n.state(n.inputName(1) + ".mean", c, 0),
            n.state(n.inputName(1) + ".variance", c, 1)));
  }

  private static BatchStatistics statistics(Node n) {
    return (BatchStatistics) n.held();
  }

  @Override
  public void forward(Node n) {
    n.kernels().batchNorm(statistics(n), n.in(0), n.in(1).buffer(), n.in(2).buffer(), n.out());
  }

  /** With the variance over n - 1, as the running one is. */
  @Override
  public void advance(Node n) {
    if (!training) {
      return;
    }
    BatchStatistics s = statistics(n);
    double rows = n.in(0).rows();
    double[] variance = s.rstd().toArray();
    for (int j = 0; j < variance.length; j++) {
      double biased = Math.max(0, 1 / (variance[j] * variance[j]) - epsilon);
      variance[j] = biased * (rows / (rows - 1));
    }
    move(s.runningMean(), s.mean().toArray());
    move(s.runningVariance(), variance);
  }

  private void move(Buffer running, double[] batch) {
    double[] moved = running.toArray();
    for (int j = 0; j < moved.length; j++) {
      moved[j] = (1 - momentum) * moved[j] + momentum * batch[j];
    }
    running.set(moved);
  }

  @Override
  public void vjp(Node n, Adjoint d) {
    n.kernels()
        .batchNormVjp(
            statistics(n),
            n.in(0),
            n.in(1).buffer(),
            d.out(),
            beta(d, 0),
            d.wants(0) ? d.in(0) : n.scratch(0),
            beta(d, 1),
            place(n, d, 1),
            biasToo(d) ? d.inBuffer(2) : n.scratch(2).buffer());
    bias(n, d);
  }

  @Override
  public void jvp(Node n) {
    n.kernels()
        .batchNormJvp(
            statistics(n),
            n.in(0),
            n.in(1).buffer(),
            n.tangentOrZeros(0),
            n.tangentIn(1) == null ? null : n.tangentIn(1).buffer(),
            n.tangentIn(2) == null ? null : n.tangentIn(2).buffer(),
            0,
            n.tangentOut());
  }

  @Override
  public void vjpTangent(Node n, Adjoint tangent) {
    n.kernels()
        .batchNormVjpTangent(
            statistics(n),
            n.in(0),
            n.in(1).buffer(),
            n.adjoint().out(),
            n.tangentOrZeros(0),
            n.tangentIn(1) == null ? null : n.tangentIn(1).buffer(),
            tangent.out(),
            beta(tangent, 0),
            tangent.wants(0) ? tangent.in(0) : n.scratch(0),
            beta(tangent, 1),
            place(n, tangent, 1),
            biasToo(tangent) ? tangent.inBuffer(2) : n.scratch(2).buffer());
    bias(n, tangent);
  }

  private static double beta(Adjoint d, int i) {
    return d.wants(i) ? d.beta(i) : 0;
  }

  private static Buffer place(Node n, Adjoint d, int i) {
    return d.wants(i) ? d.inBuffer(i) : n.scratch(i).buffer();
  }

  /** The kernel has one beta for both parameters. */
  private static boolean biasToo(Adjoint d) {
    return d.wants(2) && d.beta(2) == beta(d, 1);
  }

  private static void bias(Node n, Adjoint d) {
    if (d.wants(2) && !biasToo(d)) {
      Kernels k = n.kernels();
      k.columnSums(d.out(), d.beta(2), d.inBuffer(2));
    }
  }
}
