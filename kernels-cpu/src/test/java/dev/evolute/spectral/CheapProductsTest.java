package dev.evolute.spectral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Precision;
import dev.evolute.kernels.cpu.EmulatedDevice;
import org.junit.jupiter.api.Test;

/** Solvers on products of less than f32's accuracy: intervals never claim more than they can. */
final class CheapProductsTest {
  private static final int N = 48;

  /** {@code B^T B / N}, of which the device computes products of products: the noise adds up. */
  private static Buffer gram(Device device, double[] b) {
    Buffer x = device.allocate(DType.F32, b.length);
    Buffer y = device.allocate(DType.F32, b.length);
    x.set(b);
    Matrix square = Matrix.of(x, N, N);
    device.kernels(DType.F32).gemm(1.0 / N, square.t(), square, 0, Matrix.of(y, N, N));
    x.close();
    return y;
  }

  /** {@code v -> A v} as a product of matrices, {@code V A} for {@code V} of 48 equal rows. */
  private static LinearOperator operator(Device device, Buffer a, Buffer rows, Buffer products) {
    Kernels kernels = device.kernels(DType.F32);
    return LinearOperator.of(
        device,
        DType.F32,
        N,
        (x, y) -> {
          for (int i = 0; i < N; i++) {
            kernels.copy(x, rows.view((long) i * N, N));
          }
          Matrix wide = Matrix.of(rows, N, N);
          kernels.gemm(1, wide, Matrix.of(a, N, N), 0, Matrix.of(products, N, N));
          kernels.copy(products.view(0, N), y);
        });
  }

  @Test
  void intervalsContainTheEigenvalueThatExactProductsHave() {
    double[] b = new double[N * N];
    CounterRandom.fillGaussian(1, 1, 0, b);
    for (int i = 0; i < b.length; i++) {
      b[i] = (float) b[i];
    }
    double exact;
    try (Device cpu = Device.open("cpu", 1);
        Buffer matrix = cpu.allocate(DType.F64, b.length);
        Buffer product = cpu.allocate(DType.F64, b.length)) {
      matrix.set(b);
      Matrix square = Matrix.of(matrix, N, N);
      cpu.kernels(DType.F64).gemm(1.0 / N, square.t(), square, 0, Matrix.of(product, N, N));
      try (Extremes ends =
          Lanczos.extremes(
              new DenseOperator(Matrix.of(product, N, N)), Lanczos.Options.defaults())) {
        exact = ends.max().value();
      }
    }
    Precision[] precisions = {Precision.BF16X6, Precision.BF16X3, Precision.BF16};
    for (Precision precision : precisions) {
      try (Device device = EmulatedDevice.open(1, precision);
          Buffer a = gram(device, b);
          Buffer rows = device.allocate(DType.F32, N * N);
          Buffer products = device.allocate(DType.F32, N * N)) {
        LinearOperator cheap = operator(device, a, rows, products);
        assertEquals(precision.noise(), cheap.noise());
        Lanczos.Options options = Lanczos.Options.defaults().withMaxProducts(60);
        try (Extremes found = Lanczos.extremes(cheap, options)) {
          Eigenpair max = found.max();
          assertTrue(max.lower() <= exact && exact <= max.upper(), precision + ": " + max);
          assertTrue(max.upper() - max.lower() >= 2 * precision.noise() * exact * 0.9);
          device.precision(Precision.F32);
          try (Buffer again = gram(device, b)) {
            LinearOperator precise = operator(device, again, rows, products);
            Eigenpair confirmed = Confirmation.of(precise, found, 1e-3).max();
            assertTrue(confirmed.lower() <= exact && exact <= confirmed.upper(), "" + confirmed);
            assertTrue(confirmed.noise() < 1e-5 * exact, "" + confirmed);
            // A Rayleigh quotient is wrong by the square of what its vector is wrong by.
            assertTrue(Math.abs(confirmed.value() - exact) < 1e-3 * exact, "" + confirmed);
          }
        }
      }
    }
  }

  /** At least what one product may be wrong by, or twice what f32's own sums are. */
  @Test
  void noiseIsAtLeastWhatAProductLeavesOut() {
    for (Precision precision : Precision.values()) {
      double least = Math.min(precision.bound(0), 0x1p-20);
      assertTrue(precision == Precision.F32 || precision.noise() >= least, "" + precision);
      boolean isShort = precision.bound(0) > 0x1p-16;
      assertTrue(!isShort || precision.noise() >= 2 * precision.bound(0), "" + precision);
    }
    assertEquals(0, Precision.F32.noise());
  }

  @Test
  void withoutAVectorThereIsNothingToConfirm() {
    try (Device cpu = Device.open("cpu", 1);
        Buffer identity = cpu.allocate(DType.F32, 4)) {
      identity.set(new double[] {1, 0, 0, 2});
      LinearOperator operator = new DenseOperator(Matrix.of(identity, 2, 2));
      assertEquals(0, operator.noise());
      Extremes found = Lanczos.extremes(operator, Lanczos.Options.defaults().withVectors(false));
      String message =
          assertThrows(IllegalArgumentException.class, () -> Confirmation.of(operator, found, 1e-3))
              .getMessage();
      assertTrue(message.contains("has no vector"), message);
    }
  }
}
