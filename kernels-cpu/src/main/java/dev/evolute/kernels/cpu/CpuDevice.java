package dev.evolute.kernels.cpu;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.Precision;
import dev.evolute.kernels.cpu.amx.TileGemm;
import dev.evolute.kernels.cpu.f32.F32Kernels;
import dev.evolute.kernels.cpu.f64.F64Kernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The CPU: buffers off the heap, a fixed pool of worker threads. */
public final class CpuDevice implements Device {
  /** A cache line, and a whole 512-bit vector: packed panels never straddle two lines. */
  static final long ALIGNMENT = 64;

  /** Opens what does products in less than f32's every bit. */
  interface Opener {
    FastProducts open(Workers workers, Precision precision);
  }

  private final Workers workers;
  private final MemoryPool memory = new MemoryPool();
  private final Opener opener;
  private final F32Kernels f32;
  private final Kernels f64;
  private String name = "cpu";
  private Precision precision = Precision.F32;

  CpuDevice(Workers workers) {
    this(workers, (own, precision) -> TileGemm.open(own, precision));
  }

  CpuDevice(Workers workers, Opener opener) {
    this.workers = workers;
    this.opener = opener;
    f32 = new F32Kernels(this);
    f64 = new F64Kernels(this);
  }

  @Override
  public String name() {
    return name;
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
          "wrap: the memory belongs to one thread, as that of a confined arena does, and this"
              + " device computes on "
              + threads()
              + "; take it from a shared or automatic arena, or open the device with 1 thread");
    }
    return new CpuBuffer(this, dtype, memory, null);
  }

  @Override
  public Kernels kernels(DType dtype) {
    return dtype == DType.F32 ? f32 : f64;
  }

  /** Tensor cores' precisions change nothing here: what a CPU has in their place is exact. */
  @Override
  public void precision(Precision precision) {
    boolean fast = precision != Precision.F32 && TileGemm.knows(precision);
    f32.offer(fast ? opener.open(workers, precision) : null);
    this.precision = fast ? precision : Precision.F32;
  }

  @Override
  public Precision precision() {
    return precision;
  }

  /** The name this was asked for by, which has a precision. */
  CpuDevice named(String spec, Precision precision) {
    precision(precision);
    name = spec;
    return this;
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
