package dev.evolute.spectral;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;

/** All singular values of a dense matrix, by EJML. */
final class DenseSvd {
  private DenseSvd() {}

  /**
   * Singular values, ascending.
   *
   * @param w row by row {@code [m x n]}, finite; left as it is
   */
  static double[] values(double[] w, int m, int n) {
    double largest = 0;
    for (double element : w) {
      largest = Math.max(largest, Math.abs(element));
    }
    // A power of two, as in SymmetricEigen.
    int exponent = largest == 0 ? 0 : Math.getExponent(largest);
    DMatrixRMaj matrix = new DMatrixRMaj(m, n);
    Arrays.setAll(matrix.data, i -> Math.scalb(w[i], -exponent));
    SingularValueDecomposition_F64<DMatrixRMaj> svd =
        DecompositionFactory_DDRM.svd(m, n, false, false, true);
    if (!svd.decompose(matrix)) {
      throw new IllegalStateException(
          "singular values: the QR iteration on the matrix [" + m + " x " + n + "] did not end");
    }
    double[] values = Arrays.copyOf(svd.getSingularValues(), svd.numberOfSingularValues());
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.scalb(values[i], exponent);
    }
    Arrays.sort(values);
    return values;
  }
}
