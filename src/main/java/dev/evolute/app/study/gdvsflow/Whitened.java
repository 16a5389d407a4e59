package dev.evolute.app.study.gdvsflow;

import dev.evolute.app.data.Dataset;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/**
 * Digits as section 5 of paper 002 has its data: images of 4 x 4 averages, whitened, so that {@code
 * (1/|S|) X^T X = I}. Directions in which they hardly vary are left out.
 *
 * @param samples |S|
 * @param inputs d_0
 * @param x {@code [|S| x d_0]}
 * @param labels {@code [|S|]}
 */
record Whitened(int samples, int inputs, double[] x, byte[] labels) {
  private static final int SIDE = 4;

  /** Eigenvalues of the second moment below this, over the largest, count as none. */
  private static final double HARDLY = 1e-6;

  static Whitened of(Dataset data) {
    int n = data.samples();
    DMatrixRMaj raw = pooled(data);
    DMatrixRMaj moment = CommonOps_DDRM.multTransA(raw, raw, null);
    CommonOps_DDRM.scale(1.0 / n, moment);
    int d = moment.numRows;
    EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(d, true, true);
    if (!eigen.decompose(moment)) {
      throw new IllegalStateException("whitening: the second moment [16 x 16] has no eigenvectors");
    }
    double largest = 0;
    for (int k = 0; k < d; k++) {
      largest = Math.max(largest, eigen.getEigenvalue(k).getReal());
    }
    DMatrixRMaj map = new DMatrixRMaj(d, d);
    int kept = 0;
    for (int k = 0; k < d; k++) {
      double value = eigen.getEigenvalue(k).getReal();
      if (value > HARDLY * largest) {
        for (int i = 0; i < d; i++) {
          map.set(i, kept, eigen.getEigenVector(k).get(i) / Math.sqrt(value));
        }
        kept++;
      }
    }
    DMatrixRMaj white = CommonOps_DDRM.mult(raw, CommonOps_DDRM.extract(map, 0, d, 0, kept), null);
    return new Whitened(n, kept, white.data, data.labels());
  }

  private static DMatrixRMaj pooled(Dataset data) {
    DMatrixRMaj raw = new DMatrixRMaj(data.samples(), SIDE * SIDE);
    int height = Math.max(1, data.rows() / SIDE);
    int width = Math.max(1, data.cols() / SIDE);
    double[] pixels = data.inputs();
    for (int i = 0; i < data.samples(); i++) {
      for (int p = 0; p < data.features(); p++) {
        int row = Math.min(p / data.cols() / height, SIDE - 1);
        int col = Math.min(p % data.cols() / width, SIDE - 1);
        raw.add(i, row * SIDE + col, pixels[i * data.features() + p]);
      }
    }
    return raw;
  }

  /**
   * One target a sample {@code [|S| x 1]}: 1 for even digits and -1 for odd ones, scaled so that
   * {@code ||(1/|S|) sum y_i x_i|| = 1}.
   */
  double[] parity() {
    double[] y = new double[samples];
    for (int i = 0; i < samples; i++) {
      y[i] = labels[i] % 2 == 0 ? 1 : -1;
    }
    double norm = Curvature.norm(target(y, 1));
    for (int i = 0; i < samples; i++) {
      y[i] /= norm;
    }
    return y;
  }

  /** One target a class {@code [|S| x classes]}: 1 for its own, else 0. */
  double[] oneHot(int classes) {
    double[] y = new double[samples * classes];
    for (int i = 0; i < samples; i++) {
      y[i * classes + labels[i]] = 1;
    }
    return y;
  }

  /** {@code Lambda_yx = (1/|S|) Y^T X [outputs x d_0]}, row by row: where the minimum lies. */
  double[] target(double[] y, int outputs) {
    DMatrixRMaj targets = DMatrixRMaj.wrap(samples, outputs, y);
    DMatrixRMaj lambda =
        CommonOps_DDRM.multTransA(targets, DMatrixRMaj.wrap(samples, inputs, x), null);
    CommonOps_DDRM.scale(1.0 / samples, lambda);
    return lambda.data;
  }
}
