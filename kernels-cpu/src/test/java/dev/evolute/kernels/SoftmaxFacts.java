package dev.evolute.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;

/**
 * Softmax cross-entropy and its tangent. A probability may be off by {@code (c + 8) eps + 1e-5 p}
 * in f32 and {@code (c + 8) eps + 1e-13 p} in f64; the loss by 1e-6 of the sizes of its terms in
 * f32 and by {@code (n + c + 8) 2^-52} of them in f64.
 */
interface SoftmaxFacts {
  private static int[][] shapes() {
    return new int[][] {
      {0, 10},
      {1, 1},
      {5, 1},
      {1, 2},
      {3, 2},
      {4, 3},
      {7, 5},
      {3, 7},
      {2, 8},
      {9, 9},
      {33, 10},
      {6, 15},
      {6, 16},
      {6, 17},
      {5, 31},
      {5, 33},
      {3, 70},
      {2, 1001},
      {1000, 10},
      {10_007, 3}
    };
  }

  /** Rows that sum to 1, every other one with all its weight on one class. */
  private static double[] distributions(Workspace w, int n, int c) {
    double[] y = Naive.softmax(n, c, w.gaussians(n * c));
    for (int i = 0; i < n; i += 2) {
      int label = w.upTo(c - 1);
      for (int j = 0; j < c; j++) {
        y[i * c + j] = j == label ? 1 : 0;
      }
    }
    for (int i = 0; i < n * c; i++) {
      y[i] = w.round(y[i]);
    }
    return y;
  }

  private static void check(Workspace w, double scale, int n, int c, double[] z, double[] y) {
    double[] nan = new double[n * c];
    Arrays.fill(nan, Double.NaN);
    Matrix p = w.dense(n, c, nan);
    String what = w + " softmax " + p;
    double expectedLoss = 0;
    double size = 0;
    for (int i = 0; i < n; i++) {
      double lse = Naive.logSumExp(c, z, i);
      expectedLoss += lse;
      size += Math.abs(lse);
      for (int j = 0; j < c; j++) {
        expectedLoss -= y[i * c + j] * z[i * c + j];
        size += Math.abs(y[i * c + j] * z[i * c + j]);
      }
    }
    try (Buffer loss = w.device.allocate(DType.F64, 1)) {
      loss.set(Double.NaN);
      w.kernels.softmaxCrossEntropy(scale, w.dense(n, c, z), w.dense(n, c, y), p, loss);
      double relative = w.dtype == DType.F32 ? 1e-6 : (n + c + 8) * 0x1p-52;
      double error = relative * Math.abs(scale) * (size + 1);
      Naive.assertClose(what + " loss", 0, scale * expectedLoss, loss.get(0), error);
    }
    double[] expected = Naive.softmax(n, c, z);
    double[] actual = Workspace.values(p);
    for (int i = 0; i < n * c; i++) {
      double relative = w.dtype == DType.F32 ? 1e-5 : 1e-13;
      double error = relative * expected[i] + (c + 8) * w.eps;
      Naive.assertClose(what, i, expected[i], actual[i], error);
    }
    for (int i = 0; i < n; i++) {
      double sum = Arrays.stream(actual, i * c, (i + 1) * c).sum();
      assertEquals(1, sum, (c + 8) * w.eps, what + ", sum of row " + i);
    }
    w.nothingChangedBut(what, p);
  }

  @EveryWorkspace
  default void crossEntropyMatchesItsFormula(Workspace w) {
    for (int[] shape : w.shapes(shapes())) {
      int n = shape[0];
      int c = shape[1];
      for (double spread : new double[] {0, 1, 8}) {
        for (double scale : new double[] {1, 1.0 / 3, -2}) {
          w.start(n + c);
          double[] z = Arrays.stream(w.gaussians(n * c)).map(x -> w.round(spread * x)).toArray();
          check(w, scale, n, c, z, distributions(w, n, c));
        }
      }
    }
  }

  /** Rows shifted far up or down, and rows spread over 1e4: exp of either is out of range. */
  @EveryWorkspace
  default void crossEntropyOfHugeLogitsNeitherOverflowsNorVanishes(Workspace w) {
    for (int c : new int[] {1, 2, 3, 8, 10, 17}) {
      for (double shift : new double[] {-1e4, 0, 1e4}) {
        for (double spread : new double[] {0, 1, 1e4}) {
          w.start(c);
          int n = 5;
          double[] z =
              Arrays.stream(w.gaussians(n * c)).map(x -> w.round(shift + spread * x)).toArray();
          check(w, 0.2, n, c, z, distributions(w, n, c));
        }
      }
    }
  }

