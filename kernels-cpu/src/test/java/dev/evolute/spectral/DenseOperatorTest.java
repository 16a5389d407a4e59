package dev.evolute.spectral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Matrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DenseOperatorTest {
  @ParameterizedTest
  @EnumSource(DType.class)
  void endsOfATwoByTwoMatrixAreItsEigenvalues(DType dtype) {
    try (Device device = Device.open("cpu", 1);
        Buffer buffer = device.allocate(dtype, 4)) {
      buffer.set(2, 1, 1, 2);
      DenseOperator operator = new DenseOperator(Matrix.of(buffer, 2, 2));
      try (Extremes ends = Lanczos.extremes(operator, Lanczos.Options.defaults())) {
        assertEquals(1, ends.min().value(), 1e-6);
        assertEquals(3, ends.max().value(), 1e-6);
      }
    }
  }

  /** By one matrix product, and one after the other. */
  @ParameterizedTest
  @EnumSource(DType.class)
  void severalVectorsGiveTheProductsOfEach(DType dtype) {
    double[] upper = {2, -1, 3, 0.5, 4, -2};
    double[] vectors = {1, 2, 3, -1, 0, 2, 0.5, 0, 0, 4, -3, 1};
    double[] a = {
      upper[0], upper[1], upper[2], upper[1], upper[3], upper[4], upper[2], upper[4], upper[5]
    };
    try (Device device = Device.open("cpu", 1);
        Buffer matrix = device.allocate(dtype, 9);
        Buffer x = device.allocate(dtype, 12);
        Buffer y = device.allocate(dtype, 12)) {
      matrix.set(a);
      x.set(vectors);
      DenseOperator dense = new DenseOperator(Matrix.of(matrix, 3, 3));
      LinearOperator plain = LinearOperator.of(device, dtype, 3, dense::apply);
      for (LinearOperator operator : new LinearOperator[] {dense, plain}) {
        device.kernels(dtype).fill(7, y);
        operator.apply(Matrix.of(x, 4, 3), Matrix.of(y, 4, 3));
        for (int j = 0; j < 4; j++) {
          for (int i = 0; i < 3; i++) {
            double expected = 0;
            for (int k = 0; k < 3; k++) {
              expected += a[3 * i + k] * vectors[3 * j + k];
            }
            assertEquals(expected, y.get(3 * j + i), 1e-6);
          }
        }
        assertThrows(
            IllegalArgumentException.class,
            () -> operator.apply(Matrix.of(x, 3, 4), Matrix.of(y, 3, 4)));
      }
    }
  }

  @Test
  void matrixThatIsNotSquareIsRefused() {
    try (Device device = Device.open("cpu", 1);
        Buffer buffer = device.allocate(DType.F64, 6)) {
      Matrix matrix = Matrix.of(buffer, 2, 3);
      Exception e = assertThrows(IllegalArgumentException.class, () -> new DenseOperator(matrix));
      assertEquals(
          "operator: the matrix is [2 x 3]; it must be square and symmetric", e.getMessage());
    }
  }
}
