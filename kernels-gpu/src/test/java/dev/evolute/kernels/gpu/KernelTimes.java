package dev.evolute.kernels.gpu;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.DeviceUnavailableException;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Precision;
import java.util.List;
import java.util.Locale;

/**
 * How fast a device is, as one line a case: multiply-adds on registers, copies, element-wise
 * kernels, reductions, products in all precisions. The best of a few repetitions, each of as many
 * calls as take a fiftieth of a second.
 */
final class KernelTimes {
  private static final double LONG_ENOUGH = 0.02;
  private static final int REPETITIONS = 5;

  private final Device device;
  private final int largest;
  private final long vector;

  /**
   * @param largest edge of the largest product
   * @param vector elements of the vectors
   */
  KernelTimes(Device device, int largest, long vector) {
    this.device = device;
    this.largest = largest;
    this.vector = vector;
  }

  /** A call that has nothing to do: the latency of a launch that is waited for, and of one not. */
  void latency() {
    try (Buffer one = device.allocate(DType.F32, 1)) {
      Kernels k = device.kernels(DType.F32);
      double together = seconds(() -> k.fill(0, one));
      double alone =
          seconds(
              () -> {
                k.fill(0, one);
                device.await();
              });
      line(
          "fill of one element",
          String.format(Locale.ROOT, "%.2f us, waited for %.2f us", 1e6 * together, 1e6 * alone));
    }
  }

  void arithmetic() {
    for (DType dtype : DType.values()) {
      int rounds = 1 << 12;
      Kernels k = device.kernels(dtype);
      double flops = k.multiplyAdds(rounds);
      rate("multiply-adds " + dtype, flops, "GFLOP/s", () -> k.multiplyAdds(rounds));
    }
  }

  void memory() {
    Kernels k = device.kernels(DType.F32);
    double bytes = vector * DType.F32.bytes();
    try (Buffer x = device.allocate(DType.F32, vector);
        Buffer y = device.allocate(DType.F32, vector);
        Buffer out = device.allocate(DType.F64, 1)) {
      String n = " of " + vector;
      rate("copy" + n, 2 * bytes, "GB/s", () -> k.copy(x, y));
      rate("axpby" + n, 3 * bytes, "GB/s", () -> k.axpby(1, x, 1, y));
      rate("mul" + n, 3 * bytes, "GB/s", () -> k.mul(x, x, 1, y));
      rate("dot" + n, 2 * bytes, "GB/s", () -> k.dot(1, x, y, out));
    }
  }

  /** Ours, and those of cuBLAS where it is there. */
  void products() {
    for (GemmChoice.By by : List.of(GemmChoice.By.OURS, GemmChoice.By.CUBLAS)) {
      try {
        ((CudaDevice) device).gemm(by);
        products(" by " + by);
      } catch (DeviceUnavailableException | IllegalStateException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  private void products(String by) {
    for (DType dtype : DType.values()) {
      for (int n = Math.min(256, largest); n <= largest; n *= 4) {
        product(dtype, n, by);
      }
    }
    for (Precision precision : Precision.values()) {
      if (precision != Precision.F32) {
        device.precision(precision);
        product(DType.F32, largest, " " + precision + by);
      }
    }
    device.precision(Precision.F32);
  }

  private void product(DType dtype, int n, String how) {
    long size = (long) n * n;
    try (Buffer x = device.allocate(dtype, size);
        Buffer y = device.allocate(dtype, size);
        Buffer z = device.allocate(dtype, size)) {
      Kernels k = device.kernels(dtype);
      k.fill(1, x);
      k.fill(1, y);
      Matrix a = Matrix.of(x, n, n);
      Matrix b = Matrix.of(y, n, n);
      Matrix c = Matrix.of(z, n, n);
      String name = "gemm " + n + " " + dtype + how;
      rate(name, 2.0 * n * n * n, "GFLOP/s", () -> k.gemm(1, a, b, 0, c));
    }
  }

  private void rate(String name, double amount, String unit, Runnable call) {
    line(name, String.format(Locale.ROOT, "%.4g %s", 1e-9 * amount / seconds(call), unit));
  }

  private static void line(String name, String found) {
    System.out.printf("%-36s%s%n", name, found);
  }

  private double seconds(Runnable call) {
    call.run();
    int calls = 1;
    while (seconds(call, calls) < LONG_ENOUGH) {
      calls *= 2;
    }
    double best = Double.POSITIVE_INFINITY;
    for (int i = 0; i < REPETITIONS; i++) {
      best = Math.min(best, seconds(call, calls) / calls);
    }
    return best;
  }

  private double seconds(Runnable call, int calls) {
    device.await();
    long start = System.nanoTime();
    for (int i = 0; i < calls; i++) {
      call.run();
    }
    device.await();
    return 1e-9 * (System.nanoTime() - start);
  }
}
