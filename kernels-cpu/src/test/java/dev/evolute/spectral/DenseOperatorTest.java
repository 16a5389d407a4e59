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
