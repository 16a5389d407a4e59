package dev.evolute.app.probe;

import dev.evolute.app.UserException;
import dev.evolute.app.study.Progress;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Matrix;
import dev.evolute.spectral.LinearOperator;

/** An operator whose products the user sees, and can put an end to, and that are kept. */
final class Watched implements LinearOperator {
  private final LinearOperator operator;
  private final Progress progress;
  private final SavedProducts products;

  /** Whether there has been a product: some operators take their scale from the first. */
  private boolean begun;

  Watched(LinearOperator operator, Progress progress, SavedProducts products) {
    this.operator = operator;
    this.progress = progress;
    this.products = products;
  }

  /** With some vector, once it is warm. */
  Pace pace() {
    try (Buffer x = device().allocate(dtype(), size());
        Buffer y = device().allocate(dtype(), size())) {
      device().kernels(dtype()).fill(1, x);
      return Pace.of(device(), progress::requireGoingOn, () -> operator.apply(x, y));
    }
  }

  @Override
  public void apply(Buffer x, Buffer y) {
    product(x, y, 1, () -> operator.apply(x, y));
  }

  @Override
  public void apply(Matrix x, Matrix y) {
    long length = (long) x.rows() * x.cols();
    product(
        x.buffer().view(0, length),
        y.buffer().view(0, length),
        x.rows(),
        () -> operator.apply(x, y));
  }

  private void product(Buffer x, Buffer y, int count, Runnable compute) {
    progress.requireGoingOn();
    boolean kept = products.replay(x, y);
    if (!kept || !begun) {
      compute(compute);
      begun = true;
    }
    if (kept) {
      progress.skip(count);
    } else {
      products.keep(x, y);
      progress.add(count);
    }
  }

  /** Executors end with the command: a product that they had not done is no failure. */
  private void compute(Runnable product) {
    try {
      product.run();
    } catch (UserException e) {
      progress.requireGoingOn();
      throw e;
    }
  }

  @Override
  public long size() {
    return operator.size();
  }

  @Override
  public Device device() {
    return operator.device();
  }

  @Override
  public DType dtype() {
    return operator.dtype();
  }

  @Override
  public double noise() {
    return operator.noise();
  }
}
