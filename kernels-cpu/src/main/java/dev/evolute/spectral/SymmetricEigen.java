package dev.evolute.spectral;

import java.util.Arrays;
import java.util.Comparator;
import org.ejml.data.DMatrixRMaj;
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
    double largest = 0;
    for (int i = 0; i < k; i++) {
      for (int j = 0; j < k; j++) {
        largest = Math.max(largest, Math.abs(h[i * stride + j]));
      }
    }
    // A power of two: scaling rounds nothing, and the library sees numbers near one whatever the
    // units of the operator.
    int exponent = largest == 0 ? 0 : Math.getExponent(largest);
    DMatrixRMaj matrix = new DMatrixRMaj(k, k);
    for (int i = 0; i < k; i++) {
      for (int j = 0; j < k; j++) {
        matrix.unsafe_set(i, j, Math.scalb(h[i * stride + j], -exponent));
      }
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
