package dev.evolute.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;

/** Kernels that add a row to every row, scale every row, and add every row to one. */
interface RowFacts {
  private static int[][] shapes() {
    return new int[][] {
      {0, 0},
      {0, 5},
      {5, 0},
      {1, 1},
      {1, 17},
      {17, 1},
      {2, 8},
      {3, 16},
      {5, 31},
      {8, 33},
      {13, 7},
      {64, 10},
      {70, 70},
      {1000, 50},
      {3, 10_007},
      {10_007, 3},
      {1000, 784}
    };
  }

  @EveryWorkspace
  default void addRowAddsToEveryRow(Workspace w) {
    for (int[] shape : w.shapes(shapes())) {
      int n = shape[0];
      int d = shape[1];
      w.start(n + d);
      double[] x = w.gaussians(n * d);
      double[] row = w.gaussians(d);
      double[] nan = new double[n * d];
      Arrays.fill(nan, Double.NaN);
      Matrix y = w.dense(n, d, nan);
      w.kernels.addRow(w.dense(n, d, x), w.vector(row), y);
      String what = w + " addRow " + y;
      double[] actual = Workspace.values(y);
      for (int i = 0; i < n * d; i++) {
        double expected = w.round(x[i] + row[i % d]);
        Naive.assertClose(what, i, expected, actual[i], 0);
      }
      w.nothingChangedBut(what, y);
    }
  }

  @EveryWorkspace
  default void scaleRowsScalesEachRowByItsOwnFactor(Workspace w) {
    for (int[] shape : w.shapes(shapes())) {
      for (double beta : VectorFacts.FACTORS) {
        int n = shape[0];
        int d = shape[1];
        w.start(n + d);
        double[] x = w.gaussians(n * d);
        double[] column = w.gaussians(n);
        double[] old = w.gaussians(n * d);
        if (beta == 0) {
          Arrays.fill(old, Double.NaN);
        }
        Matrix y = w.dense(n, d, old);
        w.kernels.scaleRows(0.3, w.dense(n, d, x), w.vector(column), beta, y);
        String what = w + " scaleRows " + y + " beta " + beta;
        double[] expected = new double[n * d];
        double[] bound = new double[n * d];
        for (int i = 0; i < n * d; i++) {
          double product = 0.3 * column[i / d] * x[i];
          double rest = beta == 0 ? 0 : w.round(beta) * old[i];
          expected[i] = product + rest;
          bound[i] = 4 * w.eps * (Math.abs(product) + Math.abs(rest));
        }
        Naive.assertClose(what, expected, Workspace.values(y), bound);
        w.nothingChangedBut(what, y);
      }
    }
  }

  @EveryWorkspace
  default void scaleRowsWorksInPlace(Workspace w) {
    w.start(3);
    double[] x = w.gaussians(40);
    Matrix y = w.dense(8, 5, x);
    w.kernels.scaleRows(2, y, w.vector(1, 2, 0, -1, 4, 8, 16, 0.5), 0, y);
    double[] factors = {2, 4, 0, -2, 8, 16, 32, 1};
    for (int i = 0; i < 40; i++) {
      assertEquals(factors[i / 5] * x[i], Workspace.values(y)[i]);
    }
  }

  /** The sum is formed in fp64 and rounded to the element type once. */
  @EveryWorkspace
  default void columnSumsAddsEveryRow(Workspace w) {
    for (int[] shape : w.shapes(shapes())) {
      for (double beta : VectorFacts.FACTORS) {
        checkSums(w, shape[0], shape[1], beta, false);
      }
    }
  }

  @EveryWorkspace
  default void rowSumsAddsEveryColumn(Workspace w) {
    for (int[] shape : w.shapes(shapes())) {
      for (double beta : VectorFacts.FACTORS) {
        checkSums(w, shape[0], shape[1], beta, true);
      }
    }
  }

