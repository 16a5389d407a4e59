package dev.evolute.app.probe;

import dev.evolute.app.study.Progress;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Matrix;
import dev.evolute.spectral.LinearOperator;

/** An operator whose products the user sees, and can put an end to. */
final class Watched implements LinearOperator {
  private final LinearOperator operator;
  private final Progress progress;

  /** The user has put an end to it. */
  static final class Ended extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  Watched(LinearOperator operator, Progress progress) {
    this.operator = operator;
    this.progress = progress;
  }

  /** With some vector, once it is warm. */
  Pace pace() {
    try (Buffer x = device().allocate(dtype(), size());
        Buffer y = device().allocate(dtype(), size())) {
      device().kernels(dtype()).fill(1, x);
      return Pace.of(device(), this::check, () -> operator.apply(x, y));
    }
  }

  @Override
  public void apply(Buffer x, Buffer y) {
    check();
    operator.apply(x, y);
    progress.add(1);
  }

  @Override
  public void apply(Matrix x, Matrix y) {
    check();
    operator.apply(x, y);
    progress.add(x.rows());
  }

  private void check() {
    if (progress.interrupted()) {
      throw new Ended();
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
