package dev.evolute.app.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

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
  }

  @Test
  void labelsBecomeOneHotRows() {
    assertArrayEquals(new double[] {0, 0, 1, 1, 0, 0}, tiny(new int[0]).oneHot());
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
