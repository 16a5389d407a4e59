package dev.evolute.bench.duel;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;

/**
 * Measures a contender in short slices. A slice is cut into batches of calls and counts as the
 * median of its batches, so that a batch in which another program had the processor does not.
 *
 * <p>What would fool it: cold caches, since another contender ran before, against which the first
 * part of a slice is not counted; the clock's own cost, against which a batch lasts at least 50 us;
 * compilation, which {@link #warmUp} waits for.
 */
final class Stopwatch {
  private static final long BATCH_NANOS = 50_000;
  private static final long BLOCK_NANOS = 10_000_000;

  /**
   * After a pause the threads of a process wake on one processor, and it takes the system up to 50
   * ms to move one to the next: seen with every library, as half the speed.
   */
  private static final long SPREAD_NANOS = 60_000_000;

  /** Longest warm-up, in shortest ones. */
  private static final int PATIENCE = 60;

  /** Vectors that are objects: a call that allocates more than this is not compiled yet. */
  private static final double BOXED_BYTES = 16_384;

  /** The processor time of a process is counted in steps of 10 ms. */
  private static final long QUIET_MILLIS = 12;

  private static final int MOST_QUIET_CHECKS = 40;

  /** A block this much faster than all before says that compilation goes on. */
  private static final double IMPROVEMENT = 0.97;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final CompilationMXBean COMPILER = ManagementFactory.getCompilationMXBean();

  private final double[] batches = new double[1 << 14];
  private double secondsPerCall;

  /**
   * One slice.
   *
   * @param seconds median time of a call
   * @param bytes allocated on the Java heap in a call, by all threads
   */
  record Slice(double seconds, double bytes) {}

  /**
   * Calls for at least that long, and until for as long nothing was compiled, vectors were no
   * objects and it got no faster. Vector code that is not compiled yet may be a thousand times
   * slower than it will be, and a call a second is too few for the JVM to find it worth compiling;
   * hence patience.
   */
  void warmUp(Contender contender, long leastNanos) throws InterruptedException {
    long start = System.nanoTime();
    long now = start;
    long changed = start;
    long compiled = COMPILER.getTotalCompilationTime();
    secondsPerCall = Double.MAX_VALUE;
    while (now - changed < leastNanos && now - start < PATIENCE * leastNanos) {
      long from = now;
      long bytes = THREADS.getTotalThreadAllocatedBytes();
      int calls = 0;
      do {
        contender.call();
        calls++;
        now = System.nanoTime();
      } while (now - from < BLOCK_NANOS);
      double seconds = 1e-9 * (now - from) / calls;
      bytes = THREADS.getTotalThreadAllocatedBytes() - bytes;
      if (seconds < IMPROVEMENT * secondsPerCall
          || COMPILER.getTotalCompilationTime() > compiled
          || bytes > BOXED_BYTES * calls) {
        changed = now;
        compiled = COMPILER.getTotalCompilationTime();
      }
      secondsPerCall = Math.min(secondsPerCall, seconds);
    }
    settle();
  }

  /** Returns when the threads that compile or wait actively have come to rest. */
  private static void settle() throws InterruptedException {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long before = system.getProcessCpuTime();
    for (int i = 0; i < MOST_QUIET_CHECKS; i++) {
      Thread.sleep(QUIET_MILLIS);
      long now = system.getProcessCpuTime();
      if (now == before) {
        return;
      }
      before = now;
    }
  }

  /** Calls until the threads have processors of their own and caches are warm. */
  void spread(Contender contender) {
    long end = System.nanoTime() + SPREAD_NANOS;
    while (System.nanoTime() < end) {
      contender.call();
    }
  }

  /**
   * Calls for that long, after a head that does not count.
   *
   * @param threads that a call uses
   */
  Slice slice(Contender contender, int threads, long nanos) {
    long head = threads > 1 ? SPREAD_NANOS : nanos / 8;
    long now = System.nanoTime();
    long end = now + head;
    while (now < end && 1e9 * secondsPerCall < 2 * head) {
      contender.call();
      now = System.nanoTime();
    }
    end = now + nanos;
    int calls = (int) Math.max(1, Math.ceil(1e-9 * BATCH_NANOS / secondsPerCall));
    long bytes = THREADS.getTotalThreadAllocatedBytes();
    int count = 0;
    do {
      long from = now;
      for (int i = 0; i < calls; i++) {
        contender.call();
      }
      now = System.nanoTime();
      batches[count++] = now - from;
    } while (now < end && count < batches.length);
    bytes = THREADS.getTotalThreadAllocatedBytes() - bytes;
    Arrays.sort(batches, 0, count);
    double seconds = 1e-9 * Statistics.median(batches, count) / calls;
    secondsPerCall = Math.min(secondsPerCall, seconds);
    return new Slice(seconds, (double) bytes / ((long) count * calls));
  }
}
