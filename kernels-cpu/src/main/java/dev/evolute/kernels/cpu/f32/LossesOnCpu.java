package dev.evolute.kernels.cpu.f32;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Shapes;
import dev.evolute.kernels.Targets;
import dev.evolute.kernels.cpu.Call;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Softmax and the losses built on it, row by row, and binary cross-entropy: checks, and the split
 * over threads, by blocks of rows or of elements.
 */
interface LossesOnCpu extends OnCpu {
  Call.Part SOFTMAX =
      (c, from, to) -> {
        Softmax.Room room = Softmax.ROOM.get();
        for (long b = from; b < to; b++) {
          Softmax.forward(c.a, c.b, c.n, first(c, b), first(c, b + 1), room);
        }
      };
  Call.Part SOFTMAX_TANGENT =
      (c, from, to) -> {
        Softmax.Room room = Softmax.ROOM.get();
        for (long b = from; b < to; b++) {
          long first = first(c, b);
          long end = first(c, b + 1);
          CrossEntropy.factors(c.alpha, c.e, c.d, first, end, room.factors);
          Softmax.tangent(c.a, c.b, (float) c.beta, c.c, c.n, first, end, room);
        }
      };
  Call.Part SOFTMAX_VJP_TANGENT =
      (c, from, to) -> {
        Softmax.Room room = Softmax.ROOM.get();
        float beta = (float) c.beta;
        for (long b = from; b < to; b++) {
          long first = first(c, b);
          Softmax.vjpTangent(c.a, c.b, c.c, c.d, beta, c.e, c.n, first, first(c, b + 1), room);
        }
      };
  Call.Part CROSS_ENTROPY =
      (c, from, to) -> {
        Softmax.Room room = Softmax.ROOM.get();
        for (long b = from; b < to; b++) {
          long first = first(c, b);
          long end = first(c, b + 1);
          Softmax.forward(c.a, c.b, c.n, first, end, room);
          c.sums[(int) b] = CrossEntropy.loss(c.a, c.c, c.d, c.e, c.n, first, end, room);
        }
      };
  Call.Part CROSS_ENTROPY_VJP =
      (c, from, to) -> {
        float beta = (float) c.beta;
        CrossEntropy.vjp(c.alpha, c.a, c.c, c.d, c.e, beta, c.b, c.n, first(c, from), first(c, to));
      };
  Call.Part CROSS_ENTROPY_JVP =
      (c, from, to) -> {
        Softmax.Room room = Softmax.ROOM.get();
        for (long b = from; b < to; b++) {
          c.sums[(int) b] =
              CrossEntropy.jvp(c.a, c.c, c.d, c.e, c.b, c.n, first(c, b), first(c, b + 1), room);
        }
      };

  Call.Part BINARY_CROSS_ENTROPY =
      (c, from, to) -> {
        int size = BinaryCrossEntropy.BLOCK;
        for (long b = from; b < to; b++) {
          int count = (int) Math.min(size, (long) c.m * c.n - b * size);
          c.sums[(int) b] =
              BinaryCrossEntropy.run(c.alpha, c.a, c.b, c.c, c.n, c.d, c.e, b * size, count);
        }
      };

  /** First row of a block. */
  private static long first(Call c, long block) {
    return Math.min(c.m, block * c.k);
  }

  @Override
  default void softmax(Matrix z, Matrix p) {
    rows("softmax", z);
    rows("softmax", z, p);
    split(call().memory(memory(z), memory(p)), z, 6, SOFTMAX);
  }

  @Override
  default void softmaxTangent(double scale, Matrix p, Matrix u, double beta, Matrix out) {
    String name = "softmaxTangent";
    rows(name, p);
    rows(name, p, u);
    rows(name, p, out);
    Call call = call().memory(memory(p), memory(u), memory(out), null, null).scalars(scale, beta);
    split(call, p, 3, SOFTMAX_TANGENT);
  }

  @Override
  default void softmaxVjpTangent(
      Matrix p, Matrix dp, Matrix pTangent, Matrix dpTangent, double beta, Matrix out) {
    String name = "softmaxVjpTangent";
    rows(name, p);
    rows(name, p, dp);
    rows(name, p, pTangent);
    rows(name, p, dpTangent);
    rows(name, p, out);
    Call call =
        call()
            .memory(memory(p), memory(dp), memory(pTangent), memory(dpTangent), memory(out))
            .scalars(1, beta);
    split(call, p, 4, SOFTMAX_VJP_TANGENT);
  }

  @Override
  default void softmaxCrossEntropy(double scale, Matrix z, Matrix y, Matrix p, Buffer loss) {
    String name = "softmaxCrossEntropy";
    rows(name, z);
    rows(name, z, y);
    rows(name, z, p);
    Shapes.scalar(name, loss);
    crossEntropy(scale, call().memory(memory(z), memory(p), memory(y), null, null), z, loss);
  }

