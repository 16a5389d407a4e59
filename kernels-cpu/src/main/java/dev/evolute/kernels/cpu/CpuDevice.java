package dev.evolute.kernels.cpu;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.cpu.f32.F32Kernels;
import dev.evolute.kernels.cpu.f64.F64Kernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The CPU: buffers off the heap, a fixed pool of worker threads. */
public final class CpuDevice implements Device {
  /** A cache line, and a whole 512-bit vector: packed panels never straddle two lines. */
  static final long ALIGNMENT = 64;

  private final Workers workers;
  private final MemoryPool memory = new MemoryPool();
  private final Kernels f32;
  private final Kernels f64;

  CpuDevice(Workers workers) {
    this.workers = workers;
    f32 = new F32Kernels(this);
    f64 = new F64Kernels(this);
  }

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public int threads() {
    return workers.count();
  }

  @Override
  public Buffer allocate(DType dtype, long length) {
    if (length < 0 || length > Long.MAX_VALUE / dtype.bytes()) {
      throw new IllegalArgumentException(
          "allocate: " + length + " elements asked for; give a size from 0 to what memory holds");
    }
    long bytes = length * dtype.bytes();
    Arena arena = Arena.ofShared();
    try {
      return new CpuBuffer(this, dtype, memory.allocate(bytes, arena), arena);
    } catch (OutOfMemoryError e) {
      arena.close();
      throw new IllegalStateException(
          "allocate: no memory for "
              + length
              + " elements of "
              + dtype
              + " ("
              + (bytes >> 20)
              + " MiB) outside the heap; use a smaller problem, or raise the machine's memory or"
              + " -XX:MaxDirectMemorySize",
          e);
    }
  }

  @Override
  public Buffer wrap(DType dtype, MemorySegment memory) {
    if (memory.byteSize() % dtype.bytes() != 0) {
      throw new IllegalArgumentException(
          "wrap: "
              + memory.byteSize()
              + " bytes are no whole number of "
              + dtype
              + " elements of "
              + dtype.bytes()
              + " bytes");
    }
    if (!workers.reach(memory)) {
      throw new IllegalArgumentException(
          "wrap: the memory belongs to one thread, as that of a confined arena does, and this device"
              + " computes on "
              + threads()
              + "; take it from a shared or automatic arena, or open the device with 1 thread");
    }
    return new CpuBuffer(this, dtype, memory, null);
  }

  @Override
  public Kernels kernels(DType dtype) {
    return dtype == DType.F32 ? f32 : f64;
  }

  /** The pool that kernels split their work over. */
  public Workers workers() {
    return workers;
  }

  @Override
  public void close() {
    workers.close();
    memory.close();
  }
}
