package dev.evolute.spectral;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Kernels;

/**
 * An orthonormal basis Q {@code [k x n]} of what an operator makes of random vectors (Halko,
 * Martinsson, Tropp 2011): it holds most of what is large in A. Rows are added as they are asked
 * for; those that are there stay.
 *
 * <pre>
 *   y_i = A omega_i = sum_j r_ji q_j,  r upper triangular
 * </pre>
 */
final class RangeFinder implements AutoCloseable {
  /** What is done with a test vector, its product and the coefficients of that in Q. */
  interface Visitor {
    /** {@code r} holds {@code r_0i} to {@code r_ii}; it is reused afterwards. */
    void visit(int i, Buffer omega, Buffer y, double[] r);
  }

  private static final long TEST_STREAM = 0x72616e6765L;

  private final KrylovBasis basis;
  private final ProbeBlock block;
  private final Kernels kernels;
  private final long n;
  private final long seed;
  private final double[] r;
  private int rows;
  private double largest;
  private boolean complete;

  /** At most {@code capacity} rows. */
  RangeFinder(LinearOperator a, ProbeBlock block, int capacity, long seed) {
    this.basis = new KrylovBasis(a.device(), a.dtype(), (int) a.size(), capacity);
    this.block = block;
    this.kernels = a.device().kernels(a.dtype());
    this.n = a.size();
    this.seed = seed;
    this.r = new double[capacity];
  }

  /** Rows k of Q. */
  int rows() {
    return rows;
  }

  /** Whether Q holds the range of A up to rounding, so that {@code A = Q' Q A Q' Q}. */
  boolean complete() {
    return complete;
  }

  /**
   * Norm of what rounding hides of A where Q is {@link #complete}: of {@code (I - Q'Q) A omega}.
   */
  double hidden() {
    return block.products().noise() * largest;
  }

  /** Adds rows up to k, one product each; fewer where the range ends. */
  void grow(int k, Visitor visitor) {
    while (rows < k && !complete) {
      int count = Math.min(block.width(), k - rows);
      int first = rows;
      for (int i = 0; i < count; i++) {
        test(first + i, block.x(i));
      }
      block.multiply(count);
      for (int i = 0; i < count && !complete; i++) {
        largest = Math.max(largest, block.norm(i));
        Buffer q = basis.row(rows);
        kernels.copy(block.y(i), q);
        basis.dots(rows, q, r);
        double left = basis.subtract(rows, q, r);
        if (left <= hidden()) {
          complete = true;
        } else {
          kernels.axpby(1 / left, q, 0, q);
          r[rows] = left;
          rows++;
          visitor.visit(first + i, block.x(i), block.y(i), r);
        }
      }
      complete |= rows == n;
    }
  }

  /** Products with the rows from {@code first} on. */
  void multiply(int first, ProbeBlock.Visitor visitor) {
    for (int at = first; at < rows; at += block.width()) {
      int count = Math.min(block.width(), rows - at);
      for (int slot = 0; slot < count; slot++) {
        kernels.copy(basis.row(at + slot), block.x(slot));
      }
      block.multiply(count);
      for (int slot = 0; slot < count; slot++) {
        visitor.visit(at + slot, slot);
      }
    }
  }

  /** Test vector i, standard normal: drawn again whenever it is needed. */
  void test(int i, Buffer out) {
    CounterRandom.fillGaussian(seed, TEST_STREAM + i, 1, out);
  }

  /** {@code c = Q x}. */
  void dots(Buffer x, double[] c) {
    basis.dots(rows, x, c);
  }

  /** {@code x = x - Q'Q x}. */
  void project(Buffer x) {
    if (rows == 0) {
      return;
    }
    basis.dots(rows, x, r);
    basis.subtract(rows, x, r);
  }

  @Override
  public void close() {
    basis.close();
  }
}
