package dev.evolute.kernels.cpu.f32;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.PackedMatrix;
import java.lang.foreign.MemorySegment;

/** A right operand in panels {@code [k][NR]}, or the {@link #t()} view of one. */
final class Packed extends PackedMatrix {
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
  public void refresh() {
    Matrix right = transposed ? source.t() : source;
    Packing.panels(right, 0, 0, right.rows(), 0, right.cols(), panels());
  }

  @Override
  public long bytes() {
    return memory.segment().byteSize();
  }

  @Override
  public Packed t() {
    return flipped;
  }

  @Override
  public void close() {
    memory.close();
  }
}
