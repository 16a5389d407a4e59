package dev.evolute.spark;

import dev.evolute.autodiff.graph.Block;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import java.io.Serializable;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * A vector on its way from one process to another, as a Java array of its element type.
 *
 * <p>It is written as bytes, in the order of the machine: Java writes other arrays element by
 * element, which takes long until that is compiled, in every process anew. Machines that agree in
 * bits agree in the order of bytes.
 */
final class Packet implements Serializable {
  private static final long serialVersionUID = 1;

  /** One of the two is null. */
  private final float[] singles;

  private final double[] doubles;

  private Packet(float[] singles, double[] doubles) {
    this.singles = singles;
    this.doubles = doubles;
  }

  private record Written(boolean single, byte[] bytes) implements Serializable {
    private Object readResolve() {
      Packet packet =
          single
              ? new Packet(new float[bytes.length / Float.BYTES], null)
              : new Packet(null, new double[bytes.length / Double.BYTES]);
      packet.memory().copyFrom(MemorySegment.ofArray(bytes));
      return packet;
    }
  }

  private Object writeReplace() {
    byte[] bytes = new byte[Math.toIntExact(memory().byteSize())];
    MemorySegment.ofArray(bytes).copyFrom(memory());
    return new Written(singles != null, bytes);
  }

  private MemorySegment memory() {
    return singles == null ? MemorySegment.ofArray(doubles) : MemorySegment.ofArray(singles);
  }

  static Packet of(Buffer whole) {
    return of(whole, Block.range(0, whole.length()));
  }

  /** The elements of a block, one range behind the other. */
  static Packet of(Buffer vector, Block block) {
    int size = Math.toIntExact(block.size());
    Packet packet =
        vector.dtype() == DType.F32
            ? new Packet(new float[size], null)
            : new Packet(null, new double[size]);
    int at = 0;
    for (Block.Range range : block.ranges()) {
      packet.read(at, vector.view(range.from(), range.length()));
      at += (int) range.length();
    }
    return packet;
  }

  private void read(int at, Buffer from) {
    int length = (int) from.length();
    if (singles == null) {
      from.read(0, doubles, at, length);
      return;
    }
    MemorySegment memory = reachable(from);
    if (memory != null) {
      MemorySegment.copy(memory, ValueLayout.JAVA_FLOAT, 0, singles, at, length);
      return;
    }
    double[] values = from.toArray();
    for (int i = 0; i < length; i++) {
      singles[at + i] = (float) values[i];
    }
  }

  void to(Buffer whole) {
    to(whole, Block.range(0, whole.length()));
  }

  /** Into the elements of a block. */
  void to(Buffer vector, Block block) {
    if (block.size() != length()) {
      throw new IllegalArgumentException(
          "packet: %d elements for a block of %d".formatted(length(), block.size()));
    }
    int at = 0;
    for (Block.Range range : block.ranges()) {
      write(at, vector.view(range.from(), range.length()));
      at += (int) range.length();
    }
  }

  private void write(int at, Buffer to) {
    int length = (int) to.length();
    if (singles == null) {
      to.write(0, doubles, at, length);
      return;
    }
    MemorySegment memory = reachable(to);
    if (memory != null) {
      MemorySegment.copy(singles, at, memory, ValueLayout.JAVA_FLOAT, 0, length);
      return;
    }
    double[] values = new double[length];
    for (int i = 0; i < length; i++) {
      values[i] = singles[at + i];
    }
    to.set(values);
  }

  /** Null where the memory is a device's own. */
  private static MemorySegment reachable(Buffer buffer) {
    try {
      return buffer.segment();
    } catch (UnsupportedOperationException ofADevice) {
      return null;
    }
  }

  int length() {
    return singles == null ? doubles.length : singles.length;
  }

  /** Adds another one to this one, which is rounded to the element type. */
  void add(Packet other) {
    if (singles == null) {
      for (int i = 0; i < doubles.length; i++) {
        doubles[i] += other.doubles[i];
      }
      return;
    }
    for (int i = 0; i < singles.length; i++) {
      singles[i] += other.singles[i];
    }
  }

  /** All of some vectors. */
  static Packet[] all(List<Buffer> vectors) {
    return vectors.stream().map(Packet::of).toArray(Packet[]::new);
  }
}
