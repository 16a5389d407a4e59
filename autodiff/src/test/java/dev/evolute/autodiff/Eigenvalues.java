package dev.evolute.autodiff;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/** EJML's dense symmetric eigensolver: the oracle for our own. */
public final class Eigenvalues {
  private Eigenvalues() {}

  /** All eigenvalues of the symmetric part of a, smallest first. */
  public static double[] of(double[][] a) {
    DMatrixRMaj matrix = new DMatrixRMaj(Dense.combine(0.5, a, 0.5, Dense.transpose(a)));
    EigenDecomposition_F64<DMatrixRMaj> solver =
        DecompositionFactory_DDRM.eig(a.length, false, true);
    if (!solver.decompose(matrix)) {
      throw new AssertionError("EJML found no eigenvalues");
    }
    double[] values = new double[a.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = solver.getEigenvalue(i).getReal();
    }
    Arrays.sort(values);
    return values;
  }
}
