package dev.evolute.app.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.app.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records of the published layout, two a file, whose bytes are known. */
class Cifar10Test {
  private static final int RECORD = 3073;

  @TempDir Path folder;
  private Path first;

  @BeforeEach
  void write() throws IOException {
    Path own = Files.createDirectories(folder.resolve("cifar-10-batches-bin"));
    first = own.resolve("data_batch_1.bin");
    for (int f = 1; f <= 5; f++) {
      byte[] bytes = new byte[2 * RECORD];
      for (int r = 0; r < 2; r++) {
        bytes[r * RECORD] = (byte) (2 * (f - 1) + r);
        for (int i = 0; i < 3072; i++) {
          bytes[r * RECORD + 1 + i] = (byte) (i * 7 + f + r);
        }
      }
      Files.write(own.resolve("data_batch_" + f + ".bin"), bytes);
    }
  }

  @Test
  void planesBecomePixelsWithTheirChannels() {
    ColourImages images = read();
    assertEquals(10, images.count());
    double[] x = new double[3072];
    double[] y = new double[10];
    images.only(new int[] {9, 3}).write(1, x, 0, y, 0);
    // Image 3 is the second record of the second file.
    assertArrayEquals(new double[] {0, 0, 0, 1, 0, 0, 0, 0, 0, 0}, y);
    int pixel = 37;
    double[] mean = {0.4914, 0.4822, 0.4465};
    double[] std = {0.2470, 0.2435, 0.2616};
    for (int c = 0; c < 3; c++) {
      int level = ((1024 * c + pixel) * 7 + 3) & 0xff;
      assertEquals((level / 255.0 - mean[c]) / std[c], x[3 * pixel + c], 1e-15);
    }
  }

  @Test
  void damagedFilesAreRefused() throws IOException {
    byte[] whole = Files.readAllBytes(first);
    Files.write(first, Arrays.copyOf(whole, whole.length - 1));
    assertEquals(
        first
            + " has 6145 bytes, 2 records of 3073 are 6146; it is truncated, replace it with an"
            + " intact copy",
        refused());
    whole[RECORD] = 10;
    Files.write(first, whole);
    assertEquals(
        first + ": label 1 (counted from 0) is 10, expected 0 to 9; replace it with an intact copy",
        refused());
  }

  private ColourImages read() {
    return Cifar10.set(2).find(List.of(folder.resolve("nowhere"), folder)).orElseThrow();
  }

  private String refused() {
    return assertThrows(UserException.class, this::read).getMessage();
  }

  @Test
  void planesAreTheBytesOfTheFiles() throws IOException {
    Dataset planes = Cifar10.planes(read());
    assertTrue(planes.real());
    assertEquals(10, planes.samples());
    assertEquals(3072, planes.features());
    assertArrayEquals(new byte[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, planes.labels());
    byte[] file = Files.readAllBytes(first);
    assertArrayEquals(
        Arrays.copyOfRange(file, RECORD + 1, 2 * RECORD),
        Arrays.copyOfRange(planes.pixels(), 3072, 2 * 3072));
    assertArrayEquals(
        Arrays.copyOfRange(file, RECORD + 1, 2 * RECORD),
        Arrays.copyOf(Cifar10.planes(read().only(new int[] {1})).pixels(), 3072));
  }

  @Test
  void folderWithoutItsFilesIsPassedOver() throws IOException {
    assertTrue(Cifar10.set(2).find(List.of(folder.resolve("nowhere"))).isEmpty());
    Files.delete(first);
    assertTrue(refused().startsWith(first + " is not there; put "), refused());
  }

  @Test
  void standInSaysThatItIsOneAndIsTheSameEveryTime() {
    Dataset standIn = Cifar10.standIn(30, 4);
    assertFalse(standIn.real());
    assertTrue(standIn.name().contains("synthetic"));
    assertEquals(3072, standIn.features());
    assertEquals(standIn.sha256(), Cifar10.standIn(30, 4).sha256());
  }
}
