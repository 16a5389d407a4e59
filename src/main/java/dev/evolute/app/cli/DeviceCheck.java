package dev.evolute.app.cli;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.DeviceUnavailableException;
import dev.evolute.kernels.Matrix;

/** Whether a device computes what plain Java does: one product in each type. */
final class DeviceCheck {
  // No multiple of a vector's length, so that the ends of rows are among what is checked.
  private static final int M = 37;
  private static final int N = 29;
  private static final int K = 53;

  private DeviceCheck() {}

  /** In a few words; null where there is no such device. */
  static String of(String device) {
    try (Device open = Device.open(device, 1)) {
      double single = error(open, DType.F32);
      double twice = error(open, DType.F64);
      return single == 0 && twice == 0
          ? "products in f32 and f64 are right"
          : "products are WRONG, by %.0e in f32 and %.0e in f64".formatted(single, twice);
    } catch (DeviceUnavailableException none) {
      return null;
    } catch (RuntimeException | LinkageError e) {
      return "a product FAILS: " + e;
    }
  }

  /** The largest error of an element of A B: 0, for all sums of it are exact in either type. */
  static double error(Device device, DType dtype) {
    double[] a = values(M * K, 1);
    double[] b = values(K * N, 2);
    double[] c = new double[M * N];
    try (Buffer left = device.allocate(dtype, a.length);
        Buffer right = device.allocate(dtype, b.length);
        Buffer product = device.allocate(dtype, c.length)) {
      left.set(a);
      right.set(b);
      device
          .kernels(dtype)
          .gemm(1, Matrix.of(left, M, K), Matrix.of(right, K, N), 0, Matrix.of(product, M, N));
      c = product.toArray();
    }
    double worst = 0;
    for (int i = 0; i < M; i++) {
      for (int j = 0; j < N; j++) {
        double sum = 0;
        for (int k = 0; k < K; k++) {
          sum += a[i * K + k] * b[k * N + j];
        }
        // NaN stays.
        worst = Math.max(worst, Math.abs(sum - c[i * N + j]));
      }
    }
    return worst;
  }

  /** Sixteenths from -1 to 1. */
  private static double[] values(int count, int step) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = (i * (7 + step) % 33 - 16) / 16.0;
    }
    return values;
  }
}
