package dev.evolute.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;

/** Gram-Schmidt in two halves, and what solvers do between them. Sums are formed in fp64. */
interface KrylovFacts {
  /** Rows: none, one, groups of four and of eight with every remainder. */
  int[] ROWS = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 17};

  int[] COLUMNS = {0, 1, 7, 8, 15, 16, 33, 70, 1001, 9001};

  static void calls(KernelCalls list) {
    for (int n : list.lengths) {
      list.add(
          "dots " + n,
          w -> {
            Matrix v = w.matrix(9, n, 3, false, w.gaussians(9 * n));
            Buffer x = w.vector(w.gaussians(n));
            double[] c = new double[9];
            return new KernelCalls.Prepared(() -> w.kernels.dots(v, x, c), c);
          });
      list.add(
          "combine " + n,
          w -> {
            Matrix v = w.matrix(9, n, 3, false, w.gaussians(9 * n));
            Buffer y = w.vector(w.gaussians(n));
            double[] c = w.gaussians(9);
            return new KernelCalls.Prepared(() -> w.kernels.combine(c, v, y), y);
          });
      list.add(
          "axpbyDot " + n,
          w -> {
            Buffer x = w.vector(w.gaussians(n));
            Buffer y = w.vector(w.gaussians(n));
            double[] dot = new double[1];
            return new KernelCalls.Prepared(
                () -> dot[0] = w.kernels.axpbyDot(0.3, x, 0.7, y, x), y, dot);
          });
      list.add(
          "normalise " + n,
          w -> {
            Buffer x = w.vector(w.gaussians(n));
            double[] norm = new double[1];
            return new KernelCalls.Prepared(() -> norm[0] = w.kernels.normalise(x), x, norm);
          });
    }
  }

  @EveryWorkspace
  default void dotsProjectOnEveryRow(Workspace w) {
    for (int k : ROWS) {
      for (int n : w.lengths(COLUMNS)) {
        checkDots(w, k, n);
      }
    }
    // More than one block, and shared by threads by blocks as by rows.
    checkDots(w, 3, 70_001);
    checkDots(w, 200, 1001);
  }

  private static void checkDots(Workspace w, int k, int n) {
    w.start(31 * k + n);
    double[] v = w.gaussians(k * n);
    double[] x = w.gaussians(n);
    Matrix matrix = w.matrix(k, n, w.upTo(5), false, v);
    Buffer vector = w.vector(x);
    double[] c = new double[k + 2];
    Arrays.fill(c, -77);
    w.kernels.dots(matrix, vector, c);
    String what = w + " dots " + matrix;
    for (int j = 0; j < k; j++) {
      double[] row = Arrays.copyOfRange(v, j * n, (j + 1) * n);
      double bound = ReductionFacts.bound(row, x);
      Naive.assertClose(what, j, Naive.dot(row, x), c[j], bound);
    }
    assertArrayEquals(new double[] {-77, -77}, Arrays.copyOfRange(c, k, k + 2), what);
    w.nothingChangedBut(what);
  }

  /** The sum is formed in fp64 and rounded to the element type once. */
  @EveryWorkspace
  default void combineAddsEveryRow(Workspace w) {
    for (int k : ROWS) {
      for (int n : w.lengths(COLUMNS)) {
        w.start(31 * k + n);
        double[] v = w.gaussians(k * n);
        double[] y = w.gaussians(n);
        double[] c = new double[k + 1];
        for (int j = 0; j <= k; j++) {
          c[j] = j == k ? Double.NaN : Math.sin(j + 1);
        }
        Matrix matrix = w.matrix(k, n, w.upTo(5), false, v);
        Buffer vector = w.vector(y);
        w.kernels.combine(c, matrix, vector);
        String what = w + " combine " + matrix;
        double[] actual = vector.toArray();
        for (int i = 0; i < n; i++) {
          double expected = y[i];
          double size = Math.abs(y[i]);
          for (int j = 0; j < k; j++) {
            expected += c[j] * v[j * n + i];
            size += Math.abs(c[j] * v[j * n + i]);
          }
          double error = w.eps * Math.abs(expected) + (k + 4) * 2 * Workspace.EPS64 * size;
          Naive.assertClose(what, i, expected, actual[i], error);
        }
        w.nothingChangedBut(what, vector);
      }
    }
  }

  /** A NaN or an infinity shows in its own row's product and in its own column's sum alone. */
  @EveryWorkspace
  default void nanAndInfinityStayInTheirRowAndColumn(Workspace w) {
    for (int n : new int[] {5, 33, 100}) {
      int k = 11;
      w.start(n);
      double[] v = w.gaussians(k * n);
      v[2 * n + n - 1] = Double.NaN;
      v[10 * n] = Double.POSITIVE_INFINITY;
      Matrix matrix = w.matrix(k, n, 1, false, v);
      double[] ones = new double[n];
      Arrays.fill(ones, 1);
      Buffer x = w.vector(ones);
      double[] c = new double[k];
      w.kernels.dots(matrix, x, c);
      for (int j = 0; j < k; j++) {
        assertEquals(j != 2 && j != 10, Double.isFinite(c[j]), w + " dots, row " + j);
      }
      assertEquals(Double.NaN, c[2]);
      assertEquals(Double.POSITIVE_INFINITY, c[10]);
      Arrays.fill(c, 1);
      w.kernels.combine(c, matrix, x);
      double[] y = x.toArray();
      for (int i = 0; i < n; i++) {
        assertEquals(i != 0 && i != n - 1, Double.isFinite(y[i]), w + " combine, column " + i);
      }
    }
  }

  @EveryWorkspace
  default void axpbyDotIsAxpbyAndThenDotToTheBit(Workspace w) {
    for (int n : w.lengths(new int[] {0, 1, 7, 16, 63, 64, 70, 1001, 70_001})) {
      for (double beta : VectorFacts.FACTORS) {
        for (int alias = 0; alias < 4; alias++) {
          w.start(n + alias);
          double[] y = w.gaussians(n);
          if (beta == 0 && alias < 2) {
            Arrays.fill(y, Double.NaN);
          }
          Buffer x = w.vector(w.gaussians(n));
          Buffer z = w.vector(w.gaussians(n));
          Buffer expected = w.vector(y);
          Buffer actual = w.vector(y);
          w.kernels.axpby(0.3, alias < 2 ? x : expected, beta, expected);
          double dot = w.kernels.dot(expected, alias % 2 == 0 ? z : expected);
          String what = w + " axpbyDot " + n + ", beta " + beta + ", alias " + alias;
          double fused =
              w.kernels.axpbyDot(
                  0.3, alias < 2 ? x : actual, beta, actual, alias % 2 == 0 ? z : actual);
          assertEquals(dot, fused, what);
          assertArrayEquals(expected.toArray(), actual.toArray(), what);
          w.nothingChangedBut(what, expected, actual);
        }
      }
    }
  }

  @EveryWorkspace
  default void whatStaysOnTheDeviceIsWhatComesToTheHostToTheBit(Workspace w) {
    for (int n : w.lengths(new int[] {0, 1, 16, 70, 9001})) {
      for (int k : new int[] {1, 3, 9}) {
        w.start(31 * k + n);
        Matrix v = w.matrix(k, n, 3, false, w.gaussians(k * n));
        Buffer x = w.vector(w.gaussians(n));
        Buffer y = w.vector(x.toArray());
        Buffer expected = w.vector(x.toArray());
        String what = w + " on the device, " + v;
        double[] c = new double[k];
        w.kernels.dots(v, x, c);
        try (Buffer kept = w.kernels.device().allocate(DType.F64, k);
            Buffer norm = w.kernels.device().allocate(DType.F64, 1)) {
          w.kernels.dots(v, x, kept);
          assertArrayEquals(c, kept.toArray(), what);
          for (int j = 0; j < k; j++) {
            c[j] = -c[j];
          }
          w.kernels.combine(c, v, expected);
          w.kernels.combine(-1, kept, v, y);
          assertArrayEquals(expected.toArray(), y.toArray(), what);
          w.kernels.nrm2(y, norm);
          double length = w.kernels.nrm2(expected);
          assertEquals(length == 0 ? Double.NaN : length, norm.get(0), what);
          w.kernels.axpby(1 / length, expected, 0, expected);
          w.kernels.divide(y, norm, y);
          if (length > 0) {
            assertArrayEquals(expected.toArray(), y.toArray(), what);
          }
          w.nothingChangedBut(what, expected, y);
        }
      }
    }
  }

  @EveryWorkspace
  default void aNormThatNeedsScalingIsNoNumberOnTheDevice(Workspace w) {
    double[] hard = w.dtype == DType.F32 ? new double[] {0} : new double[] {0, 1e-200, 1e200};
    try (Buffer norm = w.kernels.device().allocate(DType.F64, 1)) {
      for (double size : hard) {
        w.start(3);
        w.kernels.nrm2(w.vector(size, -size, 0), norm);
        assertEquals(Double.NaN, norm.get(0), w + " nrm2 of " + size);
      }
    }
  }

  @EveryWorkspace
  default void normaliseDividesByTheNorm(Workspace w) {
    // Sizes at both ends of the type: subnormal norms, squares out of range.
    double[] sizes =
        w.dtype == DType.F32
            ? new double[] {1, 3e38, 1e-38, 1e-42}
            : new double[] {1, 1e307, 1e-200, 1e-310, 1e-318};
    for (int n : w.lengths(new int[] {1, 2, 15, 64, 70, 1001, 200_003})) {
      for (double size : sizes) {
        w.start(n);
        double[] x = w.gaussians(n);
        double square = 0;
        for (int i = 0; i < n; i++) {
          // Of magnitude 1/2 to 1, so that the least of them keeps its bits.
          x[i] = w.round(size * Math.copySign(0.5 + Math.abs(Math.sin(x[i])) / 2, x[i]));
          square += (x[i] / size) * (x[i] / size);
        }
        if (Math.sqrt(square) > Double.MAX_VALUE / size) {
          continue;
        }
        double norm = size * Math.sqrt(square);
        Buffer buffer = w.vector(x);
        String what = w + " normalise " + n + ", size " + size;
        double error = (n + 8) * 2 * Workspace.EPS64 * norm + Double.MIN_VALUE;
        Naive.assertClose(what, 0, norm, w.kernels.normalise(buffer), error);
        double[] unit = buffer.toArray();
        for (int i = 0; i < n; i++) {
          // A subnormal norm has few bits of its own, but the vector is divided by all of them.
          double expected = (x[i] / size) / Math.sqrt(square);
          double bound = (2 * w.eps + (n + 8) * 2 * Workspace.EPS64) * Math.abs(expected);
          Naive.assertClose(what, i, expected, unit[i], bound);
        }
        w.nothingChangedBut(what, buffer);
      }
    }
  }

  @EveryWorkspace
  default void normaliseLeavesWhatIsNoDirection(Workspace w) {
    double[][] vectors = {
      {}, {0, -0.0, 0}, {1, Double.NaN, 2}, {1, Double.NEGATIVE_INFINITY, 2},
    };
    double[] norms = {0, 0, Double.NaN, Double.POSITIVE_INFINITY};
    for (int i = 0; i < vectors.length; i++) {
      w.start(i);
      assertEquals(norms[i], w.kernels.normalise(w.vector(vectors[i])));
      w.nothingChangedBut(w + " normalise " + Arrays.toString(vectors[i]));
    }
  }
}
