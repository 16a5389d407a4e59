package dev.evolute.spectral;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Kernels;
import java.util.Arrays;

/**
 * Rayleigh and Ritz's method on whatever vectors are handed in, one product each: the basis and its
 * products are kept, so that the residual of every Ritz vector is computed and not estimated.
 *
 * <pre>
 *   V V' = I,  W = A V,  H = V W',  H s = theta s,  x = V' s,  A x - theta x = W' s - theta V' s
 * </pre>
 *
 * Unlike a Krylov space it takes several vectors that are good already, in any order, and grows by
 * the residual of whichever Ritz vector needs it most.
 */
final class RitzSpace implements AutoCloseable {
  // Of a direction that lies in the space to this share, what is left is mostly rounding.
  private static final double LEAST_NEW = 1e-4;

  private final Products products;
  private final Kernels kernels;
  private final KrylovBasis basis;
  private final KrylovBasis images;
  private final Buffer scratch;
  private final int capacity;
  private final double[] h;
  private final double[] column;
  private final double[] residuals;
  private int size;
  private double norm;
  private SymmetricEigen ritz;

  /**
   * @param capacity vectors it may hold, at most the dimension
   */
  RitzSpace(LinearOperator a, int capacity) {
    this.products = new Products(a);
    this.kernels = a.device().kernels(a.dtype());
    this.capacity = (int) Math.min(capacity, a.size());
    this.h = new double[this.capacity * this.capacity];
    this.column = new double[this.capacity];
    this.residuals = new double[this.capacity];
    this.basis = new KrylovBasis(a.device(), a.dtype(), (int) a.size(), this.capacity);
    this.images = new KrylovBasis(a.device(), a.dtype(), (int) a.size(), this.capacity);
    this.scratch = a.device().allocate(a.dtype(), a.size());
  }

  /**
   * Extends the space by a direction.
   *
   * @return false, and no product is taken, where the space is full or holds it already
   * @throws ArithmeticException if the product holds a NaN or an infinity
   */
  boolean add(Buffer direction) {
    if (size == capacity) {
      return false;
    }
    Buffer v = basis.row(size);
    kernels.copy(direction, v);
    kernels.normalise(v);
    if (!(left(v) > LEAST_NEW)) {
      return false;
    }
    kernels.normalise(v);
    // Normalising has enlarged what rounding had left of the other rows.
    left(v);
    kernels.normalise(v);
    Buffer w = images.row(size);
    products.apply(v, w);
    double length = kernels.nrm2(w);
    products.check(length, w);
    norm = Math.max(norm, length);
    size++;
    basis.dots(size, w, column);
    for (int i = 0; i < size; i++) {
      h[i * capacity + size - 1] = column[i];
      h[(size - 1) * capacity + i] = column[i];
    }
    ritz = SymmetricEigen.of(h, size, capacity);
    Arrays.fill(residuals, Double.NaN);
    return true;
  }

  /** Norm of what is left of v after the rows are taken out of it. */
  private double left(Buffer v) {
    if (size == 0) {
      return 1;
    }
    basis.dots(size, v, column);
    return basis.subtract(size, v, column);
  }

  /** The share of a unit vector that lies in the space: the norm of its projection. */
  double share(Buffer x) {
    basis.dots(size, x, column);
    return KrylovBasis.norm(column, size);
  }

  /** Adds the residual of the Ritz pair i as a direction. */
  boolean expand(int i) {
    residual(i, scratch);
    return kernels.nrm2(scratch) > 0 && add(scratch);
  }

  /** Whether it is all of the operator's space. */
  boolean whole() {
    return size == scratch.length();
  }

  /** Vectors in it. */
  int size() {
    return size;
  }

  /** Products taken. */
  int count() {
    return products.count();
  }

  /** Ritz value i, ascending. */
  double value(int i) {
    return ritz.values()[i];
  }

  /** {@code ||A x - theta x||} of Ritz pair i. */
  double residual(int i) {
    if (Double.isNaN(residuals[i])) {
      residual(i, scratch);
      residuals[i] = kernels.nrm2(scratch);
    }
    return residuals[i];
  }

  private void residual(int i, Buffer r) {
    double[] s = ritz.vectors()[i];
    kernels.fill(0, r);
    images.combine(size, 1, s, r);
    basis.combine(size, -value(i), s, r);
  }

  /** Ritz vector i, of unit norm and with the sign of {@link Products#normalise}; x is written. */
  void vector(int i, Buffer x) {
    kernels.fill(0, x);
    basis.combine(size, 1, ritz.vectors()[i], x);
    products.normalise(x);
  }

  /** The operator's norm, as its products show it. */
  double norm() {
    return norm;
  }

  /** Error of its values by rounding. */
  double noise() {
    return products.noise() * norm;
  }

  @Override
  public void close() {
    basis.close();
    images.close();
    scratch.close();
  }
}
