package dev.evolute.kernels.gpu;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.kernels.Activation;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.DeviceUnavailableException;
import dev.evolute.kernels.Epilogue;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who multiplies: what is measured once holds, and cuBLAS does what our kernels do. */
class GemmChoiceTest {
  private static final int N = 24;

  @TempDir Path folder;
  private CudaDevice device;
  private Kernels kernels;
  private Buffer x;
  private Buffer y;

  @BeforeEach
  void open() {
    device = (CudaDevice) Software.open("cuda:software");
    kernels = device.kernels(DType.F32);
    x = sines(N * N);
    y = device.allocate(DType.F32, N * N);
  }

  @AfterEach
  void close() {
    device.close();
  }

  private Buffer sines(int length) {
    double[] values = new double[length];
    for (int i = 0; i < length; i++) {
      values[i] = Math.sin(i);
    }
    Buffer buffer = device.allocate(DType.F32, length);
    buffer.set(values);
    return buffer;
  }

  /** Times of ours and of cuBLAS, in turns; counts how often it is asked. */
  private static GemmChoice.Stopwatch times(double ours, double cublas, AtomicInteger asked) {
    return launches -> {
      launches.run();
      return 1e-3 * (asked.getAndIncrement() % 2 == 0 ? ours : cublas);
    };
  }

  private void choose(double ours, double cublas, AtomicInteger asked) {
    GemmChoice.By auto = GemmChoice.By.AUTO;
    Cache cache = new Cache(folder.resolve("gemm"));
    device.gemm(new GemmChoice(device, auto, times(ours, cublas, asked), cache));
  }

  private Product product(int rows) {
    Matrix a = Matrix.of(x, rows, N);
    Matrix c = Matrix.of(y, rows, N);
    return new Product(1, 1, a, Matrix.of(x, N, N), null, null, 1, c, 0, 0, 0, null);
  }

  private boolean isCublas(int rows) {
    return device.gemmChoice().isCublas((ProductsOnCuda) kernels, product(rows));
  }

  @Test
  void whoeverWasFasterAtFirstMakesTheShapeInThisProcessAndInLaterOnes() {
    AtomicInteger asked = new AtomicInteger();
    choose(2, 1, asked);
    assertTrue(isCublas(N));
    int once = asked.get();
    assertTrue(isCublas(N));
    assertEquals(once, asked.get(), "measured once");
    choose(1, 2, asked);
    assertTrue(isCublas(N), "what the file has is not measured again");
    assertEquals(once, asked.get());
    assertFalse(isCublas(N - 1), "another shape is another choice");
    assertTrue(asked.get() > once);
    device.precision(Precision.BF16);
    assertFalse(isCublas(N), "so is another precision");
  }

  @Test
  void ofTwoThatMeasureAtATimeBothTakeWhatWasWrittenFirst() {
    Cache cache = new Cache(folder.resolve("gemm"));
    GemmTable table = new GemmTable(cache, "a device", List.of());
    GemmTable other = new GemmTable(cache, "a device", List.of());
    assertTrue(
        table.choice(
            "shape",
            () -> {
              assertTrue(other.choice("shape", () -> new double[] {2, 1}));
              return new double[] {1, 2};
            }));
    GemmTable another = new GemmTable(cache, "another device", List.of());
    assertFalse(another.choice("shape", () -> new double[] {1, 2}));
  }

  @Test
  void aCublasThatMultipliesWronglyIsNotTaken() {
    GemmChoice choice = device.gemmChoice();
    choice.requireRight(ProductsOnCuda::product);
    String said =
        assertThrows(
                IllegalStateException.class,
                () ->
                    choice.requireRight(
                        (k, p) -> {
                          Matrix last =
                              p.b().transposed() ? Matrix.of(p.b().buffer(), 2, 5) : p.b();
                          k.product(
                              new Product(1, 1, p.a(), last, null, null, 0, p.c(), 0, 0, 0, null));
                        }))
            .getMessage();
    assertTrue(said.startsWith("cuBLAS: a product of small whole numbers came out as "), said);
    assertTrue(said.endsWith("-Devolute.cuda.gemm=ours"), said);
  }

