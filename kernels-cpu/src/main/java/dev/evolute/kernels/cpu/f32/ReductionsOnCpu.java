package dev.evolute.kernels.cpu.f32;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Shapes;
import dev.evolute.kernels.cpu.Call;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Reductions, in a fixed order for every number of threads: checks, and the split over threads. A
 * vector is cut into blocks of fixed length whose results are put together in order; a row is never
 * cut.
 */
interface ReductionsOnCpu extends OnCpu {
  /** One block's share of a reduction. */
  interface Block {
    /** The n elements from {@code at} on of the operands of the call. */
    double of(Call c, long at, int n);
  }

  /** One row's reduction. */
  interface Row {
    /** The n elements from {@code at} on of {@code x}. */
    double of(MemorySegment x, long at, int n);
  }

  Block DOT = (c, at, n) -> Reductions.dot(c.a, c.b, at, n);
  Block SQUARES = (c, at, n) -> Reductions.squares(c.alpha, c.a, at, n);
  Block SUM = (c, at, n) -> Reductions.sum(c.a, at, n);
  Block ASUM = (c, at, n) -> Reductions.asum(c.a, at, n);
  Block EXPS = (c, at, n) -> Reductions.exps(c.alpha, c.a, at, n);
  Block MAX = (c, at, n) -> Reductions.max((float) c.alpha, c.a, at, n);
  Block MAX_ABS = (c, at, n) -> Reductions.maxAbs(c.a, at, n);

  Row ROW_MAX = (x, at, n) -> Reductions.max(1, x, at, n);

  /** Leaves what {@code shape} makes of block b, m elements long, in {@code sums[b]}. */
  Call.Part BLOCKS =
      (c, from, to) -> {
        Block kernel = (Block) c.shape;
        for (int b = (int) from; b < to; b++) {
          long at = (long) b * c.m;
          c.sums[b] = kernel.of(c, at, (int) Math.min(c.m, c.stride - at));
        }
      };

  /** Leaves what {@code shape} makes of row i in element i of b. */
  Call.Part ROWS =
      (c, from, to) -> {
        Row kernel = (Row) c.shape;
        for (long i = from; i < to; i++) {
          double value = kernel.of(c.a, i * c.n, c.n);
          long offset = i * Float.BYTES;
          if (c.beta != 0) {
            value += c.beta * c.b.get(ValueLayout.JAVA_FLOAT_UNALIGNED, offset);
          }
          c.b.set(ValueLayout.JAVA_FLOAT_UNALIGNED, offset, (float) value);
        }
      };

  Call.Part ROW_ARGMAX =
      (c, from, to) -> {
        int[] at = (int[]) c.shape;
        for (int i = (int) from; i < to; i++) {
          long row = (long) i * c.n;
          at[i] = Reductions.first(Reductions.max(1, c.a, row, c.n), 1, c.a, row, c.n);
        }
      };

  /** Columns shared out at a time: whole cache lines. */
  int LINE = 64 / Float.BYTES;

  Call.Part COLUMN_SUMS =
      (c, from, to) ->
          GramSchmidt.columnSums(
              c.a,
              (long) c.m * c.n,
              c.k,
              c.beta,
              c.k == c.n ? c.b : null,
              c.sums,
              (int) from * LINE,
              (int) Math.min(c.k, to * LINE));

  @Override
  default double dot(Buffer x, Buffer y) {
    Shapes.home("dot", this, x);
    Shapes.home("dot", this, y);
    Shapes.sameLength("dot", x, y);
    return sum(call().memory(x.segment(), y.segment()), x.length(), Reductions.BLOCK, DOT);
  }

  @Override
  default void dot(double scale, Buffer x, Buffer y, Buffer out) {
    Shapes.scalar("dot", out);
    out.segment().set(ValueLayout.JAVA_DOUBLE_UNALIGNED, 0, scale * dot(x, y));
  }

  @Override
  default double nrm2(Buffer x) {
    Shapes.home("nrm2", this, x);
    double square =
        sum(call().memory(x.segment()).scalars(1), x.length(), Reductions.LONG_BLOCK, SQUARES);
    if (square > 1e-290 && square < Double.POSITIVE_INFINITY) {
      return Math.sqrt(square);
    }
    double largest = maxAbs(x);
    if (largest == 0 || !Double.isFinite(largest)) {
      return largest;
    }
    // A power of two, which scales exactly and brings the largest element into [1, 2), or up to
    // 2^1022 if that is not enough.
    double scale = Math.scalb(1.0, -Math.max(Math.getExponent(largest), -1022));
    return Math.sqrt(sum(call().scalars(scale), x.length(), Reductions.LONG_BLOCK, SQUARES))
        / scale;
  }

  @Override
  default double asum(Buffer x) {
    Shapes.home("asum", this, x);
    return sum(call().memory(x.segment()), x.length(), Reductions.LONG_BLOCK, ASUM);
  }

  @Override
  default double sum(Buffer x) {
    Shapes.home("sum", this, x);
    return sum(call().memory(x.segment()), x.length(), Reductions.LONG_BLOCK, SUM);
  }

