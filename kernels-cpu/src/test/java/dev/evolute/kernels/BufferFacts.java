package dev.evolute.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.Locale;
import org.junit.jupiter.api.function.Executable;

/** What owners and borrowers of memory may rely on. */
interface BufferFacts {
  @EveryWorkspace
  default void kernelsKnowTheirDeviceAndType(Workspace w) {
    assertSame(w.device, w.kernels.device());
    assertEquals(w.dtype, w.kernels.dtype());
    assertSame(w.kernels, w.device.kernels(w.dtype));
  }

  @EveryWorkspace
  default void newMemoryIsZero(Workspace w) {
    for (int n : new int[] {0, 1, 7, 1000}) {
      try (Buffer x = w.device.allocate(w.dtype, n)) {
        assertSame(w.device, x.device());
        assertEquals(w.dtype, x.dtype());
        assertEquals(n, x.length());
        assertArrayEquals(new double[n], x.toArray());
      }
    }
  }

  @EveryWorkspace
  default void valuesAreRoundedOnceOnTheWayIn(Workspace w) {
    double[] values = {1.0 / 3, -0.0, 1e-310, 1e300, Double.NaN, Double.NEGATIVE_INFINITY};
    try (Buffer x = w.device.allocate(w.dtype, values.length)) {
      x.set(values);
      for (int i = 0; i < values.length; i++) {
        assertEquals(w.round(values[i]), x.get(i));
      }
    }
  }

  @EveryWorkspace
  default void partsAreReadAndWrittenInPlace(Workspace w) {
    try (Buffer x = w.device.allocate(w.dtype, 6)) {
      x.write(2, new double[] {9, 1, 2, 3, 9}, 1, 3);
      assertArrayEquals(new double[] {0, 0, 1, 2, 3, 0}, x.toArray());
      double[] target = {-1, -1, -1, -1};
      x.read(3, target, 1, 2);
      assertArrayEquals(new double[] {-1, 2, 3, -1}, target);
      x.write(6, target, 0, 0);
    }
  }

  @EveryWorkspace
  default void aViewSharesMemory(Workspace w) {
    try (Buffer x = w.device.allocate(w.dtype, 10)) {
      Buffer view = x.view(3, 5);
      Buffer inner = view.view(1, 2);
      assertEquals(5, view.length());
      inner.set(7, 8);
      assertArrayEquals(new double[] {0, 0, 0, 0, 7, 8, 0, 0, 0, 0}, x.toArray());
      x.write(3, new double[] {6}, 0, 1);
      assertEquals(6, view.get(0));
      view.close();
      assertEquals(6, x.get(3));
      assertEquals(0, x.view(10, 0).length());
    }
  }

  @EveryWorkspace
  default void rangesOutsideABufferAreRefused(Workspace w) {
    try (Buffer x = w.device.allocate(w.dtype, 10)) {
      Class<IndexOutOfBoundsException> outside = IndexOutOfBoundsException.class;
      assertThrows(outside, () -> x.view(5, 6));
      assertThrows(outside, () -> x.view(-1, 2));
      assertThrows(outside, () -> x.view(11, 0));
      assertThrows(outside, () -> x.view(0, -1));
      assertThrows(outside, () -> x.view(0, 4).view(0, 5));
      assertThrows(outside, () -> x.get(10));
      assertThrows(outside, () -> x.view(2, 3).get(3));
      assertThrows(outside, () -> x.write(8, new double[3], 0, 3));
      assertThrows(outside, () -> x.write(0, new double[3], 1, 3));
      assertThrows(outside, () -> x.read(0, new double[3], 1, 3));
      Exception wrong = assertThrows(IllegalArgumentException.class, () -> x.set(1, 2, 3));
      assertTrue(wrong.getMessage().contains("3") && wrong.getMessage().contains("10"));
      Class<IllegalArgumentException> misfit = IllegalArgumentException.class;
      assertThrows(misfit, () -> Matrix.of(x, 3, 4));
      assertThrows(misfit, () -> Matrix.of(x, 2, 4, 7));
      assertThrows(misfit, () -> Matrix.of(x, 2, 4, 3));
      assertThrows(misfit, () -> Matrix.of(x, -1, 4));
      assertEquals(2, Matrix.of(x, 2, 4, 6).rows());
    }
  }

  @EveryWorkspace
  default void aClosedBufferSaysSo(Workspace w) {
    Buffer x = w.device.allocate(w.dtype, 10);
    Buffer view = x.view(2, 4);
    Buffer y = w.device.allocate(w.dtype, 10);
    x.close();
    x.close();
    assertClosed(() -> x.get(0));
    assertClosed(() -> x.set(new double[10]));
    assertClosed(() -> view.get(0));
    assertClosed(() -> w.kernels.fill(1, x));
    assertClosed(() -> w.kernels.axpby(1, x, 1, y));
    assertClosed(() -> w.kernels.dot(y, x));
    assertClosed(
        () -> w.kernels.gemm(1, Matrix.of(x, 3, 3), Matrix.of(y, 3, 3), 0, Matrix.of(y, 3, 3)));
    y.close();
  }

  private static void assertClosed(Executable use) {
    String message = assertThrows(IllegalStateException.class, use).getMessage();
    assertTrue(message.toLowerCase(Locale.ROOT).contains("closed"), message);
  }

  @EveryWorkspace
  default void wrappedMemoryStaysTheCallers(Workspace w) {
    try (Arena arena = Arena.ofShared()) {
      var memory = arena.allocate(5L * w.dtype.bytes());
      try (Buffer x = w.device.wrap(w.dtype, memory)) {
        assertEquals(5, x.length());
        x.set(1, 2, 3, 4, 5);
        assertArrayEquals(new double[] {1, 2, 3, 4, 5}, x.toArray());
      }
      memory.fill((byte) 0);
      assertTrue(memory.scope().isAlive());
    }
  }

  @EveryWorkspace
  default void wrapRefusesPartsOfElements(Workspace w) {
    try (Arena arena = Arena.ofShared()) {
      for (int bytes : new int[] {1, 3, 13, 15}) {
        var memory = arena.allocate(bytes);
        Exception e =
            assertThrows(IllegalArgumentException.class, () -> w.device.wrap(w.dtype, memory));
        assertTrue(e.getMessage().contains("" + bytes), e.getMessage());
        assertTrue(e.getMessage().contains("" + w.dtype), e.getMessage());
      }
    }
  }
}
