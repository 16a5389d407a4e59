package dev.evolute.autodiff.curvature;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;

/** A rectangular linear map {@code A [rows x columns]} known by its products. */
public interface LinearMap {
  /** The length of what comes out. */
  long rows();

  /** The length of what goes in. */
  long columns();

  /** The device of x and y. */
  Device device();

  /** The element type of x and y. */
  DType dtype();

  /** {@code y = A x}; x {@code [columns]} is read, y {@code [rows]} is written. */
  void apply(Buffer x, Buffer y);

  /** {@code y = A^T x}; x {@code [rows]} is read, y {@code [columns]} is written. */
  void applyTransposed(Buffer x, Buffer y);
}
