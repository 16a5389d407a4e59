package dev.evolute.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;

/** Products of f32 matrices are as exact as {@link Device#precision} asks, those of f64 exact. */
interface PrecisionFacts {
  @EveryWorkspace
  default void productsAreAsExactAsIsAskedFor(Workspace w) {
    for (Precision precision : Precision.values()) {
      if (isRefused(w, precision)) {
        continue;
      }
      try {
        for (int seed = 0; seed < 8; seed++) {
          w.start(seed);
          check(w, precision, w.upTo(150), w.upTo(150), w.upTo(150), 1 + w.upTo(1));
        }
      } finally {
        w.device.precision(Precision.F32);
      }
    }
  }

  /** Whether the device lacks the unit for it, of which it then says so, and stays as it was. */
  private static boolean isRefused(Workspace w, Precision precision) {
    try {
      w.device.precision(precision);
      return false;
    } catch (IllegalArgumentException e) {
      assertNotEquals(Precision.F32, precision);
      assertTrue(e.getMessage().contains(precision + " needs"), e.getMessage());
      assertEquals(Precision.F32, w.device.precision());
      return true;
    }
  }

  private static double[] transposed(int rows, int cols, double[] x) {
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i % cols * rows + i / cols] = x[i];
    }
    return y;
  }

  private static void check(Workspace w, Precision precision, int m, int n, int k, int count) {
    double alpha = w.factor();
    double beta = w.factor();
    boolean transposeA = w.coin();
    boolean transposeB = w.coin();
    double[] a = w.gaussians(m * k);
    double[] b = w.gaussians(count * k * n);
    double[] c = w.gaussians(count * m * n);
    Matrix left = w.matrix(m, k, w.upTo(3), transposeA, a);
    Buffer right = w.vector(b);
    Buffer result = w.vector(c);
    Matrix first = transposeB ? Matrix.of(right, n, k).t() : Matrix.of(right, k, n);
    long step = (long) k * n;
    Matrix firstResult = Matrix.of(result, m, n);
    w.kernels.gemmBatch(count, alpha, left, 0, first, step, beta, firstResult, (long) m * n);
    double[] actual = result.toArray();
    for (int i = 0; i < count; i++) {
      double[] from = Arrays.copyOfRange(b, i * k * n, (i + 1) * k * n);
      double[] with = transposeB ? transposed(n, k, from) : from;
      double[] old = Arrays.copyOfRange(c, i * m * n, (i + 1) * m * n);
      double[] expected = Naive.product(m, n, k, alpha, a, with, beta, old);
      double[] size =
          Naive.product(m, n, k, Math.abs(alpha), Naive.absolute(a), Naive.absolute(with), 0, old);
      double bound = w.dtype == DType.F32 ? precision.bound(k) : (k + 6) * w.eps;
      double[] allowed = Naive.scaled(bound, size);
      for (int e = 0; e < allowed.length; e++) {
        allowed[e] += 3 * w.eps * Math.abs(beta * old[e]);
      }
      Naive.assertClose(
          w + " " + precision + ", product " + i + " of " + m + ", " + n + ", " + k,
          expected,
          Arrays.copyOfRange(actual, i * m * n, (i + 1) * m * n),
          allowed);
    }
  }
}
