package dev.evolute.app.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.app.UserException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Batches that Python 3 and NumPy 2.4 wrote, {@code pickle.dump({'data': ..., 'labels': ...,
 * 'mean': ...}, file, protocol)} with protocols 3 to 5, of 1 to 3 images: {@code data} of protocol
 * p are {@code (7 i + p) mod 256} over all of them, {@code labels} are 1000 - p, then ones, then
 * 100 p.
 */
class ImageNet32Test {
  private static final int[] PROTOCOLS = {4, 3, 5, 3, 4, 4, 3, 5, 5, 4};

  @TempDir Path folder;
  private Path first;

  @BeforeEach
  void write() throws IOException {
    Path own = Files.createDirectories(folder.resolve("Imagenet32_train"));
    first = own.resolve("train_data_batch_1");
    for (int f = 1; f <= 10; f++) {
      Files.write(own.resolve("train_data_batch_" + f), batch(PROTOCOLS[f - 1]));
    }
  }

  private static byte[] batch(int protocol) throws IOException {
    String name = "imagenet32-" + protocol + ".pickle.gz";
    try (InputStream in = ImageNet32Test.class.getResourceAsStream(name)) {
      return new GZIPInputStream(in).readAllBytes();
    }
  }

  private ColourImages read() {
    return ImageNet32.SET.find(List.of(folder.resolve("nowhere"), folder)).orElseThrow();
  }

  private String refused() {
    return assertThrows(UserException.class, this::read).getMessage();
  }

  @Test
  void imagesAndLabelsOfAllProtocolsAreThoseWritten() {
    ColourImages images = read();
    assertEquals(2 + 1 + 3 + 1 + 2 + 2 + 1 + 3 + 3 + 2, images.count());
    int sample = 0;
    for (int protocol : PROTOCOLS) {
      for (int i = 0; i < protocol - 2; i++) {
        int label = i == 0 ? 1000 - protocol : i == protocol - 3 ? 100 * protocol : 1;
        double[] x = new double[3072];
        double[] y = new double[1000];
        images.only(new int[] {0, sample++}).write(1, x, 0, y, 0);
        double[] expected = new double[1000];
        expected[label - 1] = 1;
        assertArrayEquals(expected, y, "sample " + (sample - 1));
        assertEquals((level(protocol, i, 37) / 255.0 - 0.481) / 0.260, x[111], 1e-15);
        assertEquals((level(protocol, i, 1024 + 37) / 255.0 - 0.457) / 0.253, x[112], 1e-15);
        assertEquals((level(protocol, i, 2048 + 37) / 255.0 - 0.408) / 0.268, x[113], 1e-15);
      }
    }
  }

  private static int level(int protocol, int image, int i) {
    return ((3072 * image + i) * 7 + protocol) & 0xff;
  }

  @Test
  void truncatedFilesAreRefusedWhereverTheyEnd() throws IOException {
    byte[] whole = Files.readAllBytes(first);
    for (int length : new int[] {2, 3, 40, 150, 4000, whole.length - 20, whole.length - 1}) {
      Files.write(first, Arrays.copyOf(whole, length));
      assertEquals(
          first + " is no batch of ImageNet32: it is truncated; replace it with an intact copy",
          refused(),
          length + " of " + whole.length + " bytes");
    }
  }

  @Test
  void foreignFilesAreRefused() throws IOException {
    for (byte[] foreign :
        new byte[][] {
          {},
          "a text".getBytes(StandardCharsets.US_ASCII),
          {(byte) 0x80, 3, '}', '.'},
          {(byte) 0x80, 3, 'K', 7, '.'},
          {(byte) 0x80, 3, 'c', 'o', 's', '\n', 'x', '\n', ')', 'R', '.'},
          {(byte) 0x80, 3, 'h', 9, '.'},
          {(byte) 0x80, 3, 'a', '.'}
        }) {
      Files.write(first, foreign);
      String said = refused();
      assertTrue(said.startsWith(first + " is no batch of ImageNet32: it "), said);
      assertTrue(said.endsWith("; replace it with an intact copy"), said);
    }
    Files.delete(first);
    assertTrue(refused().startsWith(first + " is not there; unpack "), refused());
  }

  /** Whatever is wrong with a file, it is a sentence. */
  @Test
  void flippedBytesAreRefusedOrHarmless() throws IOException {
    Random random = new Random(1);
    byte[] whole = Files.readAllBytes(first);
    int refused = 0;
    for (int round = 0; round < 600; round++) {
      byte[] flipped = whole.clone();
      // Around the pixels, where the structure is.
      int at =
          random.nextInt(2) == 0 ? random.nextInt(160) : whole.length - 1 - random.nextInt(150);
      flipped[at] = (byte) random.nextInt();
      Files.write(first, flipped);
      try {
        read();
      } catch (UserException e) {
        refused++;
      }
    }
    assertTrue(refused > 200, refused + " refused");
  }

  @Test
  void labelsBeyondTheClassesAreRefused() throws IOException {
    byte[] whole = Files.readAllBytes(first);
    int at = indexOf(whole, new byte[] {'M', (byte) 996, (byte) (996 >> 8)});
    whole[at + 1] = 0;
    whole[at + 2] = 0;
    Files.write(first, whole);
    assertEquals(
        first
            + " is no batch of ImageNet32: label 0 (counted from 0) is 0, 1 to 1000 are possible;"
            + " replace it with an intact copy",
        refused());
  }

  private static int indexOf(byte[] whole, byte[] part) {
    for (int at = 0; at + part.length <= whole.length; at++) {
      if (Arrays.equals(whole, at, at + part.length, part, 0, part.length)) {
        return at;
      }
    }
    throw new AssertionError("not there");
  }
}
