package dev.evolute.kernels;

import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Operands of f32 numbers, and their product in fp64.
 *
 * @param a {@code [m x k]}, of f32 numbers
 * @param b {@code [k x n]}, of f32 numbers
 * @param exact {@code A B}
 * @param size {@code |A| |B|}
 */
record ProductProblem(int m, int n, int k, double[] a, double[] b, double[] exact, double[] size) {

  /** What operands can be. */
  static final List<String> KINDS = List.of("random", "badly scaled", "cancelling");

  static ProductProblem of(int m, int n, int k, double[] a, double[] b) {
    double[] none = new double[m * n];
    double[] exact = Naive.product(m, n, k, 1, a, b, 0, none);
    double[] size = Naive.product(m, n, k, 1, Naive.absolute(a), Naive.absolute(b), 0, none);
    return new ProductProblem(m, n, k, a, b, exact, size);
  }

  static ProductProblem of(String kind, int m, int n, int k, Random random) {
    return switch (kind) {
      case "random" -> of(m, n, k, gaussians(random, m * k), gaussians(random, k * n));
      case "badly scaled" -> of(m, n, k, badlyScaled(random, m * k), badlyScaled(random, k * n));
      default -> cancelling(m, n, k, random);
    };
  }

  private static double[] f32(double[] x) {
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) x[i];
    }
    return x;
  }

  private static double[] gaussians(Random random, int count) {
    return f32(random.doubles(count).map(x -> random.nextGaussian()).toArray());
  }

  /** From 1e-15 to 1e15. */
  private static double[] badlyScaled(Random random, int count) {
    return f32(
        random
            .doubles(count, -15, 15)
            .map(power -> random.nextGaussian() * Math.pow(10, power))
            .toArray());
  }

  /** The second half takes away what the first brought, but for a thousandth. */
  private static ProductProblem cancelling(int m, int n, int k, Random random) {
    double[] a = gaussians(random, m * k);
    double[] b = gaussians(random, k * n);
    int half = k / 2;
    for (int i = 0; i < m; i++) {
      System.arraycopy(a, i * k, a, i * k + half, half);
    }
    for (int p = 0; p < half; p++) {
      for (int j = 0; j < n; j++) {
        b[(half + p) * n + j] = (float) (-b[p * n + j] * (1 + 1e-3 * random.nextGaussian()));
      }
    }
    return of(m, n, k, a, b);
  }

  double[] on(Device device) {
    try (Buffer left = device.allocate(DType.F32, a.length);
        Buffer right = device.allocate(DType.F32, b.length);
        Buffer result = device.allocate(DType.F32, exact.length)) {
      left.set(a);
      right.set(b);
      Matrix c = Matrix.of(result, m, n);
      device.kernels(DType.F32).gemm(1, Matrix.of(left, m, k), Matrix.of(right, k, n), 0, c);
      return result.toArray();
    }
  }

  /** The largest error of a result, over the largest element of the product. */
  double error(double[] c) {
    double most = 0;
    for (int i = 0; i < c.length; i++) {
      most = Math.max(most, Math.abs(c[i] - exact[i]));
    }
    return most / Arrays.stream(exact).map(Math::abs).max().orElseThrow();
  }

  /** The largest error relative to |A| |B|, element by element. */
  double relative(double[] c) {
    double most = 0;
    for (int i = 0; i < c.length; i++) {
      most = Math.max(most, Math.abs(c[i] - exact[i]) / size[i]);
    }
    return most;
  }
}
