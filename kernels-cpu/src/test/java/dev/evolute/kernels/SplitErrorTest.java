package dev.evolute.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.kernels.cpu.EmulatedDevice;
import java.util.Arrays;
import java.util.Random;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/** How exact products of split operands are, beside those of f32 vectors and against fp64. */
final class SplitErrorTest {
  private static final int M = 48;
  private static final int N = 40;

  /** Operands, and their product in fp64. */
  private record Problem(int k, double[] a, double[] b, double[] exact, double[] size) {
    static Problem of(int k, IntFunction<double[]> numbers) {
      return of(k, numbers.apply(M * k), numbers.apply(k * N));
    }

    static Problem of(int k, double[] a, double[] b) {
      double[] none = new double[M * N];
      double[] exact = Naive.product(M, N, k, 1, a, b, 0, none);
      double[] size = Naive.product(M, N, k, 1, Naive.absolute(a), Naive.absolute(b), 0, none);
      return new Problem(k, a, b, exact, size);
    }

    double[] on(Device device) {
      try (Buffer left = device.allocate(DType.F32, a.length);
          Buffer right = device.allocate(DType.F32, b.length);
          Buffer result = device.allocate(DType.F32, exact.length)) {
        left.set(a);
        right.set(b);
        device
            .kernels(DType.F32)
            .gemm(1, Matrix.of(left, M, k), Matrix.of(right, k, N), 0, Matrix.of(result, M, N));
        return result.toArray();
      }
    }

    /** The largest error. */
    double error(Device device) {
      double[] actual = on(device);
      double most = 0;
      for (int i = 0; i < actual.length; i++) {
        most = Math.max(most, Math.abs(actual[i] - exact[i]));
      }
      return most;
    }

    /** The largest error relative to |A| |B|. */
    double relative(Device device) {
      double[] actual = on(device);
      double most = 0;
      for (int i = 0; i < actual.length; i++) {
        most = Math.max(most, Math.abs(actual[i] - exact[i]) / size[i]);
      }
      return most;
    }
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
  private static Problem cancelling(Random random, int k) {
    double[] a = gaussians(random, M * k);
    double[] b = gaussians(random, k * N);
    for (int i = 0; i < M; i++) {
      for (int p = k / 2; p < k; p++) {
        a[i * k + p] = a[i * k + p - k / 2];
      }
    }
    for (int p = k / 2; p < k; p++) {
      for (int j = 0; j < N; j++) {
        b[p * N + j] = (float) (-b[(p - k / 2) * N + j] * (1 + 1e-3 * random.nextGaussian()));
      }
    }
    return Problem.of(k, a, b);
  }

  private static Problem problem(String kind, int k, Random random) {
    return switch (kind) {
      case "random" -> Problem.of(k, count -> gaussians(random, count));
      case "badly scaled" -> Problem.of(k, count -> badlyScaled(random, count));
      default -> cancelling(random, k);
    };
  }

  @Test
  void sixProductsAreAsExactAsVectorsOfF32() {
    try (Device vectors = Device.open("cpu", 1);
        Device six = EmulatedDevice.open(1, Precision.BF16X6)) {
      for (String kind : new String[] {"random", "badly scaled", "cancelling"}) {
        for (int k : new int[] {64, 512}) {
          Random random = new Random(k);
          double ours = 0;
          double theirs = 0;
          double oursRelative = 0;
          double theirsRelative = 0;
          for (int draw = 0; draw < 3; draw++) {
            Problem problem = problem(kind, k, random);
            ours = Math.max(ours, problem.error(six));
            theirs = Math.max(theirs, problem.error(vectors));
            oursRelative = Math.max(oursRelative, problem.relative(six));
            theirsRelative = Math.max(theirsRelative, problem.relative(vectors));
          }
          String what = "%s, k %d: ".formatted(kind, k);
          assertTrue(ours <= 1.5 * theirs, what + ours + ", vectors " + theirs);
          assertTrue(
              oursRelative <= 1.5 * theirsRelative,
              what + "relative " + oursRelative + ", vectors " + theirsRelative);
        }
      }
    }
  }

  @Test
  void threeProductsKeepFourteenBits() {
    try (Device three = EmulatedDevice.open(1, Precision.BF16X3)) {
      for (String kind : new String[] {"random", "badly scaled", "cancelling"}) {
        for (int k : new int[] {1, 600}) {
          double error = problem(kind, k, new Random(k)).relative(three);
          assertTrue(error <= 0x1p-14, kind + ", k " + k + ": " + error);
        }
      }
    }
  }

  /** What the class says of numbers that BF16 does not have. */
  @Test
  void numbersBeyondBf16AreTreatedAsIsSaid() {
    int k = 3;
    double[] a = new double[M * k];
    double[] b = new double[k * N];
    Arrays.fill(a, 1);
    Arrays.fill(b, 1);
    a[0] = Double.POSITIVE_INFINITY;
    a[k] = Double.NaN;
    a[2 * k] = Float.MAX_VALUE;
    a[3 * k] = 0x1p-127;
    a[3 * k + 1] = a[3 * k + 2] = 0;
    a[4 * k] = 0x1.7p-126;
    a[4 * k + 1] = a[4 * k + 2] = 0;
    a[5 * k] = 0x1.fdp127;
    a[5 * k + 1] = a[5 * k + 2] = 0;
    Problem problem = Problem.of(k, a, b);
    for (Precision precision :
        new Precision[] {Precision.BF16X6, Precision.BF16X3, Precision.BF16}) {
      try (Device device = EmulatedDevice.open(1, precision)) {
        double[] c = problem.on(device);
        for (int j = 0; j < N; j++) {
          for (int i = 0; i < 3; i++) {
            assertFalse(Double.isFinite(c[i * N + j]), precision + ", row " + i);
            assertTrue(precision == Precision.BF16 || Double.isNaN(c[i * N + j]), "row " + i);
          }
          assertEquals(0, c[3 * N + j], precision + " of a denormal number");
          assertEquals(0x1.7p-126, c[4 * N + j], precision + " of one that is just not");
          assertTrue(Double.isFinite(c[5 * N + j]), precision + " of the largest");
          assertEquals(3, c[6 * N + j]);
        }
      }
    }
  }
}
