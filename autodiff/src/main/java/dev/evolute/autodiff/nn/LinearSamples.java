package dev.evolute.autodiff.nn;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.QRDecomposition;

/**
 * The samples of a linear network under squared error, as few of them as it has inputs: with the
 * decomposition {@code X = Q R} of the inputs {@code X [n x d]},
 *
 * <pre>
 *   ||X W - Y||^2 = ||R W - Q^T Y||^2 + constant
 * </pre>
 *
 * for every W, hence for a product of weights too. Value (up to the constant), gradient, Hessian
 * and Gauss-Newton matrix in the weights are those of all n samples, at the cost of d of them. The
 * factor of the loss stays that of all samples: {@code SquaredError.mean(n)} with n from before.
 *
 * @param rows samples left, {@code min(n, d)}
 * @param inputs {@code R [rows x d]}, row by row
 * @param targets {@code Q^T Y [rows x c]}, row by row
 * @param constant what is to be added to {@code ||R W - Q^T Y||^2}
 */
public record LinearSamples(int rows, double[] inputs, double[] targets, double constant) {
  /**
   * Compresses n samples; with no more samples than inputs they stay as they are.
   *
   * @param x inputs {@code [n x d]}, row by row
   * @param y targets {@code [n x c]}, row by row
   * @throws IllegalArgumentException if the lengths are no multiples of n, or a value is NaN or
   *     infinite
   */
  public static LinearSamples of(int n, double[] x, double[] y) {
    if (n < 1 || x.length % n != 0 || y.length % n != 0 || x.length == 0 || y.length == 0) {
      throw new IllegalArgumentException(
          "samples: "
              + n
              + " samples cannot have "
              + x.length
              + " inputs and "
              + y.length
              + " targets together; each sample needs as many as the others, at least one");
    }
    int d = x.length / n;
    int c = y.length / n;
    finite("input", x, d);
    finite("target", y, c);
    if (n <= d) {
      return new LinearSamples(n, x.clone(), y.clone(), 0);
    }
    // R of X and Y side by side holds R, Q^T Y and what no W reaches; Q is not needed.
    DMatrixRMaj both = new DMatrixRMaj(n, d + c);
    for (int i = 0; i < n; i++) {
      System.arraycopy(x, i * d, both.data, i * (d + c), d);
      System.arraycopy(y, i * c, both.data, i * (d + c) + d, c);
    }
    QRDecomposition<DMatrixRMaj> qr = DecompositionFactory_DDRM.qr(n, d + c);
    if (!qr.decompose(both)) {
      throw new IllegalStateException(
          "samples: the QR decomposition failed; use all samples, without compressing them");
    }
    DMatrixRMaj r = qr.getR(null, true);
    double[] inputs = new double[d * d];
    double[] targets = new double[d * c];
    for (int i = 0; i < d; i++) {
      System.arraycopy(r.data, i * (d + c), inputs, i * d, d);
      System.arraycopy(r.data, i * (d + c) + d, targets, i * c, c);
    }
    double constant = 0;
    for (int i = d; i < r.numRows; i++) {
      for (int j = d; j < d + c; j++) {
        constant += r.get(i, j) * r.get(i, j);
      }
    }
    return new LinearSamples(d, inputs, targets, constant);
  }

  /** One such value would spread to all samples that are left. */
  private static void finite(String what, double[] values, int cols) {
    for (int i = 0; i < values.length; i++) {
      if (!Double.isFinite(values[i])) {
        throw new IllegalArgumentException(
            "samples: %s %d of sample %d is %s; all must be finite"
                .formatted(what, i % cols, i / cols, values[i]));
      }
    }
  }
}
