package dev.evolute.app.study.twolayer;

import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The same descent on PyTorch's C++ library, all repetitions in batched products, and at each
 * iterate what Theorem 3.1 takes: loss, gradient norms, the ends of the spectra of T and W.
 */
final class TorchBatch implements AutoCloseable {
  /** How it is written there. */
  enum Form {
    /** As the paper's formulas stand: {@code W_1}, {@code W_2}, their gradients, their products. */
    PLAIN,
    /**
     * With the identities that save passes over the weights: one product {@code B B^T} of the
     * stacked weights has all of {@code W_1 W_1^T}, {@code W_2 W_2^T} and {@code W_1 W_2^T},
     * gradients enter by their norms in it, and one product makes the step.
     */
    JOINT
  }

  private final PointerScope memory = new PointerScope();
  private final List<Problem> problems;
  private final Form form;
  private final int reps;
  private final int n;
  private final int m;
  private final Tensor x;
  private final Tensor y;
  private final Tensor cross;
  private Tensor b;
  private Tensor next;

  /**
   * A batch of square problems under squared loss.
   *
   * @param weights {@code [W_1; W_2] [(n + m) x width]} of each
   */
  TorchBatch(Form form, List<Problem> problems, List<double[]> weights, int width) {
    this.form = form;
    this.problems = problems;
    reps = problems.size();
    Problem first = problems.get(0);
    n = first.n();
    m = first.m();
    int q = n + m;
    double[] xs = new double[reps * first.samples() * n];
    double[] ys = new double[reps * first.samples() * m];
    double[] bs = new double[reps * q * width];
    for (int r = 0; r < reps; r++) {
      System.arraycopy(problems.get(r).x(), 0, xs, r * first.samples() * n, first.samples() * n);
      System.arraycopy(problems.get(r).y(), 0, ys, r * first.samples() * m, first.samples() * m);
      System.arraycopy(weights.get(r), 0, bs, r * q * width, q * width);
    }
    x = Tensor.create(xs, reps, first.samples(), n);
    y = Tensor.create(ys, reps, first.samples(), m);
    b = Tensor.create(bs, reps, q, width);
    next = torch.empty_like(b);
    cross = torch.zeros(new long[] {reps, q, q}, new TensorOptions(torch.ScalarType.Double));
  }

  /** One step by a rule; leaves the losses before it. */
  @SuppressWarnings("try") // the scope frees what is made in it
  double[] step(Rule rule, int t, List<Theorem> theorems) {
    try (PointerScope scope = new PointerScope()) {
      return form == Form.PLAIN ? plain(rule, t, theorems) : joint(rule, t, theorems);
    }
  }

  private double[] plain(Rule rule, int t, List<Theorem> theorems) {
    Tensor w1 = b.narrow(1, 0, n);
    Tensor w2 = b.narrow(1, n, m);
    Tensor w = torch.bmm(w1, w2.transpose(1, 2));
    Tensor residual = torch.bmm(x, w).sub(y);
    Tensor g = torch.bmm(x.transpose(1, 2), residual);
    Tensor g1 = torch.bmm(g, w2);
    Tensor g2 = torch.bmm(g.transpose(1, 2), w1);
    Tensor squared = g1.square().sum(1, 2).add(g2.square().sum(1, 2));
    double[] loss = values(residual.square().sum(1, 2));
    Tensor first = torch.bmm(w1, w1.transpose(1, 2));
    Tensor second = torch.bmm(w2, w2.transpose(1, 2));
    Tensor steps = steps(rule, t, theorems, loss, g, squared, first, second, w);
    w1.sub_(g1.mul(steps), new Scalar(1.0));
    w2.sub_(g2.mul(steps), new Scalar(1.0));
    return loss;
  }

  private double[] joint(Rule rule, int t, List<Theorem> theorems) {
    Tensor gram = torch.bmm(b, b.transpose(1, 2));
    Tensor first = gram.narrow(1, 0, n).narrow(2, 0, n);
    Tensor second = gram.narrow(1, n, m).narrow(2, n, m);
    Tensor w = gram.narrow(1, 0, n).narrow(2, n, m);
    Tensor residual = torch.bmm(x, w).sub(y);
    Tensor g = torch.bmm(x.transpose(1, 2), residual);
    Tensor squared =
        g.mul(torch.bmm(g, second).add(torch.bmm(first, g), new Scalar(1.0))).sum(1, 2);
    double[] loss = values(residual.square().sum(1, 2));
    Tensor scaled = g.mul(steps(rule, t, theorems, loss, g, squared, first, second, w)).neg();
    cross.narrow(1, 0, n).narrow(2, n, m).copy_(scaled);
    cross.narrow(1, n, m).narrow(2, 0, n).copy_(scaled.transpose(1, 2));
    torch.baddbmm_out(next, b, cross, b);
    Tensor held = b;
    b = next;
    next = held;
    return loss;
  }

  /** The steps of a rule, and the losses halved. */
  private Tensor steps(
      Rule rule,
      int t,
      List<Theorem> theorems,
      double[] loss,
      Tensor g,
      Tensor squared,
      Tensor first,
      Tensor second,
      Tensor w) {
    double[] outer = values(g.square().sum(1, 2));
    double[] all = values(squared);
    double[] spectra = values(torch.linalg_eigvalsh(torch.cat(new TensorVector(first, second))));
    double[] singular = values(torch.linalg_svdvals(w));
    double[] eta = new double[reps];
    for (int r = 0; r < reps; r++) {
      loss[r] *= 0.5;
      int at = r * n;
      int under = (reps + r) * n;
      Local local =
          new Local(
              problems.get(r).smoothness(),
              problems.get(r).convexity(),
              loss[r],
              Math.sqrt(outer[r]),
              all[r],
              spectra[at] + spectra[under],
              spectra[at + n - 1] + spectra[under + n - 1],
              singular[at + n - 1],
              singular[at]);
      eta[r] = rule.step(t, theorems.get(r), local, null);
    }
    return Tensor.create(eta, reps, 1, 1);
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
