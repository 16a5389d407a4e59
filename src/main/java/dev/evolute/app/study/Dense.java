package dev.evolute.app.study;

import dev.evolute.spectral.CounterRandom;
import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.CholeskyDecomposition_F64;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
import org.ejml.interfaces.decomposition.QRDecomposition;

/** Small dense linear algebra on row-major arrays, by EJML. */
public final class Dense {
  private Dense() {}

  /** Entries N(0, deviation^2), {@code [count]}. */
  public static double[] gaussian(long seed, long stream, int count, double deviation) {
    double[] values = new double[count];
    CounterRandom.fillGaussian(seed, stream, 0, values);
    for (int i = 0; i < count; i++) {
      values[i] *= deviation;
    }
    return values;
  }

  /** {@code A B} for {@code A [n x k]}, {@code B [k x m]}. */
  public static double[] multiply(int n, int k, int m, double[] a, double[] b) {
    DMatrixRMaj c = new DMatrixRMaj(n, m);
    CommonOps_DDRM.mult(DMatrixRMaj.wrap(n, k, a), DMatrixRMaj.wrap(k, m, b), c);
    return c.data;
  }

  /** {@code A^T B} for {@code A [k x n]}, {@code B [k x m]}. */
  public static double[] multiplyTransposed(int k, int n, int m, double[] a, double[] b) {
    DMatrixRMaj c = new DMatrixRMaj(n, m);
    CommonOps_DDRM.multTransA(DMatrixRMaj.wrap(k, n, a), DMatrixRMaj.wrap(k, m, b), c);
    return c.data;
  }

  /** {@code A B^T} for {@code A [n x k]}, {@code B [m x k]}. */
  public static double[] multiplyByTransposed(int n, int k, int m, double[] a, double[] b) {
    DMatrixRMaj c = new DMatrixRMaj(n, m);
    CommonOps_DDRM.multTransB(DMatrixRMaj.wrap(n, k, a), DMatrixRMaj.wrap(m, k, b), c);
    return c.data;
  }

  /** W of least {@code ||X W - Y||_F}, for {@code X [samples x n]} of full column rank. */
  public static double[] leastSquares(int samples, int n, int m, double[] x, double[] y) {
    DMatrixRMaj w = new DMatrixRMaj(n, m);
    DMatrixRMaj left = DMatrixRMaj.wrap(samples, n, x.clone());
    if (!CommonOps_DDRM.solve(left, DMatrixRMaj.wrap(samples, m, y.clone()), w)) {
      throw new IllegalStateException(
          "least squares: the inputs [" + samples + " x " + n + "] have no full column rank");
    }
    return w.data;
  }

  /** Eigenvalues of a symmetric matrix {@code [n x n]}, ascending; the matrix is kept. */
  public static double[] eigenvalues(int n, double[] symmetric) {
    EigenDecomposition_F64<DMatrixRMaj> eig = DecompositionFactory_DDRM.eig(n, false, true);
    if (!eig.decompose(DMatrixRMaj.wrap(n, n, symmetric.clone()))) {
      throw new IllegalStateException("eigen: the QR iteration of size " + n + " did not end");
    }
    double[] values = new double[n];
    for (int i = 0; i < n; i++) {
      values[i] = eig.getEigenvalue(i).getReal();
    }
    Arrays.sort(values);
    return values;
  }

  /** Singular values of {@code A [n x m]}, descending, {@code min(n, m)} of them. */
  public static double[] singularValues(int n, int m, double[] a) {
    var svd = DecompositionFactory_DDRM.svd(n, m, false, false, true);
    if (!svd.decompose(DMatrixRMaj.wrap(n, m, a.clone()))) {
      throw new IllegalStateException("svd: the iteration of [" + n + " x " + m + "] did not end");
    }
    double[] values = Arrays.copyOf(svd.getSingularValues(), Math.min(n, m));
    Arrays.sort(values);
    for (int i = 0; i < values.length / 2; i++) {
      double held = values[i];
      values[i] = values[values.length - 1 - i];
      values[values.length - 1 - i] = held;
    }
    return values;
  }

  /**
   * A random orthogonal matrix {@code [n x n]}, Haar distributed: Q of a Gaussian, R's signs up.
   */
  public static double[] orthogonal(long seed, long stream, int n) {
    QRDecomposition<DMatrixRMaj> qr = DecompositionFactory_DDRM.qr(n, n);
    qr.decompose(DMatrixRMaj.wrap(n, n, gaussian(seed, stream, n * n, 1)));
    DMatrixRMaj q = qr.getQ(null, false);
    DMatrixRMaj r = qr.getR(null, false);
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        q.data[i * n + j] *= Math.signum(r.get(j, j));
      }
    }
    return q.data;
  }

  /** Lower L with {@code L L^T = A}, or null where A {@code [n x n]} is not positive definite. */
  public static double[] cholesky(int n, double[] a) {
    CholeskyDecomposition_F64<DMatrixRMaj> cholesky = DecompositionFactory_DDRM.chol(n, true);
    return cholesky.decompose(DMatrixRMaj.wrap(n, n, a.clone())) ? cholesky.getT(null).data : null;
  }

  /** {@code sum_i a_i b_i} over {@code count} elements from {@code aAt} and {@code bAt} on. */
  public static double dot(double[] a, int aAt, double[] b, int bAt, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += a[aAt + i] * b[bAt + i];
    }
    return sum;
  }
}
