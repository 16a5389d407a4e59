package dev.evolute.kernels.gpu;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.JCudaDriver;

/**
 * Device memory. Freed blocks are kept by size for the next buffer of that size, because the
 * driver's own allocation waits for the device; work on one stream is in order, so that a block may
 * be used again at once. On the software GPU nothing is kept: each buffer has its own guards, and
 * what was freed is out of reach.
 *
 * <p>The property {@code evolute.cuda.memory} limits the bytes in use.
 */
final class MemoryPool implements AutoCloseable {
  static final String LIMIT = "evolute.cuda.memory";

  /** What the driver aligns to. */
  private static final long GRAIN = 512;

  /** An address that was just given out. */
  private static final class Address extends CUdeviceptr {
    long value() {
      return getNativePointer();
    }
  }

  private final boolean keeps;
  private final long limit = Long.getLong(LIMIT, Long.MAX_VALUE);
  private final Map<Long, Deque<Long>> kept = new HashMap<>();
  private final Map<Long, Boolean> live = new HashMap<>();
  private long used;
  private long idle;

  MemoryPool(boolean keeps) {
    this.keeps = keeps;
  }

  /** Bytes of buffers that are not freed. */
  long used() {
    return used;
  }

  private long size(long bytes) {
    return keeps ? Math.ceilDiv(Math.max(bytes, 1), GRAIN) * GRAIN : Math.max(bytes, 1);
  }

  /** Memory with anything in it. */
  long allocate(String device, long bytes) {
    long size = size(bytes);
    if (used + size > limit) {
      throw noMemory(device, bytes, "-D" + LIMIT + "=" + limit + " allows no more");
    }
    Deque<Long> same = kept.get(size);
    long address;
    if (same != null && !same.isEmpty()) {
      address = same.pop();
      idle -= size;
    } else {
      address = fresh(device, bytes, size);
    }
    used += size;
    live.put(address, true);
    return address;
  }

  private long fresh(String device, long bytes, long size) {
    Address address = new Address();
    int status = JCudaDriver.cuMemAlloc(address, size);
    if (status != 0 && idle > 0) {
      releaseKept();
      status = JCudaDriver.cuMemAlloc(address, size);
    }
    if (status != 0) {
      throw noMemory(device, bytes, Cuda.explain(status));
    }
    return address.value();
  }

  private IllegalStateException noMemory(String device, long bytes, String why) {
    return new IllegalStateException(
        String.format(
            "allocate: no memory for %d MiB on %s beside the %d MiB in use (%s); use a smaller"
                + " problem or fewer samples at a time",
            Math.ceilDiv(bytes, 1 << 20), device, used >> 20, why));
  }

  void free(long address, long bytes) {
    long size = size(bytes);
    live.remove(address);
    used -= size;
    if (keeps) {
      kept.computeIfAbsent(size, s -> new ArrayDeque<>()).push(address);
      idle += size;
    } else {
      Cuda.check("cuMemFree", release(address));
    }
  }

  private void releaseKept() {
    kept.values().forEach(addresses -> addresses.forEach(MemoryPool::release));
    kept.clear();
    idle = 0;
  }

  private static int release(long address) {
    return JCudaDriver.cuMemFree(new CUdeviceptr().withByteOffset(address));
  }

  /** Gives everything back, buffers that nobody closed too: no use of them is possible any more. */
  @Override
  public void close() {
    releaseKept();
    live.keySet().forEach(MemoryPool::release);
    live.clear();
    used = 0;
  }
}
