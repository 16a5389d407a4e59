package dev.evolute.spectral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Matrix;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Norms of many operators in step, against the dense solver. */
final class SpectralNormsTest {
  private static final Device device = Device.open("cpu", 2);
  private static final int PARTS = 3;
  private static final int WIDTH = 20;
  private static final int SIZE = PARTS * WIDTH;

  @AfterAll
  static void close() {
    device.close();
  }

  /** Dense operators {@code [size x size]}, applied one after the other. */
  private record Dense(DType dtype, double[][] h) implements BatchOperator {
    @Override
    public int count() {
      return h.length;
    }

    @Override
    public int parts() {
      return PARTS;
    }

    @Override
    public int width() {
      return WIDTH;
    }

    @Override
    public Device device() {
      return device;
    }

    @Override
    public void apply(Matrix x, Matrix y) {
      double[] in = x.buffer().toArray();
      double[] out = new double[in.length];
      for (int i = 0; i < h.length; i++) {
        for (int r = 0; r < SIZE; r++) {
          for (int c = 0; c < SIZE; c++) {
            out[at(i, r)] += h[i][r * SIZE + c] * in[at(i, c)];
          }
        }
      }
      y.buffer().set(out);
    }

    private int at(int i, int r) {
      return (r / WIDTH * h.length + i) * WIDTH + r % WIDTH;
    }
  }

  private static double[] random(long seed) {
    double[] h = new double[SIZE * SIZE];
    for (int r = 0; r < SIZE; r++) {
      for (int c = 0; c <= r; c++) {
        h[r * SIZE + c] = (float) CounterRandom.gaussian(seed, 1, (long) r * SIZE + c);
        h[c * SIZE + r] = h[r * SIZE + c];
      }
    }
    return h;
  }

  private static double[] diagonal(double... values) {
    double[] h = new double[SIZE * SIZE];
    for (int r = 0; r < SIZE; r++) {
      h[r * SIZE + r] = values[r % values.length];
    }
    return h;
  }

  private static double norm(double[] h) {
    double[] values = SymmetricEigen.of(h, SIZE, SIZE).values();
    return Math.max(Math.abs(values[0]), Math.abs(values[SIZE - 1]));
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void everyOperatorHasItsOwnNorm(DType dtype) {
    double eps = dtype == DType.F32 ? 1e-4 : 1e-10;
    double[] opposite = diagonal(2, -2, 0.5);
    double[][] h = {random(1), diagonal(-3), random(2), diagonal(0), diagonal(1, -7), opposite};
    SpectralNorms found = SpectralNorms.of(new Dense(dtype, h), eps, 200, 9);
    assertTrue(found.converged());
    for (int i = 0; i < h.length; i++) {
      double truth = norm(h[i]);
      double value = Math.abs(found.values()[i]);
      assertEquals(truth, value, 2 * eps * truth, "operator " + i);
      assertTrue(found.residuals()[i] <= eps * truth, "residual of " + i);
    }
    assertEquals(-7, found.values()[4], 10 * eps);
  }

  @Test
  void residualsCoverTheDistanceToAnEigenvalueBeforeConvergence() {
    double[][] h = {random(3), random(4), random(5)};
    for (int products : new int[] {1, 2, 5, 16, 24}) {
      SpectralNorms found = SpectralNorms.of(new Dense(DType.F64, h), 1e-12, products, 2);
      assertFalse(found.converged());
      assertEquals(products, found.products());
      for (int i = 0; i < h.length; i++) {
        double nearest = Double.POSITIVE_INFINITY;
        for (double value : SymmetricEigen.of(h[i], SIZE, SIZE).values()) {
          nearest = Math.min(nearest, Math.abs(value - found.values()[i]));
        }
        assertTrue(nearest <= found.residuals()[i] * (1 + 1e-9), products + " products");
        assertTrue(Math.abs(found.values()[i]) <= norm(h[i]) * (1 + 1e-12));
      }
    }
  }

  @Test
  void badQuestionsAndBadProductsAreRefused() {
    Dense fine = new Dense(DType.F64, new double[][] {random(1)});
    assertThrows(IllegalArgumentException.class, () -> SpectralNorms.of(fine, 0, 10, 1));
    assertThrows(IllegalArgumentException.class, () -> SpectralNorms.of(fine, 1e-3, 0, 1));
    double[] broken = random(1);
    broken[5] = Double.NaN;
    Dense nan = new Dense(DType.F64, new double[][] {random(1), broken});
    ArithmeticException e =
        assertThrows(ArithmeticException.class, () -> SpectralNorms.of(nan, 1e-3, 10, 1));
    assertTrue(e.getMessage().contains("operator 1"), e.getMessage());
  }
}
