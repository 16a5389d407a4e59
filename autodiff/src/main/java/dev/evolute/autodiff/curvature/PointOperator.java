package dev.evolute.autodiff.curvature;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.spectral.LinearOperator;
import java.util.function.BiConsumer;

/** A product at a point as an operator, refused once the point has been left. */
final class PointOperator implements LinearOperator {
  private final Point point;
  private final long size;
  private final BiConsumer<Buffer, Buffer> product;

  PointOperator(Point point, long size, BiConsumer<Buffer, Buffer> product) {
    this.point = point;
    this.size = size;
    this.product = product;
  }

  @Override
  public long size() {
    return size;
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
    product.accept(x, y);
  }
}
