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

  /** {@code f(z)}. */
  static double value(Activation f, double z) {
    return switch (f.kind()) {
      case IDENTITY -> z;
      case RELU -> Math.max(z, 0);
      case LEAKY_RELU -> z > 0 ? z : f.slope() * z;
      case TANH -> StrictMath.tanh(z);
      case SIGMOID -> sigmoid(z);
      case SOFTPLUS -> Math.max(z, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(z)));
      case GELU -> normal(z) == 0 ? 0 : z * normal(z);
      case SILU -> sigmoid(z) == 0 ? 0 : z * sigmoid(z);
    };
  }

  /** {@code f'(z)}, by hyperbolic functions where devices use the values they have. */
  static double first(Activation f, double z) {
    return switch (f.kind()) {
      case IDENTITY -> 1;
      case RELU -> z > 0 ? 1 : 0;
      case LEAKY_RELU -> z > 0 ? 1 : f.slope();
      case TANH -> square(1 / StrictMath.cosh(z));
      case SIGMOID -> sigmoidSlope(z);
      case SOFTPLUS -> sigmoid(z);
      case GELU -> normal(z) + (density(z) == 0 ? 0 : z * density(z));
      case SILU -> sigmoid(z) + (sigmoidSlope(z) == 0 ? 0 : z * sigmoidSlope(z));
    };
  }

  /** {@code f''(z)}. */
  static double second(Activation f, double z) {
    return switch (f.kind()) {
      case IDENTITY, RELU, LEAKY_RELU -> 0;
      case TANH -> -2 * StrictMath.tanh(z) * square(1 / StrictMath.cosh(z));
      case SIGMOID -> sigmoidCurvature(z);
      case SOFTPLUS -> sigmoidSlope(z);
      case GELU -> density(z) == 0 ? 0 : density(z) * (2 - z * z);
      case SILU -> sigmoidSlope(z) == 0 ? 0 : 2 * sigmoidSlope(z) + z * sigmoidCurvature(z);
    };
  }

  private static double square(double x) {
    return x * x;
  }

  private static double sigmoid(double z) {
    return z >= 0 ? 1 / (1 + StrictMath.exp(-z)) : StrictMath.exp(z) / (1 + StrictMath.exp(z));
  }

  private static double sigmoidSlope(double z) {
    return square(0.5 / StrictMath.cosh(z / 2));
  }

  private static double sigmoidCurvature(double z) {
    return -sigmoidSlope(z) * StrictMath.tanh(z / 2);
  }

  private static double density(double z) {
    return StrictMath.exp(-z * z / 2) / StrictMath.sqrt(2 * Math.PI);
  }

  /**
   * Gaussian distribution function: within 3 of zero the series {@code 1/2 + phi(z) (z + z^3/3 +
   * z^5/(3*5) + ...)}, beyond it the continued fraction of Laplace.
   */
  private static double normal(double z) {
    if (z > 3) {
      return 1 - normal(-z);
    }
    if (z < -3) {
      double x = -z;
      double fraction = x;
      for (int i = 200; i >= 1; i--) {
        fraction = x + i / fraction;
      }
      return density(z) / fraction;
    }
    double term = z;
    double sum = z;
    for (int i = 3; i < 200; i += 2) {
      term *= z * z / i;
      sum += term;
    }
    return 0.5 + density(z) * sum;
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
