package dev.evolute.app.probe;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/**
 * The products of the stage under way, one behind the other in a file, so that a solver that was
 * interrupted goes its way again without computing them. Its own state would be as large, would
 * have another form in each solver, and would be written anew each time; a product is written once.
 *
 * <p>A record is the number of elements, the checksum of the vectors, their products in their own
 * type, and the checksum of those. The next record holds only for the vectors that are asked for:
 * where it is cut short, damaged, or of others, it and all behind it are computed anew.
 */
final class SavedProducts implements AutoCloseable {
  /** Bytes of a stage that are kept: a Krylov space has no more in memory. */
  private static final long MOST_BYTES = 1L << 30;

  private static final int HEADER = Long.BYTES + Integer.BYTES;

  /** Elements that are copied at a time. */
  private static final int PIECE = 1 << 14;

  private final Consumer<String> say;
  private final double[] values = new double[PIECE];
  private final ByteBuffer bytes =
      ByteBuffer.allocateDirect(PIECE * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private final CRC32C crc = new CRC32C();

  /** Null where nothing is kept. */
  private FileChannel channel;

  private Path path;

  /** The next record's place. */
  private long at;

  /** Where the records that were there end. */
  private long end;

  /**
   * @param say shows the user a line
   */
  SavedProducts(Consumer<String> say) {
    this.say = say;
  }

  /**
   * Begins a stage.
   *
   * @param file of its products, there or not
   * @param key what they depend on: a file of another begins anew
   * @return whether there are some
   */
  boolean begin(Path file, String key) {
    path = file;
    byte[] first = (key + "\n").getBytes(StandardCharsets.UTF_8);
    try {
      Files.createDirectories(path.getParent());
      channel =
          FileChannel.open(
              path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      ByteBuffer there = ByteBuffer.allocate(first.length);
      channel.read(there, 0);
      if (!there.flip().equals(ByteBuffer.wrap(first))) {
        channel.truncate(0);
        channel.write(ByteBuffer.wrap(first), 0);
      }
      at = first.length;
      end = channel.size();
    } catch (IOException e) {
      giveUp(e);
    }
    return at < end;
  }

  /**
   * Takes the next record, if it is of these vectors.
   *
   * @param x vectors, one behind the other
   * @param y receives their products; without a record of them it may hold anything
   * @return whether there was one
   */
  boolean replay(Buffer x, Buffer y) {
    if (channel == null || at >= end) {
      return false;
    }
    try {
      long next = at + HEADER + x.length() * x.dtype().bytes() + Integer.BYTES;
      if (next <= end) {
        ByteBuffer header = load(at, HEADER);
        if (header.getLong() == x.length()
            && header.getInt() == checksum(x)
            && load(y, at + HEADER) == load(next - Integer.BYTES, Integer.BYTES).getInt()) {
          at = next;
          return true;
        }
      }
      channel.truncate(at);
      end = at;
    } catch (IOException e) {
      giveUp(e);
    }
    return false;
  }

  /** Adds a record, if there is room for it. */
  void keep(Buffer x, Buffer y) {
    long size = HEADER + x.length() * x.dtype().bytes() + Integer.BYTES;
    if (channel == null || at + size > MOST_BYTES) {
      return;
    }
    try {
      int sum = checksum(x);
      store(at, bytes.clear().putLong(x.length()).putInt(sum));
      int products = store(y, at + HEADER);
      store(at + size - Integer.BYTES, bytes.clear().putInt(products));
      at += size;
    } catch (IOException e) {
      giveUp(e);
    }
  }

  /** The stage is done, and its products are of no more use. */
  void done() {
    close();
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      giveUp(e);
    }
  }

  /** Leaves the products of a stage that is not done. */
  @Override
  public void close() {
    FileChannel open = channel;
    channel = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        giveUp(e);
      }
    }
  }

  private void giveUp(IOException e) {
    close();
    say.accept(
        "evolute: products cannot be kept in %s (%s); if it is interrupted, this stage starts over"
            .formatted(path, e.getMessage()));
  }

  private int checksum(Buffer x) {
    crc.reset();
    for (long from = 0; from < x.length(); from += PIECE) {
      crc.update(piece(x, from));
    }
    return (int) crc.getValue();
  }

  /** Writes a buffer to a place in the file. */
  private int store(Buffer y, long place) throws IOException {
    crc.reset();
    for (long from = 0; from < y.length(); from += PIECE) {
      ByteBuffer piece = piece(y, from);
      crc.update(piece.duplicate());
      while (piece.hasRemaining()) {
        channel.write(piece, place + from * y.dtype().bytes() + piece.position());
      }
    }
    return (int) crc.getValue();
  }

  private void store(long place, ByteBuffer few) throws IOException {
    few.flip();
    while (few.hasRemaining()) {
      channel.write(few, place + few.position());
    }
  }

  /** The elements of a buffer from one on, as many as are copied at a time. */
  private ByteBuffer piece(Buffer buffer, long from) {
    int count = (int) Math.min(PIECE, buffer.length() - from);
    buffer.read(from, values, 0, count);
    bytes.clear();
    for (int i = 0; i < count; i++) {
      if (buffer.dtype() == DType.F32) {
        bytes.putFloat((float) values[i]);
      } else {
        bytes.putDouble(values[i]);
      }
    }
    return bytes.flip();
  }

  /** Fills a buffer from a place in the file. */
  private int load(Buffer y, long place) throws IOException {
    crc.reset();
    int width = y.dtype().bytes();
    for (long from = 0; from < y.length(); from += PIECE) {
      int count = (int) Math.min(PIECE, y.length() - from);
      ByteBuffer piece = load(place + from * width, count * width);
      crc.update(piece.duplicate());
      for (int i = 0; i < count; i++) {
        values[i] = y.dtype() == DType.F32 ? piece.getFloat() : piece.getDouble();
      }
      y.write(from, values, 0, count);
    }
    return (int) crc.getValue();
  }

  private ByteBuffer load(long place, int size) throws IOException {
    bytes.clear().limit(size);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, place + bytes.position()) < 0) {
        throw new IOException("the file has become shorter");
      }
    }
    return bytes.flip();
  }
}
