package dev.evolute.app.study.gdvsflow;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;

/** Powers, norms and polar factors of small dense matrices, by EJML. */
final class Powers {
  private Powers() {}

  /**
   * {@code A^p} of a symmetric positive semidefinite matrix; the identity for p = 0. Eigenvalues
   * that rounding has left below 0 count as 0.
   */
  static DMatrixRMaj of(DMatrixRMaj a, double p) {
    int n = a.numRows;
    if (p == 0) {
      return CommonOps_DDRM.identity(n);
    }
    EigenDecomposition_F64<DMatrixRMaj> eigen = decompose(a, true);
    DMatrixRMaj power = new DMatrixRMaj(n, n);
    for (int k = 0; k < n; k++) {
      double value = Math.pow(Math.max(0, eigen.getEigenvalue(k).getReal()), p);
      DMatrixRMaj v = eigen.getEigenVector(k);
      CommonOps_DDRM.multAddTransB(value, v, v, power);
    }
    return power;
  }

  private static EigenDecomposition_F64<DMatrixRMaj> decompose(DMatrixRMaj a, boolean vectors) {
    EigenDecomposition_F64<DMatrixRMaj> eigen =
        DecompositionFactory_DDRM.eig(a.numRows, vectors, true);
    if (!eigen.decompose(a.copy())) {
      throw new ArithmeticException(
          "eigenvalues of [" + a.numRows + " x " + a.numRows + "]: the QR iteration did not end");
    }
    return eigen;
  }

  /** Sum of the magnitudes of the eigenvalues of a symmetric matrix: its nuclear norm. */
  static double nuclear(DMatrixRMaj symmetric) {
    EigenDecomposition_F64<DMatrixRMaj> eigen = decompose(symmetric, false);
    double sum = 0;
    for (int k = 0; k < symmetric.numRows; k++) {
      sum += Math.abs(eigen.getEigenvalue(k).getReal());
    }
    return sum;
  }

  private static SingularValueDecomposition_F64<DMatrixRMaj> svd(DMatrixRMaj a, boolean vectors) {
    SingularValueDecomposition_F64<DMatrixRMaj> svd =
        DecompositionFactory_DDRM.svd(a.numRows, a.numCols, vectors, vectors, true);
    if (!svd.decompose(a.copy())) {
      throw new ArithmeticException(
          "singular values of [" + a.numRows + " x " + a.numCols + "]: the iteration did not end");
    }
    return svd;
  }

  /**
   * Powers of {@code W W^T} and {@code W^T W} by the thin singular value decomposition {@code W = U
   * S V^T}: the null space of the larger one is exact, where roots of its eigenvalues would be
   * roots of rounding errors.
   */
  record Sides(DMatrixRMaj u, double[] s, DMatrixRMaj v) {
    static Sides of(DMatrixRMaj w) {
      SingularValueDecomposition_F64<DMatrixRMaj> svd = svd(w, true);
      return new Sides(svd.getU(null, false), svd.getSingularValues(), svd.getV(null, false));
    }

    /** {@code [W W^T]^p}, the identity for p = 0. */
    DMatrixRMaj left(double p) {
      return power(u, p);
    }

    /** {@code [W^T W]^p}, the identity for p = 0. */
    DMatrixRMaj right(double p) {
      return power(v, p);
    }

    private DMatrixRMaj power(DMatrixRMaj vectors, double p) {
      if (p == 0) {
        return CommonOps_DDRM.identity(vectors.numRows);
      }
      DMatrixRMaj scaled = vectors.copy();
      for (int k = 0; k < scaled.numCols; k++) {
        double factor = k < s.length ? Math.pow(s[k], 2 * p) : 0;
        for (int i = 0; i < scaled.numRows; i++) {
          scaled.set(i, k, factor * scaled.get(i, k));
        }
      }
      return CommonOps_DDRM.multTransB(scaled, vectors, null);
    }
  }

  /** Singular values, descending. */
  static double[] singularValues(DMatrixRMaj a) {
    double[] ascending =
        Arrays.copyOf(svd(a, false).getSingularValues(), Math.min(a.numRows, a.numCols));
    Arrays.sort(ascending);
    double[] descending = new double[ascending.length];
    Arrays.setAll(descending, i -> ascending[ascending.length - 1 - i]);
    return descending;
  }

  /** Spectral norm. */
  static double spectral(DMatrixRMaj a) {
    return singularValues(a)[0];
  }

  /**
   * Q of the left polar decomposition {@code A = P Q}, P positive semidefinite and Q with
   * orthonormal rows or columns: {@code U V^T} of the thin singular value decomposition.
   */
  static DMatrixRMaj polar(DMatrixRMaj a) {
    SingularValueDecomposition_F64<DMatrixRMaj> svd = svd(a, true);
    return CommonOps_DDRM.mult(svd.getU(null, false), svd.getV(null, true), null);
  }
}
