package dev.evolute.kernels.cpu;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Calls a loop that C2 has not compiled yet until it has, beside whoever waits for its result.
 * Interpreted, each operation on vectors makes objects: of the two seconds of a first step of
 * training that was half, and more of the second step. Until a loop is warm, its caller computes
 * the same in plain Java, which is fast after milliseconds.
 *
 * <p>All share one thread, which is there only while something is to be warmed.
 */
public abstract class Warmup {
  private static final int CALLS = 20;

  /** Compiled, a call takes a tenth of it; interpreted or compiled by C1, ten times as long. */
  private static final long FAST_NANOS = CALLS * 2_000;

  /** Several in a row, so that it is the method that is fast, and not one turn of its loop. */
  private static final int FAST = 3;

  /** More calls do not hurry C2, which compiles for a while; they would only take its processor. */
  private static final int HURRY = 1_200;

  private static final long PATIENCE_NANOS = 60_000_000_000L;

  private static final ThreadPoolExecutor QUEUE =
      new ThreadPoolExecutor(
          1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), Warmup::thread);

  static {
    QUEUE.allowCoreThreadTimeOut(true);
  }

  private final AtomicBoolean asked = new AtomicBoolean();

  /** Set once and read without order: a late look costs one more turn in plain Java. */
  private boolean warm;

  private static Thread thread(Runnable task) {
    return Thread.ofPlatform().name("evolute-warmup").daemon().unstarted(task);
  }

  /** Runs the loop once, on memory of its own; in less than a microsecond if it is compiled. */
  protected abstract void run();

  /** Whether the loop is compiled; if it is not, that is seen to, but in a JVM without C2. */
  public final boolean isWarm() {
    if (!warm && Preflight.isFast() && asked.compareAndSet(false, true)) {
      QUEUE.execute(this::warm);
    }
    return warm;
  }

  private void warm() {
    long end = System.nanoTime() + PATIENCE_NANOS;
    int fast = 0;
    try {
      for (int calls = 0; fast < FAST && System.nanoTime() < end; calls += CALLS) {
        long start = System.nanoTime();
        for (int i = 0; i < CALLS; i++) {
          run();
        }
        long nanos = System.nanoTime() - start;
        fast = nanos < FAST_NANOS ? fast + 1 : 0;
        if (fast == 0 && calls > HURRY) {
          Thread.sleep(1 + nanos / 1_000_000);
        }
      }
    } catch (InterruptedException nobodyDoes) {
      Thread.currentThread().interrupt();
    }
    warm = fast == FAST;
    // If it is not, whoever needs it again asks again.
    asked.set(warm);
  }
}