  private static void checkSums(Workspace w, int n, int d, double beta, boolean ofRows) {
    w.start(n + d);
    int length = ofRows ? n : d;
    double[] x = w.gaussians(n * d);
    double[] old = w.gaussians(length);
    if (beta == 0) {
      Arrays.fill(old, Double.NaN);
    }
    Matrix matrix = w.dense(n, d, x);
    Buffer out = w.vector(old);
    if (ofRows) {
      w.kernels.rowSums(matrix, beta, out);
    } else {
      w.kernels.columnSums(matrix, beta, out);
    }
    double[] expected = new double[length];
    double[] size = new double[length];
    for (int i = 0; i < length; i++) {
      expected[i] = beta == 0 ? 0 : beta * old[i];
      size[i] = Math.abs(expected[i]);
    }
    for (int i = 0; i < n * d; i++) {
      int at = ofRows ? i / d : i % d;
      expected[at] += x[i];
      size[at] += Math.abs(x[i]);
    }
    double[] bound = new double[length];
    for (int i = 0; i < length; i++) {
      bound[i] = w.eps * Math.abs(expected[i]) + (n + d + 4) * 2 * Workspace.EPS64 * size[i];
    }
    String what = w + (ofRows ? " rowSums " : " columnSums ") + matrix + ", beta " + beta;
    Naive.assertClose(what, expected, out.toArray(), bound);
    w.nothingChangedBut(what, out);
  }

  /** A NaN and an infinity show in their own column and row alone, whatever their place. */
  @EveryWorkspace
  default void sumsKeepNanInItsRowAndColumn(Workspace w) {
    for (int[] shape :
        w.shapes(new int[][] {{1, 1}, {5, 3}, {9, 70}, {701, 10}, {3, 5000}, {2500, 2}})) {
      int n = shape[0];
      int d = shape[1];
      for (int at : new int[] {0, n * d / 2, n * d - 1}) {
        w.start(at);
        double[] x = w.gaussians(n * d);
        x[at] = Double.NaN;
        Matrix matrix = w.dense(n, d, x);
        Buffer row = w.vector(new double[d]);
        Buffer column = w.vector(new double[n]);
        w.kernels.columnSums(matrix, 0, row);
        double[] sums = row.toArray();
        for (int j = 0; j < d; j++) {
          assertEquals(j == at % d, Double.isNaN(sums[j]), w + " columnSums, column " + j);
        }
        w.kernels.rowSums(matrix, 0, column);
        sums = column.toArray();
        for (int i = 0; i < n; i++) {
          assertEquals(i == at / d, Double.isNaN(sums[i]), w + " rowSums, row " + i);
        }
      }
    }
  }

  @EveryWorkspace
  default void rowMaxArgmaxAndLogSumExpLookAtEachRow(Workspace w) {
    for (int[] shape : w.shapes(shapes())) {
      int n = shape[0];
      int d = shape[1];
      w.start(n + d);
      double[] x = w.gaussians(n * d);
      for (int i = 0; i < n * d; i++) {
        // Equal ones in many rows, and a NaN in a few.
        x[i] = w.coin() ? w.round(30 * x[i]) : Math.rint(x[i]);
        x[i] = i % 997 == 500 ? Double.NaN : x[i];
      }
      double[] max = new double[n];
      double[] logs = new double[n];
      int[] argmax = new int[n];
      for (int i = 0; i < n; i++) {
        max[i] = Double.NEGATIVE_INFINITY;
        for (int j = 0; j < d; j++) {
          if (!Double.isNaN(max[i]) && !(x[i * d + j] <= max[i])) {
            argmax[i] = j;
          }
          max[i] = Math.max(max[i], x[i * d + j]);
        }
        logs[i] = d == 0 ? Double.NEGATIVE_INFINITY : Naive.logSumExp(d, x, i);
      }
      Matrix matrix = w.dense(n, d, x);
      double[] nan = new double[n];
      Arrays.fill(nan, Double.NaN);
      Buffer column = w.vector(nan);
      String what = w + " of " + matrix;
      w.kernels.rowMax(matrix, column);
      assertArrayEquals(max, column.toArray(), what + ", rowMax");
      w.kernels.rowLogSumExp(matrix, column);
      double[] actual = column.toArray();
      for (int i = 0; i < n; i++) {
        double error = (d + 4) * Workspace.EPS64 + 6 * w.eps + 2 * w.eps * Math.abs(logs[i]);
        Naive.assertClose(what + ", rowLogSumExp", i, logs[i], actual[i], error);
      }
      if (d > 0) {
        int[] at = new int[n + 1];
        at[n] = -7;
        w.kernels.rowArgmax(matrix, at);
        assertArrayEquals(argmax, Arrays.copyOf(at, n), what + ", rowArgmax");
        assertEquals(-7, at[n]);
      }
      w.nothingChangedBut(what, column);
    }
  }
}
