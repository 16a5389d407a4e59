package dev.evolute.autodiff.curvature;

import dev.evolute.autodiff.graph.Linearization;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;

/**
 * The Jacobian {@code J [n c x P]} of a network's output {@code f [n x c]}, samples in rows: the
 * derivative of output j of sample i stands in row {@code i c + j}.
 */
final class Jacobian implements LinearMap {
  private final Point point;
  private final Program program;
  private final Linearization passes;

  Jacobian(Point point, Program program, Linearization passes) {
    this.point = point;
    this.program = program;
    this.passes = passes;
  }

  @Override
  public long rows() {
    return passes.endTangent().length();
  }

  @Override
  public long columns() {
    return program.size();
  }

  @Override
  public Device device() {
    return program.device();
  }

  @Override
  public DType dtype() {
    return program.dtype();
  }

  @Override
  public void apply(Buffer x, Buffer y) {
    point.current();
    program.kernels().copy(x, program.tangent());
    passes.tangentPass();
    program.kernels().copy(passes.endTangent(), y);
  }

  @Override
  public void applyTransposed(Buffer x, Buffer y) {
    point.current();
    program.kernels().copy(x, passes.endCotangent());
    passes.vjpPass();
    program.kernels().copy(program.product(), y);
  }

  /** {@code y = J J^T x}, without a vector of parameters beyond those of the program. */
  void applyGram(Buffer x, Buffer y) {
    program.kernels().copy(x, passes.endCotangent());
    passes.vjpPass();
    program.kernels().copy(program.product(), program.tangent());
    passes.tangentPass();
    program.kernels().copy(passes.endTangent(), y);
  }
}
