package dev.evolute.autodiff.curvature;

import dev.evolute.kernels.Activation;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Kernels;
import dev.evolute.spectral.Eigenpair;
import dev.evolute.spectral.Extremes;
import dev.evolute.spectral.Lanczos;
import dev.evolute.spectral.LinearOperator;

/**
 * {@code D^(-1/2) A D^(-1/2)} of a symmetric operator A and a positive diagonal D: the curvature an
 * optimiser that divides the gradient by D sees. With Adam's {@code D = sqrt(v) + epsilon} its
 * largest eigenvalue times the step size is the one that reaches the edge of stability.
 *
 * <p>Its eigenvalues are those of the generalised problem {@code A v = lambda D v}; an eigenvector
 * y of it is {@code D^(1/2) v}.
 */
public final class Preconditioned implements LinearOperator, AutoCloseable {
  private final LinearOperator a;
  private final Kernels kernels;
  private final Buffer scale;
  private final Buffer scaled;

  private Preconditioned(LinearOperator a, Buffer scale, Buffer scaled) {
    this.a = a;
    this.kernels = a.device().kernels(a.dtype());
    this.scale = scale;
    this.scaled = scaled;
  }

  /**
   * {@code D^(-1/2) A D^(-1/2)}.
   *
   * @param a a symmetric operator, which stays its owner's
   * @param d the diagonal of D, of a's dimension, read once
   * @throws IllegalArgumentException if an element of d is not positive and finite
   */
  public static Preconditioned of(LinearOperator a, Buffer d) {
    Kernels kernels = a.device().kernels(a.dtype());
    double least = kernels.min(d);
    double most = kernels.max(d);
    if (!(least > 0) || !Double.isFinite(most)) {
      throw new IllegalArgumentException(
          "preconditioner: its elements go from "
              + least
              + " to "
              + most
              + "; they must be positive and finite");
    }
    Buffer scale = a.device().allocate(a.dtype(), a.size());
    try {
      kernels.activation(Activation.SQRT, d, scale, null, null);
      kernels.activation(Activation.RECIPROCAL, scale, scale, null, null);
      return new Preconditioned(a, scale, a.device().allocate(a.dtype(), a.size()));
    } catch (RuntimeException e) {
      scale.close();
      throw e;
    }
  }

  /**
   * Both ends of {@code A v = lambda D v}. The vectors are eigenvectors v of that problem, with
   * {@code v' D v = 1}; residuals are {@code ||D^(-1/2) (A v - lambda D v)||}, so that the
   * intervals contain an eigenvalue of it.
   *
   * @param d the diagonal of D, of a's dimension, positive
   * @param options what is asked of Lanczos, a start in terms of {@code D^(1/2) v}: see {@link
   *     #symmetric}
   * @throws IllegalArgumentException if an element of d is not positive and finite
   * @throws ArithmeticException if a product holds a NaN or an infinity
   */
  public static Extremes extremes(LinearOperator a, Buffer d, Lanczos.Options options) {
    try (Preconditioned preconditioned = of(a, d)) {
      Extremes found = Lanczos.extremes(preconditioned, options);
      for (Eigenpair pair : new Eigenpair[] {found.min(), found.max()}) {
        if (pair != null && pair.vector() != null) {
          preconditioned.kernels.mul(pair.vector(), preconditioned.scale, 0, pair.vector());
        }
      }
      return found;
    }
  }

  /** {@code y = D^(1/2) v}: what an eigenvector v of the generalised problem is here. */
  public void symmetric(Buffer v, Buffer y) {
    kernels.activation(Activation.RECIPROCAL, scale, scaled, null, null);
    kernels.mul(v, scaled, 0, y);
  }

  @Override
  public long size() {
    return a.size();
  }

  @Override
  public Device device() {
    return a.device();
  }

  @Override
  public DType dtype() {
    return a.dtype();
  }

  @Override
  public void apply(Buffer x, Buffer y) {
    kernels.mul(x, scale, 0, scaled);
    a.apply(scaled, y);
    kernels.mul(y, scale, 0, y);
  }

  /** Frees the two vectors it works with. */
  @Override
  public void close() {
    scale.close();
    scaled.close();
  }
}
