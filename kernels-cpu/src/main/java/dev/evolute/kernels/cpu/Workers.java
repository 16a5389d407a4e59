package dev.evolute.kernels.cpu;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed pool of platform threads that runs one task in numbered parts. Part 0 runs on the caller,
 * part i always on worker i, so that which thread computes what never varies. A worker that finds
 * nothing to do looks again for some microseconds, then sleeps.
 */
public final class Workers implements AutoCloseable {
  /** Work split into numbered parts. */
  public interface Task {
    /** Does part {@code part} of the parts given to {@link Workers#run}. */
    void run(int part);
  }

  /**
   * About 20 microseconds: longer than the gap between two kernels, shorter than anyone notices.
   */
  private static final int LOOKS_BEFORE_SLEEP = 2000;

  private final Thread[] threads;
  private final AtomicInteger pending = new AtomicInteger();
  private volatile int round;
  private volatile boolean closed;
  private volatile Throwable failure;
  private Task task;
  private int parts;
  private Thread caller;

  Workers(int count) {
    threads = new Thread[count - 1];
    for (int i = 0; i < threads.length; i++) {
      int part = i + 1;
      threads[i] =
          Thread.ofPlatform().daemon().name("evolute-cpu-" + part).unstarted(() -> work(part));
      threads[i].start();
    }
  }

  /** Number of threads, the caller's included. */
  public int count() {
    return threads.length + 1;
  }

  /** Whether every worker may touch the memory. */
  boolean reach(MemorySegment memory) {
    for (Thread thread : threads) {
      if (!memory.isAccessibleBy(thread)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Runs {@code task} for the parts {@code 0 .. parts - 1}, at most {@link #count()}, and waits.
   */
  public void run(int parts, Task task) {
    if (parts <= 1) {
      task.run(0);
      return;
    }
    synchronized (this) {
      if (closed) {
        throw new IllegalStateException("device: closed; open it again before computing on it");
      }
      this.task = task;
      this.parts = parts;
      caller = Thread.currentThread();
      failure = null;
      // Every worker answers every round, even without a part in it: one that woke late would
      // otherwise take the next round's task for this one's.
      pending.set(threads.length);
      round = round + 1;
      for (Thread thread : threads) {
        LockSupport.unpark(thread);
      }
      try {
        task.run(0);
      } finally {
        awaitOthers();
        this.task = null;
      }
      if (failure != null) {
        throw new IllegalStateException("a worker failed: " + failure.getMessage(), failure);
      }
    }
  }

  private void awaitOthers() {
    int looks = 0;
    while (pending.get() != 0) {
      if (looks++ < LOOKS_BEFORE_SLEEP) {
        Thread.onSpinWait();
      } else {
        LockSupport.park(this);
      }
    }
  }

  private void work(int part) {
    int seen = 0;
    while (true) {
      int looks = 0;
      while (round == seen) {
        if (closed) {
          return;
        }
        if (looks++ < LOOKS_BEFORE_SLEEP) {
          Thread.onSpinWait();
        } else {
          LockSupport.park(this);
        }
      }
      seen = round;
      try {
        if (part < parts) {
          task.run(part);
        }
      } catch (Throwable e) {
        failure = e;
      }
      if (pending.decrementAndGet() == 0) {
        LockSupport.unpark(caller);
      }
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    for (Thread thread : threads) {
      LockSupport.unpark(thread);
    }
  }
}
