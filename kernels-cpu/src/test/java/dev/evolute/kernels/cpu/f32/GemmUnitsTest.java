package dev.evolute.kernels.cpu.f32;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.Matrix;
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
  @CsvSource({"1, 150, 700, 300", "1, 40, 1025, 1100", "21, 64, 64, 64", "7, 130, 90, 70"})
  void threadsDoNotChangeABit(int count, int m, int n, int k) {
    double[] alone = product(1, count, m, n, k);
    for (int threads = 2; threads <= 5; threads++) {
      assertArrayEquals(alone, product(threads, count, m, n, k), threads + " threads");
    }
  }
}
