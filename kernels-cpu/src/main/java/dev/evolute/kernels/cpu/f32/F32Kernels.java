package dev.evolute.kernels.cpu.f32;

import dev.evolute.kernels.Activation;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Operand;
import dev.evolute.kernels.PackedMatrix;
import dev.evolute.kernels.Shapes;
import dev.evolute.kernels.cpu.CpuDevice;
import dev.evolute.kernels.cpu.Workers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The kernels of the CPU in f32: checks shapes, splits the work over threads, calls the families.
 */
public final class F32Kernels implements Kernels {
  /** Elements worth waking a second thread for. */
  private static final long PARALLEL = 65_536;

  /** Rows of a loss summed at a time: fixes the order of the sum for every number of threads. */
  private static final int LOSS_BLOCK = 256;

  private final CpuDevice device;
  private final Workers workers;

  public F32Kernels(CpuDevice device) {
    this.device = device;
    this.workers = device.workers();
  }

  @Override
  public Device device() {
    return device;
  }

  @Override
  public DType dtype() {
    return DType.F32;
  }

  /** A kernel on a range of elements or rows. */
  private interface Range {
    void run(long from, long to);
  }

  /**
   * Runs a kernel on {@code [0, count)}, in parallel if {@code count * width} elements are many.
   */
  private void split(long count, long width, Range kernel) {
    int parts = count * width < PARALLEL ? 1 : (int) Math.min(workers.count(), count);
    if (parts <= 1) {
      kernel.run(0, count);
    } else {
      workers.run(parts, part -> kernel.run(count * part / parts, count * (part + 1) / parts));
    }
  }

  @Override
  public PackedMatrix pack(Matrix b) {
    Shapes.home("pack", this, b.buffer());
    return new Packed(b);
  }

  @Override
  public void gemm(double alpha, Operand a, Operand b, double beta, Matrix c) {
    Shapes.product("gemm", a, b, c);
    Shapes.home("gemm", this, c.buffer());
    home("gemm", a);
    home("gemm", b);
    Gemm.run(workers, alpha, a, b, beta, c);
  }

  private void home(String kernel, Operand x) {
    Matrix plain = x instanceof PackedMatrix packed ? packed.source() : (Matrix) x;
    Shapes.home(kernel, this, plain.buffer());
  }

  @Override
  public void fill(double value, Buffer x) {
    Shapes.home("fill", this, x);
    MemorySegment xs = x.segment();
    split(x.length(), 1, (from, to) -> Elementwise.fill((float) value, xs, from, to));
  }

  @Override
  public void copy(Buffer x, Buffer y) {
    Shapes.home("copy", this, x);
    Shapes.home("copy", this, y);
    Shapes.sameLength("copy", x, y);
    MemorySegment.copy(x.segment(), 0, y.segment(), 0, x.segment().byteSize());
  }

  @Override
  public void axpby(double alpha, Buffer x, double beta, Buffer y) {
    Shapes.home("axpby", this, x);
    Shapes.home("axpby", this, y);
    Shapes.sameLength("axpby", x, y);
    MemorySegment xs = x.segment();
    MemorySegment ys = y.segment();
    split(
        x.length(),
        1,
        (from, to) -> Elementwise.axpby((float) alpha, xs, (float) beta, ys, from, to));
  }

  @Override
  public void mul(Buffer a, Buffer b, double beta, Buffer y) {
    Shapes.home("mul", this, a);
    Shapes.home("mul", this, b);
    Shapes.home("mul", this, y);
    Shapes.sameLength("mul", a, b);
    Shapes.sameLength("mul", a, y);
    MemorySegment as = a.segment();
    MemorySegment bs = b.segment();
    MemorySegment ys = y.segment();
    split(y.length(), 1, (from, to) -> Elementwise.mul(as, bs, (float) beta, ys, from, to));
  }

  @Override
  public void mulAdd(Buffer a, Buffer b, Buffer c, Buffer d, double beta, Buffer y) {
    Shapes.home("mulAdd", this, a);
    Shapes.home("mulAdd", this, b);
    Shapes.home("mulAdd", this, c);
    Shapes.home("mulAdd", this, d);
    Shapes.home("mulAdd", this, y);
    Shapes.sameLength("mulAdd", a, b);
    Shapes.sameLength("mulAdd", a, c);
    Shapes.sameLength("mulAdd", a, d);
    Shapes.sameLength("mulAdd", a, y);
    MemorySegment as = a.segment();
    MemorySegment bs = b.segment();
    MemorySegment cs = c.segment();
    MemorySegment ds = d.segment();
    MemorySegment ys = y.segment();
    split(
        y.length(),
        1,
        (from, to) -> Elementwise.mulAdd(as, bs, cs, ds, (float) beta, ys, from, to));
  }

  @Override
  public double dot(Buffer x, Buffer y) {
    Shapes.home("dot", this, x);
    Shapes.home("dot", this, y);
    Shapes.sameLength("dot", x, y);
    return Reductions.dot(workers, x.segment(), y.segment(), x.length());
  }

