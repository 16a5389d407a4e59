package dev.evolute.spectral;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Kernels;
import java.util.Locale;

/**
 * The Hessian at a point where only a gradient g is known, by central differences: an approximation
 * that knows its error. For a unit vector u
 *
 * <pre>
 *   H u = (g(theta + h u) - g(theta - h u)) / 2h + O(h^2 + eps |g| / h)
 * </pre>
 *
 * Each product takes two gradients. The first, and each eighth after it, takes two more at twice
 * the step; what the results differ by covers three times the first error and about once the
 * second. The largest such difference is {@link #error}; solvers take it into account by {@link
 * #noise}, so that their intervals contain it and they do not iterate below it.
 */
public final class DifferenceOperator implements LinearOperator, AutoCloseable {
  /** Products between one measurement of the error and the next. */
  private static final int EVERY = 8;

  private final VectorFunction gradient;
  private final Kernels kernels;
  private final double step;
  private final Buffer theta;
  private final Buffer moved;
  private final Buffer behind;
  private final Buffer wide;
  private long products;
  private double error;
  private double norm;

  /**
   * With the step {@code eps^(1/3) max(1, ||theta||)}, eps the unit roundoff of theta's type.
   *
   * @param theta {@code [n]}, copied
   * @param gradient {@code theta -> g(theta)}
   */
  public DifferenceOperator(Buffer theta, VectorFunction gradient) {
    this(
        theta,
        gradient,
        Math.cbrt(theta.dtype() == DType.F32 ? 0x1p-24 : 0x1p-53)
            * Math.max(1, theta.device().kernels(theta.dtype()).nrm2(theta)));
  }

  /** With a step h of one's own: how far theta moves, in its Euclidean norm. */
  public DifferenceOperator(Buffer theta, VectorFunction gradient, double step) {
    if (!(step > 0) || Double.isInfinite(step)) {
      throw new IllegalArgumentException(
          "difference of gradients: step " + step + "; it must be finite and positive");
    }
    this.gradient = gradient;
    this.step = step;
    kernels = theta.device().kernels(theta.dtype());
    this.theta = copyOf(theta);
    moved = copyOf(theta);
    behind = copyOf(theta);
    wide = copyOf(theta);
  }

  private Buffer copyOf(Buffer x) {
    Buffer copy = x.device().allocate(x.dtype(), x.length());
    kernels.copy(x, copy);
    return copy;
  }

  @Override
  public long size() {
    return theta.length();
  }

  @Override
  public Device device() {
    return theta.device();
  }

  @Override
  public DType dtype() {
    return theta.dtype();
  }

  /** h. */
  public double step() {
    return step;
  }

  /** Largest error of a product with a unit vector, of those that were measured. */
  public double error() {
    return error;
  }

  @Override
  public double noise() {
    return norm == 0 ? 0 : error / norm;
  }

  @Override
  public void apply(Buffer x, Buffer y) {
    double length = kernels.nrm2(x);
    if (length == 0) {
      kernels.fill(0, y);
      return;
    }
    difference(step, x, length, y);
    norm = Math.max(norm, kernels.nrm2(y) / length);
    if (products++ % EVERY == 0) {
      difference(2 * step, x, length, wide);
      kernels.axpby(-1, y, 1, wide);
      error = Math.max(error, kernels.nrm2(wide) / length);
    }
  }

  /** {@code y = ||x|| (g(theta + h u) - g(theta - h u)) / 2h}, u the direction of x. */
  private void difference(double h, Buffer x, double length, Buffer y) {
    at(h / length, x, y);
    at(-h / length, x, behind);
    double scale = length / (2 * h);
    kernels.axpby(-scale, behind, scale, y);
  }

  private void at(double alpha, Buffer x, Buffer out) {
    kernels.copy(theta, moved);
    kernels.axpby(alpha, x, 1, moved);
    gradient.apply(moved, out);
  }

  @Override
  public void close() {
    theta.close();
    moved.close();
    behind.close();
    wide.close();
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "differences of gradients, step %.2g, error %.2g in %d products",
        step,
        error,
        products);
  }
}
