package dev.evolute.spectral;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Matrix;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Singular values of matrices that are built from them: diagonals between two reflections. */
final class SingularValuesTest {
  private static final Device device = Device.open("cpu", 2);

  @AfterAll
  static void close() {
    device.close();
  }

  /** {@code (I - 2 u u') diag(sigma) (I - 2 v v')}, row by row {@code [m x n]}. */
  private static double[] with(int m, int n, double... sigma) {
    double[] w = new double[m * n];
    for (int i = 0; i < sigma.length; i++) {
      w[i * n + i] = sigma[i];
    }
    double[] u = unit(m, 1);
    double[] v = unit(n, 2);
    for (int j = 0; j < n; j++) {
      double dot = 0;
      for (int i = 0; i < m; i++) {
        dot += u[i] * w[i * n + j];
      }
      for (int i = 0; i < m; i++) {
        w[i * n + j] -= 2 * dot * u[i];
      }
    }
    for (int i = 0; i < m; i++) {
      double dot = 0;
      for (int j = 0; j < n; j++) {
        dot += v[j] * w[i * n + j];
      }
      for (int j = 0; j < n; j++) {
        w[i * n + j] -= 2 * dot * v[j];
      }
    }
    return w;
  }

  private static double[] unit(int n, int stream) {
    double[] u = new double[n];
    CounterRandom.fillGaussian(8, stream, 0, u);
    double norm = Math.sqrt(Arrays.stream(u).map(x -> x * x).sum());
    return Arrays.stream(u).map(x -> x / norm).toArray();
  }

  private static double[] descending(int k, double least) {
    double[] sigma = new double[k];
    Arrays.setAll(sigma, i -> k == 1 ? 1 : 1 - (1 - least) * i / (k - 1));
    return sigma;
  }

