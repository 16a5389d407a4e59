package dev.evolute.app.train;

import dev.evolute.app.UserException;
import dev.evolute.app.data.Samples;
import dev.evolute.app.model.NamedModel;
import dev.evolute.autodiff.curvature.Point;
import dev.evolute.autodiff.graph.ChunkPlan;
import dev.evolute.autodiff.graph.Chunks;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.spectral.Eigenpair;
import dev.evolute.spectral.Extremes;
import dev.evolute.spectral.Lanczos;

/**
 * The largest eigenvalue of the Hessian of the mean loss over the first training samples, by
 * Lanczos' method from the last eigenvector.
 */
final class Sharpness implements AutoCloseable {
  /** Residual asked for, relative to the Hessian's norm. */
  private static final double TOLERANCE = 1e-3;

  /** Share of a random vector in a warm start, lest a new extreme direction be missed. */
  private static final double RANDOM_SHARE = 0.05;

  private final Chunks loss;
  private final long seed;
  private Buffer start;

  /**
   * Compiles the loss.
   *
   * @param rows samples of one pass
   */
  Sharpness(
      NamedModel model,
      Samples samples,
      int count,
      int rows,
      Device device,
      DType dtype,
      long seed) {
    this.seed = seed;
    loss = ChunkPlan.of(count, rows, model.loss(count)).compile(device, dtype);
    double[] x = new double[count * samples.inputs()];
    double[] y = new double[count * samples.targets()];
    for (int i = 0; i < count; i++) {
      samples.write(i, x, i * samples.inputs(), y, i * samples.targets());
    }
    loss.set("x", x);
    loss.set("y", y);
  }

  /** The eigenvalue with its interval, without its vector. */
  Eigenpair at(Buffer theta) {
    loss.kernels().copy(theta, loss.theta());
    Lanczos.Options options =
        Lanczos.Options.defaults().withEnd(Lanczos.End.MAX).withTolerance(TOLERANCE).withSeed(seed);
    if (start != null) {
      options = options.withStart(start, RANDOM_SHARE);
    }
    try (Extremes ends = Lanczos.extremes(Point.of(loss).hessian(), options)) {
      Buffer next = Lanczos.warmStart(ends);
      forget();
      start = next;
      return ends.max();
    } catch (ArithmeticException e) {
      throw new UserException("the sharpness cannot be probed: " + e.getMessage(), e);
    }
  }

  /** The vector the next probe starts from, {@code [P]}, or null before the first. */
  Buffer start() {
    return start;
  }

  /** Has the next probe start from a vector {@code [P]}. */
  void startFrom(double[] vector) {
    forget();
    start = loss.device().allocate(loss.dtype(), vector.length);
    start.set(vector);
  }

  private void forget() {
    if (start != null) {
      start.close();
    }
  }

  @Override
  public void close() {
    forget();
    loss.close();
  }
}
