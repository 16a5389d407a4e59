package dev.evolute.app.data;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * The content of one IDX file of unsigned bytes: a shape and its elements, row-major.
 *
 * <p>Layout of the file: two zero bytes, the element type (8: unsigned byte), the number of
 * dimensions, each dimension as a big-endian 32-bit integer, the elements. Format: LeCun, Cortes,
 * Burges, "The MNIST database of handwritten digits".
 *
 * @param dims the shape, outermost first
 * @param data one byte an element
 */
record Idx(int[] dims, byte[] data) {
  static final int UNSIGNED_BYTE = 0x08;

  /** Number of images or labels. */
  int count() {
    return dims[0];
  }

  /** Writes header and elements as they stand in an uncompressed file. */
  void writeTo(OutputStream out) throws IOException {
    out.write(header());
    out.write(data);
  }

  /** SHA-256 of the uncompressed file, so that plain and gzipped copies compare equal. */
  String sha256() {
    return Sha256.hex(header(), data);
  }

  private byte[] header() {
    ByteBuffer header = ByteBuffer.allocate(4 + 4 * dims.length);
    header.putInt(UNSIGNED_BYTE << 8 | dims.length);
    for (int dim : dims) {
      header.putInt(dim);
    }
    return header.array();
  }

  @Override
  public String toString() {
    return Arrays.stream(dims).mapToObj(Integer::toString).collect(Collectors.joining(" x "));
  }
}
