package dev.evolute.kernels.gpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Precision;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** The software GPU finds what is wrong with a kernel: each fault is planted in a source. */
class PlantedFaultsTest {
  private static final int FORWARD = 0;
  private static final int SHUFFLED = 2;

  /** A device on which one source reads otherwise. */
  private static CudaDevice with(int order, String source, String old, String planted) {
    Software.open("cuda:software").close();
    UnaryOperator<String> sources =
        path -> {
          String text = Resource.text(path);
          if (!path.equals("cuda/" + source)) {
            return text;
          }
          assertTrue(text.contains(old), source + " has no '" + old + "'");
          return text.replace(old, planted);
        };
    return new CudaDevice("cuda:software", Cuda.software(), order, sources);
  }

  private static void assertTold(Executable use, String... words) {
    String message = assertThrows(IllegalStateException.class, use).getMessage();
    for (String word : words) {
      assertTrue(message.contains(word), "'" + word + "' is missing in: " + message);
    }
  }

  /** A product that takes several slices of k. */
  private static double[] product(Device device) {
    Kernels k = device.kernels(DType.F32);
    int n = 40;
    double[] values = new double[n * 100];
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.sin(i);
    }
    try (Buffer a = device.allocate(DType.F32, values.length);
        Buffer c = device.allocate(DType.F32, (long) n * n)) {
      a.set(values);
      Matrix left = Matrix.of(a, n, 100);
      k.gemm(1, left, left.t(), 0, Matrix.of(c, n, n));
      return c.toArray();
    }
  }

  @Test
  void theKernelsAsTheyAreGiveTheSameProductInEveryOrder() {
    double[][] results = new double[3][];
    for (int order = 0; order < 3; order++) {
      try (Device device = Software.open(CudaDeviceProvider.SOFTWARE.get(order))) {
        results[order] = product(device);
        assertTrue(Double.isFinite(results[order][0]));
      }
    }
    assertArrayEquals(results[0], results[1]);
    assertArrayEquals(results[0], results[2]);
  }

  private static void assertProductIsSpoilt(CudaDevice device) {
    try (device) {
      double sum = 0;
      for (double c : product(device)) {
        sum += c;
      }
      assertEquals(Double.NaN, sum);
    }
  }

  @Test
  void aMissingBarrierReadsWhatIsNotThereYet() {
    assertProductIsSpoilt(with(FORWARD, "product.cuh", "    __syncthreads();  // all", "  // all"));
  }

  @Test
  void aCopyThatIsNotAwaitedIsNotThere() {
    assertProductIsSpoilt(with(FORWARD, "product.cuh", "    awaitCopies<STAGES - 2>();", ""));
    assertProductIsSpoilt(
        with(FORWARD, "product.cuh", "awaitCopies<STAGES - 2>", "awaitCopies<STAGES - 1>"));
  }

  @Test
  void aCopyIntoWhatIsStillReadIsNoticed() {
    assertProductIsSpoilt(with(FORWARD, "product.cuh", "slice + STAGES - 1);", "slice + STAGES);"));
  }

  @Test
  void sharedMemoryThatNobodyWroteIsNan() {
    assertProductIsSpoilt(
        with(FORWARD, "product.cuh", "s++) begin(p.begin + s);", "s++) commitCopies();"));
  }

  @Test
  void aWrongLayoutOfFragmentsGivesAnotherProduct() {
    try (CudaDevice right = (CudaDevice) Software.open("cuda:software");
        CudaDevice wrong = with(FORWARD, "tensor.cuh", "= lower[term][0]", "= upper[term][1]")) {
      double[] expected = product(right);
      for (CudaDevice device : new CudaDevice[] {right, wrong}) {
        device.precision(Precision.TF32);
        double largest = 0;
        double[] actual = product(device);
        for (int i = 0; i < actual.length; i++) {
          largest = Math.max(largest, Math.abs(actual[i] - expected[i]));
        }
        assertEquals(device == wrong, largest > 0.1, "largest error " + largest);
      }
    }
  }

  @Test
  void anOperandThatIsNotRoundedIsNamed() {
    try (CudaDevice device =
        with(FORWARD, "tensor.cuh", "toTf32(both.x);", "__float_as_uint(both.x);")) {
      device.precision(Precision.TF32);
      assertTold(() -> product(device), "tf32MediumNT: thread", "no TF32 number");
    }
  }

  @Test
  void aDivergentBarrierIsNamed() {
    try (CudaDevice device =
            with(
                FORWARD,
                "evolute.cuh",
                "  __syncthreads();  // parts may",
                "  if (threadIdx.x < 40) __syncthreads();  // parts may");
        Buffer x = device.allocate(DType.F32, 2000)) {
      assertTold(
          () -> device.kernels(DType.F32).sum(x),
          "sum: divergent barrier: thread (0, 0, 0) of block (0, 0, 0) waits at __syncthreads,"
              + " line",
          "thread (40, 0, 0)");
    }
  }

  @Test
  void aLaneThatDoesNotComeIsNamed() {
    try (CudaDevice device =
            with(
                SHUFFLED,
                "evolute.cuh",
                "  v = overWarp<Op>(v);",
                "  if (threadIdx.x != 7) v = overWarp<Op>(v);");
        Buffer x = device.allocate(DType.F32, 2000)) {
      assertTold(() -> device.kernels(DType.F32).sum(x), "sum: divergent", "thread (7, 0, 0)");
    }
  }

  /** Lengths that end with a page and within one; a read within one gives NaN. */
  @Test
  void aReadPastTheEndIsNoticed() {
    try (CudaDevice device =
            with(FORWARD, "reductions.cu", "(double)x[i]; }", "(double)x[i + 1]; }");
        Buffer whole = device.allocate(DType.F32, 64);
        Buffer part = device.allocate(DType.F32, 61)) {
      assertEquals(Double.NaN, device.kernels(DType.F32).sum(part));
      assertTold(
          () -> device.kernels(DType.F32).sum(whole),
          "sum: thread (31, 0, 0)",
          "touches memory that is not allocated",
          "0 bytes past the end of a buffer of 256 bytes");
    }
  }

  @Test
  void aWritePastTheEndIsNoticed() {
    try (CudaDevice device = with(FORWARD, "vectors.cu", "x[i] = value", "x[i + 1] = value");
        Buffer whole = device.allocate(DType.F32, 64);
        Buffer part = device.allocate(DType.F32, 61)) {
      device.kernels(DType.F32).fill(1, part);
      assertTold(device::audit, "write 0 bytes past the end of a buffer of 244 bytes");
      assertThrows(IllegalStateException.class, () -> device.kernels(DType.F32).fill(1, whole));
    } catch (IllegalStateException spoilt) {
      // The damage is told once more when the buffer is closed.
      assertTrue(spoilt.getMessage().contains("past the end"), spoilt.getMessage());
    }
  }

  @Test
  void aWriteBeforeTheBeginIsNoticed() {
    CudaDevice device = with(FORWARD, "vectors.cu", "x[i] = value", "x[i - 1] = value");
    try (device) {
      Buffer x = device.allocate(DType.F32, 61);
      device.kernels(DType.F32).fill(1, x);
      assertTold(device::audit, "write 4 bytes before the begin of a buffer of 244 bytes");
    }
  }

  @Test
  void useAfterFreeIsNoticed() {
    try (CudaDevice device = (CudaDevice) Software.open("cuda:software")) {
      CudaBuffer x = (CudaBuffer) device.allocate(DType.F32, 100);
      long address = x.address();
      x.close();
      OnCuda kernels = (OnCuda) device.kernels(DType.F32);
      assertTold(
          () -> kernels.launch(VectorsOnCuda.FILL).n(100).real(1).at(address).over(100),
          "fill: thread (0, 0, 0)",
          "element at byte 0 of a buffer of 400 bytes that was freed");
    }
  }

  @Test
  void aLeakedBufferIsCounted() {
    try (CudaDevice device = (CudaDevice) Software.open("cuda:software")) {
      product(device);
      assertEquals(0, device.used(), "all that is open is closed");
      device.allocate(DType.F32, 100);
      assertNotEquals(0, device.used());
    }
  }

  @Test
  void anIndexOutsideASharedArrayIsNamed() {
    try (CudaDevice device =
            with(
                SHUFFLED,
                "reductions.cu",
                "for (int k = 1; k < ROWS; k++)",
                "for (int k = 1; k <= ROWS; k++)");
        Buffer x = device.allocate(DType.F32, 40);
        Buffer row = device.allocate(DType.F32, 5)) {
      assertTold(
          () -> device.kernels(DType.F32).columnSums(Matrix.of(x, 8, 5), 0, row),
          "columnShares: thread",
          "an index is outside its array, line");
    }
  }

  @Test
  void anAddressThatIsNotAlignedIsNamed() {
    try (CudaDevice device =
        with(SHUFFLED, "gemm.cu", "index(of(thread, i), k)", "index(of(thread, i), k + 1)")) {
      assertTold(() -> product(device), "gemmMediumNT: thread", "not aligned");
    }
  }
}
