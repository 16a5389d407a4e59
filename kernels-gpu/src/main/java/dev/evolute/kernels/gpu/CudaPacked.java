package dev.evolute.kernels.gpu;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.PackedMatrix;
import dev.evolute.kernels.Shapes;

/** A matrix copied row by row without gaps: what the product kernels read anyhow. */
final class CudaPacked extends PackedMatrix {
  static final Symbol PACK = Symbol.of("vectors", "pack");

  private final OnCuda kernels;
  private final Matrix source;
  private final Buffer memory;
  private final Matrix copy;
  private final boolean transposed;
  private final CudaPacked flipped;

  CudaPacked(OnCuda kernels, Matrix source) {
    this.kernels = kernels;
    this.source = source;
    memory = kernels.device().allocate(kernels.dtype(), OnCuda.size(source));
    copy = Matrix.of(memory, source.rows(), source.cols());
    transposed = false;
    flipped = new CudaPacked(this);
    refresh();
  }

  private CudaPacked(CudaPacked original) {
    kernels = original.kernels;
    source = original.source.t();
    memory = original.memory;
    copy = original.copy.t();
    transposed = true;
    flipped = original;
  }

  /** What products read, in the orientation of this view. */
  Matrix copy() {
    return copy;
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
    Matrix from = transposed ? source.t() : source;
    Shapes.home("refresh", kernels, from.buffer());
    long di = from.transposed() ? 1 : from.stride();
    long dj = from.transposed() ? from.stride() : 1;
    Launcher pack = kernels.launch(PACK).n(from.rows()).i(from.cols()).at(from.buffer());
    pack.n(di).n(dj).at(memory).over(memory.length());
  }

  @Override
  public long bytes() {
    return memory.length() * memory.dtype().bytes();
  }

  @Override
  public CudaPacked t() {
    return flipped;
  }

  @Override
  public void close() {
    memory.close();
  }
}
