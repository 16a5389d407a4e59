package dev.evolute.spectral;

import java.util.Arrays;
import java.util.Comparator;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/**
 * All eigenpairs of a small dense symmetric matrix, by EJML; the one place that knows the library.
 *
 * @param values ascending
 * @param vectors {@code vectors[i]} is the unit eigenvector of {@code values[i]}
 */
record SymmetricEigen(double[] values, double[][] vectors) {

  /** Decomposes the leading {@code [k x k]} part of {@code h}, row-major with the given stride. */
  static SymmetricEigen of(double[] h, int k, int stride) {
    DMatrixRMaj matrix = new DMatrixRMaj(k, k);
    for (int i = 0; i < k; i++) {
      System.arraycopy(h, i * stride, matrix.data, i * k, k);
    }
    return of(matrix);
  }

  /** Decomposes the tridiagonal matrix of the first k diagonal and k - 1 off-diagonal entries. */
  static SymmetricEigen ofTridiagonal(double[] diagonal, double[] offDiagonal, int k) {
    DMatrixRMaj matrix = new DMatrixRMaj(k, k);
    for (int i = 0; i < k; i++) {
      matrix.unsafe_set(i, i, diagonal[i]);
      if (i + 1 < k) {
        matrix.unsafe_set(i, i + 1, offDiagonal[i]);
        matrix.unsafe_set(i + 1, i, offDiagonal[i]);
      }
    }
    return of(matrix);
  }

  private static SymmetricEigen of(DMatrixRMaj matrix) {
    int k = matrix.numRows;
    double largest = CommonOps_DDRM.elementMaxAbs(matrix);
    // A power of two: scaling rounds nothing, and the library sees numbers near one whatever the
    // units of the operator.
    int exponent = largest == 0 ? 0 : Math.getExponent(largest);
    for (int i = 0; i < k * k; i++) {
      matrix.data[i] = Math.scalb(matrix.data[i], -exponent);
    }
    EigenDecomposition_F64<DMatrixRMaj> eig = DecompositionFactory_DDRM.eig(k, true, true);
    if (!eig.decompose(matrix)) {
      throw new IllegalStateException(
          "eigen: the QR iteration on the projected matrix of size " + k + " did not end");
    }
    Integer[] order = new Integer[k];
    for (int i = 0; i < k; i++) {
      order[i] = i;
    }
    Arrays.sort(order, Comparator.comparingDouble((Integer i) -> eig.getEigenvalue(i).getReal()));
    double[] values = new double[k];
    double[][] vectors = new double[k][];
    for (int i = 0; i < k; i++) {
      values[i] = Math.scalb(eig.getEigenvalue(order[i]).getReal(), exponent);
      vectors[i] = eig.getEigenVector(order[i]).getData().clone();
    }
    return new SymmetricEigen(values, vectors);
  }
}
