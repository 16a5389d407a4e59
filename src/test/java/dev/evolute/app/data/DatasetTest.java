package dev.evolute.app.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class DatasetTest {
  private static Dataset tiny(int[] indices) {
    return new Dataset(
        "tiny",
        false,
        "train",
        1,
        2,
        3,
        new byte[] {0, (byte) 255, 51, (byte) 204},
        new byte[] {2, 0},
        "made up",
        0.2,
        0.4,
        indices);
  }

  @Test
  void inputsAreStandardisedPixels() {
    assertArrayEquals(new double[] {-0.5, 2, 0, 1.5}, tiny(new int[0]).inputs(), 1e-15);
    assertArrayEquals(new float[] {-0.5f, 2, 0, 1.5f}, tiny(new int[0]).inputsF32(), 1e-7f);
  }

  @Test
  void labelsBecomeOneHotRows() {
    assertArrayEquals(new double[] {0, 0, 1, 1, 0, 0}, tiny(new int[0]).oneHot());
    assertArrayEquals(new float[] {0, 0, 1, 1, 0, 0}, tiny(new int[0]).oneHotF32());
  }

  @Test
  void copiesFillExactlyTheirPartOfOffHeapMemory() {
    Dataset set = tiny(new int[] {4, 9});
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment inputs = arena.allocate(8L * 5, 64).fill((byte) 0x55);
      set.copyInputs(inputs, ValueLayout.JAVA_DOUBLE);
      assertEquals(2.0, inputs.getAtIndex(ValueLayout.JAVA_DOUBLE, 1), 1e-15);
      assertEquals(0x5555555555555555L, inputs.getAtIndex(ValueLayout.JAVA_LONG, 4));

      MemorySegment targets = arena.allocate(4L * 7, 64).fill((byte) 0x55);
      set.copyOneHot(targets, ValueLayout.JAVA_FLOAT);
      assertEquals(0f, targets.getAtIndex(ValueLayout.JAVA_FLOAT, 0));
      assertEquals(1f, targets.getAtIndex(ValueLayout.JAVA_FLOAT, 2));
      assertEquals(0x55555555, targets.getAtIndex(ValueLayout.JAVA_INT, 6));

      MemorySegment small = arena.allocate(15);
      assertThrows(
          IllegalArgumentException.class, () -> set.copyInputs(small, ValueLayout.JAVA_FLOAT));
    }
  }

  @Test
  void checksumIsOfPixelsThenLabels() {
    assertEquals(
        Sha256.hex(new byte[] {0, (byte) 255, 51, (byte) 204, 2, 0}), tiny(new int[0]).sha256());
    // "abc": the example of FIPS 180-2
    assertEquals(
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        Sha256.hex(new byte[] {'a'}, new byte[] {'b', 'c'}));
  }

  @Test
  void sizesThatDisagreeAreRejected() {
    assertThrows(IllegalArgumentException.class, () -> tiny(new int[] {1}));
    byte[] two = new byte[2];
    assertThrows(
        IllegalArgumentException.class,
        () -> new Dataset("x", false, "train", 2, 2, 3, two, two, "", 0, 1, new int[0]));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Dataset("x", false, "train", 1, 1, 3, two, two, "", 0, 0, new int[0]));
  }
}