  @Override
  default void softmaxCrossEntropy(double scale, Matrix z, Targets y, Matrix p, Buffer loss) {
    String name = "softmaxCrossEntropy";
    rows(name, z);
    rows(name, z, p);
    Shapes.scalar(name, loss);
    crossEntropy(scale, targets(name, z, y).memory(memory(z), memory(p)), z, loss);
  }

  private void crossEntropy(double scale, Call call, Matrix z, Buffer loss) {
    total(scale, split(call, z, 6, CROSS_ENTROPY), loss);
  }

  @Override
  default void softmaxCrossEntropyVjp(double scale, Matrix p, Targets y, double beta, Matrix dz) {
    String name = "softmaxCrossEntropyVjp";
    rows(name, p);
    rows(name, p, dz);
    Call call = targets(name, p, y).memory(memory(p), memory(dz)).scalars(scale, beta);
    split(call, p, 1, CROSS_ENTROPY_VJP);
  }

  @Override
  default void softmaxCrossEntropyJvp(double scale, Matrix p, Targets y, Matrix u, Buffer out) {
    String name = "softmaxCrossEntropyJvp";
    rows(name, p);
    rows(name, p, u);
    Shapes.scalar(name, out);
    Call call = targets(name, p, y).memory(memory(p), memory(u));
    total(scale, split(call, p, 1, CROSS_ENTROPY_JVP), out);
  }

  @Override
  default void softmaxCrossEntropyVjpTangent(
      double scale, Matrix p, Targets y, Matrix u, double beta, Matrix out) {
    String name = "softmaxCrossEntropyVjpTangent";
    rows(name, p);
    rows(name, p, u);
    rows(name, p, out);
    Call call = targets(name, p, y).memory(memory(p), memory(u), memory(out)).scalars(scale, beta);
    split(call, p, 3, SOFTMAX_TANGENT);
  }

  @Override
  default void binaryCrossEntropy(
      double scale, Matrix z, Matrix y, Buffer weights, Matrix first, Matrix second, Buffer loss) {
    String name = "binaryCrossEntropy";
    rows(name, z);
    rows(name, z, y);
    if (first != null) {
      rows(name, z, first);
    }
    if (second != null) {
      rows(name, z, second);
    }
    if (weights != null) {
      Shapes.home(name, this, weights);
      Shapes.column(name, z, weights);
    }
    Shapes.scalar(name, loss);
    Call call = call().memory(memory(z), memory(y)).scalars(scale).sizes(z.rows(), z.cols());
    call.c = weights == null ? null : weights.segment();
    call.d = first == null ? null : memory(first);
    call.e = second == null ? null : memory(second);
    int size = BinaryCrossEntropy.BLOCK;
    int blocks = Math.toIntExact(((long) z.rows() * z.cols() + size - 1) / size);
    call.sums(blocks);
    call.split(blocks, size * 6L, BINARY_CROSS_ENTROPY);
    total(scale, blocks, loss);
  }

  /** Puts distributions, labels and weights into c, d and e. */
  private Call targets(String kernel, Matrix z, Targets y) {
    y.fit(kernel, this, z);
    Call call = call();
    call.c = y.distributions() == null ? null : memory(y.distributions());
    call.d = y.labels() == null ? null : y.labels().segment();
    call.e = y.weights() == null ? null : y.weights().segment();
    if (call.d != null) {
      Sequences.check(kernel, "label", call.d, z.rows(), Targets.LEFT_OUT, z.cols());
    }
    return call;
  }

  /** Runs a part on all blocks of rows, with room for one sum each; returns how many there are. */
  private int split(Call call, Matrix z, int work, Call.Part part) {
    int blocks = Softmax.blocks(z.rows(), z.cols());
    call.sums(blocks);
    call.k = Softmax.blockRows(z.cols());
    call.sizes(z.rows(), z.cols()).split(blocks, (long) call.k * z.cols() * work, part);
    return blocks;
  }

  /** The blocks' sums in order. */
  private void total(double scale, int blocks, Buffer out) {
    double[] sums = call().sums;
    double sum = 0;
    for (int b = 0; b < blocks; b++) {
      sum += sums[b];
    }
    out.segment().set(ValueLayout.JAVA_DOUBLE_UNALIGNED, 0, scale * sum);
  }

  private static MemorySegment memory(Matrix x) {
    return x.buffer().segment();
  }

  private void rows(String kernel, Matrix x) {
    Shapes.home(kernel, this, x.buffer());
    Shapes.dense(kernel, x);
  }

  private void rows(String kernel, Matrix x, Matrix other) {
    rows(kernel, other);
    Shapes.sameShape(kernel, x, other);
  }
}
