package dev.evolute.kernels;

import static org.junit.jupiter.api.Assertions.fail;

/** The primitives in plain double loops and textbook formulas; matrices are dense, row by row. */
final class Naive {
  private Naive() {}

  /** {@code alpha A B + beta C}; with {@code beta = 0}, C is not read. */
  static double[] product(
      int m, int n, int k, double alpha, double[] a, double[] b, double beta, double[] c) {
    double[] result = new double[m * n];
    for (int i = 0; i < m; i++) {
      for (int l = 0; l < k; l++) {
        double left = a[i * k + l];
        for (int j = 0; j < n; j++) {
          result[i * n + j] += left * b[l * n + j];
        }
      }
    }
    for (int i = 0; i < m * n; i++) {
      result[i] = alpha * result[i] + (beta == 0 ? 0 : beta * c[i]);
    }
    return result;
  }

  static double[] absolute(double[] x) {
    double[] result = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      result[i] = Math.abs(x[i]);
    }
    return result;
  }

  static double[] scaled(double alpha, double[] x) {
    double[] result = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      result[i] = alpha * x[i];
    }
    return result;
  }

  /** {@code <x, y>} with compensated products and sums: good to the last bits of a double. */
  static double dot(double[] x, double[] y) {
    double sum = 0;
    double rest = 0;
    for (int i = 0; i < x.length; i++) {
      double product = x[i] * y[i];
      rest += Math.fma(x[i], y[i], -product);
      double next = sum + product;
      double shown = next - sum;
      rest += (sum - (next - shown)) + (product - shown);
      sum = next;
    }
    return sum + rest;
  }

  /** Softmax of each row of {@code z [n x c]}. */
  static double[] softmax(int n, int c, double[] z) {
    double[] p = new double[n * c];
    for (int i = 0; i < n; i++) {
      double most = largest(c, z, i);
      double sum = 0;
      for (int j = i * c; j < (i + 1) * c; j++) {
        p[j] = StrictMath.exp(z[j] - most);
        sum += p[j];
      }
      for (int j = i * c; j < (i + 1) * c; j++) {
        p[j] /= sum;
      }
    }
    return p;
  }

  /** {@code log sum_j exp z_ij}. */
  static double logSumExp(int c, double[] z, int i) {
    double most = largest(c, z, i);
    double sum = 0;
    for (int j = 0; j < c; j++) {
      sum += StrictMath.exp(z[i * c + j] - most);
    }
    return most + StrictMath.log(sum);
  }

  private static double largest(int c, double[] z, int i) {
    double most = Double.NEGATIVE_INFINITY;
    for (int j = 0; j < c; j++) {
      most = Math.max(most, z[i * c + j]);
    }
    return most;
  }

  /** Each element is within its bound; what is NaN or infinite must be so exactly. */
  static void assertClose(String what, double[] expected, double[] actual, double[] bound) {
    if (expected.length != actual.length) {
      fail(what + ": " + expected.length + " elements expected, there are " + actual.length);
    }
    for (int i = 0; i < expected.length; i++) {
      assertClose(what, i, expected[i], actual[i], bound[i]);
    }
  }

  static void assertClose(String what, int at, double expected, double actual, double bound) {
    boolean close =
        Double.isFinite(expected)
            ? Math.abs(actual - expected) <= bound
            : Double.compare(expected, actual) == 0;
    if (!close) {
      fail(
          what
              + ", element "
              + at
              + ": expected "
              + expected
              + ", got "
              + actual
              + ", allowed difference "
              + bound);
    }
  }
}
