package dev.evolute.spectral;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A buffer's elements where the host can reach them: in place if possible, else in a copy. */
final class HostMemory implements AutoCloseable {
  private static final int CHUNK = 8192;

  private final Buffer buffer;
  private final MemorySegment segment;
  private final Arena arena;

  private HostMemory(Buffer buffer, MemorySegment segment, Arena arena) {
    this.buffer = buffer;
    this.segment = segment;
    this.arena = arena;
  }

  static HostMemory of(Buffer buffer) {
    try {
      return new HostMemory(buffer, buffer.segment(), null);
    } catch (UnsupportedOperationException e) {
      Arena arena = Arena.ofShared();
      long bytes = buffer.length() * buffer.dtype().bytes();
      return new HostMemory(buffer, arena.allocate(bytes, 64), arena);
    }
  }

  MemorySegment segment() {
    return segment;
  }

  /** Brings the copy, if there is one, to what the buffer holds. */
  void fetch() {
    if (arena == null) {
      return;
    }
    double[] chunk = new double[CHUNK];
    for (long at = 0; at < buffer.length(); at += CHUNK) {
      int count = (int) Math.min(CHUNK, buffer.length() - at);
      buffer.read(at, chunk, 0, count);
      for (int i = 0; i < count; i++) {
        if (buffer.dtype() == DType.F32) {
          segment.setAtIndex(ValueLayout.JAVA_FLOAT, at + i, (float) chunk[i]);
        } else {
          segment.setAtIndex(ValueLayout.JAVA_DOUBLE, at + i, chunk[i]);
        }
      }
    }
  }

  /** Brings the buffer to what the copy, if there is one, holds. */
  void store() {
    if (arena == null) {
      return;
    }
    double[] chunk = new double[CHUNK];
    for (long at = 0; at < buffer.length(); at += CHUNK) {
      int count = (int) Math.min(CHUNK, buffer.length() - at);
      for (int i = 0; i < count; i++) {
        chunk[i] =
            buffer.dtype() == DType.F32
                ? segment.getAtIndex(ValueLayout.JAVA_FLOAT, at + i)
                : segment.getAtIndex(ValueLayout.JAVA_DOUBLE, at + i);
      }
      buffer.write(at, chunk, 0, count);
    }
  }

  @Override
  public void close() {
    if (arena != null) {
      arena.close();
    }
  }
}
