package dev.evolute.spectral;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.Matrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The spectral norms of many symmetric operators, by Lanczos' method on all of them in step: one
 * product of the {@link BatchOperator} advances every Krylov space by one vector.
 *
 * <pre>
 *   H_i v_k = b_{k-1} v_{k-1} + a_k v_k + b_k v_{k+1},   T_i = tridiag(b, a, b)
 *   T_i s = t s:  H_i has an eigenvalue within |b_k s_k| of t
 * </pre>
 *
 * <p>Only three vectors an operator are kept and nothing is orthogonalised again. Rounding then
 * repeats Ritz values that have converged, and neither moves the extreme ones nor spoils their
 * residuals (Paige, "Accuracy and effectiveness of the Lanczos algorithm for the symmetric
 * eigenproblem", 1980). Eigenvectors are not to be had this way: {@link Lanczos} has them.
 *
 * @param values for each operator the Ritz value largest in magnitude, with its sign; up to
 *     rounding its magnitude never exceeds the norm
 * @param residuals for each operator the distance within which it has an eigenvalue
 * @param products products of the batch used
 * @param converged whether all residuals are as small as was asked for
 */
public record SpectralNorms(double[] values, double[] residuals, int products, boolean converged) {
  /** First number of products after which the projections are looked at; then half as many more. */
  private static final int FIRST_LOOK = 16;

  /**
   * The norms of all operators of a batch.
   *
   * @param tolerance residual allowed, relative to each norm
   * @param maxProducts products to spend at most, at least 1
   * @param seed of the start vectors
   * @throws ArithmeticException if a product holds a NaN or an infinity
   */
  public static SpectralNorms of(
      BatchOperator operator, double tolerance, int maxProducts, long seed) {
    if (!(tolerance > 0) || maxProducts < 1) {
      throw new IllegalArgumentException(
          "spectral norms: tolerance "
              + tolerance
              + " and "
              + maxProducts
              + " products given; the first must be positive and the second at least 1");
    }
    try (Run run = new Run(operator)) {
      return run.solve(tolerance, maxProducts, seed);
    }
  }

  private static final class Run implements AutoCloseable {
    private final BatchOperator operator;
    private final Device device;
    private final Kernels kernels;
    private final int n;
    private final int rows;
    private final List<Buffer> owned = new ArrayList<>();
    private final Buffer rowColumn;
    private final Buffer column;
    private final Matrix scratch;

    Run(BatchOperator operator) {
      this.operator = operator;
      device = operator.device();
      kernels = device.kernels(operator.dtype());
      n = operator.count();
      rows = n * operator.parts();
      rowColumn = allocate(rows);
      column = allocate(n);
      scratch = batch();
    }

    private Buffer allocate(long length) {
      Buffer buffer = device.allocate(operator.dtype(), length);
      owned.add(buffer);
      return buffer;
    }

    private Matrix batch() {
      return Matrix.of(allocate((long) rows * operator.width()), rows, operator.width());
    }

    /** {@code <x_i, y_i>} for all i. */
    private double[] dots(Matrix x, Matrix y) {
      kernels.mul(x.buffer(), y.buffer(), 0, scratch.buffer());
      kernels.rowSums(scratch, 0, rowColumn);
      kernels.columnSums(Matrix.of(rowColumn, operator.parts(), n), 0, column);
      return column.toArray();
    }

    /** {@code y_i = factors_i x_i + beta y_i} for all i. */
    private void scale(double[] factors, Matrix x, double beta, Matrix y) {
      for (int part = 0; part < operator.parts(); part++) {
        rowColumn.write((long) part * n, factors, 0, n);
      }
      kernels.scaleRows(1, x, rowColumn, beta, y);
    }

    private static double[] negative(double[] x) {
      return Arrays.stream(x).map(a -> -a).toArray();
    }

    /** {@code 1 / norm}, and 0 where a Krylov space has come to its end. */
    private static double[] reciprocal(double[] norms) {
      return Arrays.stream(norms).map(norm -> norm > 0 ? 1 / norm : 0).toArray();
    }

    SpectralNorms solve(double tolerance, int maxProducts, long seed) {
      Matrix previous = batch();
      Matrix v = batch();
      Matrix w = batch();
      kernels.fill(0, previous.buffer());
      CounterRandom.fillGaussian(seed, 0, 1, w.buffer());
      double[] norms = sqrt(dots(w, w));
      scale(reciprocal(norms), w, 0, v);
      double[] b = new double[n];
      List<double[]> diagonal = new ArrayList<>();
      List<double[]> beside = new ArrayList<>();
      int look = Math.min(FIRST_LOOK, maxProducts);
      while (true) {
        operator.apply(v, w);
        double[] a = dots(v, w);
        scale(negative(a), v, 1, w);
        scale(negative(b), previous, 1, w);
        b = sqrt(dots(w, w));
        for (int i = 0; i < n; i++) {
          if (!Double.isFinite(a[i]) || !Double.isFinite(b[i])) {
            throw new ArithmeticException(
                "spectral norms: product "
                    + (diagonal.size() + 1)
                    + " of operator "
                    + i
                    + " is not finite");
          }
        }
        diagonal.add(a);
        beside.add(b);
        int k = diagonal.size();
        if (k == look) {
          SpectralNorms found = ritz(diagonal, beside, tolerance);
          if (found.converged || k == maxProducts) {
            return found;
          }
          look = Math.min(maxProducts, k + k / 2);
        }
        Matrix free = previous;
        previous = v;
        v = free;
        scale(reciprocal(b), w, 0, v);
      }
    }

    private static double[] sqrt(double[] x) {
      return Arrays.stream(x).map(Math::sqrt).toArray();
    }

    private SpectralNorms ritz(List<double[]> diagonal, List<double[]> beside, double tolerance) {
      int k = diagonal.size();
      double[] values = new double[n];
      double[] residuals = new double[n];
      boolean converged = true;
      double[] t = new double[k * k];
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < k; j++) {
          t[j * k + j] = diagonal.get(j)[i];
          if (j + 1 < k) {
            t[j * k + j + 1] = beside.get(j)[i];
            t[(j + 1) * k + j] = beside.get(j)[i];
          }
        }
        SymmetricEigen eigen = SymmetricEigen.of(t, k, k);
        int best = Math.abs(eigen.values()[0]) > Math.abs(eigen.values()[k - 1]) ? 0 : k - 1;
        values[i] = eigen.values()[best];
        residuals[i] = Math.abs(beside.get(k - 1)[i] * eigen.vectors()[best][k - 1]);
        converged &= residuals[i] <= tolerance * Math.abs(values[i]);
      }
      return new SpectralNorms(values, residuals, k, converged);
    }

    @Override
    public void close() {
      owned.forEach(Buffer::close);
    }
  }
}
