package dev.evolute.app.data;

import dev.evolute.app.UserException;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * A text as tokens, in memory or in a mapped file:
 *
 * <pre>
 *   bytes   0  "EVOTOKEN"
 *           8  version of the format, 1      (all numbers little-endian)
 *          12  bytes a token, 1, 2 or 4
 *          16  vocabulary V; a token is from 0 to V - 1
 *          20  0
 *          24  number of tokens (8 bytes)
 *          32  the tokens, unsigned
 * </pre>
 */
public final class Tokens {
  private static final byte[] MAGIC = "EVOTOKEN".getBytes(StandardCharsets.US_ASCII);
  private static final int VERSION = 1;
  private static final int HEADER = 32;
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MemorySegment data;
  private final int bytes;
  private final int vocabulary;
  private final long count;

  private Tokens(MemorySegment data, int bytes, int vocabulary) {
    this.data = data;
    this.bytes = bytes;
    this.vocabulary = vocabulary;
    count = data.byteSize() / bytes;
  }

  /**
   * Reads text: a file, or all files of a folder and those below, in the order of their names. In a
   * folder what is no UTF-8, or hidden, is left out.
   *
   * @throws UserException if there is no text to be read
   */
  public static Tokens ofText(Path path, Encoding encoding) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try {
      if (Files.isRegularFile(path)) {
        put(all, encoding, encoding.encode(read(path)));
      } else if (Files.isDirectory(path)) {
        readFolder(path, encoding, all);
      } else {
        throw new UserException(
            "%s is neither a file nor a folder; name UTF-8 text to train on".formatted(path));
      }
    } catch (CharacterCodingException e) {
      throw new UserException(
          "%s is not UTF-8 text; convert it, or make a token file of it".formatted(path), e);
    } catch (IOException e) {
      throw new UserException(
          "%s cannot be read (%s)".formatted(path, IdxReader.reason(e, path)), e);
    } catch (OutOfMemoryError e) {
      throw new UserException(
          "%s is too much text to be kept in memory; cut it into token files".formatted(path), e);
    }
    if (all.size() == 0) {
      throw new UserException("%s holds no UTF-8 text".formatted(path));
    }
    return new Tokens(
        MemorySegment.ofArray(all.toByteArray()), encoding.bytes(), encoding.vocabulary());
  }

  /**
   * Texts that are in memory, the encoding's separator between them.
   *
   * @param texts one at least that is not empty
   */
  public static Tokens ofTexts(List<String> texts, Encoding encoding) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (String text : texts) {
      if (all.size() > 0) {
        put(all, encoding, encoding.separator());
      }
      put(all, encoding, encoding.encode(text));
    }
    if (all.size() == 0) {
      throw new IllegalArgumentException("tokens: no text given; give one that is not empty");
    }
    return new Tokens(
        MemorySegment.ofArray(all.toByteArray()), encoding.bytes(), encoding.vocabulary());
  }

  private static void readFolder(Path folder, Encoding encoding, ByteArrayOutputStream all)
      throws IOException {
    List<Path> files;
    try (Stream<Path> paths = Files.walk(folder)) {
      files =
          paths
              .filter(Files::isRegularFile)
              .filter(file -> !hidden(folder.relativize(file)))
              .sorted()
              .toList();
    }
    for (Path file : files) {
      try {
        int[] tokens = encoding.encode(read(file));
        if (all.size() > 0) {
          put(all, encoding, encoding.separator());
        }
        put(all, encoding, tokens);
      } catch (CharacterCodingException notText) {
        // Pictures and archives stand beside text in many folders.
        continue;
      }
    }
  }

  private static boolean hidden(Path relative) {
    for (Path part : relative) {
      if (part.toString().startsWith(".")) {
        return true;
      }
    }
    return false;
  }

  private static String read(Path file) throws IOException {
    return StandardCharsets.UTF_8
        .newDecoder()
        .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
        .toString();
  }

  private static void put(ByteArrayOutputStream all, Encoding encoding, int... tokens) {
    for (int token : tokens) {
      for (int b = 0; b < encoding.bytes(); b++) {
        all.write(token >>> (8 * b));
      }
    }
  }

  /**
   * Maps a token file for as long as it is in use.
   *
   * @throws UserException if it cannot be read, is no such file, truncated, or of another version
   */
  public static Tokens open(Path file) {
    try (FileChannel channel = FileChannel.open(file)) {
      MemorySegment whole =
          channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
      return ofFile(file, whole);
    } catch (IOException e) {
      throw new UserException(
          "%s cannot be read (%s); name a token file, as `evolute data tokens` makes them"
              .formatted(file, IdxReader.reason(e, file)),
          e);
    }
  }

  private static Tokens ofFile(Path file, MemorySegment whole) {
    if (whole.byteSize() < HEADER
        || whole.asSlice(0, MAGIC.length).mismatch(MemorySegment.ofArray(MAGIC)) >= 0) {
      throw new UserException(
          "%s is no token file; `evolute data tokens` makes one from text".formatted(file));
    }
    int version = whole.get(INT, 8);
    int bytes = whole.get(INT, 12);
    int vocabulary = whole.get(INT, 16);
    long count = whole.get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 24);
    if (version != VERSION) {
      throw new UserException(
          "%s is a token file of version %d, this program reads %d; make it again from its text"
              .formatted(file, version, VERSION));
    }
    if ((bytes != 1 && bytes != 2 && bytes != 4) || vocabulary < 1 || count < 0) {
      throw new UserException(
          "%s is damaged: its header says %d tokens of %d bytes and a vocabulary of %d"
              .formatted(file, count, bytes, vocabulary));
    }
    long size = whole.byteSize() - HEADER;
    if (size / bytes != count || size % bytes != 0) {
      throw new UserException(
          "%s has %d bytes after its header, %d tokens of %d bytes are stated; it is %s"
              .formatted(
                  file, size, count, bytes, size / bytes < count ? "truncated" : "not intact"));
    }
    Tokens tokens = new Tokens(whole.asSlice(HEADER), bytes, vocabulary);
    tokens.check(file);
    return tokens;
  }

  /** One that is beyond the vocabulary would stop a run in its middle. */
  private void check(Path file) {
    for (long i = 0; i < count; i++) {
      if (at(i) < 0 || at(i) >= vocabulary) {
        throw new UserException(
            "%s is damaged: token %d is %d, the vocabulary has %d"
                .formatted(file, i, at(i), vocabulary));
      }
    }
  }

  /**
   * Writes a token file; it appears whole or not at all.
   *
   * @throws UserException if it cannot be written
   */
  public void save(Path file) {
    ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
    header.put(MAGIC).putInt(VERSION).putInt(bytes).putInt(vocabulary).putInt(0).putLong(count);
    Path beside = file.resolveSibling("." + file.getFileName() + ".part");
    try {
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(beside))) {
        out.write(header.array());
        int chunk = 1 << 20;
        for (long at = 0; at < data.byteSize(); at += chunk) {
          long size = Math.min(chunk, data.byteSize() - at);
          out.write(data.asSlice(at, size).toArray(ValueLayout.JAVA_BYTE));
        }
      }
      Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UserException(
          "%s cannot be written (%s)".formatted(file, IdxReader.reason(e, file)), e);
    }
  }

  /** Number of tokens. */
  public long count() {
    return count;
  }

  /** Number of different tokens there can be. */
  public int vocabulary() {
    return vocabulary;
  }

  /** One token. */
  public int at(long i) {
    return switch (bytes) {
      case 1 -> data.get(ValueLayout.JAVA_BYTE, i) & 0xff;
      case 2 -> data.get(SHORT, 2 * i) & 0xffff;
      default -> data.get(INT, 4 * i);
    };
  }

  /** SHA-256 of the tokens as they stand in a file, without its header. */
  public String sha256() {
    return Sha256.hex(data);
  }
}
