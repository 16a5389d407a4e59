package dev.evolute.kernels.cpu.f32;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.Matrix;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Units of a product that threads take as they are free: all are done, each to the same bits. */
class GemmUnitsTest {
  private static Matrix random(Device device, int count, int rows, int cols) {
    double[] values = new Random(rows).doubles((long) count * rows * cols, -1, 1).toArray();
    Buffer buffer = device.allocate(DType.F32, values.length);
    buffer.set(values);
    return Matrix.of(buffer, rows, cols);
  }

  private static double[] product(int threads, int count, int m, int n, int k) {
    try (Device device = Device.open("cpu", threads)) {
      Kernels kernels = device.kernels(DType.F32);
      Matrix a = random(device, count, m, k);
      Matrix b = random(device, count, k, n);
      Matrix c = random(device, count, m, n);
      if (count == 1) {
        kernels.gemm(1, a, b, 0.5, c);
      } else {
        kernels.gemmBatch(count, 1, a, (long) m * k, b, (long) k * n, 0.5, c, (long) m * n);
      }
      return c.buffer().toArray();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 150, 700, 300",
    "1, 40, 1025, 1100",
    "21, 64, 64, 64",
    "7, 130, 90, 70",
    "1, 1, 1000, 4003"
  })
  void threadsDoNotChangeABit(int count, int m, int n, int k) {
    double[] alone = product(1, count, m, n, k);
    for (int threads = 2; threads <= 5; threads++) {
      assertArrayEquals(alone, product(threads, count, m, n, k), threads + " threads");
    }
  }

  /** M x with M's columns without gaps, cut into pieces of its sums: as a row and as a column. */
  @ParameterizedTest
  @CsvSource({"37, 20011, 1, 0", "1000, 1501, -0.5, 2", "2048, 1290, 3, -1"})
  void aThinProductIsCutAlongItsSums(int n, int k, float alpha, float beta) {
    double[] alone = null;
    for (int threads = 1; threads <= 3; threads++) {
      try (Device device = Device.open("cpu", threads)) {
        Kernels kernels = device.kernels(DType.F32);
        Matrix m = random(device, 1, k, n);
        Matrix x = random(device, 1, k, 1);
        Matrix row = random(device, 1, 1, n);
        Matrix column = Matrix.of(device.allocate(DType.F32, 3L * n), n, 1, 3);
        double[] expected = row.buffer().toArray();
        if (beta == 0) {
          row.buffer().set(new double[n]);
          Arrays.setAll(expected, i -> 0);
        }
        double[] spread = new double[3 * n];
        for (int i = 0; i < n; i++) {
          spread[3 * i] = expected[i];
        }
        column.buffer().set(spread);
        double[] ms = m.buffer().toArray();
        double[] xs = x.buffer().toArray();
        for (int j = 0; j < n; j++) {
          double sum = 0;
          for (int i = 0; i < k; i++) {
            sum += ms[i * n + j] * xs[i];
          }
          expected[j] = alpha * sum + beta * expected[j];
        }
        kernels.gemm(alpha, x.t(), m, beta, row);
        kernels.gemm(alpha, m.t(), x, beta, column);
        double[] rows = row.buffer().toArray();
        double[] columns = column.buffer().toArray();
        for (int j = 0; j < n; j++) {
          assertEquals(expected[j], rows[j], 1e-6 * k, "element " + j);
          assertEquals(rows[j], columns[3 * j], "column's element " + j);
        }
        alone = alone == null ? rows : alone;
        assertArrayEquals(alone, rows, threads + " threads");
      }
    }
  }
}
