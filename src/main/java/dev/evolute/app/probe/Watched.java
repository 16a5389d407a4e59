package dev.evolute.app.probe;

import dev.evolute.app.study.Progress;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Matrix;
import dev.evolute.spectral.LinearOperator;

/** An operator whose products the user sees, and can put an end to. */
final class Watched implements LinearOperator {
  /**
   * Products get faster while they are compiled, at first by the hundredfold: they are timed until
   * so many in a row were no faster than before, or so long.
   */
  private static final int STEADY = 5;

  private static final double TRIAL_SECONDS = 3;

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

  /** The least of a few with some vector, once it is warm. */
  double secondsPerProduct() {
    double least = Double.POSITIVE_INFINITY;
    try (Buffer x = device().allocate(dtype(), size());
        Buffer y = device().allocate(dtype(), size())) {
      device().kernels(dtype()).fill(1, x);
      operator.apply(x, y);
      int steady = 0;
      for (double spent = 0; steady < STEADY && spent < TRIAL_SECONDS; ) {
        check();
        long start = System.nanoTime();
        operator.apply(x, y);
        double seconds = 1e-9 * (System.nanoTime() - start);
        steady = seconds < 0.9 * least ? 0 : steady + 1;
        least = Math.min(least, seconds);
        spent += seconds;
      }
    }
    return least;
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
