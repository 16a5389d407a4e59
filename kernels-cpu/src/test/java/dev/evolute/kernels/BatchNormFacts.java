package dev.evolute.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Batch normalisation against textbook formulas in plain double loops, its vjp and jvp against
 * finite differences of those, and the tangent of the vjp against finite differences of the vjp. A
 * result may be off by 20 roundings of the largest numbers that enter it.
 */
interface BatchNormFacts {
  double EPSILON = 1e-3;

  private static int[][] shapes() {
    return new int[][] {
      {2, 1},
      {2, 5},
      {3, 8},
      {7, 16},
      {5, 17},
      {64, 6},
      {255, 9},
      {256, 33},
      {257, 64},
      {600, 3},
      {1000, 70},
      {1021, 1},
      {2100, 32}
    };
  }

  /** Statistics and values in fp64. */
  final class Reference {
    final int n;
    final int d;
    final double[] mean;
    final double[] variance;
    final double[] y;

    Reference(int n, int d, double[] x, double[] gamma, double[] bias) {
      this.n = n;
      this.d = d;
      mean = new double[d];
      variance = new double[d];
      y = new double[n * d];
      for (int i = 0; i < n * d; i++) {
        mean[i % d] += x[i] / n;
      }
      for (int i = 0; i < n * d; i++) {
        double centred = x[i] - mean[i % d];
        variance[i % d] += centred * centred / n;
      }
      for (int i = 0; i < n * d; i++) {
        int j = i % d;
        y[i] = gamma[j] * (x[i] - mean[j]) / Math.sqrt(variance[j] + EPSILON) + bias[j];
      }
    }
  }

  /** {@code (dx, dgamma, dbias)} of training by the chain rule through mean and variance. */
  private static double[][] vjp(int n, int d, double[] x, double[] gamma, double[] dy) {
    Reference r = new Reference(n, d, x, gamma, new double[d]);
    double[] dx = new double[n * d];
    double[] dgamma = new double[d];
    double[] dbias = new double[d];
    double[] dvariance = new double[d];
    double[] dmean = new double[d];
    for (int i = 0; i < n * d; i++) {
      int j = i % d;
      double sigma = Math.sqrt(r.variance[j] + EPSILON);
      dgamma[j] += dy[i] * (x[i] - r.mean[j]) / sigma;
      dbias[j] += dy[i];
      dvariance[j] += dy[i] * gamma[j] * (x[i] - r.mean[j]) * -0.5 / (sigma * sigma * sigma);
      dmean[j] -= dy[i] * gamma[j] / sigma;
    }
    for (int i = 0; i < n * d; i++) {
      int j = i % d;
      double sigma = Math.sqrt(r.variance[j] + EPSILON);
      double centred = x[i] - r.mean[j];
      dx[i] = dy[i] * gamma[j] / sigma + dvariance[j] * 2 * centred / n + dmean[j] / n;
    }
    return new double[][] {dx, dgamma, dbias};
  }

  private static double[] join(double[]... parts) {
    return Stream.of(parts).flatMapToDouble(Arrays::stream).toArray();
  }