  @EveryWorkspace
  default void crossEntropyOfOneClassIsZeroWithProbabilityOne(Workspace w) {
    w.start(1);
    Matrix p = w.dense(3, 1, 5, 5, 5);
    try (Buffer loss = w.device.allocate(DType.F64, 1)) {
      loss.set(9);
      w.kernels.softmaxCrossEntropy(1, w.dense(3, 1, -7, 0, 90), w.dense(3, 1, 1, 1, 1), p, loss);
      assertEquals(0, loss.get(0), 1e-14);
    }
    Naive.assertClose("p", new double[] {1, 1, 1}, Workspace.values(p), new double[3]);
  }

  @EveryWorkspace
  default void crossEntropyOfNothingIsZero(Workspace w) {
    w.start(1);
    Matrix none = w.dense(0, 4);
    try (Buffer loss = w.device.allocate(DType.F64, 1)) {
      loss.set(9);
      w.kernels.softmaxCrossEntropy(1, none, w.dense(0, 4), w.dense(0, 4), loss);
      assertEquals(0, loss.get(0));
    }
  }

  /** A NaN logit spoils its row and the loss, not the other rows. */
  @EveryWorkspace
  default void crossEntropyCarriesNan(Workspace w) {
    for (int c : new int[] {2, 3, 8, 10, 17}) {
      w.start(c);
      double[] z = w.gaussians(3 * c);
      z[c + c - 1] = Double.NaN;
      Matrix p = w.dense(3, c, new double[3 * c]);
      try (Buffer loss = w.device.allocate(DType.F64, 1)) {
        Matrix targets = w.dense(3, c, distributions(w, 3, c));
        w.kernels.softmaxCrossEntropy(1, w.dense(3, c, z), targets, p, loss);
        assertEquals(Double.NaN, loss.get(0), w + " loss");
      }
      double[] actual = Workspace.values(p);
      for (int i = 0; i < 3 * c; i++) {
        assertEquals(i / c == 1, Double.isNaN(actual[i]), w + " p, element " + i);
      }
    }
  }

  @EveryWorkspace
  default void tangentMatchesItsFormula(Workspace w) {
    for (int[] shape : w.shapes(shapes())) {
      int n = shape[0];
      int c = shape[1];
      for (double scale : new double[] {1, -0.25}) {
        for (double beta : VectorFacts.FACTORS) {
          w.start(n + c);
          double[] p = distributions(w, n, c);
          double[] u = w.gaussians(n * c);
          double[] out = w.gaussians(n * c);
          if (beta == 0) {
            Arrays.fill(out, Double.NaN);
          }
          Matrix result = w.dense(n, c, out);
          w.kernels.softmaxTangent(scale, w.dense(n, c, p), w.dense(n, c, u), beta, result);
          String what = w + " tangent " + result + ", scale " + scale + ", beta " + beta;
          assertTangent(w, what, n, c, scale, p, u, beta, out, Workspace.values(result));
          w.nothingChangedBut(what, result);
        }
      }
    }
  }

  private static void assertTangent(
      Workspace w,
      String what,
      int n,
      int c,
      double scale,
      double[] p,
      double[] u,
      double beta,
      double[] out,
      double[] actual) {
    for (int i = 0; i < n; i++) {
      double mean = 0;
      double size = 0;
      for (int j = i * c; j < (i + 1) * c; j++) {
        mean += p[j] * u[j];
        size += Math.abs(p[j] * u[j]);
      }
      double sum = 0;
      double sumError = 0;
      for (int j = i * c; j < (i + 1) * c; j++) {
        double kept = beta == 0 ? 0 : beta * out[j];
        double error =
            (c + 8) * w.eps * (Math.abs(scale) * p[j] * (Math.abs(u[j]) + size) + Math.abs(kept));
        Naive.assertClose(what, j, scale * p[j] * (u[j] - mean) + kept, actual[j], error);
        sum += actual[j];
        sumError += error;
      }
      if (beta == 0) {
        // The rows of p sum to 1 up to their own rounding, which scales with the mean.
        assertEquals(0, sum, sumError + c * w.eps * size, what + ", sum of row " + i);
      }
    }
  }
}
