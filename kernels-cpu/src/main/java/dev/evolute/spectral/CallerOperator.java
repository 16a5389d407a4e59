package dev.evolute.spectral;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.util.Objects;

/** The operator of a caller's own product. */
record CallerOperator(Device device, DType dtype, long size, VectorFunction product)
    implements LinearOperator {
  CallerOperator {
    Objects.requireNonNull(product, "product");
    if (size < 1) {
      throw new IllegalArgumentException(
          "operator: its dimension is " + size + "; it must be at least 1");
    }
  }

  @Override
  public void apply(Buffer x, Buffer y) {
    if (x.length() != size || y.length() != size) {
      throw new IllegalArgumentException(
          "operator: its dimension is "
              + size
              + ", the vectors have "
              + x.length()
              + " and "
              + y.length()
              + " elements");
    }
    product.apply(x, y);
  }
}
