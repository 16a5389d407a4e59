package dev.evolute.kernels.cpu.f32;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Shapes;
import dev.evolute.kernels.cpu.Call;
import java.lang.foreign.ValueLayout;

/** Softmax and the losses built on it, row by row: checks, and the split over threads. */
interface LossesOnCpu extends OnCpu {
  /** Rows of a loss summed at a time: fixes the order of the sum for every number of threads. */
  int LOSS_BLOCK = 256;

  Call.Part CROSS_ENTROPY =
      (c, from, to) -> {
        double[] partial = (double[]) c.shape;
        for (int b = (int) from; b < to; b++) {
          long end = Math.min(c.m, (b + 1L) * LOSS_BLOCK);
          partial[b] = Softmax.crossEntropy(c.a, c.b, c.c, c.n, (long) b * LOSS_BLOCK, end);
        }
      };
  Call.Part SOFTMAX_TANGENT =
      (c, from, to) -> Softmax.tangent(c.alpha, c.a, c.b, c.beta, c.c, c.n, from, to);

  @Override
  default void softmaxCrossEntropy(double scale, Matrix z, Matrix y, Matrix p, Buffer loss) {
    String name = "softmaxCrossEntropy";
    rows(name, z);
    rows(name, y);
    rows(name, p);
    Shapes.sameShape(name, z, y);
    Shapes.sameShape(name, z, p);
    Shapes.scalar(name, loss);
    Call call = call().memory(z.buffer().segment(), y.buffer().segment(), p.buffer().segment());
    int blocks = (z.rows() + LOSS_BLOCK - 1) / LOSS_BLOCK;
    double[] partial = new double[blocks];
    call.shape = partial;
    call.sizes(z.rows(), z.cols()).split(blocks, (long) LOSS_BLOCK * z.cols() * 8, CROSS_ENTROPY);
    double sum = 0;
    for (double part : partial) {
      sum += part;
    }
    loss.segment().set(ValueLayout.JAVA_DOUBLE_UNALIGNED, 0, scale * sum);
  }

  @Override
  default void softmaxTangent(double scale, Matrix p, Matrix u, double beta, Matrix out) {
    String name = "softmaxTangent";
    rows(name, p);
    rows(name, u);
    rows(name, out);
    Shapes.sameShape(name, p, u);
    Shapes.sameShape(name, p, out);
    call()
        .memory(p.buffer().segment(), u.buffer().segment(), out.buffer().segment())
        .scalars(scale, beta)
        .sizes(p.rows(), p.cols())
        .split(p.rows(), p.cols() * 4L, SOFTMAX_TANGENT);
  }

  private void rows(String kernel, Matrix x) {
    Shapes.home(kernel, this, x.buffer());
    Shapes.dense(kernel, x);
  }
}
