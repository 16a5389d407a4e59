package dev.evolute.kernels.gpu;

import dev.evolute.kernels.Epilogue;
import dev.evolute.kernels.Matrix;

/**
 * A product to be made, {@code C = after(alpha (A B + D E) + beta C)}, once or {@code count} times.
 *
 * @param count products of one shape
 * @param d left of the second product, or null
 * @param e right of the second product, or null
 * @param aStep elements from one A of a batch to the next, 0 where they share it
 * @param after what follows, or null
 */
record Product(
    int count,
    double alpha,
    Matrix a,
    Matrix b,
    Matrix d,
    Matrix e,
    double beta,
    Matrix c,
    long aStep,
    long bStep,
    long cStep,
    Epilogue after) {

  /** The same with a C whose rows are stored one after the other. */
  Product rowMajor() {
    if (!c.transposed()) {
      return this;
    }
    // C^T = B^T A^T, and E^T D^T
    return new Product(
        count, alpha, b.t(), a.t(), t(e), t(d), beta, c.t(), bStep, aStep, cStep, after);
  }

  private static Matrix t(Matrix x) {
    return x == null ? null : x.t();
  }

  /** The same into other memory, products one after the other. */
  Product into(Matrix other) {
    long step = (long) other.rows() * other.cols();
    return new Product(count, alpha, a, b, d, e, beta, other, aStep, bStep, step, after);
  }

  boolean isEmpty() {
    return m() == 0 || n() == 0 || count == 0;
  }

  int m() {
    return c.rows();
  }

  int n() {
    return c.cols();
  }

  /** With alpha 0 the operands are not read. */
  int k() {
    return alpha == 0 ? 0 : a.cols();
  }

  /** Of the second product. */
  int k2() {
    return alpha == 0 || d == null ? 0 : d.cols();
  }
}
