package dev.evolute.kernels;

import java.lang.foreign.MemorySegment;

/**
 * A run of elements of one type in a device's memory. It has one owner, who closes it; a {@link
 * #view} shares the memory and is never closed.
 */
public interface Buffer extends AutoCloseable {
  /** The device whose memory it is, which its kernels compute on. */
  Device device();

  /** The type of every element. */
  DType dtype();

  /** Number of elements. */
  long length();

  /**
   * The elements {@code [from, from + length)} of this buffer, sharing memory.
   *
   * @throws IndexOutOfBoundsException if the range leaves the buffer
   */
  Buffer view(long from, long length);

  /**
   * Copies {@code count} values into this buffer from element {@code at} on, rounding to its type.
   */
  void write(long at, double[] source, int from, int count);

  /** Copies {@code count} values of this buffer from element {@code at} on, exactly. */
  void read(long at, double[] target, int from, int count);

  /**
   * The memory itself.
   *
   * @throws UnsupportedOperationException where the host cannot reach it; read and write copy
   */
  MemorySegment segment();

  /** Whether the memory is still there: neither its owner nor its arena has closed it. */
  boolean isOpen();

  /** Frees the memory if this buffer owns it; a second call does nothing. */
  @Override
  void close();

  /** Overwrites the whole buffer. */
  default void set(double... values) {
    if (values.length != length()) {
      throw new IllegalArgumentException(
          "set: " + values.length + " values given for a buffer of " + length());
    }
    write(0, values, 0, values.length);
  }

  /** One element as a double. */
  default double get(long at) {
    double[] one = new double[1];
    read(at, one, 0, 1);
    return one[0];
  }

  /** All elements as doubles. */
  default double[] toArray() {
    double[] all = new double[Math.toIntExact(length())];
    read(0, all, 0, all.length);
    return all;
  }
}
