package dev.evolute.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;

/**
 * Sums over whole vectors. They are formed in fp64 whatever the element type, so that of n terms
 * may differ from the exact one by {@code (n + 4) 2^-53} times the sum of their sizes, in f32 too.
 */
interface ReductionFacts {
  private static double bound(double[] x, double[] y) {
    double size = 0;
    for (int i = 0; i < x.length; i++) {
      size += Math.abs(x[i] * y[i]);
    }
    return (x.length + 4) * Workspace.EPS64 * size;
  }

  @EveryWorkspace
  default void dotSumsProductsInDouble(Workspace w) {
    for (int n : VectorFacts.lengths()) {
      w.start(n);
      double[] x = w.gaussians(n);
      double[] y = w.gaussians(n);
      Buffer bufferX = w.vector(x);
      Buffer bufferY = w.vector(y);
      String what = w + " dot " + n;
      double expected = Naive.dot(x, y);
      double dot = w.kernels.dot(bufferX, bufferY);
      Naive.assertClose(what, 0, expected, dot, bound(x, y));
      try (Buffer out = w.device.allocate(DType.F64, 1)) {
        out.set(Double.NaN);
        w.kernels.dot(-0.3, bufferX, bufferY, out);
        Naive.assertClose(what + " scaled", 0, -0.3 * expected, out.get(0), bound(x, y));
      }
      double norm = Math.sqrt(Naive.dot(x, x));
      double error = (n + 4) * Workspace.EPS64 * norm;
      Naive.assertClose(w + " nrm2 " + n, 0, norm, w.kernels.nrm2(bufferX), error);
      w.nothingChangedBut(what);
    }
  }

  /** Products of 2^24 cancel and leave small ones, which fp32 sums and fp32 products lose. */
  @EveryWorkspace
  default void dotKeepsSmallTermsBesideCancellingLargeOnes(Workspace w) {
    int n = 100_003;
    double[] x = new double[n];
    double[] y = new double[n];
    for (int i = 0; i < n; i++) {
      x[i] = i % 3 == 0 ? 4097.125 : i % 3 == 1 ? -4097.125 : 0.0625;
      y[i] = i % 3 == 2 ? 0.0625 : 4097.125;
    }
    w.start(1);
    double dot = w.kernels.dot(w.vector(x), w.vector(y));
    // Every product is a multiple of 2^-8 below 2^25 and no sum reaches 2^42: fp64 sums are exact.
    assertEquals(Naive.dot(x, y), dot, w + " dot");
  }

  /** The squares overflow and underflow fp32: only a sum in fp64 gives these norms. */
  @EveryWorkspace
  default void nrm2OfSinglesBeyondTheSquareRootOfTheirRange(Workspace w) {
    for (double size : new double[] {1e30, 1e-30, 1e-38}) {
      for (int n : new int[] {1, 9, 1001, 100_003}) {
        w.start(n);
        double[] x = new double[n];
        for (int i = 0; i < n; i++) {
          x[i] = w.round(i % 2 == 0 ? size : -size);
        }
        double expected = Math.abs(x[0]) * Math.sqrt(n);
        double error = (n + 4) * Workspace.EPS64 * expected;
        Naive.assertClose(w + " nrm2 " + n, 0, expected, w.kernels.nrm2(w.vector(x)), error);
      }
    }
  }

  /** A norm that a double can hold is returned, though its square is out of range. */
  @EveryWorkspace
  default void nrm2OfDoublesBeyondTheSquareRootOfTheirRange(Workspace w) {
    if (w.dtype == DType.F32) {
      return;
    }
    for (double size : new double[] {1e200, 1e-200}) {
      for (int n : new int[] {1, 9, 1001, 100_003}) {
        w.start(n);
        double[] x = new double[n];
        Arrays.fill(x, size);
        double expected = size * Math.sqrt(n);
        double error = (n + 4) * Workspace.EPS64 * expected;
        Naive.assertClose(w + " nrm2 " + n, 0, expected, w.kernels.nrm2(w.vector(x)), error);
      }
    }
  }

  @EveryWorkspace
  default void reductionsCarryNanAndInfinity(Workspace w) {
    for (int n : new int[] {1, 5, 8, 16, 31, 64, 70, 100_003}) {
      for (int at : new int[] {0, n / 2, n - 1}) {
        w.start(n);
        double[] x = w.gaussians(n);
        double[] ones = new double[n];
        Arrays.fill(ones, 1);
        x[at] = Double.NaN;
        Buffer nan = w.vector(x);
        x[at] = Double.NEGATIVE_INFINITY;
        Buffer infinite = w.vector(x);
        Buffer one = w.vector(ones);
        assertEquals(Double.NaN, w.kernels.dot(nan, one));
        assertEquals(Double.NaN, w.kernels.nrm2(nan));
        assertEquals(Double.NEGATIVE_INFINITY, w.kernels.dot(infinite, one));
        assertEquals(Double.POSITIVE_INFINITY, w.kernels.nrm2(infinite));
      }
    }
  }

  @EveryWorkspace
  default void dotsProjectOnEveryRow(Workspace w) {
    for (int k : new int[] {0, 1, 2, 3, 4, 5, 7, 8, 17}) {
      for (int n : new int[] {0, 1, 7, 8, 15, 16, 33, 70, 1001, 20_011}) {
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
          Naive.assertClose(what, j, Naive.dot(row, x), c[j], bound(row, x));
        }
        assertArrayEquals(new double[] {-77, -77}, Arrays.copyOfRange(c, k, k + 2), what);
        w.nothingChangedBut(what);
      }
    }
  }

  /** The sum is formed in fp64 and rounded to the element type once. */
  @EveryWorkspace
  default void combineAddsEveryRow(Workspace w) {
    for (int k : new int[] {0, 1, 2, 3, 4, 5, 7, 8, 17}) {
      for (int n : new int[] {0, 1, 7, 8, 15, 16, 33, 70, 1001, 20_011}) {
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
}