  private static double[] plus(double[] x, double t, double[] v) {
    double[] sum = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      sum[i] = x[i] + t * v[i];
    }
    return sum;
  }

  /** What is differentiated. */
  interface Curve {
    double[] at(double t);
  }

  /** Central difference of fourth order, good to about 1e-10 here. */
  private static double[] slope(Curve f) {
    double h = 2e-4;
    double[] a = f.at(h);
    double[] b = f.at(-h);
    double[] c = f.at(2 * h);
    double[] d = f.at(-2 * h);
    double[] result = new double[a.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = (8 * (a[i] - b[i]) - (c[i] - d[i])) / (12 * h);
    }
    return result;
  }

  private static BatchStatistics statistics(Workspace w, int d, boolean training) {
    Buffer[] rows = new Buffer[4];
    for (int i = 0; i < 4; i++) {
      rows[i] = w.own(w.device.allocate(DType.F64, d));
    }
    return new BatchStatistics(training, EPSILON, 0.1, rows[0], rows[1], rows[2], rows[3]);
  }

  private static void close(
      Workspace w,
      String what,
      double[] expected,
      double beta,
      double[] old,
      double[] actual,
      double terms) {
    double[] sum = new double[expected.length];
    double largest = 1;
    for (int i = 0; i < sum.length; i++) {
      double kept = beta == 0 ? 0 : beta * old[i];
      sum[i] = expected[i] + kept;
      largest = Math.max(largest, Math.abs(expected[i]) + Math.abs(kept));
    }
    double[] bound = new double[sum.length];
    Arrays.fill(bound, terms * largest * (w.dtype == DType.F32 ? 20 * w.eps : 1e-9));
    Naive.assertClose(what, sum, actual, bound);
  }

  private static double[] old(Workspace w, int n, double beta) {
    double[] values = w.gaussians(n);
    if (beta == 0) {
      Arrays.fill(values, Double.NaN);
    }
    return values;
  }

  @EveryWorkspace
  default void batchNormMatchesItsFormulaInTrainingAndEvaluation(Workspace w) {
    for (int[] shape : w.shapes(shapes())) {
      int n = shape[0];
      int d = shape[1];
      w.start(n + d);
      double[] x = w.gaussians(n * d);
      double[] gamma = w.gaussians(d);
      double[] bias = w.gaussians(d);
      for (int i = 0; i < n * d; i++) {
        x[i] = w.round(x[i] * (1 + i % d) + 100 * (i % d));
      }
      BatchStatistics s = statistics(w, d, true);
      s.runningMean().set(new double[d]);
      double[] ones = new double[d];
      Arrays.fill(ones, 1);
      s.runningVariance().set(ones);
      double[] nan = new double[n * d];
      Arrays.fill(nan, Double.NaN);
      Matrix y = w.dense(n, d, nan);
      Matrix bx = w.dense(n, d, x);
      Buffer bg = w.vector(gamma);
      Buffer bb = w.vector(bias);
      w.kernels.batchNorm(s, bx, bg, bb, y);
      String what = w + " batchNorm " + y;
      Reference r = new Reference(n, d, x, gamma, bias);
      close(w, what, r.y, 0, null, Workspace.values(y), 1);
      double[] runningMean = new double[d];
      double[] runningVariance = new double[d];
      for (int j = 0; j < d; j++) {
        assertEquals(r.mean[j], s.mean().get(j), 1e-11 * (1 + Math.abs(r.mean[j])), what);
        assertEquals(1 / Math.sqrt(r.variance[j] + EPSILON), s.rstd().get(j), 1e-9, what);
        runningMean[j] = 0.1 * r.mean[j];
        runningVariance[j] = 0.9 + 0.1 * r.variance[j] * n / (n - 1);
        assertEquals(runningMean[j], s.runningMean().get(j), 1e-10 * (1 + j * 100), what);
        assertEquals(
            runningVariance[j], s.runningVariance().get(j), 1e-10 * runningVariance[j], what);
      }
      w.kernels.batchNorm(s.withTraining(false), bx, bg, bb, y);
      double[] expected = new double[n * d];
      for (int i = 0; i < n * d; i++) {
        int j = i % d;
        double sigma = Math.sqrt(runningVariance[j] + EPSILON);
        expected[i] = gamma[j] * (x[i] - runningMean[j]) / sigma + bias[j];
      }
      close(w, what + ", evaluation", expected, 0, null, Workspace.values(y), 1);
      assertEquals(runningMean[0], s.runningMean().get(0), 1e-10, what);
      w.nothingChangedBut(what, y);
    }
  }

  @EveryWorkspace
  default void derivativesOfBatchNormMatchFiniteDifferences(Workspace w) {
    for (int[] shape : w.shapes(shapes())) {
      for (double beta : new double[] {0, 0.7}) {
        derivatives(w, shape[0], shape[1], beta);
      }
    }
  }

  private static void derivatives(Workspace w, int n, int d, double beta) {
    w.start(n + d + (beta == 0 ? 0 : 1));
    double[] x = w.gaussians(n * d);
    // An offset in one channel, which must not cost digits.
    for (int i = 0; i < n * d; i += d) {
      x[i] = w.round(x[i] + 50);
    }
    double[] gamma = w.gaussians(d);
    double[] dy = w.gaussians(n * d);
    double[] xDot = w.gaussians(n * d);
    double[] gammaDot = w.gaussians(d);
    double[] biasDot = w.gaussians(d);
    double[] dyDot = w.gaussians(n * d);
    double[] big = old(w, n * d, beta);
    double[] small = old(w, d, beta);
    Kernels k = w.kernels;
    BatchStatistics s = statistics(w, d, true);
    Matrix bx = w.dense(n, d, x);
    Buffer bg = w.vector(gamma);
    Matrix y = w.dense(n, d, new double[n * d]);
    k.batchNorm(s, bx, bg, w.vector(new double[d]), y);
    Matrix bdy = w.dense(n, d, dy);
    Matrix bxDot = w.dense(n, d, xDot);
    Buffer bgDot = w.vector(gammaDot);
    Matrix bdyDot = w.dense(n, d, dyDot);
    Matrix dx = w.dense(n, d, big);
    Buffer dgamma = w.vector(small);
    Buffer dbias = w.vector(small);
    Matrix yDot = w.dense(n, d, big);
    Matrix dxDot = w.dense(n, d, big);
    Buffer dgammaDot = w.vector(small);
    Buffer dbiasDot = w.vector(small);
    k.batchNormVjp(s, bx, bg, bdy, beta, dx, beta, dgamma, dbias);
    k.batchNormJvp(s, bx, bg, bxDot, bgDot, w.vector(biasDot), beta, yDot);
    k.batchNormVjpTangent(
        s, bx, bg, bdy, bxDot, bgDot, bdyDot, beta, dxDot, beta, dgammaDot, dbiasDot);
    String what = w + " batchNorm " + bx + ", beta " + beta;
    double[][] exact = vjp(n, d, x, gamma, dy);
    close(w, what + ", dx", exact[0], beta, big, Workspace.values(dx), 2);
    close(w, what + ", dgamma", exact[1], beta, small, dgamma.toArray(), 1);
    close(w, what + ", dbias", exact[2], beta, small, dbias.toArray(), 1);
    double[] jvp =
        slope(t -> new Reference(n, d, plus(x, t, xDot), plus(gamma, t, gammaDot), biasDot).y);
    double[] expected = new double[n * d];
    for (int i = 0; i < n * d; i++) {
      expected[i] = jvp[i] + biasDot[i % d];
    }
    close(w, what + ", jvp", expected, beta, big, Workspace.values(yDot), 4);
    double[] tangents =
        slope(t -> join(vjp(n, d, plus(x, t, xDot), plus(gamma, t, gammaDot), plus(dy, t, dyDot))));
    double[] actual = join(Workspace.values(dxDot), dgammaDot.toArray(), dbiasDot.toArray());
    close(w, what + ", tangent of vjp", tangents, beta, join(big, small, small), actual, 10);
    w.nothingChangedBut(what, y, dx, dgamma, dbias, yDot, dxDot, dgammaDot, dbiasDot);
  }

  /** In evaluation, y is linear in x, and bilinear in gamma and x. */
  @EveryWorkspace
  default void derivativesInEvaluationTakeTheStatisticsAsFixed(Workspace w) {
    for (int[] shape : new int[][] {{0, 3}, {1, 1}, {1, 40}, {300, 5}, {70, 64}}) {
      int n = shape[0];
      int d = shape[1];
      w.start(n + d);
      double[] x = w.gaussians(n * d);
      double[] gamma = w.gaussians(d);
      double[] dy = w.gaussians(n * d);
      double[] xDot = w.gaussians(n * d);
      double[] gammaDot = w.gaussians(d);
      double[] dyDot = w.gaussians(n * d);
      double[] mean = w.gaussians(d);
      BatchStatistics s = statistics(w, d, false);
      s.runningMean().set(mean);
      double[] variance = new double[d];
      Arrays.fill(variance, 4 - EPSILON);
      s.runningVariance().set(variance);
      Kernels k = w.kernels;
      Matrix bx = w.dense(n, d, x);
      Buffer bg = w.vector(gamma);
      Buffer bgDot = w.vector(gammaDot);
      Matrix bdy = w.dense(n, d, dy);
      Matrix bxDot = w.dense(n, d, xDot);
      Matrix bdyDot = w.dense(n, d, dyDot);
      Matrix y = w.dense(n, d, new double[n * d]);
      Matrix dx = w.dense(n, d, new double[n * d]);
      Matrix yDot = w.dense(n, d, new double[n * d]);
      Matrix dxDot = w.dense(n, d, new double[n * d]);
      Buffer dgamma = w.vector(gamma);
      Buffer dbias = w.vector(gamma);
      Buffer dgammaDot = w.vector(gamma);
      Buffer dbiasDot = w.vector(gamma);
      k.batchNorm(s, bx, bg, bg, y);
      k.batchNormVjp(s, bx, bg, bdy, 0, dx, 0, dgamma, dbias);
      k.batchNormJvp(s, bx, bg, bxDot, bgDot, null, 0, yDot);
      k.batchNormVjpTangent(s, bx, bg, bdy, bxDot, bgDot, bdyDot, 0, dxDot, 0, dgammaDot, dbiasDot);
      double[][] expected = new double[7][];
      for (int i = 0; i < 7; i++) {
        expected[i] = new double[i < 3 ? n * d : d];
      }
      for (int i = 0; i < n * d; i++) {
        int j = i % d;
        double hat = (x[i] - mean[j]) / 2;
        expected[0][i] = gamma[j] * dy[i] / 2;
        expected[1][i] = gamma[j] * xDot[i] / 2 + gammaDot[j] * hat;
        expected[2][i] = gammaDot[j] * dy[i] / 2 + gamma[j] * dyDot[i] / 2;
        expected[3][j] += dy[i] * hat;
        expected[4][j] += dy[i];
        expected[5][j] += dyDot[i] * hat + dy[i] * xDot[i] / 2;
        expected[6][j] += dyDot[i];
      }
      String what = w + " batchNorm in evaluation " + bx;
      close(w, what + ", dx", expected[0], 0, null, Workspace.values(dx), 1);
      close(w, what + ", jvp", expected[1], 0, null, Workspace.values(yDot), 1);
      close(w, what + ", tangent dx", expected[2], 0, null, Workspace.values(dxDot), 1);
      close(w, what + ", dgamma", expected[3], 0, null, dgamma.toArray(), 1);
      close(w, what + ", dbias", expected[4], 0, null, dbias.toArray(), 1);
      close(w, what + ", tangent dgamma", expected[5], 0, null, dgammaDot.toArray(), 1);
      close(w, what + ", tangent dbias", expected[6], 0, null, dbiasDot.toArray(), 1);
      w.nothingChangedBut(what, y, dx, yDot, dxDot, dgamma, dbias, dgammaDot, dbiasDot);
    }
  }

  /** {@code <u, J v> = <J^T u, v>}, and {@code v -> tangent of the vjp along v} is symmetric. */
  @EveryWorkspace
  default void vjpAndTangentOfBatchNormAreTransposes(Workspace w) {
    int n = 90;
    int d = 20;
    w.start(6);
    Kernels k = w.kernels;
    BatchStatistics s = statistics(w, d, true);
    Matrix x = w.dense(n, d, w.gaussians(n * d));
    Matrix u = w.dense(n, d, w.gaussians(n * d));
    Matrix v = w.dense(n, d, w.gaussians(n * d));
    Matrix v2 = w.dense(n, d, w.gaussians(n * d));
    Buffer gamma = w.vector(w.gaussians(d));
    Buffer g = w.vector(w.gaussians(d));
    Buffer g2 = w.vector(w.gaussians(d));
    Buffer b = w.vector(w.gaussians(d));
    Matrix zero = w.dense(n, d, new double[n * d]);
    Matrix y = w.dense(n, d, new double[n * d]);
    Matrix dx = w.dense(n, d, new double[n * d]);
    Buffer dg = w.vector(new double[d]);
    Buffer db = w.vector(new double[d]);
    k.batchNorm(s, x, gamma, b, y);
    k.batchNormJvp(s, x, gamma, v, g, b, 0, y);
    k.batchNormVjp(s, x, gamma, u, 0, dx, 0, dg, db);
    double left = k.dot(u.buffer(), y.buffer());
    double right = k.dot(dx.buffer(), v.buffer()) + k.dot(dg, g) + k.dot(db, b);
    assertEquals(left, right, 1e4 * w.eps, w + " <u, J v>");
    k.batchNormVjpTangent(s, x, gamma, u, v, g, zero, 0, dx, 0, dg, db);
    double vHv2 = k.dot(dx.buffer(), v2.buffer()) + k.dot(dg, g2);
    k.batchNormVjpTangent(s, x, gamma, u, v2, g2, zero, 0, dx, 0, dg, db);
    double v2Hv = k.dot(dx.buffer(), v.buffer()) + k.dot(dg, g);
    assertEquals(vHv2, v2Hv, 1e4 * w.eps, w + " <v, H v2>");
  }

  @EveryWorkspace
  default void aNanStaysInItsChannel(Workspace w) {
    w.start(2);
    double[] x = w.gaussians(300 * 20);
    x[41 * 20 + 7] = Double.NaN;
    BatchStatistics s = statistics(w, 20, true);
    Matrix y = w.dense(300, 20, x);
    Buffer gamma = w.vector(w.gaussians(20));
    w.kernels.batchNorm(s, y, gamma, gamma, y);
    double[] actual = Workspace.values(y);
    for (int i = 0; i < actual.length; i++) {
      assertEquals(i % 20 == 7, Double.isNaN(actual[i]), w + " element " + i);
    }
  }

  @EveryWorkspace
  default void operandsOfBatchNormThatDoNotFitAreNamed(Workspace w) {
    w.start(3);
    Kernels k = w.kernels;
    BatchStatistics s = statistics(w, 6, true);
    Matrix x = w.dense(4, 6, w.gaussians(24));
    Matrix y = w.dense(4, 6, w.gaussians(24));
    Matrix other = w.dense(6, 4, w.gaussians(24));
    Matrix loose = w.matrix(4, 6, 2, false, w.gaussians(24));
    Buffer row = w.vector(w.gaussians(6));
    Buffer wrong = w.vector(w.gaussians(7));
    String[] both = {"[4 x 6]", "[6 x 4]"};
    String[] dense = {"[4 x 6]", "dense"};
    String[] length = {"[4 x 6]", "7"};
    ConvolutionFacts.refused(() -> k.batchNorm(s, x, row, row, other), both);
    ConvolutionFacts.refused(() -> k.batchNorm(s, loose, row, row, y), dense);
    ConvolutionFacts.refused(() -> k.batchNorm(s, x, row, row, loose), dense);
    ConvolutionFacts.refused(() -> k.batchNorm(s, x, wrong, row, y), length);
    ConvolutionFacts.refused(() -> k.batchNorm(s, x, row, wrong, y), length);
    ConvolutionFacts.refused(() -> k.batchNorm(s, other, row, row, other), "[6 x 4]", "6 elements");
    Matrix single = w.dense(1, 6, w.gaussians(6));
    ConvolutionFacts.refused(() -> k.batchNorm(s, single, row, row, single), "[1 x 6]", "2 rows");
    ConvolutionFacts.refused(() -> k.batchNormVjp(s, x, row, other, 0, y, 0, row, row), both);
    ConvolutionFacts.refused(() -> k.batchNormVjp(s, x, row, y, 0, loose, 0, row, row), dense);
    ConvolutionFacts.refused(() -> k.batchNormVjp(s, x, row, y, 0, y, 0, wrong, row), length);
    ConvolutionFacts.refused(() -> k.batchNormVjp(s, x, row, y, 0, y, 0, row, wrong), length);
    ConvolutionFacts.refused(() -> k.batchNormJvp(s, x, row, other, row, row, 0, y), both);
    ConvolutionFacts.refused(() -> k.batchNormJvp(s, x, row, y, wrong, row, 0, y), length);
    ConvolutionFacts.refused(() -> k.batchNormJvp(s, x, row, y, row, wrong, 0, y), length);
    ConvolutionFacts.refused(
        () -> k.batchNormVjpTangent(s, x, row, y, other, row, y, 0, y, 0, row, row), both);
    ConvolutionFacts.refused(
        () -> k.batchNormVjpTangent(s, x, row, y, y, row, loose, 0, y, 0, row, row), dense);
    ConvolutionFacts.refused(
        () -> k.batchNormVjpTangent(s, x, row, y, y, row, y, 0, y, 0, row, wrong), length);
    DType type = w.dtype == DType.F32 ? DType.F64 : DType.F32;
    try (Buffer alien = w.device.allocate(type, 24);
        Buffer alienRow = w.device.allocate(type, 6)) {
      Matrix m = Matrix.of(alien, 4, 6);
      String[] types = {"F32", "F64"};
      ConvolutionFacts.refused(() -> k.batchNorm(s, m, row, row, y), types);
      ConvolutionFacts.refused(() -> k.batchNorm(s, x, alienRow, row, y), types);
      ConvolutionFacts.refused(() -> k.batchNorm(s, x, row, alienRow, y), types);
      ConvolutionFacts.refused(() -> k.batchNorm(s, x, row, row, m), types);
      ConvolutionFacts.refused(() -> k.batchNormVjp(s, x, row, m, 0, y, 0, row, row), types);
      ConvolutionFacts.refused(() -> k.batchNormJvp(s, x, row, m, row, row, 0, y), types);
      ConvolutionFacts.refused(
          () -> k.batchNormVjpTangent(s, x, row, y, m, row, y, 0, y, 0, row, row), types);
    }
    w.nothingChangedBut("refused batchNorm");
  }

  @Test
  default void statisticsThatDoNotAgreeAreRefused() {
    try (Device cpu = Device.open("cpu", 1);
        Buffer row = cpu.allocate(DType.F64, 3);
        Buffer four = cpu.allocate(DType.F64, 4);
        Buffer single = cpu.allocate(DType.F32, 3)) {
      ConvolutionFacts.refused(
          () -> new BatchStatistics(true, -1, 0, row, row, null, null), "epsilon -1.0");
      ConvolutionFacts.refused(
          () -> new BatchStatistics(true, 0, 1.5, row, row, null, null), "momentum 1.5");
      ConvolutionFacts.refused(
          () -> new BatchStatistics(false, 0, 0, row, row, null, null), "running mean");
      ConvolutionFacts.refused(
          () -> new BatchStatistics(true, 0, 0, row, row, row, null), "running variance");
      ConvolutionFacts.refused(
          () -> new BatchStatistics(true, 0, 0, row, four, null, null), "3", "4 of F64");
      ConvolutionFacts.refused(
          () -> new BatchStatistics(true, 0, 0, row, row, single, row), "3 of F32");
    }
  }
}
