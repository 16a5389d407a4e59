package dev.evolute.autodiff.curvature;

import dev.evolute.autodiff.graph.Objective;
import dev.evolute.autodiff.graph.OutputPasses;
import dev.evolute.autodiff.memory.Memory;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Matrix;
import dev.evolute.spectral.LinearOperator;

/**
 * The Jacobian {@code J [n c x P]} of a network's output {@code f [n x c]}, samples in rows: the
 * derivative of output j of sample i stands in row {@code i c + j}.
 */
final class Jacobian implements LinearMap {
  private final Point point;
  private final Objective objective;
  private final OutputPasses passes;

  Jacobian(Point point, OutputPasses passes) {
    this.point = point;
    this.passes = passes;
    objective = point.objective();
  }

  @Override
  public long rows() {
    return passes.size();
  }

  @Override
  public long columns() {
    return objective.size();
  }

  @Override
  public Device device() {
    return objective.device();
  }

  @Override
  public DType dtype() {
    return objective.dtype();
  }

  @Override
  public void apply(Buffer x, Buffer y) {
    point.current();
    objective.kernels().copy(x, objective.tangent());
    passes.jvpPass(y);
  }

  @Override
  public void applyTransposed(Buffer x, Buffer y) {
    point.current();
    passes.vjpPass(x);
    objective.kernels().copy(objective.product(), y);
  }

  /** {@code u -> J J^T u}, without a vector of parameters beyond those of the objective. */
  LinearOperator kernel() {
    return new PointOperator(
        point,
        rows(),
        (x, y) -> {
          passes.vjpPass(x);
          objective.kernels().copy(objective.product(), objective.tangent());
          passes.jvpPass(y);
        });
  }

  /** {@code J J^T [n c x n c]}, column by column from products. */
  Matrix kernelMatrix() {
    Memory.require(
        "ntk: the matrix [" + rows() + " x " + rows() + "]",
        rows() * rows() * dtype().bytes(),
        "use ntk(), which needs no matrix, or fewer samples");
    int n = Math.toIntExact(rows());
    LinearOperator kernel = kernel();
    Buffer memory = device().allocate(dtype(), (long) n * n);
    try (Buffer unit = device().allocate(dtype(), n)) {
      for (int k = 0; k < n; k++) {
        unit.write(k, new double[] {1}, 0, 1);
        kernel.apply(unit, memory.view((long) k * n, n));
        unit.write(k, new double[] {0}, 0, 1);
      }
      return Matrix.of(memory, n, n);
    } catch (RuntimeException e) {
      memory.close();
      throw e;
    }
  }
}
