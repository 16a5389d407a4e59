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
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class IdxReaderTest {
  private static final Idx IMAGES = new Idx(new int[] {2, 2, 3}, new byte[12]);
  private static final Idx LABELS = new Idx(new int[] {5}, new byte[] {0, 9, 3, 3, 1});

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"images-idx3-ubyte", "images-idx3-ubyte.gz"})
  void imagesComeBackAsWritten(String name) {
    byte[] data = new byte[2_500_000]; // past the first growth of the read buffer
    for (int i = 0; i < data.length; i++) {
      data[i] = (byte) (i * 31);
    }
    Idx written = new Idx(new int[] {2500, 25, 40}, data);
    Idx read = IdxReader.read(TinySet.write(written, folder.resolve(name)), 3);
    assertArrayEquals(written.dims(), read.dims());
    assertArrayEquals(written.data(), read.data());
    assertEquals(written.sha256(), read.sha256());
  }

  @ParameterizedTest
  @CsvSource({"labels-idx1-ubyte", "labels-idx1-ubyte.gz"})
  void labelsComeBackAsWritten(String name) {
    Idx read = IdxReader.read(TinySet.write(LABELS, folder.resolve(name)), 1);
    assertArrayEquals(LABELS.data(), read.data());
  }

  @Test
  void gzipIsToldByContentNotByName() throws IOException {
    Path plainlyNamed = folder.resolve("labels-idx1-ubyte");
    Files.write(plainlyNamed, TinySet.gzip(TinySet.bytes(LABELS)));
    assertArrayEquals(LABELS.data(), IdxReader.read(plainlyNamed, 1).data());

    Path gzNamed = folder.resolve("other-idx1-ubyte.gz");
    Files.write(gzNamed, TinySet.bytes(LABELS));
    assertArrayEquals(LABELS.data(), IdxReader.read(gzNamed, 1).data());
  }

  static Stream<Arguments> malformed() {
    byte[] images = TinySet.bytes(IMAGES);
    return Stream.of(
        Arguments.of(
            "89504e470d0a1a0a0000000d49484452",
            "is not an IDX file: it starts with bytes 89 50 4e 47, expected 00 00 08 03"),
        Arguments.of(
            "00000d03000000010000000100000001",
            "holds IDX elements of type 0x0d, expected 0x08 (unsigned byte)"),
        Arguments.of(
            "000008010000000100", "has 1 IDX dimension(s), expected 3 (count x rows x columns)"),
        Arguments.of("", "an IDX header of 16 bytes is expected, but it ends after 0"),
        Arguments.of("000008", "an IDX header of 16 bytes is expected, but it ends after 3"),
        Arguments.of(
            "0000080300000002000000",
            "an IDX header of 16 bytes is expected, but it ends after 11"),
        Arguments.of(
            hex(Arrays.copyOf(images, images.length - 5)),
            "is truncated: its header says 2 x 2 x 3, so 28 bytes are expected, but it has 23"),
        Arguments.of(
            hex(Arrays.copyOf(images, images.length + 4)),
            "has 4 bytes after its data: its header says 2 x 2 x 3, so 28 bytes are expected"),
        Arguments.of("00000803000000020000000000000003", "is empty: its header says 2 x 0 x 3"),
        Arguments.of(
            "00000803ffffffffffffffffffffffff",
            "its header says 4294967295 x 4294967295 x 4294967295, which is more than 2147483631"),
        Arguments.of(
            "000008037fffffef0000000100000001",
            "its header says 2147483631 x 1 x 1, so 2147483647 bytes are expected, but it has 16"));
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void malformedFilesAreNamedWithWhatIsWrong(String content, String expected) {
    for (String name : new String[] {"images-idx3-ubyte", "images-idx3-ubyte.gz"}) {
      Path file = TinySet.write(HexFormat.of().parseHex(content), folder.resolve(name));
      assertSentence(file, expected, assertThrowsUser(() -> IdxReader.read(file, 3)));
    }
  }

  @Test
  void lyingHeaderCostsNoMemory() throws IOException {
    byte[] header = HexFormat.of().parseHex("000008037fffffef0000000100000001");
    Path file = folder.resolve("images-idx3-ubyte.gz");
    for (byte[] content : new byte[][] {header, TinySet.gzip(header)}) {
      Files.write(file, content);
      long before = heapInUse();
      assertThrowsUser(() -> IdxReader.read(file, 3));
      assertTrue(heapInUse() - before < 256 << 20);
    }
  }

  /** Garbage included, so that a 2 GB array shows even after it is dropped. */
  private static long heapInUse() {
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  @Test
  void gzipCutAnywhereIsTruncated() throws IOException {
    byte[] packed = TinySet.gzip(TinySet.bytes(IMAGES));
    Path file = folder.resolve("images-idx3-ubyte.gz");
    for (int length = 2; length < packed.length; length++) {
      Files.write(file, Arrays.copyOf(packed, length));
      assertSentence(file, "is truncated", assertThrowsUser(() -> IdxReader.read(file, 3)));
    }
  }

  @Test
  void gzipCutInsideItsDataSaysHowMuchArrived() throws IOException {
    byte[] noise = new byte[100_000];
    new Random(1).nextBytes(noise);
    byte[] packed = TinySet.gzip(TinySet.bytes(new Idx(new int[] {100, 10, 100}, noise)));
    Path file = folder.resolve("images-idx3-ubyte.gz");
    Files.write(file, Arrays.copyOf(packed, packed.length / 2));
    String message = assertThrowsUser(() -> IdxReader.read(file, 3));
    assertTrue(
        message.matches(".* so 100016 bytes are expected, but it has [45]\\d{4}; .*"), message);
  }

  @Test
  void damagedGzipIsSaidSo() throws IOException {
    byte[] packed = TinySet.gzip(TinySet.bytes(IMAGES));
    packed[packed.length - 6] ^= 1; // inside the CRC
    Path file = folder.resolve("images-idx3-ubyte.gz");
    Files.write(file, packed);
    assertSentence(file, "is a damaged gzip file", assertThrowsUser(() -> IdxReader.read(file, 3)));
  }

  @Test
  void decompressionBombIsNotUnpacked() throws IOException {
    byte[] bomb = Arrays.copyOf(TinySet.bytes(IMAGES), 64 << 20);
    Path file = TinySet.write(bomb, folder.resolve("images-idx3-ubyte.gz"));
    String message = assertThrowsUser(() -> IdxReader.read(file, 3));
    assertSentence(file, "has at least 10", message);
  }

  @Test
  void missingFileAndFolderAreSaidSo() {
    Path missing = folder.resolve("nowhere");
    assertEquals(
        "cannot read " + missing + " (NoSuchFile); check that it exists and may be read",
        assertThrowsUser(() -> IdxReader.read(missing, 3)));
    assertSentence(folder, "is a folder", assertThrowsUser(() -> IdxReader.read(folder, 3)));
  }

  @Test
  void imagesAndLabelsMustBeOfOneSplit() {
    Path a = Path.of("a-images");
    Path b = Path.of("b-labels");
    assertEquals(
        "a-images holds 2 images but b-labels holds 5 labels; the two must come from the same"
            + " split",
        assertThrowsUser(() -> IdxReader.requirePair(IMAGES, a, LABELS, b, 10)));
  }

  @Test
  void labelOutOfRangeIsNamed() {
    Idx images = new Idx(new int[] {5, 1, 1}, new byte[5]);
    Path a = Path.of("a-images");
    Path b = Path.of("b-labels");
    IdxReader.requirePair(images, a, LABELS, b, 10);
    assertSentence(
        b,
        "label 1 (counted from 0) is 9, expected 0 to 8",
        assertThrowsUser(() -> IdxReader.requirePair(images, a, LABELS, b, 9)));
    Idx negative = new Idx(new int[] {5}, new byte[] {0, 0, 0, 0, -1});
    assertSentence(
        b,
        "label 4 (counted from 0) is 255",
        assertThrowsUser(() -> IdxReader.requirePair(images, a, negative, b, 10)));
  }

  static String assertThrowsUser(Executable call) {
    return assertThrows(UserException.class, call).getMessage();
  }

  private static void assertSentence(Path file, String expected, String message) {
    assertTrue(message.startsWith(file.toString()), message);
    assertTrue(message.contains(expected), message);
    assertFalse(message.contains("\n"), message);
  }
}
