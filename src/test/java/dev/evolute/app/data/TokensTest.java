package dev.evolute.app.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.app.UserException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Text becomes tokens, and token files are read as they were written or refused. */
class TokensTest {
  @TempDir Path folder;

  private static int[] all(Tokens tokens) {
    return LongStream.range(0, tokens.count()).mapToInt(tokens::at).toArray();
  }

  private static String refused(Runnable mistake) {
    return assertThrows(UserException.class, mistake::run).getMessage();
  }

  @Test
  void bytesAreThoseOfUtf8() throws IOException {
    Path file = Files.writeString(folder.resolve("a.txt"), "h\u00e9!");
    Tokens tokens = Tokens.ofText(file, Encoding.BYTES);
    assertArrayEquals(new int[] {'h', 0xc3, 0xa9, '!'}, all(tokens));
    assertEquals(256, tokens.vocabulary());
  }

  /** Known from GPT-2's published vocabulary. */
  @Test
  void gpt2EncodesAsPublished() throws IOException {
    Path file = Files.writeString(folder.resolve("a.txt"), "Hello world<|endoftext|>");
    int[] tokens = all(Tokens.ofText(file, Encoding.GPT2));
    assertEquals(15496, tokens[0]);
    assertEquals(995, tokens[1]);
    assertTrue(Arrays.stream(tokens).noneMatch(t -> t == 50256), "text is no special token");
  }

  @Test
  void folderIsReadInOrderWithoutWhatIsNoText() throws IOException {
    Files.writeString(folder.resolve("b.txt"), "B");
    Files.createDirectories(folder.resolve("a"));
    Files.writeString(folder.resolve("a/z.txt"), "A");
    Files.write(folder.resolve("picture"), new byte[] {(byte) 0xff, (byte) 0xfe});
    Files.createDirectories(folder.resolve(".git"));
    Files.writeString(folder.resolve(".git/config"), "no");
    assertArrayEquals(new int[] {'A', 0, 'B'}, all(Tokens.ofText(folder, Encoding.BYTES)));
  }

  @Test
  void fileComesBackAsItWasWritten() throws IOException {
    Path text = Files.writeString(folder.resolve("a.txt"), "the quick brown fox ".repeat(50));
    for (Encoding encoding : Encoding.values()) {
      Tokens tokens = Tokens.ofText(text, encoding);
      Path file = folder.resolve(encoding + ".tokens");
      tokens.save(file);
      Tokens mapped = Tokens.open(file);
      assertArrayEquals(all(tokens), all(mapped));
      assertEquals(encoding.vocabulary(), mapped.vocabulary());
      assertEquals(tokens.sha256(), mapped.sha256());
    }
  }

  @Test
  void damagedFilesAreRefused() throws IOException {
    Path text = Files.writeString(folder.resolve("a.txt"), "abcdef");
    Path file = folder.resolve("x.tokens");
    Tokens.ofText(text, Encoding.GPT2).save(file);
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length - 1));
    int count = (whole.length - 32) / 2;
    assertEquals(
        file
            + " has "
            + (2 * count - 1)
            + " bytes after its header, "
            + count
            + " tokens of 2 bytes are stated; it is truncated",
        refused(() -> Tokens.open(file)));
    Files.write(file, Arrays.copyOf(whole, 20));
    assertEquals(
        file + " is no token file; `evolute data tokens` makes one from text",
        refused(() -> Tokens.open(file)));
    byte[] older = whole.clone();
    older[8] = 0;
    Files.write(file, older);
    assertEquals(
        file + " is a token file of version 0, this program reads 1; make it again from its text",
        refused(() -> Tokens.open(file)));
    byte[] beyond = whole.clone();
    beyond[32] = (byte) 0xff;
    beyond[33] = (byte) 0xff;
    Files.write(file, beyond);
    assertEquals(
        file + " is damaged: token 0 is 65535, the vocabulary has 50257",
        refused(() -> Tokens.open(file)));
    assertTrue(refused(() -> Tokens.open(folder.resolve("none"))).contains("cannot be read"));
  }

  @Test
  void whatIsNoTextIsRefused() throws IOException {
    Path file = folder.resolve("latin1.txt");
    Files.write(file, "caf\u00e9".getBytes(StandardCharsets.ISO_8859_1));
    assertEquals(
        file + " is not UTF-8 text; convert it, or make a token file of it",
        refused(() -> Tokens.ofText(file, Encoding.BYTES)));
    assertEquals(
        folder + " holds no UTF-8 text", refused(() -> Tokens.ofText(folder, Encoding.BYTES)));
    assertTrue(
        refused(() -> Tokens.ofText(folder.resolve("none"), Encoding.BYTES))
            .contains("neither a file nor a folder"));
  }

  @Test
  void stretchesFollowEachOtherAndTargetsAreTheNextTokens() throws IOException {
    Path file = Files.writeString(folder.resolve("a.txt"), "abcdefghij");
    TokenSamples samples = new TokenSamples(Tokens.ofText(file, Encoding.BYTES), 1, 10, 4);
    // b..e and f..i, each with one token after it.
    assertEquals(2, samples.count());
    double[] x = new double[5];
    double[] y = new double[5];
    samples.write(1, x, 1, y, 1);
    assertArrayEquals(new double[] {0, 'f', 'g', 'h', 'i'}, x);
    assertArrayEquals(new double[] {0, 'g', 'h', 'i', 'j'}, y);
    assertEquals(1, new TokenSamples(Tokens.ofText(file, Encoding.BYTES), 1, 9, 4).count());
    assertEquals(0, new TokenSamples(Tokens.ofText(file, Encoding.BYTES), 1, 5, 4).count());
  }
}
