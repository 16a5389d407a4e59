package dev.evolute.kernels.cpu;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/** Elements in a memory segment; {@code arena} is null for views and for callers' memory. */
final class CpuBuffer implements Buffer {
  private final Device device;
  private final DType dtype;
  private final MemorySegment segment;
  private final Arena arena;

  CpuBuffer(Device device, DType dtype, MemorySegment segment, Arena arena) {
    this.device = device;
    this.dtype = dtype;
    this.segment = segment;
    this.arena = arena;
  }

  @Override
  public Device device() {
    return device;
  }

  @Override
  public DType dtype() {
    return dtype;
  }

  @Override
  public long length() {
    return segment.byteSize() / dtype.bytes();
  }

  @Override
  public Buffer view(long from, long length) {
    Objects.checkFromIndexSize(from, length, length());
    MemorySegment part = segment.asSlice(from * dtype.bytes(), length * dtype.bytes());
    return new CpuBuffer(device, dtype, part, null);
  }

  @Override
  public void write(long at, double[] source, int from, int count) {
    Objects.checkFromIndexSize(at, count, length());
    if (dtype == DType.F64) {
      MemorySegment.copy(
          source, from, segment, ValueLayout.JAVA_DOUBLE_UNALIGNED, at * Double.BYTES, count);
    } else {
      for (int i = 0; i < count; i++) {
        long offset = (at + i) * Float.BYTES;
        segment.set(ValueLayout.JAVA_FLOAT_UNALIGNED, offset, (float) source[from + i]);
      }
    }
  }

  @Override
  public void read(long at, double[] target, int from, int count) {
    Objects.checkFromIndexSize(at, count, length());
    if (dtype == DType.F64) {
      MemorySegment.copy(
          segment, ValueLayout.JAVA_DOUBLE_UNALIGNED, at * Double.BYTES, target, from, count);
    } else {
      for (int i = 0; i < count; i++) {
        long offset = (at + i) * Float.BYTES;
        target[from + i] = segment.get(ValueLayout.JAVA_FLOAT_UNALIGNED, offset);
      }
    }
  }

  @Override
  public MemorySegment segment() {
    return segment;
  }

  @Override
  public boolean isOpen() {
    return segment.scope().isAlive();
  }

  @Override
  public void close() {
    if (arena != null && arena.scope().isAlive()) {
      arena.close();
    }
  }
}
