package dev.evolute.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How the CPU is opened, and what it shares with the caller. */
final class CpuDeviceTest {
  @Test
  void theCpuIsFoundByName() {
    try (Device cpu = Device.open("cpu", 2)) {
      assertEquals("cpu", cpu.name());
      assertEquals(2, cpu.threads());
    }
    DeviceProvider provider =
        Device.providers().stream().filter(p -> p.scheme().equals("cpu")).findFirst().orElseThrow();
    assertFalse(provider.describe().isBlank());
  }

  @Test
  void unusableThreadCountsAndNamesAreRefused() {
    for (int threads : new int[] {0, -1}) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> Device.open("cpu", threads))
              .getMessage();
      assertTrue(message.contains("" + threads) && message.contains("threads"), message);
    }
    String unknown =
        assertThrows(IllegalArgumentException.class, () -> Device.open("tpu", 1)).getMessage();
    assertTrue(unknown.contains("'tpu'") && unknown.contains("cpu"), unknown);
    assertThrows(IllegalArgumentException.class, () -> Device.open("", 1));
    String second =
        assertThrows(DeviceUnavailableException.class, () -> Device.open("cpu:1", 1)).getMessage();
    assertTrue(second.contains("'cpu:1'"), second);
  }

  @Test
  void memoryStartsOnACacheLine() {
    try (Device cpu = Device.open("cpu", 1)) {
      for (DType dtype : DType.values()) {
        for (int n : new int[] {1, 3, 17, 1000}) {
          try (Buffer x = cpu.allocate(dtype, n)) {
            assertEquals(0, x.segment().address() % 64);
            assertEquals((long) n * dtype.bytes(), x.segment().byteSize());
          }
        }
      }
    }
  }

  @Test
  void unusableLengthsAreRefused() {
    try (Device cpu = Device.open("cpu", 1)) {
      assertThrows(IllegalArgumentException.class, () -> cpu.allocate(DType.F32, -1));
      String message =
          assertThrows(IllegalStateException.class, () -> cpu.allocate(DType.F64, 1L << 50))
              .getMessage();
      assertTrue(message.contains("" + (1L << 50)), message);
      assertThrows(RuntimeException.class, () -> cpu.allocate(DType.F64, Long.MAX_VALUE / 4));
    }
  }

  @Test
  void wrappedNativeMemoryIsUsedInPlace() {
    try (Device cpu = Device.open("cpu", 3);
        Arena arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate(4L * 100_001);
      try (Buffer x = cpu.wrap(DType.F32, memory)) {
        cpu.kernels(DType.F32).fill(1.5, x);
        assertEquals(1.5f, memory.getAtIndex(ValueLayout.JAVA_FLOAT, 100_000));
        memory.setAtIndex(ValueLayout.JAVA_FLOAT, 7, 2.5f);
        assertEquals(2.5, x.get(7));
        assertEquals(1.5 * 100_000 + 2.5, cpu.kernels(DType.F32).dot(x, ones(cpu, arena)));
      }
      assertEquals(2.5f, memory.getAtIndex(ValueLayout.JAVA_FLOAT, 7));
    }
  }

  private static Buffer ones(Device cpu, Arena arena) {
    Buffer ones = cpu.wrap(DType.F32, arena.allocate(4L * 100_001));
    cpu.kernels(DType.F32).fill(1, ones);
    return ones;
  }

  @Test
  void wrappedDirectBuffersAreUsedInPlace() {
    try (Device cpu = Device.open("cpu", 1)) {
      ByteBuffer bytes = ByteBuffer.allocateDirect(8 * 33).order(ByteOrder.nativeOrder());
      Buffer x = cpu.wrap(DType.F64, MemorySegment.ofBuffer(bytes));
      cpu.kernels(DType.F64).fill(0.25, x);
      assertEquals(0.25, bytes.getDouble(8 * 32));
      x.close();
      assertEquals(0.25, bytes.getDouble(0));
    }
  }

  @Test
  void wrappedArraysAreUsedInPlaceByEveryKindOfKernel() {
    try (Device cpu = Device.open("cpu", 1)) {
      float[] floats = new float[35];
      Arrays.fill(floats, 3);
      double[] doubles = new double[35];
      Arrays.fill(doubles, 3);
      wrapped(cpu, DType.F32, MemorySegment.ofArray(floats));
      wrapped(cpu, DType.F64, MemorySegment.ofArray(doubles));
      assertEquals(9 * 5 + 3, floats[34]);
      assertEquals(9 * 5 + 3, doubles[34]);
    }
  }

  /** Every element becomes 9 * 5 + 3: a product of two fives by fives of threes, and a sum. */
  private static void wrapped(Device cpu, DType dtype, MemorySegment array) {
    Buffer x = cpu.wrap(dtype, array);
    Kernels kernels = cpu.kernels(dtype);
    try (Buffer square = cpu.allocate(dtype, 25);
        Buffer old = cpu.allocate(dtype, 35);
        Buffer z = cpu.allocate(dtype, 35)) {
      kernels.fill(3, square);
      kernels.copy(x, old);
      kernels.gemm(1, Matrix.of(old, 7, 5), Matrix.of(square, 5, 5), 0, Matrix.of(x, 7, 5));
      kernels.axpby(1, old, 1, x);
      kernels.activation(Activation.RELU, x, z, null, null);
      assertArrayEquals(x.toArray(), z.toArray());
      assertEquals(48 * Math.sqrt(35), kernels.nrm2(x), 1e-12);
    }
  }

  @Test
  void memoryOfOneThreadIsRefusedWhereSeveralCompute() {
    try (Arena confined = Arena.ofConfined();
        Device one = Device.open("cpu", 1);
        Device two = Device.open("cpu", 2)) {
      MemorySegment memory = confined.allocate(64);
      assertEquals(8, one.wrap(DType.F64, memory).length());
      String message =
          assertThrows(IllegalArgumentException.class, () -> two.wrap(DType.F64, memory))
              .getMessage();
      assertTrue(message.contains("shared or automatic arena"), message);
    }
  }

  @Test
  void closingADeviceTwiceIsHarmless() {
    Device cpu = Device.open("cpu", 3);
    try (Buffer x = cpu.allocate(DType.F32, 8)) {
      cpu.close();
      cpu.close();
      assertEquals(0, x.get(3));
    }
  }

  @Test
  void aClosedDeviceRefusesToCompute() {
    Device cpu = Device.open("cpu", 2);
    try (Buffer small = cpu.allocate(DType.F32, 9);
        Buffer large = cpu.allocate(DType.F32, 300_000)) {
      Kernels kernels = cpu.kernels(DType.F32);
      cpu.close();
      Matrix x = Matrix.of(small, 3, 3);
      for (Runnable call :
          List.<Runnable>of(
              () -> kernels.fill(1, small),
              () -> kernels.fill(1, large),
              () -> kernels.dot(small, small),
              () -> kernels.gemm(1, x, x.t(), 0, x))) {
        String message = assertThrows(IllegalStateException.class, call::run).getMessage();
        assertEquals("device: closed; open it again before computing on it", message);
      }
    }
  }

  @Test
  void anExecutorOfTheCallersComputesTheSame() {
    ExecutorService executor = Executors.newFixedThreadPool(2);
    try (Device own = Device.open("cpu", 3);
        Device borrowed = Device.open("cpu", 3, executor);
        Buffer x = own.allocate(DType.F64, 200_003);
        Buffer y = own.allocate(DType.F64, 200_003)) {
      assertEquals(3, borrowed.threads());
      x.set(new Random(1).doubles(x.length(), -3, 3).toArray());
      own.kernels(DType.F64).activation(Activation.GELU, x, y, null, null);
      double[] expected = y.toArray();
      own.kernels(DType.F64).fill(0, y);
      borrowed.kernels(DType.F64).activation(Activation.GELU, x, y, null, null);
      assertArrayEquals(expected, y.toArray());
      assertEquals(own.kernels(DType.F64).dot(x, y), borrowed.kernels(DType.F64).dot(x, y));
    } finally {
      executor.shutdown();
    }
    assertThrows(NullPointerException.class, () -> Device.open("cpu", 2, null));
  }

  /**
   * Sums of two and of three blocks take turns, so that on three and more threads some worker has a
   * part in every other round only.
   */
  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void roundsOfDifferentWidthDoNotMix() {
    for (int threads = 3; threads <= 6; threads++) {
      try (Device cpu = Device.open("cpu", threads);
          Buffer x = cpu.allocate(DType.F32, 200_000)) {
        Kernels kernels = cpu.kernels(DType.F32);
        kernels.fill(1, x);
        for (int i = 0; i < 1000; i++) {
          long n = i % 2 == 0 ? 40_000 : 100_000 + i % 3 * 50_000;
          Buffer part = x.view(0, n);
          assertEquals(n, kernels.dot(part, part), "round " + i + " on " + threads + " threads");
        }
      }
    }
  }

  @Test
  void manyDevicesComeAndGo() {
    for (int i = 0; i < 50; i++) {
      try (Device cpu = Device.open("cpu", 3);
          Buffer x = cpu.allocate(DType.F32, 200_003);
          Buffer y = cpu.allocate(DType.F32, 200_003)) {
        cpu.kernels(DType.F32).fill(i, x);
        cpu.kernels(DType.F32).fill(1, y);
        assertEquals(200_003.0 * i, cpu.kernels(DType.F32).dot(x, y));
      }
    }
  }
}
