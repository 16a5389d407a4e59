package dev.evolute.spectral;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Hessians by differences of gradients, beside the exact ones. */
class DifferenceOperatorTest {
  private static final Device CPU = Device.open("cpu", 1);
  private static final int N = 30;

  /** f = sum_i exp(a_i theta_i) + (sum_i theta_i)^2 / 2 with a_i = i / N. */
  private static final VectorFunction GRADIENT =
      VectorFunction.onDoubles(
          (theta, g) -> {
            double sum = Arrays.stream(theta).sum();
            for (int i = 0; i < N; i++) {
              g[i] = i / (double) N * Math.exp(i / (double) N * theta[i]) + sum;
            }
          });

  private static double[] theta() {
    return new Random(1).doubles(N, -2, 2).map(v -> (float) v).toArray();
  }

  /** {@code H v}, exactly. */
  private static double[] hessian(double[] theta, double[] v) {
    double sum = Arrays.stream(v).sum();
    double[] out = new double[N];
    for (int i = 0; i < N; i++) {
      double a = i / (double) N;
      out[i] = a * a * Math.exp(a * theta[i]) * v[i] + sum;
    }
    return out;
  }

  private static double norm(double[] x) {
    return Math.sqrt(Arrays.stream(x).map(v -> v * v).sum());
  }

  private static Buffer buffer(DType dtype, double... values) {
    Buffer buffer = CPU.allocate(dtype, values.length);
    buffer.set(values);
    return buffer;
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void productsAreWithinTheirError(DType dtype) {
    try (Buffer theta = buffer(dtype, theta());
        DifferenceOperator a = new DifferenceOperator(theta, GRADIENT);
        Buffer y = CPU.allocate(dtype, N)) {
      Random random = new Random(2);
      for (int k = 0; k < 20; k++) {
        double[] v = random.doubles(N, -3, 3).map(u -> (float) u).toArray();
        try (Buffer x = buffer(dtype, v)) {
          a.apply(x, y);
        }
        double[] expected = hessian(theta(), v);
        double[] actual = y.toArray();
        double[] difference = new double[N];
        for (int i = 0; i < N; i++) {
          difference[i] = actual[i] - expected[i];
        }
        assertTrue(norm(difference) <= 2 * a.error() * norm(v), k + ": " + a);
      }
      assertTrue(a.error() > 0 && a.noise() < (dtype == DType.F32 ? 1e-2 : 1e-8), a.toString());
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void solversKnowTheErrorAndDoNotIterateBelowIt(DType dtype) {
    double[] point = theta();
    LinearOperator exact =
        LinearOperator.of(
            CPU,
            DType.F64,
            N,
            VectorFunction.onDoubles((v, hv) -> System.arraycopy(hessian(point, v), 0, hv, 0, N)));
    Lanczos.Options options = Lanczos.Options.defaults().withTolerance(0).withMaxProducts(400);
    try (Extremes reference = Lanczos.extremes(exact, options);
        Buffer theta = buffer(dtype, point);
        DifferenceOperator a = new DifferenceOperator(theta, GRADIENT);
        Extremes ends = Lanczos.extremes(a, options)) {
      double lambda = reference.max().value();
      assertTrue(ends.max().lower() <= lambda && lambda <= ends.max().upper(), ends.toString());
      assertTrue(ends.max().noise() >= 0.9 * a.error(), ends.toString());
      assertTrue(ends.max().upper() - ends.max().lower() < (dtype == DType.F32 ? 1 : 1e-5));
      assertTrue(ends.products() < 100, "products: " + ends.products());
    }
  }

  /** The larger of two errors is seen whichever it is: too wide a step, too narrow a step. */
  @Test
  void errorGrowsOnEitherSideOfTheBestStep() {
    double[] errors = new double[3];
    double[] steps = {1e-12, 2e-5, 1};
    for (int k = 0; k < 3; k++) {
      try (Buffer theta = buffer(DType.F64, theta());
          DifferenceOperator a = new DifferenceOperator(theta, GRADIENT, steps[k]);
          Buffer x = buffer(DType.F64, theta());
          Buffer y = CPU.allocate(DType.F64, N)) {
        a.apply(x, y);
        errors[k] = a.error();
        assertEquals(steps[k], a.step());
      }
    }
    assertTrue(errors[0] > 1e3 * errors[1] && errors[2] > 1e3 * errors[1], Arrays.toString(errors));
  }

  @Test
  void thetaIsCopiedAndZeroStaysZero() {
    try (Buffer theta = buffer(DType.F64, theta());
        DifferenceOperator a = new DifferenceOperator(theta, GRADIENT)) {
      theta.set(new double[N]);
      try (Buffer x = CPU.allocate(DType.F64, N);
          Buffer y = buffer(DType.F64, theta())) {
        a.apply(x, y);
        assertArrayEquals(new double[N], y.toArray());
        double[] v = theta();
        x.set(v);
        a.apply(x, y);
        assertArrayEquals(hessian(theta(), v), y.toArray(), 1e-7);
        assertArrayEquals(v, x.toArray());
      }
    }
  }

  @Test
  void stepsThatMoveNothingAreRefused() {
    try (Buffer theta = buffer(DType.F64, 1, 2, Double.NaN)) {
      assertThrows(
          IllegalArgumentException.class, () -> new DifferenceOperator(theta, GRADIENT, 0));
      Exception e =
          assertThrows(
              IllegalArgumentException.class, () -> new DifferenceOperator(theta, GRADIENT));
      assertEquals(
          "difference of gradients: step NaN; it must be finite and positive", e.getMessage());
    }
  }
}
