package dev.evolute.kernels.gpu;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jcuda.Pointer;
import jcuda.driver.CUfunction;
import jcuda.driver.JCudaDriver;

/**
 * Launches the kernels of one element type. Arguments are written one after the other into native
 * memory, of which the driver takes a copy when it is called: a launch makes no Java object, and no
 * array is pinned. (JCuda's own {@code Pointer.to(...)} for each argument costs 8 microseconds a
 * launch, more than the driver's share.)
 */
final class Launcher {
  /** Threads of a block; the kernels' own THREADS. */
  static final int THREADS = 256;

  private static final int MOST_ARGUMENTS = 48;

  private final CudaDevice device;
  private final DType dtype;

  /** Arguments, 8 bytes each, and their addresses; JCuda keeps no reference to either. */
  private final MemorySegment values;

  private final MemorySegment addresses;
  private final Pointer pointers;
  private CUfunction[] functions = new CUfunction[128];
  private Symbol kernel;
  private CUfunction function;
  private int count;

  Launcher(CudaDevice device, DType dtype) {
    this.device = device;
    this.dtype = dtype;
    Arena arena = Arena.ofAuto();
    values = arena.allocate(JAVA_LONG, MOST_ARGUMENTS);
    addresses = arena.allocate(JAVA_LONG, MOST_ARGUMENTS);
    for (int i = 0; i < MOST_ARGUMENTS; i++) {
      addresses.setAtIndex(JAVA_LONG, i, values.address() + i * JAVA_LONG.byteSize());
    }
    pointers = new Pointer().withByteOffset(addresses.address());
  }

  /** Begins a launch. */
  Launcher kernel(Symbol kernel) {
    device.enter();
    int i = kernel.number();
    if (i >= functions.length) {
      functions = Arrays.copyOf(functions, 2 * i);
    }
    if (functions[i] == null) {
      functions[i] = device.images().function(kernel, dtype);
    }
    this.kernel = kernel;
    function = functions[i];
    count = 0;
    return this;
  }

  /** Begins a launch of another kernel with the arguments of the last one before its own. */
  Launcher again(Symbol kernel) {
    int kept = count;
    kernel(kernel);
    count = kept;
    return this;
  }

  /** An address, or null. */
  Launcher at(Buffer buffer) {
    return at(buffer == null ? 0 : ((CudaBuffer) buffer).address());
  }

  Launcher at(long address) {
    values.setAtIndex(JAVA_LONG, count++, address);
    return this;
  }

  /** An i64. */
  Launcher n(long value) {
    values.setAtIndex(JAVA_LONG, count++, value);
    return this;
  }

  /** An int. */
  Launcher i(int value) {
    values.set(JAVA_INT, JAVA_LONG.byteSize() * count++, value);
    return this;
  }

  /** A Real: rounded to the element type. */
  Launcher real(double value) {
    if (dtype == DType.F32) {
      values.set(JAVA_FLOAT, JAVA_LONG.byteSize() * count++, (float) value);
      return this;
    }
    return f64(value);
  }

  /** A double. */
  Launcher f64(double value) {
    values.set(JAVA_DOUBLE, JAVA_LONG.byteSize() * count++, value);
    return this;
  }

  /** Runs it on {@code blocks} blocks. */
  void on(int blocks) {
    on(blocks, 1, 1);
  }

  void on(int x, int y, int z) {
    on(x, y, z, THREADS, 0);
  }

  /** Runs it on blocks of a few warps that share so many bytes. */
  void onWarps(long blocks, int warps, int sharedBytes) {
    on(Math.toIntExact(blocks), 1, 1, warps * OnCuda.LANES, sharedBytes);
  }

  private void on(int x, int y, int z, int threads, int sharedBytes) {
    if (x == 0 || y == 0 || z == 0) {
      return;
    }
    device.counted();
    int status =
        JCudaDriver.cuLaunchKernel(
            function, x, y, z, threads, 1, 1, sharedBytes, device.stream(), pointers, null);
    if (status != 0) {
      throw new IllegalStateException("cuda: " + kernel + " failed with " + Cuda.explain(status));
    }
  }

  /**
   * Runs an element-wise kernel: enough blocks to fill the device, each thread as many elements.
   */
  void over(long n) {
    if (n > 0) {
      on((int) Math.min(Math.ceilDiv(n, THREADS), device.blocks()), 1, 1, threads(n), 0);
    }
  }

  /** Runs a reduction of n elements on as many blocks; few elements take one warp. */
  void reduce(long n, int blocks) {
    on(blocks, 1, 1, n <= 1024 ? OnCuda.LANES : THREADS, 0);
  }

  private static int threads(long n) {
    return n >= THREADS ? THREADS : Math.ceilDiv((int) n, OnCuda.LANES) * OnCuda.LANES;
  }
}
