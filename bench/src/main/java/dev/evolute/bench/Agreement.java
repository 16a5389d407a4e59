package dev.evolute.bench;

import dev.evolute.kernels.DType;
import dev.evolute.kernels.Precision;

/** A contender that computes something else measures nothing: it is checked beforehand. */
final class Agreement {
  private static final long STREAM = 7;

  private Agreement() {}

  /**
   * Holds a result against ours, or against the truth.
   *
   * @throws IllegalStateException if the relative distance of the results is beyond rounding
   */
  static void require(String peer, DType dtype, double[] ours, double[] theirs) {
    require(peer, rounding(dtype), ours, theirs);
  }

  private static double rounding(DType dtype) {
    return dtype == DType.F32 ? 1e-4 : 1e-12;
  }

  private static void require(String peer, double allowed, double[] ours, double[] theirs) {
    double distance = 0;
    double norm = 0;
    for (int i = 0; i < ours.length; i++) {
      distance += (ours[i] - theirs[i]) * (ours[i] - theirs[i]);
      norm += ours[i] * ours[i];
    }
    double relative = Math.sqrt(distance / norm);
    if (!(relative <= allowed)) {
      throw new IllegalStateException(
          peer
              + ": its result is off by "
              + relative
              + " of its norm, so it does not compute what it should");
    }
  }

  /**
   * Checks a product after Freivalds: {@code C r = A (B r)} for a random vector r, in double, which
   * costs next to nothing beside the product and sees every element.
   *
   * @throws IllegalStateException if C is no product of A and B
   */
  static void requireProduct(GemmProblem p) {
    double[] a = p.aMemory.toArray();
    double[] b = p.bMemory.toArray();
    double[] c = p.result();
    double[] r = Measured.gaussian(p.n, STREAM);
    double[] expected = new double[p.batch * p.m];
    double[] actual = new double[p.batch * p.m];
    double[] br = new double[p.k];
    double[] abr = new double[p.m];
    double[] cr = new double[p.m];
    for (int i = 0; i < p.batch; i++) {
      multiply(b, i * p.k * p.n, p.k, p.n, p.transposeB, r, br);
      multiply(a, i * p.m * p.k, p.m, p.k, p.transposeA, br, abr);
      multiply(c, i * p.m * p.n, p.m, p.n, false, r, cr);
      System.arraycopy(abr, 0, expected, i * p.m, p.m);
      System.arraycopy(cr, 0, actual, i * p.m, p.m);
    }
    double allowed = p.precision == Precision.F32 ? rounding(p.dtype) : 2 * p.precision.bound(p.k);
    require(p.shape, allowed, expected, actual);
  }

  /** {@code y = X v} with {@code X [rows x cols]}, which is stored by columns if transposed. */
  private static void multiply(
      double[] x, int at, int rows, int cols, boolean transposed, double[] v, double[] y) {
    int rowStep = transposed ? 1 : cols;
    int colStep = transposed ? rows : 1;
    for (int i = 0; i < rows; i++) {
      double sum = 0;
      for (int j = 0; j < cols; j++) {
        sum += x[at + i * rowStep + j * colStep] * v[j];
      }
      y[i] = sum;
    }
  }
}
