package dev.evolute.autodiff.curvature;

import dev.evolute.autodiff.graph.Curvature;
import dev.evolute.autodiff.graph.Objective;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Matrix;
import dev.evolute.spectral.LinearOperator;

/** The matrix of all second derivatives at a point, or one of its two parts. */
record WholeOperator(Point point, Curvature which) implements LinearOperator {
  @Override
  public long size() {
    return point.objective().size();
  }

  @Override
  public Device device() {
    return point.objective().device();
  }

  @Override
  public DType dtype() {
    return point.objective().dtype();
  }

  @Override
  public void apply(Buffer x, Buffer y) {
    point.current();
    Objective objective = point.objective();
    objective.kernels().copy(x, objective.tangent());
    which.run(objective);
    objective.kernels().copy(objective.product(), y);
  }

  @Override
  public void apply(Matrix x, Matrix y) {
    point.current();
    point.objective().passes(which, x, y);
  }
}
