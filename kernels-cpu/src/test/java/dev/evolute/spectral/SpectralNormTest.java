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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Singular values by products with W and its transpose, against the dense solver. */
final class SpectralNormTest {
  private static final Device device = Device.open("cpu", 2);

  @AfterAll
  static void close() {
    device.close();
  }

  private static double[] random(int rows, int cols) {
    double[] w = new double[rows * cols];
    for (int i = 0; i < w.length; i++) {
      w[i] = (float) CounterRandom.gaussian(5, 31L * rows + cols, i);
    }
    return w;
  }

  /** Eigenvalues of {@code W^T W}, ascending. */
  private static double[] squares(double[] w, int rows, int cols) {
    double[] gram = new double[cols * cols];
    for (int i = 0; i < cols; i++) {
      for (int j = 0; j < cols; j++) {
        for (int r = 0; r < rows; r++) {
          gram[i * cols + j] += w[r * cols + i] * w[r * cols + j];
        }
      }
    }
    return SymmetricEigen.of(gram, cols, cols).values();
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void theNormOfRandomMatricesOfEveryShape(DType dtype) {
    double eps = dtype == DType.F32 ? 2e-6 : 1e-14;
    for (int[] shape : new int[][] {{1, 1}, {1, 9}, {9, 1}, {7, 5}, {5, 7}, {40, 40}, {30, 200}}) {
      int m = shape[0];
      int n = shape[1];
      double[] w = random(m, n);
      double[] truth = squares(w, m, n);
      double norm = Math.sqrt(truth[n - 1]);
      int stride = n + 3;
      try (Buffer buffer = device.allocate(dtype, (long) m * stride)) {
        for (int i = 0; i < m; i++) {
          buffer.write((long) i * stride, w, i * n, n);
        }
        Matrix matrix = Matrix.of(buffer, m, n, stride);
        for (Matrix either : new Matrix[] {matrix, matrix.t()}) {
          double tolerance = 1e-3;
          SpectralNorm found = SpectralNorm.of(either, tolerance, 5000, 1);
          assertTrue(found.converged(), either + " gave " + found);
          assertTrue(found.value() <= norm * (1 + eps), found + " exceeds " + norm);
          assertTrue(found.residual() <= tolerance * found.value() * (1 + eps), found.toString());
          assertEquals(norm, found.value(), tolerance * norm, either.toString());
          double nearest = Double.POSITIVE_INFINITY;
          for (double square : truth) {
            double distance = Math.abs(Math.sqrt(Math.max(0, square)) - found.value());
            nearest = Math.min(nearest, distance);
          }
          assertTrue(nearest <= found.residual() + eps * norm, nearest + " beyond " + found);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void theGramOperatorIsTheSmallerProduct(DType dtype) {
    double[] w = {1, 2, 3, 4, 5, 6};
    try (Buffer buffer = device.allocate(dtype, 6);
        Buffer x = device.allocate(dtype, 2);
        Buffer y = device.allocate(dtype, 2)) {
      buffer.set(w);
      x.set(1, -1);
      y.set(Double.NaN, Double.NaN);
      for (Matrix either : new Matrix[] {Matrix.of(buffer, 3, 2), Matrix.of(buffer, 3, 2).t()}) {
        try (GramOperator gram = new GramOperator(either)) {
          assertEquals(2, gram.size());
          assertEquals(dtype, gram.dtype());
          // W^T W = [35 44; 44 56].
          gram.apply(x, y);
          assertArrayEquals(new double[] {-9, -12}, y.toArray());
        }
      }
    }
  }

  @Test
  void aCapIsKeptAndAdmitted() {
    double[] w = random(50, 60);
    try (Buffer buffer = device.allocate(DType.F64, w.length)) {
      buffer.set(w);
      SpectralNorm found = SpectralNorm.of(Matrix.of(buffer, 50, 60), 1e-12, 3, 1);
      assertEquals(3, found.products());
      assertFalse(found.converged());
      assertTrue(found.residual() > 1e-12 * found.value());
    }
  }

  @Test
  void theZeroMatrixHasNormZeroAndWhatIsNoNumberIsRefused() {
    try (Buffer buffer = device.allocate(DType.F64, 12)) {
      Matrix w = Matrix.of(buffer, 3, 4);
      assertEquals(new SpectralNorm(0, 0, 1, true), SpectralNorm.of(w, 1e-6, 10, 1));
      buffer.set(1, 2, 3, 4, 5, Double.NaN, 7, 8, 9, 10, 11, 12);
      assertThrows(ArithmeticException.class, () -> SpectralNorm.of(w, 1e-6, 10, 1));
      assertThrows(
          IllegalArgumentException.class,
          () -> SpectralNorm.of(Matrix.of(buffer, 3, 0), 1e-6, 10, 1));
    }
  }
}
