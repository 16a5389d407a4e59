package dev.evolute.kernels.gpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.Matrix;
import dev.evolute.spectral.Extremes;
import dev.evolute.spectral.Lanczos;
import dev.evolute.spectral.LinearOperator;
import dev.evolute.spectral.PowerIteration;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Solvers whose numbers stay on the device: the same bits as where the host looks at each, for
 * fewer waits.
 */
class SolversOnCudaTest {
  private static final int N = 150;

  private CudaDevice device;

  @BeforeEach
  void open() {
    device = (CudaDevice) Software.open("cuda:software");
  }

  @AfterEach
  void close() {
    device.close();
  }

  /** A device that claims to be done when a kernel returns. */
  private Device prompt() {
    return (Device)
        Proxy.newProxyInstance(
            Device.class.getClassLoader(),
            new Class<?>[] {Device.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("runsAhead")) {
                return false;
              }
              try {
                return method.invoke(device, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  /** Q D Q, Q a reflection: eigenvalues as given, and a product that waits for nothing. */
  private final class Known implements LinearOperator, AutoCloseable {
    private final Device where;
    private final Buffer memory;
    private final Matrix matrix;
    private final Kernels kernels;
    private int spoiltProduct = -1;
    private int products;

    Known(Device where, IntToDoubleFunction eigenvalue) {
      this.where = where;
      kernels = device.kernels(DType.F64);
      double[] u = new Random(3).doubles(N, -1, 1).toArray();
      double square = 0;
      for (double x : u) {
        square += x * x;
      }
      double[] a = new double[N * N];
      for (int i = 0; i < N; i++) {
        for (int j = 0; j <= i; j++) {
          double sum = 0;
          for (int l = 0; l < N; l++) {
            double left = (i == l ? 1 : 0) - 2 * u[i] * u[l] / square;
            double right = (j == l ? 1 : 0) - 2 * u[j] * u[l] / square;
            sum += left * eigenvalue.applyAsDouble(l) * right;
          }
          a[i * N + j] = sum;
          a[j * N + i] = sum;
        }
      }
      memory = device.allocate(DType.F64, a.length);
      memory.set(a);
      matrix = Matrix.of(memory, N, N);
    }

    @Override
    public long size() {
      return N;
    }

    @Override
    public Device device() {
      return where;
    }

    @Override
    public DType dtype() {
      return DType.F64;
    }

    @Override
    public void apply(Buffer x, Buffer y) {
      kernels.gemm(1, Matrix.of(x, 1, N), matrix, 0, Matrix.of(y, 1, N));
      if (products++ == spoiltProduct) {
        kernels.fill(Double.NaN, y.view(2, 3));
      }
    }

    @Override
    public void close() {
      memory.close();
    }
  }

  private record Found(double[] numbers, int products, int made, double waits) {}

  private Found ends(Device where, IntToDoubleFunction eigenvalue, Lanczos.Options options) {
    try (Known a = new Known(where, eigenvalue)) {
      long before = device.waits();
      try (Extremes ends = Lanczos.extremes(a, options)) {
        double waits = (double) (device.waits() - before) / ends.products();
        double[] numbers = {
          ends.min().value(), ends.max().value(), ends.min().residual(), ends.max().residual()
        };
        return new Found(numbers, ends.products(), a.products, waits);
      }
    }
  }

  /** Returns waits a product: where the host looks at each number, and where it does not. */
  private double[] checkSame(IntToDoubleFunction eigenvalue, Lanczos.Options options) {
    Found plain = ends(prompt(), eigenvalue, options);
    Found ahead = ends(device, eigenvalue, options);
    assertArrayEquals(plain.numbers, ahead.numbers);
    assertEquals(ahead.products, ahead.made, "products are counted");
    return new double[] {plain.waits, ahead.waits};
  }

  @Test
  void lanczosGivesTheSameBitsForAFewWaits() {
    Lanczos.Options options = Lanczos.Options.defaults();
    double[] waits = checkSame(i -> Math.sin(i) + (i == 0 ? 3 : 0), options);
    System.out.printf(
        "Lanczos waits %.2f times a product, and %.2f times ahead%n", waits[0], waits[1]);
    assertTrue(waits[0] > 6, "before " + waits[0]);
    assertTrue(waits[1] < 2.5, "now " + waits[1]);
  }

  @Test
  void restartsAndLongRunsGiveTheSameBits() {
    Lanczos.Options options = Lanczos.Options.defaults().withTolerance(1e-10);
    // Close ends: many restarts of a small basis, and a basis beyond where each step is tested.
    checkSame(i -> i * (double) i / N, options.withMaxBasis(12).withMaxProducts(120));
    double[] waits = checkSame(i -> i, options.withMaxBasis(100).withMaxProducts(100));
    assertTrue(waits[1] < 2, "now " + waits[1]);
  }

  @Test
  void aSpaceThatEndsIsSeenToEndInTheSameStep() {
    checkSame(i -> i % 4, Lanczos.Options.defaults());
    checkSame(i -> 1, Lanczos.Options.defaults());
    checkSame(i -> 0, Lanczos.Options.defaults());
  }

  @Test
  void aProductThatIsNoNumberIsTold() {
    try (Known a = new Known(device, i -> Math.sin(i))) {
      a.spoiltProduct = 6;
      String said =
          assertThrows(
                  ArithmeticException.class,
                  () -> {
                    try (Known always = new Known(device, i -> i == 1 ? Double.NaN : i)) {
                      Lanczos.extremes(always, Lanczos.Options.defaults()).close();
                    }
                  })
              .getMessage();
      assertTrue(said.startsWith("operator: product 1 has 150 NaN"), said);
      // A fault that does not come again leaves no trace in the result.
      try (Extremes ends = Lanczos.extremes(a, Lanczos.Options.defaults())) {
        assertEquals(1, ends.max().value(), 0.01);
        assertEquals(a.products, ends.products());
      }
    }
  }

  @Test
  void powerIterationWaitsLessThanOnceAProduct() {
    try (Known a = new Known(device, i -> i == 0 ? 10 : 9 * Math.sin(i))) {
      long before = device.waits();
      try (PowerIteration.Result top = PowerIteration.dominant(a, 1e-6, 1000, 1)) {
        double waits = (double) (device.waits() - before) / top.products();
        System.out.printf("power iteration waits %.2f times a product%n", waits);
        assertEquals(10, top.pair().value(), 1e-4);
        assertTrue(waits < 1, "waits " + waits);
      }
    }
  }
}
