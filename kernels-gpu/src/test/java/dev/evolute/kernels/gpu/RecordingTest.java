package dev.evolute.kernels.gpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Precision;
import dev.evolute.kernels.Targets;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Calls that come again are one launch, give the same bits, and fall back where they must. */
class RecordingTest {
  private static final int N = 40;

  private CudaDevice device;
  private Kernels kernels;
  private Buffer x;
  private Buffer y;

  @BeforeEach
  void open() {
    device = (CudaDevice) Software.open("cuda:software");
    kernels = device.kernels(DType.F32);
    x = filled(N * N, i -> Math.sin(i));
    y = device.allocate(DType.F32, N * N);
  }

  @AfterEach
  void closeAll() {
    x.close();
    y.close();
    device.close();
    assertEquals(0, device.used());
  }

  private interface Formula {
    double at(int i);
  }

  private Buffer filled(int length, Formula f) {
    double[] values = new double[length];
    for (int i = 0; i < length; i++) {
      values[i] = f.at(i);
    }
    Buffer buffer = device.allocate(DType.F32, length);
    buffer.set(values);
    return buffer;
  }

  /** Pieces of work that some calls are. */
  private long launches(Runnable calls) {
    long before = device.launches();
    calls.run();
    return device.launches() - before;
  }

  private void product(Buffer a, Buffer c) {
    kernels.gemm(1, Matrix.of(a, N, N), Matrix.of(a, N, N).t(), 0, Matrix.of(c, N, N));
    kernels.axpby(0.5, a, 1, c);
    kernels.copy(c, a);
  }

  @Test
  void fromTheThirdTimeOnAllCallsAreOneLaunchAndGiveTheSameBits() {
    try (Buffer a = filled(N * N, i -> Math.sin(i));
        Buffer c = device.allocate(DType.F32, N * N)) {
      Runnable recorded = device.repeated(() -> product(x, y));
      for (int time = 0; time < 4; time++) {
        long expected = launches(() -> product(a, c));
        assertTrue(expected >= 3);
        assertEquals(time == 0 ? expected : 1, launches(recorded), "time " + time);
        assertArrayEquals(c.toArray(), y.toArray());
        // What comes in changes between two runs.
        kernels.axpby(1, c, 0, a);
        kernels.axpby(1, y, 0, x);
      }
    }
  }

  @Test
  void aNumberForTheHostIsBroughtEachTime() {
    double[] sums = new double[3];
    int[] times = {0};
    Recording recorded =
        (Recording)
            device.repeated(
                () -> {
                  kernels.axpby(1, x, 1, y);
                  sums[times[0]] = kernels.sum(y);
                });
    for (; times[0] < 3; times[0]++) {
      recorded.run();
    }
    assertEquals(2 * sums[0], sums[1], 1e-5);
    assertEquals(3 * sums[0], sums[2], 1e-5);
    assertEquals("the host waits for numbers in calls that are being recorded", recorded.whyNot());
  }

  @Test
  void memoryIsNotAskedForInARecording() {
    Recording recorded = (Recording) device.repeated(() -> device.allocate(DType.F32, 10).close());
    recorded.run();
    recorded.run();
    assertEquals("memory is asked for in calls that are being recorded", recorded.whyNot());
  }

  @Test
  void anErrorOfTheCallsIsThatOfTheCalls() {
    boolean[] wrong = {false};
    Runnable recorded = device.repeated(() -> kernels.copy(x, wrong[0] ? y.view(0, 1) : y));
    recorded.run();
    wrong[0] = true;
    assertThrows(IllegalArgumentException.class, recorded::run);
    wrong[0] = false;
    recorded.run();
    assertArrayEquals(x.toArray(), y.toArray());
  }

  @Test
  void aRecordingInARecordingIsPartOfIt() {
    Runnable inner = device.repeated(() -> kernels.axpby(1, x, 1, y));
    Runnable outer =
        device.repeated(
            () -> {
              inner.run();
              kernels.axpby(1, x, 1, y);
            });
    for (int i = 0; i < 3; i++) {
      outer.run();
    }
    assertEquals(1, launches(outer));
    assertEquals(8 * Math.sin(1), y.toArray()[1], 1e-5);
  }

  @Test
  void aLabelOutOfRangeIsToldWhenTheHostNextWaits() {
    int classes = 4;
    try (Buffer labels = filled(N, i -> i % classes);
        Buffer logits = filled(N * classes, i -> Math.cos(i));
        Buffer p = device.allocate(DType.F32, N * classes);
        Buffer loss = device.allocate(DType.F64, 1)) {
      Targets targets = Targets.labels(labels, classes);
      Matrix z = Matrix.of(logits, N, classes);
      Recording recorded =
          (Recording)
              device.repeated(
                  () -> kernels.softmaxCrossEntropy(1, z, targets, Matrix.of(p, N, classes), loss));
      recorded.run();
      final double expected = loss.get(0);
      recorded.run();
      assertEquals(expected, loss.get(0));
      assertNull(recorded.whyNot());
      labels.write(7, new double[] {9.5}, 0, 1);
      recorded.run();
      String said = assertThrows(IllegalArgumentException.class, () -> loss.get(0)).getMessage();
      assertEquals(
          "softmaxCrossEntropy: label 7 is 9.5; it must be a whole number from -1 to 3", said);
      // It was told; with right labels all is as before.
      labels.write(7, new double[] {3}, 0, 1);
      recorded.run();
      device.await();
      assertEquals(expected, loss.get(0));
    }
  }

  @Test
  void scratchThatIsOutgrownStaysInTheGraph() {
    Consumer<Integer> sums =
        n -> {
          try (Buffer large = filled(n * 700, i -> 1);
              Buffer row = device.allocate(DType.F32, 700)) {
            kernels.columnSums(Matrix.of(large, n, 700), 0, row);
            assertEquals((double) n, row.get(699));
          }
        };
    try (Buffer out = device.allocate(DType.F64, 1)) {
      Runnable recorded = device.repeated(() -> kernels.dot(1, x, x, out));
      recorded.run();
      recorded.run();
      final double expected = out.get(0);
      sums.accept(3000);
      recorded.run();
      assertEquals(expected, out.get(0));
    }
  }

  @Test
  void anotherPrecisionIsAnotherRecording() {
    Runnable recorded =
        device.repeated(
            () -> kernels.gemm(1, Matrix.of(x, N, N), Matrix.of(x, N, N), 0, Matrix.of(y, N, N)));
    recorded.run();
    recorded.run();
    double exact = y.toArray()[3];
    device.precision(Precision.BF16);
    for (int i = 0; i < 2; i++) {
      recorded.run();
      double rough = y.toArray()[3];
      assertTrue(rough != exact && Math.abs(rough - exact) < 0.1, rough + " and " + exact);
    }
  }
}
