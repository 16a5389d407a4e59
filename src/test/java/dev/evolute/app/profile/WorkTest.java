package dev.evolute.app.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.evolute.kernels.Activation;
import dev.evolute.kernels.AttentionShape;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.ConvolutionShape;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Epilogue;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.PackedMatrix;
import dev.evolute.kernels.Targets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What calls have to do, counted by hand. */
class WorkTest {
  private final Device device = Device.open("cpu", 1);

  @AfterEach
  void close() {
    device.close();
  }

  private Matrix matrix(int rows, int cols) {
    return Matrix.of(device.allocate(DType.F32, (long) rows * cols), rows, cols);
  }

  private static void assertWork(double flops, double bytes, Work work) {
    assertEquals(flops, work.flops());
    assertEquals(bytes, work.bytes());
  }

  @Test
  void aProductIsTwoFlopsATermAndEachOperandOnce() {
    Matrix a = matrix(3, 5);
    Matrix b = matrix(5, 7);
    Matrix c = matrix(3, 7);
    Work work = Work.of("gemm", new Object[] {1.0, a, b, 0.0, c});
    assertWork(2 * 3 * 5 * 7, 4 * (15 + 35 + 21), work);
    assertEquals("[3 x 5] [5 x 7] [3 x 7]", work.shape());
    Epilogue layer = Epilogue.layer(device.allocate(DType.F32, 7), Activation.TANH, matrix(3, 7));
    assertWork(
        2 * 3 * 5 * 7,
        4 * (15 + 35 + 21 + 7 + 21),
        Work.of("gemm", new Object[] {1.0, a, b, 0.0, c, layer}));
    try (PackedMatrix packed = device.kernels(DType.F32).pack(b)) {
      assertWork(210, 4 * 71, Work.of("gemm", new Object[] {1.0, a, packed, 0.0, c}));
    }
  }

  @Test
  void aMatrixTimesItsTransposeIsReadOnce() {
    Matrix a = matrix(3, 5);
    Work work = Work.of("gemm", new Object[] {1.0, a, a.t(), 0.0, matrix(3, 3)});
    assertWork(2 * 3 * 5 * 3, 4 * (15 + 9), work);
  }

  @Test
  void aPairIsTwoProducts() {
    Object[] pair = {
      1.0, matrix(3, 5), matrix(5, 7), matrix(3, 4), matrix(4, 7), 0.0, matrix(3, 7), null
    };
    assertWork(2 * 3 * 7 * (5 + 4), 4 * (15 + 35 + 12 + 28 + 21), Work.of("gemmPair", pair));
  }

  @Test
  void aBatchSharesWhatHasNoStep() {
    Matrix a = matrix(3, 5);
    Object[] batch = {6, 1.0, a, 0L, matrix(5, 7), 35L, 0.0, matrix(3, 7), 21L};
    Work work = Work.of("gemmBatch", batch);
    assertWork(6 * 2 * 3 * 5 * 7, 4 * (15 + 6 * 35 + 6 * 21), work);
    assertEquals("6 [3 x 5] [5 x 7] [3 x 7]", work.shape());
  }

  @Test
  void aConvolutionCountsEveryTapOfEveryPixel() {
    ConvolutionShape shape = ConvolutionShape.of(2, 8, 9, 3, 4, 3).withStride(2).withPadding(1);
    Buffer x = device.allocate(DType.F32, 2 * 8 * 9 * 3);
    Buffer w = device.allocate(DType.F32, 3 * 3 * 3 * 4);
    Buffer y = device.allocate(DType.F32, 2 * 4 * 5 * 4);
    Object[] call = {shape, 1.0, x, w, null, 0.0, y};
    assertWork(
        2 * (2 * 4 * 5) * 4 * (3 * 3 * 3), 4 * (432 + 108 + 160), Work.of("convolution", call));
  }

  @Test
  void causalAttentionCountsTheKeysThatAreSeen() {
    AttentionShape shape = AttentionShape.self(2, 3, 4, 5, true);
    Matrix q = matrix(8, 15);
    AttentionShape.Values x =
        shape.values(
            q, matrix(8, 15), matrix(8, 15), matrix(8, 15), device.allocate(DType.F32, 24));
    // 1 + 2 + 3 + 4 keys for the four queries of each head.
    assertWork(
        2 * 2 * (2 * 3 * 10) * 5, 4 * (4 * 120 + 24), Work.of("attention", new Object[] {x}));
  }

  @Test
  void kernelsBoundByMemoryCountNoFlops() {
    Buffer x = device.allocate(DType.F64, 10);
    assertWork(
        0, 160, Work.of("axpby", new Object[] {1.0, x, 0.0, device.allocate(DType.F64, 10)}));
    Targets labels = Targets.labels(device.allocate(DType.F32, 3), 7);
    Object[] loss = {1.0, matrix(3, 7), labels, matrix(3, 7), device.allocate(DType.F64, 1)};
    assertWork(0, 4 * (21 + 3 + 21) + 8, Work.of("softmaxCrossEntropy", loss));
  }
}