  @Override
  default double logSumExp(Buffer x) {
    Shapes.home("logSumExp", this, x);
    double max = max(x);
    return Double.isFinite(max)
        ? max + Math.log(sum(call().scalars(max), x.length(), Reductions.LONG_BLOCK, EXPS))
        : max;
  }

  @Override
  default double max(Buffer x) {
    Shapes.home("max", this, x);
    return largest(call().memory(x.segment()).scalars(1), x.length(), MAX);
  }

  @Override
  default double min(Buffer x) {
    Shapes.home("min", this, x);
    return -largest(call().memory(x.segment()).scalars(-1), x.length(), MAX);
  }

  @Override
  default double maxAbs(Buffer x) {
    Shapes.home("maxAbs", this, x);
    return Math.max(0, largest(call().memory(x.segment()), x.length(), MAX_ABS));
  }

  @Override
  default long argmax(Buffer x) {
    Shapes.home("argmax", this, x);
    Shapes.notEmpty("argmax", x);
    return argmax(1, x);
  }

  @Override
  default long argmin(Buffer x) {
    Shapes.home("argmin", this, x);
    Shapes.notEmpty("argmin", x);
    return argmax(-1, x);
  }

  @Override
  default void rowSums(Matrix x, double beta, Buffer column) {
    rows("rowSums", x, Reductions::sum, beta, column);
  }

  @Override
  default void rowMax(Matrix x, Buffer column) {
    rows("rowMax", x, ROW_MAX, 0, column);
  }

  @Override
  default void rowLogSumExp(Matrix x, Buffer column) {
    rows("rowLogSumExp", x, Reductions::logSumExp, 0, column);
  }

  @Override
  default void rowArgmax(Matrix x, int[] at) {
    Shapes.home("rowArgmax", this, x.buffer());
    Shapes.dense("rowArgmax", x);
    Shapes.indices("rowArgmax", x, at);
    Call call = call().memory(x.buffer().segment()).sizes(x.rows(), x.cols());
    call.shape = at;
    call.split(x.rows(), x.cols(), ROW_ARGMAX);
  }

  @Override
  default void columnSums(Matrix x, double beta, Buffer row) {
    Shapes.home("columnSums", this, x.buffer());
    Shapes.home("columnSums", this, row);
    Shapes.row("columnSums", x, row);
    Shapes.dense("columnSums", x);
    int d = x.cols();
    if (d == 0) {
      return;
    }
    int group = GramSchmidt.group(d);
    Call call = call().memory(x.buffer().segment(), row.segment()).scalars(1, beta);
    call.sizes(x.rows(), d).k = group * d;
    double[] sums = call.sums(group == 1 ? 0 : call.k);
    call.split(Math.ceilDiv(call.k, LINE), (long) x.rows() * LINE / group, COLUMN_SUMS);
    if (group > 1) {
      GramSchmidt.fold(sums, group, d, beta, row.segment());
    }
  }

  /** The sum of what {@code kernel} makes of the blocks of n elements. */
  static double sum(Call call, long n, int block, Block kernel) {
    int blocks = blocks(call, n, block, kernel);
    double sum = 0;
    for (int b = 0; b < blocks; b++) {
      sum += call.sums[b];
    }
    return sum;
  }

  /** The largest of what {@code kernel} makes of each block. */
  private static double largest(Call call, long n, Block kernel) {
    int blocks = blocks(call, n, Reductions.LONG_BLOCK, kernel);
    double max = Double.NEGATIVE_INFINITY;
    for (int b = 0; b < blocks; b++) {
      max = Math.max(max, call.sums[b]);
    }
    return max;
  }

  /** Leaves what {@code kernel} makes of block b in {@code sums[b]} and returns their number. */
  private static int blocks(Call call, long n, int block, Block kernel) {
    int blocks = Math.toIntExact(Math.ceilDiv(n, block));
    call.shape = kernel;
    call.stride = n;
    call.m = block;
    call.sums(blocks);
    call.split(blocks, Math.min(n, block), BLOCKS);
    return blocks;
  }

  /** The largest {@code sign x_i}; the first block that has it is searched for it. */
  private long argmax(float sign, Buffer x) {
    Call call = call().memory(x.segment()).scalars(sign);
    double max = largest(call, x.length(), MAX);
    int b = 0;
    while (!Reductions.same(max, call.sums[b])) {
      b++;
    }
    long at = (long) b * Reductions.LONG_BLOCK;
    int n = (int) Math.min(Reductions.LONG_BLOCK, x.length() - at);
    return at + Reductions.first(max, sign, x.segment(), at, n);
  }

  private void rows(String name, Matrix x, Row kernel, double beta, Buffer column) {
    Shapes.home(name, this, x.buffer());
    Shapes.home(name, this, column);
    Shapes.dense(name, x);
    Shapes.column(name, x, column);
    Call call = call().memory(x.buffer().segment(), column.segment()).scalars(1, beta);
    call.shape = kernel;
    call.sizes(x.rows(), x.cols()).split(x.rows(), x.cols(), ROWS);
  }
}
