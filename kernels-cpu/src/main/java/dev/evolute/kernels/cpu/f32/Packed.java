package dev.evolute.kernels.cpu.f32;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.cpu.PackedOnCpu;
import java.lang.foreign.MemorySegment;

/** A right operand in panels {@code [k][NR]}, or the {@link #t()} view of one. */
final class Packed extends PackedOnCpu {
  private final Matrix source;
  private final Buffer memory;
  private final boolean transposed;
  private final Packed flipped;

  Packed(Matrix source) {
    this.source = source;
    long length = (long) Gemm.panels(source.cols()) * Gemm.NR * source.rows();
    memory = source.buffer().device().allocate(source.buffer().dtype(), length);
    transposed = false;
    flipped = new Packed(this);
    refresh();
  }

  private Packed(Packed original) {
    super(original);
    source = original.source.t();
    memory = original.memory;
    transposed = true;
    flipped = original;
  }

  MemorySegment panels() {
    return memory.segment();
  }

  @Override
  public Matrix source() {
    return source;
  }

  @Override
  public boolean transposed() {
    return transposed;
  }

  @Override
  public int width() {
    return Gemm.NR;
  }

  @Override
  public Matrix columns(int panel) {
    int k = transposed ? source.cols() : source.rows();
    long size = (long) Gemm.NR * k;
    return Matrix.of(memory.view(panel * size, size), k, Gemm.NR);
  }

  @Override
  public void refresh() {
    dropCopies();
    Matrix right = transposed ? source.t() : source;
    Packing.panels(right, 0, 0, right.rows(), 0, right.cols(), panels());
  }

  @Override
  public long bytes() {
    return memory.segment().byteSize() + copiedBytes();
  }

  @Override
  public Packed t() {
    return flipped;
  }

  @Override
  public void close() {
    dropCopies();
    memory.close();
  }
}
