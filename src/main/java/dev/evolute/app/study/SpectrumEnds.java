package dev.evolute.app.study;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.TridiagonalSimilarDecomposition_F64;

/**
 * The smallest and the largest eigenvalue of small symmetric matrices of one size, one after the
 * other in the same memory: EJML's tridiagonal form, and on it Laguerre's method from outside the
 * spectrum, where it climbs to either end and never beyond. For 10 x 10 that takes a third of the
 * time of all eigenvalues, which counts where a study wants them millions of times. One thread at a
 * time.
 *
 * <p>Errors are some units of rounding of the matrix's norm.
 */
public final class SpectrumEnds {
  private static final int MOST_STEPS = 200;

  private final int n;
  private final DMatrixRMaj matrix;
  private final TridiagonalSimilarDecomposition_F64<DMatrixRMaj> tridiagonal;
  private final double[] diagonal;
  private final double[] off;
  private final double[] squares;
  private double min;
  private double max;

  /** For matrices {@code [n x n]}. */
  public SpectrumEnds(int n) {
    this.n = n;
    matrix = new DMatrixRMaj(n, n);
    tridiagonal = DecompositionFactory_DDRM.tridiagonal(n);
    diagonal = new double[n];
    off = new double[n];
    squares = new double[n];
  }

  /**
   * Finds both ends of a matrix that starts at {@code from}, row-major with the given stride.
   *
   * @throws IllegalArgumentException if an entry is not finite
   */
  public void of(double[] symmetric, int from, int stride) {
    for (int i = 0; i < n; i++) {
      System.arraycopy(symmetric, from + i * stride, matrix.data, i * n, n);
    }
    if (n == 1) {
      diagonal[0] = matrix.data[0];
    } else {
      tridiagonal.decompose(matrix);
      tridiagonal.getDiagonal(diagonal, off);
    }
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < n; i++) {
      // Gershgorin's circles: no eigenvalue is outside them.
      double radius = (i > 0 ? Math.abs(off[i - 1]) : 0) + (i + 1 < n ? Math.abs(off[i]) : 0);
      low = Math.min(low, diagonal[i] - radius);
      high = Math.max(high, diagonal[i] + radius);
    }
    double largest = Math.max(Math.abs(low), Math.abs(high));
    if (!(largest < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "eigenvalues: the matrix [" + n + " x " + n + "] has an entry that is not finite");
    }
    // A power of two rounds nothing, and puts the squares of reciprocals in range.
    int exponent = largest == 0 ? 0 : Math.getExponent(largest);
    for (int i = 0; i < n; i++) {
      diagonal[i] = Math.scalb(diagonal[i], -exponent);
      double e = i > 0 ? Math.scalb(off[i - 1], -exponent) : 0;
      squares[i] = e * e;
    }
    climb(Math.scalb(low, -exponent), Math.scalb(high, -exponent));
    min = Math.scalb(min, exponent);
    max = Math.scalb(max, exponent);
  }

  /** The smallest eigenvalue. */
  public double min() {
    return min;
  }

  /** The largest eigenvalue. */
  public double max() {
    return max;
  }

  /**
   * Both ends in one loop, so that neither waits for the other's divisions. From outside, {@code
   * q_i = d_i - x - e_i^2 / q_(i-1)}, the pivots of {@code T - x I}, are all of one sign, and their
   * product is the characteristic polynomial p. Of its logarithm's derivatives {@code s_1 = sum_j 1
   * / (lambda_j - x)} and {@code s_2 = sum_j 1 / (lambda_j - x)^2} Laguerre's step is made.
   */
  private void climb(double low, double high) {
    double least = Math.ulp(Math.max(Math.abs(low), Math.abs(high)));
    double a = low;
    double b = high;
    boolean moves = high > low;
    for (int step = 0; moves && step < MOST_STEPS; step++) {
      double over = 1;
      double dq = 0;
      double ddq = 0;
      double s1 = 0;
      double s2 = 0;
      double under = 1;
      double dr = 0;
      double ddr = 0;
      double t1 = 0;
      double t2 = 0;
      boolean outside = true;
      boolean beyond = true;
      for (int i = 0; i < n; i++) {
        // 1/q, q'/q and q''/q of the pivot before make those of this one.
        double e = squares[i] * over;
        double f = squares[i] * under;
        over = 1 / (diagonal[i] - a - e);
        under = 1 / (diagonal[i] - b - f);
        outside &= over > 0;
        beyond &= under < 0;
        ddq = e * (ddq - 2 * dq * dq) * over;
        ddr = f * (ddr - 2 * dr * dr) * under;
        dq = (e * dq - 1) * over;
        dr = (f * dr - 1) * under;
        s1 -= dq;
        t1 -= dr;
        s2 += dq * dq - ddq;
        t2 += dr * dr - ddr;
      }
      double up = outside ? laguerre(s1, s2) : 0;
      double down = beyond ? laguerre(-t1, t2) : 0;
      moves = up > least || down > least;
      a += up;
      b -= down;
    }
    min = a;
    max = b;
  }

  /** The way to the nearest of n real roots, or less; 0 where rounding leaves none. */
  private double laguerre(double s1, double s2) {
    double step = n / (s1 + Math.sqrt(Math.max(0, (n - 1) * (n * s2 - s1 * s1))));
    return step > 0 && step < Double.POSITIVE_INFINITY ? step : 0;
  }
}