  /** It is looked for once, and only who asks for it alone is told. */
  @Test
  void whereNoCublasIsFoundProductsAreOurs() {
    List<RuntimeException> reasons =
        List.of(new DeviceUnavailableException("no cuBLAS"), new IllegalStateException("cuBLAS: "));
    device.gemm(GemmChoice.By.OURS);
    Matrix a = Matrix.of(x, N, N);
    kernels.gemm(1, a, a, 0, Matrix.of(y, N, N));
    final double[] expected = y.toArray();
    for (RuntimeException reason : reasons) {
      AtomicInteger looked = new AtomicInteger();
      AtomicInteger asked = new AtomicInteger();
      for (GemmChoice.By by : List.of(GemmChoice.By.AUTO, GemmChoice.By.CUBLAS)) {
        device.gemm(
            new GemmChoice(
                device,
                by,
                times(2, 1, asked),
                new Cache(folder.resolve("gemm")),
                () -> {
                  looked.incrementAndGet();
                  throw reason;
                }));
        kernels.fill(0, y);
        if (by == GemmChoice.By.AUTO) {
          assertFalse(isCublas(N));
          assertFalse(isCublas(N - 1));
          assertEquals(1, looked.get());
          assertEquals(0, asked.get(), "nothing is measured");
          kernels.gemm(1, a, a, 0, Matrix.of(y, N, N));
          assertArrayEquals(expected, y.toArray());
        } else {
          assertThrows(
              reason.getClass(), () -> kernels.gemm(1, a, a, 0, Matrix.of(y, N, N)), "asked for");
        }
      }
    }
  }

  @Test
  void aGainThatIsNoGainLeavesTheProductToUs() {
    choose(1, 0.99, new AtomicInteger());
    assertFalse(isCublas(N));
  }

  @Test
  void measuringLeavesTheResultAlone() {
    y.set(x.toArray());
    choose(2, 1, new AtomicInteger());
    isCublas(N);
    assertArrayEquals(x.toArray(), y.toArray());
  }

  /** A product that fits is made even where a second result of its size does not. */
  @Test
  void whereATrialDoesNotFitTheProductIsOurs() {
    device.close();
    System.setProperty(MemoryPool.LIMIT, "" + (64 << 20));
    try {
      open();
    } finally {
      System.clearProperty(MemoryPool.LIMIT);
    }
    choose(2, 1, new AtomicInteger());
    assertTrue(isCublas(N), "there is memory for a trial");
    int side = 3_000;
    Matrix column = Matrix.of(device.allocate(DType.F32, side), side, 1);
    Matrix row = Matrix.of(device.allocate(DType.F32, side), 1, side);
    Matrix c = Matrix.of(device.allocate(DType.F32, (long) side * side), side, side);
    Product large = new Product(1, 1, column, row, null, null, 0, c, 0, 0, 0, null);
    assertFalse(device.gemmChoice().isCublas((ProductsOnCuda) kernels, large));
  }

  @Test
  void theFileIsForPeopleToo() throws IOException {
    choose(2, 1, new AtomicInteger());
    isCublas(N);
    isCublas(N - 1);
    try (var files = Files.list(folder.resolve("gemm"))) {
      Path table = files.filter(file -> !file.endsWith("lock")).findFirst().orElseThrow();
      // Behind the hash of the rest.
      byte[] file = Files.readAllBytes(table);
      List<String> lines = new String(file, 32, file.length - 32, UTF_8).lines().toList();
      assertEquals("# Software GPU, CUDA 12.6, cuBLAS 12.6.4; ours, cuBLAS", lines.getFirst());
      assertEquals("f32 nn 23x24x24 x1: cublas 2000.00 us, 1000.00", lines.get(1));
      assertEquals("f32 nn 24x24x24 x1: cublas 2000.00 us, 1000.00", lines.get(2));
    }
  }

  @Test
  void aDamagedFileIsMeasuredAnew() throws IOException {
    choose(2, 1, new AtomicInteger());
    isCublas(N);
    try (var files = Files.list(folder.resolve("gemm"))) {
      for (Path file : files.toList()) {
        // Whole, but for the hash that begins it.
        Files.writeString(file, "-".repeat(32) + "f32 nn 24x24x24 x1: cublas");
      }
    }
    choose(1, 2, new AtomicInteger());
    assertFalse(isCublas(N));
  }

  @Test
  void whatCannotBeKeptIsNotChosen() throws IOException {
    Files.writeString(folder.resolve("gemm"), "a file where the folder would be");
    choose(2, 1, new AtomicInteger());
    assertFalse(isCublas(N));
  }

  @Test
  void aShapeThatFirstComesInARecordingIsOurs() {
    choose(2, 1, new AtomicInteger());
    boolean[] multiplies = {false};
    Recording recorded =
        (Recording)
            device.repeated(
                () -> {
                  if (multiplies[0]) {
                    assertFalse(isCublas(N));
                  }
                });
    recorded.run();
    multiplies[0] = true;
    recorded.run();
    assertNull(recorded.whyNot());
    assertTrue(isCublas(N));
  }

