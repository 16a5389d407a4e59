package dev.evolute.autodiff.curvature;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Kernels;
import dev.evolute.spectral.LinearOperator;

/**
 * {@code M^T M / c} or {@code M M^T / c} of a rectangular map M, whichever is smaller, by two
 * products with M. Its eigenvalues are the squares of M's singular values over c, a power of two
 * near the size of M that the first product sets: so that squares stay in range where M does.
 */
final class LinearMapGram implements LinearOperator, AutoCloseable {
  private final LinearMap map;
  private final Kernels kernels;
  private final boolean tall;
  private final Buffer image;
  private double unit = Double.NaN;

  LinearMapGram(LinearMap map) {
    this.map = map;
    this.kernels = map.device().kernels(map.dtype());
    this.tall = map.rows() >= map.columns();
    this.image = map.device().allocate(map.dtype(), Math.max(map.rows(), map.columns()));
  }

  @Override
  public long size() {
    return Math.min(map.rows(), map.columns());
  }

  @Override
  public Device device() {
    return map.device();
  }

  @Override
  public DType dtype() {
    return map.dtype();
  }

  /** The factor c; 1 before any product. */
  double unit() {
    return Double.isNaN(unit) ? 1 : unit;
  }

  @Override
  public void apply(Buffer x, Buffer y) {
    if (tall) {
      map.apply(x, image);
    } else {
      map.applyTransposed(x, image);
    }
    if (Double.isNaN(unit)) {
      double size = kernels.maxAbs(image);
      unit =
          size > 0 && size < Double.POSITIVE_INFINITY ? Math.scalb(1.0, Math.getExponent(size)) : 1;
    }
    kernels.axpby(1 / unit, image, 0, image);
    if (tall) {
      map.applyTransposed(image, y);
    } else {
      map.apply(image, y);
    }
  }

  @Override
  public void close() {
    image.close();
  }
}