  private static void assertContains(
      Interval interval, double truth, double width, double rounding) {
    assertTrue(interval.lower() - rounding <= truth, interval + " is not round " + truth);
    assertTrue(interval.upper() + rounding >= truth, interval + " is not round " + truth);
    assertEquals(truth, interval.value(), width);
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void bothEndsOfMatricesOfEveryShape(DType dtype) {
    double rounding = dtype == DType.F32 ? 1e-6 : 0;
    for (int[] shape : new int[][] {{1, 1}, {1, 9}, {9, 1}, {7, 5}, {5, 7}, {40, 40}, {30, 90}}) {
      int m = shape[0];
      int n = shape[1];
      double[] sigma = descending(Math.min(m, n), 1e-3);
      double[] w = with(m, n, sigma);
      int stride = n + 3;
      try (Buffer buffer = device.allocate(dtype, (long) m * stride)) {
        for (int i = 0; i < m; i++) {
          buffer.write((long) i * stride, w, i * n, n);
        }
        Matrix matrix = Matrix.of(buffer, m, n, stride);
        for (Matrix either : new Matrix[] {matrix, matrix.t()}) {
          SingularValues found = SingularValues.of(either);
          double least = sigma[sigma.length - 1];
          assertTrue(found.dense() && found.converged() && found.products() == 0);
          assertContains(found.max(), 1, 1e-13 + rounding, rounding);
          assertContains(found.min(), least, 1e-13 + rounding, rounding);
          assertEquals(1 / least, found.condition(), (1e-12 + rounding) / (least * least));
          assertTrue(found.conditionLower() <= found.condition());
          assertTrue(found.condition() <= found.conditionUpper());

          Lanczos.Options options =
              Lanczos.Options.defaults().withTolerance(1e-12).withMaxProducts(2000);
          SingularValues iterated = SingularValues.iterative(either, options);
          assertFalse(iterated.dense());
          assertTrue(iterated.products() > 0);
          assertContains(iterated.max(), 1, 1e-9 + rounding, rounding);
          assertContains(iterated.min(), least, 1e-6 + 1e3 * rounding, rounding);
        }
      }
    }
  }

  @Test
  void largeMatricesGoToLanczos() {
    int n = 700;
    double[] sigma = new double[n];
    Arrays.fill(sigma, 0.5);
    sigma[3] = 2;
    sigma[4] = 0.01;
    try (Buffer buffer = device.allocate(DType.F64, (long) n * n)) {
      buffer.set(with(n, n, sigma));
      SingularValues found = SingularValues.of(Matrix.of(buffer, n, n));
      assertFalse(found.dense());
      assertTrue(found.converged() && found.products() < 20, found.toString());
      assertContains(found.max(), 2, 1e-8, 1e-13);
      assertContains(found.min(), 0.01, 1e-6, 1e-13);
    }
  }

  @Test
  void deficientRankIsSaid() {
    double[] w = with(20, 12, descending(11, 0.5));
    try (Buffer buffer = device.allocate(DType.F64, w.length)) {
      buffer.set(w);
      SingularValues found = SingularValues.of(Matrix.of(buffer, 20, 12));
      assertEquals(0, found.min().lower());
      assertTrue(found.min().upper() < 1e-13);
      assertEquals(Double.POSITIVE_INFINITY, found.conditionUpper());
      assertTrue(found.conditionLower() > 1e12);
      buffer.set(new double[w.length]);
      SingularValues zero = SingularValues.of(Matrix.of(buffer, 20, 12));
      assertEquals(new Interval(0, 0, 0), zero.max());
      assertTrue(Double.isNaN(zero.condition()));
    }
  }

  @Test
  void scalesAreNoObstacle() {
    for (double scale : new double[] {1e-200, 1e200}) {
      double[] w = Spectra.scaled(with(6, 4, 4, 3, 2, 1), scale);
      try (Buffer buffer = device.allocate(DType.F64, w.length)) {
        buffer.set(w);
        SingularValues found = SingularValues.of(Matrix.of(buffer, 6, 4));
        assertEquals(4 * scale, found.max().value(), 1e-14 * scale);
        assertEquals(4, found.condition(), 1e-13);
      }
    }
  }

  @Test
  void whatIsNoNumberIsNamed() {
    double[] w = new double[12];
    w[7] = Double.NaN;
    try (Buffer buffer = device.allocate(DType.F64, 12)) {
      buffer.set(w);
      Matrix matrix = Matrix.of(buffer, 3, 4);
      assertEquals(
          "singular values: element (1, 3) of the matrix [3 x 4] is NaN; the point it is taken at"
              + " has diverged",
          assertThrows(ArithmeticException.class, () -> SingularValues.of(matrix)).getMessage());
      assertTrue(
          assertThrows(ArithmeticException.class, () -> SingularValues.of(matrix.t()))
              .getMessage()
              .contains("element (3, 1) of the matrix [4 x 3]"));
      assertThrows(
          IllegalArgumentException.class, () -> SingularValues.of(Matrix.of(buffer, 0, 4)));
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void eigenvaluesOfAMatrixInMemory(DType dtype) {
    // [2 1; 1 2] with stride 3, and 1e-20 of it.
    for (double scale : new double[] {1, 1e-20}) {
      try (Buffer buffer = device.allocate(dtype, 5)) {
        buffer.set(2 * scale, scale, 0, scale, 2 * scale);
        double[] found = new DenseOperator(Matrix.of(buffer, 2, 2, 3)).eigenvalues();
        assertArrayEquals(new double[] {scale, 3 * scale}, found, 1e-6 * scale);
      }
    }
    try (Buffer buffer = device.allocate(dtype, 4)) {
      buffer.set(1, 0, 0, Double.NaN);
      assertEquals(
          "operator: the matrix [2 x 2] has 1 NaN or infinite elements; it has no eigenvalues",
          assertThrows(
                  ArithmeticException.class,
                  () -> new DenseOperator(Matrix.of(buffer, 2, 2)).eigenvalues())
              .getMessage());
    }
  }
}
