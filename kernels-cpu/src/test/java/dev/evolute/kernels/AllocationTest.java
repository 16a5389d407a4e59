package dev.evolute.kernels;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A warmed kernel allocates nothing, on the caller's thread and on the workers, whatever other
 * kernels have run before it in the same JVM. Until the JIT has compiled it, vectors are objects:
 * each kernel is called in batches until one batch is free of allocation.
 */
final class AllocationTest {
  private static final int CALLS = 10;

  /**
   * The JIT works beside the test, so its bound is a time: the processor time of the whole process,
   * because on a busy machine the JIT waits as long as anyone.
   */
  private static final long PATIENCE_NANOS = 20_000_000_000L;

  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @ParameterizedTest
  @CsvSource({"F32, 1", "F32, 2", "F64, 1", "F64, 2"})
  void warmedKernelsDoNotAllocate(DType dtype, int threads) {
    // The larger shapes are shared by the threads.
    int[][] products = threads == 1 ? new int[][] {{67, 65, 64}} : new int[][] {{130, 129, 65}};
    int[] lengths = {threads == 1 ? 4099 : 150_001};
    int[][] matrices = threads == 1 ? new int[][] {{65, 66}} : new int[][] {{1301, 101}};
    try (Device cpu = Device.open("cpu", threads)) {
      Workspace w = new Workspace(cpu, dtype);
      long[] workers = workers();
      assertEquals(threads - 1, workers.length);
      List<Executable> facts = new ArrayList<>();
      Map<String, Function<Workspace, KernelCalls.Prepared>> calls =
          KernelCalls.of(products, lengths, matrices);
      TilesInVectors.awaitAfter(
          () ->
              calls.forEach(
                  (name, call) -> {
                    if (name.startsWith("gemm")) {
                      w.start(3);
                      call.apply(w).run().run();
                    }
                  }));
      calls.forEach(
          (name, call) -> {
            if (KernelCalls.HELD.matcher(name).matches()) {
              facts.add(
                  () -> {
                    w.start(3);
                    assertComesToAllocateNothing(name, call.apply(w).run(), workers);
                  });
            }
          });
      assertAll(facts);
      w.free();
    }
  }

  private static void assertComesToAllocateNothing(String name, Runnable call, long[] workers) {
    long least = Long.MAX_VALUE;
    long end = cpuNanos() + PATIENCE_NANOS;
    while (least > 0 && cpuNanos() < end) {
      long before = allocatedBytes(workers);
      for (int i = 0; i < CALLS; i++) {
        call.run();
      }
      least = Math.min(least, allocatedBytes(workers) - before);
    }
    assertEquals(0, least, () -> name + ": bytes in " + CALLS + " calls, even after warming");
  }

  /** Processor time that this process has used, the JIT's included. */
  static long cpuNanos() {
    return SYSTEM.getProcessCpuTime();
  }

  private static long allocatedBytes(long[] workers) {
    long bytes = THREADS.getCurrentThreadAllocatedBytes();
    for (long worker : workers) {
      bytes += THREADS.getThreadAllocatedBytes(worker);
    }
    return bytes;
  }

  private static long[] workers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("evolute-cpu"))
        .mapToLong(Thread::threadId)
        .toArray();
  }
}
