package dev.evolute.autodiff.io;

import dev.evolute.kernels.DType;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Objects;

/**
 * An array of any rank as it stands in a file.
 *
 * @param dtype the type of its elements there
 * @param shape sizes of the dimensions, none for a scalar
 * @param values the elements in row-major order, exact
 */
public record Tensor(DType dtype, List<Integer> shape, double[] values) {
  private static final int CHUNK = 1 << 16;

  /**
   * Copies the shape, not the values.
   *
   * @throws IllegalArgumentException if the shape has another number of elements than there are
   *     values
   */
  public Tensor {
    Objects.requireNonNull(dtype, "dtype");
    shape = List.copyOf(shape);
    long size = 1;
    for (int dimension : shape) {
      size *= dimension;
    }
    if (size != values.length || shape.stream().anyMatch(d -> d < 0)) {
      throw new IllegalArgumentException(
          "tensor: shape " + shape + " with " + values.length + " values; they must fit");
    }
  }

  /** With the sizes of its dimensions. */
  public static Tensor of(DType dtype, double[] values, Integer... shape) {
    return new Tensor(dtype, List.of(shape), values);
  }

  /** The same in another type, rounded to the nearest where that is narrower. */
  public Tensor to(DType other) {
    double[] rounded = values.clone();
    if (other == DType.F32) {
      for (int i = 0; i < rounded.length; i++) {
        rounded[i] = (float) rounded[i];
      }
    }
    return new Tensor(other, shape, rounded);
  }

  /** Bytes of its elements in a file. */
  long bytes() {
    return (long) values.length * dtype.bytes();
  }

  /** {@code count} elements from byte {@code at} on. */
  static double[] decode(MemorySegment file, long at, DType dtype, ByteOrder order, int count) {
    double[] values = new double[count];
    if (dtype == DType.F64) {
      ValueLayout.OfDouble layout = ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(order);
      MemorySegment.copy(file, layout, at, values, 0, count);
    } else {
      ValueLayout.OfFloat layout = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(order);
      for (int i = 0; i < count; i++) {
        values[i] = file.get(layout, at + (long) i * Float.BYTES);
      }
    }
    return values;
  }

  /** Writes the elements, little-endian. */
  void encode(OutputStream out) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
    for (double value : values) {
      if (dtype == DType.F32) {
        chunk.putFloat((float) value);
      } else {
        chunk.putDouble(value);
      }
      if (!chunk.hasRemaining()) {
        out.write(chunk.array());
        chunk.clear();
      }
    }
    out.write(chunk.array(), 0, chunk.position());
  }
}
