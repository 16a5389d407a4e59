package dev.evolute.spectral;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;

/**
 * A symmetric linear map on R^n known by its products, for example a Hessian. The solvers of this
 * package know nothing else of it.
 */
public interface LinearOperator {
  /** The dimension n. */
  long size();

  Device device();

  DType dtype();

  /** {@code y = A x}; x is read, y {@code [n]} is written, and the two do not overlap. */
  void apply(Buffer x, Buffer y);
}
