package dev.evolute.app.study.twolayer;

import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The same descent on PyTorch's C++ library, all repetitions in batched products, as one writes it
 * there: {@code W_1} and {@code W_2} as they are, the loss from {@code X W_1 W_2^T - Y}, and for
 * each iterate what Theorem 3.1 takes.
 */
final class TorchBatch implements AutoCloseable {
  private final PointerScope memory = new PointerScope();
  private final List<Problem> problems;
  private final int reps;
  private final int n;
  private final int m;
  private final Tensor x;
  private final Tensor y;
  private final Tensor w1;
  private final Tensor w2;

  /**
   * A batch of square problems under squared loss.
   *
   * @param weights {@code [W_1; W_2] [(n + m) x width]} of each
   */
  TorchBatch(List<Problem> problems, List<double[]> weights, int width) {
    this.problems = problems;
    reps = problems.size();
    Problem first = problems.get(0);
    n = first.n();
    m = first.m();
    double[] xs = new double[reps * first.samples() * n];
    double[] ys = new double[reps * first.samples() * m];
    double[] firsts = new double[reps * n * width];
    double[] seconds = new double[reps * m * width];
    for (int r = 0; r < reps; r++) {
      System.arraycopy(problems.get(r).x(), 0, xs, r * first.samples() * n, first.samples() * n);
      System.arraycopy(problems.get(r).y(), 0, ys, r * first.samples() * m, first.samples() * m);
      System.arraycopy(weights.get(r), 0, firsts, r * n * width, n * width);
      System.arraycopy(weights.get(r), n * width, seconds, r * m * width, m * width);
    }
    x = Tensor.create(xs, reps, first.samples(), n);
    y = Tensor.create(ys, reps, first.samples(), m);
    w1 = Tensor.create(firsts, reps, n, width);
    w2 = Tensor.create(seconds, reps, m, width);
  }

  /** One step by a rule; leaves the losses before it. */
  @SuppressWarnings("try") // the scope frees what is made in it
  double[] step(Rule rule, int t, List<Theorem> theorems) {
    try (PointerScope scope = new PointerScope()) {
      Tensor w = torch.bmm(w1, w2.transpose(1, 2));
      Tensor residual = torch.bmm(x, w).sub(y);
      Tensor g = torch.bmm(x.transpose(1, 2), residual);
      Tensor g1 = torch.bmm(g, w2);
      Tensor g2 = torch.bmm(g.transpose(1, 2), w1);
      double[] loss = values(residual.square().sum(1, 2));
      double[] outer = values(g.square().sum(1, 2));
      double[] squared = values(g1.square().sum(1, 2).add(g2.square().sum(1, 2)));
      double[] first = values(torch.linalg_eigvalsh(torch.bmm(w1, w1.transpose(1, 2))));
      double[] second = values(torch.linalg_eigvalsh(torch.bmm(w2, w2.transpose(1, 2))));
      double[] singular = values(torch.linalg_svdvals(w));
      double[] eta = new double[reps];
      int least = Math.min(n, m);
      for (int r = 0; r < reps; r++) {
        loss[r] *= 0.5;
        Local local =
            new Local(
                problems.get(r).smoothness(),
                problems.get(r).convexity(),
                loss[r],
                Math.sqrt(outer[r]),
                squared[r],
                first[r * n] + second[r * m],
                first[(r + 1) * n - 1] + second[(r + 1) * m - 1],
                singular[(r + 1) * least - 1],
                singular[r * least]);
        eta[r] = rule.step(t, theorems.get(r), local, null);
      }
      Tensor steps = Tensor.create(eta, reps, 1, 1);
      w1.sub_(g1.mul(steps), new Scalar(1.0));
      w2.sub_(g2.mul(steps), new Scalar(1.0));
      return loss;
    }
  }

  private static double[] values(Tensor tensor) {
    Tensor dense = tensor.contiguous();
    double[] values = new double[(int) dense.numel()];
    dense.data_ptr_double().get(values);
    return values;
  }

  @Override
  public void close() {
    memory.close();
  }
}