  @Override
  public void dot(double scale, Buffer x, Buffer y, Buffer out) {
    Shapes.scalar("dot", out);
    out.segment().set(ValueLayout.JAVA_DOUBLE_UNALIGNED, 0, scale * dot(x, y));
  }

  @Override
  public double nrm2(Buffer x) {
    double square = dot(x, x);
    boolean inRange = square > 1e-290 && square < Double.POSITIVE_INFINITY;
    return inRange ? Math.sqrt(square) : Reductions.scaledNorm(x.segment(), x.length());
  }

  @Override
  public void dots(Matrix v, Buffer x, double[] c) {
    Shapes.home("dots", this, v.buffer());
    Shapes.home("dots", this, x);
    Shapes.rows("dots", c, v, x);
    Reductions.dots(
        workers, v.buffer().segment(), v.rows(), v.stride(), x.segment(), x.length(), c);
  }

  @Override
  public void combine(double[] c, Matrix v, Buffer y) {
    Shapes.home("combine", this, v.buffer());
    Shapes.home("combine", this, y);
    Shapes.rows("combine", c, v, y);
    MemorySegment vs = v.buffer().segment();
    MemorySegment ys = y.segment();
    split(
        y.length(),
        v.rows(),
        (from, to) -> Reductions.combine(c, vs, v.rows(), v.stride(), ys, from, to));
  }

  @Override
  public void addRow(Matrix x, Buffer row, Matrix y) {
    Shapes.home("addRow", this, x.buffer());
    Shapes.home("addRow", this, row);
    Shapes.home("addRow", this, y.buffer());
    Shapes.sameShape("addRow", x, y);
    Shapes.row("addRow", x, row);
    Shapes.dense("addRow", x);
    Shapes.dense("addRow", y);
    MemorySegment xs = x.buffer().segment();
    MemorySegment rs = row.segment();
    MemorySegment ys = y.buffer().segment();
    int d = x.cols();
    split(x.rows(), d, (from, to) -> Elementwise.addRow(xs, rs, ys, d, from, to));
  }

  @Override
  public void columnSums(Matrix x, double beta, Buffer row) {
    Shapes.home("columnSums", this, x.buffer());
    Shapes.home("columnSums", this, row);
    Shapes.row("columnSums", x, row);
    Shapes.dense("columnSums", x);
    MemorySegment xs = x.buffer().segment();
    MemorySegment rs = row.segment();
    Elementwise.columnSums(xs, x.rows(), x.cols(), (float) beta, rs);
  }

  @Override
  public void activation(Activation f, Buffer z, Buffer value, Buffer first, Buffer second) {
    Shapes.home("activation", this, z);
    MemorySegment zs = z.segment();
    MemorySegment v = output(z, value);
    MemorySegment d1 = output(z, first);
    MemorySegment d2 = output(z, second);
    split(z.length(), 1, (from, to) -> Activations.run(f, zs, v, d1, d2, from, to));
  }

  private MemorySegment output(Buffer z, Buffer out) {
    if (out == null) {
      return null;
    }
    Shapes.home("activation", this, out);
    Shapes.sameLength("activation", z, out);
    return out.segment();
  }

  @Override
  public void softmaxCrossEntropy(double scale, Matrix z, Matrix y, Matrix p, Buffer loss) {
    String name = "softmaxCrossEntropy";
    rows(name, z);
    rows(name, y);
    rows(name, p);
    Shapes.sameShape(name, z, y);
    Shapes.sameShape(name, z, p);
    Shapes.scalar(name, loss);
    MemorySegment zs = z.buffer().segment();
    MemorySegment ys = y.buffer().segment();
    MemorySegment ps = p.buffer().segment();
    int blocks = (z.rows() + LOSS_BLOCK - 1) / LOSS_BLOCK;
    double[] partial = new double[blocks];
    split(
        blocks,
        (long) LOSS_BLOCK * z.cols() * 8,
        (from, to) -> {
          for (long b = from; b < to; b++) {
            long end = Math.min(z.rows(), (b + 1) * LOSS_BLOCK);
            partial[(int) b] = Softmax.crossEntropy(zs, ys, ps, z.cols(), b * LOSS_BLOCK, end);
          }
        });
    double sum = 0;
    for (double part : partial) {
      sum += part;
    }
    loss.segment().set(ValueLayout.JAVA_DOUBLE_UNALIGNED, 0, scale * sum);
  }

  @Override
  public void softmaxTangent(double scale, Matrix p, Matrix u, double beta, Matrix out) {
    String name = "softmaxTangent";
    rows(name, p);
    rows(name, u);
    rows(name, out);
    Shapes.sameShape(name, p, u);
    Shapes.sameShape(name, p, out);
    MemorySegment ps = p.buffer().segment();
    MemorySegment us = u.buffer().segment();
    MemorySegment os = out.buffer().segment();
    int c = p.cols();
    split(p.rows(), c * 4L, (from, to) -> Softmax.tangent(scale, ps, us, beta, os, c, from, to));
  }

  private void rows(String kernel, Matrix x) {
    Shapes.home(kernel, this, x.buffer());
    Shapes.dense(kernel, x);
  }
}
