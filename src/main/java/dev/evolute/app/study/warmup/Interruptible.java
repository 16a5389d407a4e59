package dev.evolute.app.study.warmup;

import dev.evolute.app.study.Progress;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.spectral.LinearOperator;

/** An operator whose products end with {@link Progress.Ended} once the user wants it. */
record Interruptible(LinearOperator operator, Progress progress) implements LinearOperator {
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

  @Override
  public void apply(Buffer x, Buffer y) {
    progress.requireGoingOn();
    operator.apply(x, y);
  }
}
