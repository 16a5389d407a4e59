package dev.evolute.kernels;

import java.util.Arrays;

/** Kernels that add a row to every row, and every row to one. */
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
    for (int[] shape : shapes()) {
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
  default void columnSumsAddsEveryRow(Workspace w) {
    for (int[] shape : shapes()) {
      for (double beta : VectorFacts.FACTORS) {
        int n = shape[0];
        int d = shape[1];
        w.start(n + d);
        double[] x = w.gaussians(n * d);
        double[] row = w.gaussians(d);
        if (beta == 0) {
          Arrays.fill(row, Double.NaN);
        }
        Matrix matrix = w.dense(n, d, x);
        Buffer out = w.vector(row);
        w.kernels.columnSums(matrix, beta, out);
        String what = w + " columnSums " + matrix + ", beta " + beta;
        double[] actual = out.toArray();
        double[] expected = new double[d];
        double[] bound = new double[d];
        for (int j = 0; j < d; j++) {
          expected[j] = beta == 0 ? 0 : beta * row[j];
          bound[j] = (n + 4) * w.eps * Math.abs(expected[j]);
        }
        for (int i = 0; i < n * d; i++) {
          expected[i % d] += x[i];
          bound[i % d] += (n + 4) * w.eps * Math.abs(x[i]);
        }
        Naive.assertClose(what, expected, actual, bound);
        w.nothingChangedBut(what, out);
      }
    }
  }
}