  /** With all that may follow. */
  @Test
  void productsOfCublasAreOursWithinRounding() {
    Buffer bias = x.view(7, N);
    Matrix first = Matrix.of(device.allocate(DType.F32, N * N), N, N);
    Matrix a = Matrix.of(x, N, N);
    Matrix c = Matrix.of(y, N, N);
    for (Activation f : new Activation[] {null, Activation.RELU, Activation.GELU}) {
      Epilogue after = new Epilogue(bias, f, f == null ? null : first, a, a.t().t());
      double[][] results = new double[2][];
      double[][] derivatives = new double[2][];
      for (GemmChoice.By by : List.of(GemmChoice.By.OURS, GemmChoice.By.CUBLAS)) {
        device.gemm(by);
        kernels.gemmPair(0.5, a, a.t(), a.t(), a, 0, c, after);
        results[by.ordinal()] = y.toArray();
        derivatives[by.ordinal()] = first.buffer().toArray();
      }
      assertArrayEquals(results[0], results[1], 1e-4);
      assertArrayEquals(derivatives[0], derivatives[1], 1e-4);
    }
  }

  @Test
  void batchesOfCublasAreOursWithinRounding() {
    int n = 6;
    double[][] results = new double[2][];
    for (GemmChoice.By by : List.of(GemmChoice.By.OURS, GemmChoice.By.CUBLAS)) {
      device.gemm(by);
      kernels.fill(1, y);
      Matrix a = Matrix.of(x, n, n, 7);
      Matrix c = Matrix.of(y, n, n).t();
      // Products share one B.
      kernels.gemmBatch(5, 2, a, 50, Matrix.of(x.view(3, n * n), n, n).t(), 0, 0.5, c, 40);
      results[by.ordinal()] = y.toArray();
    }
    assertArrayEquals(results[0], results[1], 1e-5);
    assertEquals(1, results[1][36], "between products nothing is touched");
  }

  @Test
  void aProductWithoutInnerSizeIsOurs() {
    device.gemm(GemmChoice.By.CUBLAS);
    kernels.fill(3, y);
    kernels.gemm(0, Matrix.of(x, N, N), Matrix.of(x, N, N), 2, Matrix.of(y, N, N));
    kernels.gemm(1, Matrix.of(x, N, 0), Matrix.of(x, 0, N), 0.5, Matrix.of(y, N, N));
    assertEquals(3, y.toArray()[N]);
  }

  @Test
  void productsOfCublasAreInGraphs() {
    device.gemm(GemmChoice.By.CUBLAS);
    Matrix a = Matrix.of(x, N, N);
    Recording recorded =
        (Recording) device.repeated(() -> kernels.gemm(1, a, a, 0, Matrix.of(y, N, N)));
    recorded.run();
    final double[] expected = y.toArray();
    for (int time = 0; time < 2; time++) {
      kernels.fill(0, y);
      long before = device.launches();
      recorded.run();
      assertEquals(1, device.launches() - before);
      assertArrayEquals(expected, y.toArray());
    }
    assertNull(recorded.whyNot());
    // Products that others make are recorded anew.
    device.gemm(GemmChoice.By.OURS);
    recorded.run();
    assertArrayEquals(expected, y.toArray(), 1e-5);
  }

  @Test
  void resultFilesTellWhoMultiplied() {
    device.gemm(GemmChoice.By.CUBLAS);
    choose(2, 1, new AtomicInteger());
    isCublas(N);
    String said = new CudaDeviceProvider().choices().get("gemm");
    assertTrue(
        said.matches("auto: \\d+ of \\d+ shapes by cuBLAS 12\\.6\\.4, choices [0-9a-f]{8}"), said);
  }

  @Test
  void aMisspeltChoiceIsToldAndLeavesNothingOpen() {
    System.setProperty(GemmChoice.PROPERTY, "mine");
    try {
      String said =
          assertThrows(
                  IllegalArgumentException.class, () -> Device.open("cuda:software", 1).close())
              .getMessage();
      assertEquals(
          "evolute.cuda.gemm: 'mine' is nobody who multiplies; give ours, cublas or auto", said);
    } finally {
      System.clearProperty(GemmChoice.PROPERTY);
    }
  }

  @Test
  void thePropertyChooses() {
    assertEquals(GemmChoice.By.AUTO, GemmChoice.By.chosen(false));
    assertEquals(GemmChoice.By.OURS, GemmChoice.By.chosen(true));
    System.setProperty(GemmChoice.PROPERTY, "cublas");
    try (CudaDevice other = (CudaDevice) Software.open("cuda:software")) {
      assertTrue(
          other.gemmChoice().isCublas((ProductsOnCuda) other.kernels(DType.F32), product(2)));
    } finally {
      System.clearProperty(GemmChoice.PROPERTY);
    }
  }

  @Test
  void aCublasThatIsNotThereIsToldInOneSentence() {
    String said =
        assertThrows(
                DeviceUnavailableException.class,
                () -> Libraries.load("libevolute-none.so", "no cuBLAS"))
            .getMessage();
    assertTrue(said.startsWith("no cuBLAS: the driver is there but libevolute-none.so.12"), said);
    assertTrue(said.endsWith("name their folder by -Devolute.cuda.libraries"), said);
  }
}
