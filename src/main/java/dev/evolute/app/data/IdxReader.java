package dev.evolute.app.data;

import dev.evolute.app.UserException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.StringJoiner;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Reads IDX files of unsigned bytes, plain or gzipped (told apart by content, not by name).
 *
 * <p>Nothing in a file is believed: whatever size a header states, memory grows only as fast as
 * bytes really arrive. Whatever is wrong becomes one sentence in a {@link UserException}.
 */
final class IdxReader {
  /** Largest payload: what a Java array can hold on any JVM. */
  private static final long MAX_BYTES = Integer.MAX_VALUE - 16;

  private static final String REMEDY =
      "replace it with an intact copy (`evolute data get mnist` or `evolute data get fashion-mnist`"
          + " fetches one)";

  private IdxReader() {}

  /**
   * Reads a whole file.
   *
   * @param rank dimensions it must have: 3 for images {@code [n x rows x cols]}, 1 for labels
   * @throws UserException where the file cannot be read or is not exactly one such IDX block
   */
  static Idx read(Path file, int rank) {
    if (Files.isDirectory(file)) {
      throw new UserException(file + " is a folder where an IDX file is expected; give the file");
    }
    try (BufferedInputStream raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      raw.mark(2);
      boolean gzipped = raw.read() == 0x1f && raw.read() == 0x8b;
      raw.reset();
      InputStream in = gzipped ? new GZIPInputStream(raw, 1 << 16) : raw;
      Idx idx = readBlock(in, file.toString(), rank);
      requireEnd(in, file.toString(), idx);
      return idx;
    } catch (EOFException e) {
      throw new UserException(file + " is truncated: its gzip stream ends early; " + REMEDY);
    } catch (ZipException e) {
      throw new UserException(
          "%s is a damaged gzip file (%s); %s".formatted(file, e.getMessage(), REMEDY));
    } catch (IOException e) {
      throw new UserException(
          "cannot read %s (%s); check that it exists and may be read"
              .formatted(file, reason(e, file)));
    }
  }

  /**
   * Reads one block from a stream that may go on after it.
   *
   * @param where what to call the stream in a message
   * @throws UserException where the stream does not start with such a block
   */
  static Idx readBlock(InputStream in, String where, int rank) throws IOException {
    int headerBytes = 4 + 4 * rank;
    byte[] magic = readUpTo(in, 4);
    if (magic.length == 4) {
      checkMagic(magic, where, rank);
    }
    byte[] shape = readUpTo(in, 4L * rank);
    if (magic.length + shape.length < headerBytes) {
      throw new UserException(
          "%s is truncated: an IDX header of %d bytes is expected, but it ends after %d; %s"
              .formatted(where, headerBytes, magic.length + shape.length, REMEDY));
    }

    ByteBuffer numbers = ByteBuffer.wrap(shape);
    int[] dims = new int[rank];
    StringJoiner text = new StringJoiner(" x ");
    double product = 1; // exact below 2^53, and cannot overflow above
    for (int i = 0; i < rank; i++) {
      dims[i] = numbers.getInt();
      text.add(Integer.toUnsignedString(dims[i]));
      product *= Integer.toUnsignedLong(dims[i]);
    }
    if (product == 0) {
      throw new UserException("%s is empty: its header says %s; %s".formatted(where, text, REMEDY));
    }
    if (product > MAX_BYTES) {
      throw new UserException(
          "%s cannot be read: its header says %s, which is more than %d bytes; %s"
              .formatted(where, text, MAX_BYTES, REMEDY));
    }
    long expected = (long) product;
    byte[] data = readUpTo(in, expected);
    if (data.length < expected) {
      throw new UserException(
          "%s is truncated: its header says %s, so %d bytes are expected, but it has %d; %s"
              .formatted(where, text, headerBytes + expected, headerBytes + data.length, REMEDY));
    }
    return new Idx(dims, data);
  }

  /** Both files of one split: {@code [n x rows x cols]} images and {@code [n]} labels. */
  static void requirePair(Idx images, Path imageFile, Idx labels, Path labelFile, int classes) {
    if (images.count() != labels.count()) {
      throw new UserException(
          "%s holds %d images but %s holds %d labels; the two must come from the same split"
              .formatted(imageFile, images.count(), labelFile, labels.count()));
    }
    for (int i = 0; i < labels.count(); i++) {
      int label = labels.data()[i] & 0xff;
      if (label >= classes) {
        throw new UserException(
            "%s: label %d (counted from 0) is %d, expected 0 to %d; %s"
                .formatted(labelFile, i, label, classes - 1, REMEDY));
      }
    }
  }

  private static void requireEnd(InputStream in, String where, Idx idx) throws IOException {
    if (in.read() < 0) {
      return;
    }
    long extra = 1;
    byte[] chunk = new byte[1 << 16];
    // Counted only so far: what follows may be a decompression bomb.
    for (int read; extra < 1 << 20 && (read = in.read(chunk)) > 0; ) {
      extra += read;
    }
    throw new UserException(
        "%s has %s%d bytes after its data: its header says %s, so %d bytes are expected; %s"
            .formatted(
                where,
                extra < 1 << 20 ? "" : "at least ",
                extra,
                idx,
                4 + 4 * idx.dims().length + idx.data().length,
                REMEDY));
  }

  private static void checkMagic(byte[] magic, String where, int rank) {
    if (magic[0] != 0 || magic[1] != 0) {
      throw new UserException(
          "%s is not an IDX file: it starts with bytes %s, expected 00 00 08 %02x; %s"
              .formatted(where, HexFormat.ofDelimiter(" ").formatHex(magic), rank, REMEDY));
    }
    if (magic[2] != Idx.UNSIGNED_BYTE) {
      throw new UserException(
          "%s holds IDX elements of type 0x%02x, expected 0x08 (unsigned byte); %s"
              .formatted(where, magic[2], REMEDY));
    }
    if (magic[3] != rank) {
      throw new UserException(
          "%s has %d IDX dimension(s), expected %d (%s); are images and labels swapped?"
              .formatted(
                  where, magic[3] & 0xff, rank, rank == 1 ? "labels" : "count x rows x columns"));
    }
  }

  /** At most {@code count} bytes; fewer where the stream (or its compressed form) ends before. */
  private static byte[] readUpTo(InputStream in, long count) throws IOException {
    byte[] bytes = new byte[(int) Math.min(count, 1 << 20)];
    int length = 0;
    while (length < count) {
      if (length == bytes.length) {
        bytes = Arrays.copyOf(bytes, (int) Math.min(count, 2L * length));
      }
      int read;
      try {
        read = in.read(bytes, length, bytes.length - length);
      } catch (EOFException endOfCompressedStream) {
        break;
      }
      if (read < 0) {
        break;
      }
      length += read;
    }
    return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
  }

  /** Why an I/O call failed, without the file name that most such messages repeat. */
  static String reason(IOException e, Path file) {
    String message = e.getMessage();
    boolean says = message != null && !message.equals(file.toString());
    String kind = e.getClass().getSimpleName().replace("Exception", "");
    return says ? kind + ": " + message : kind;
  }
}
