package dev.evolute.kernels.cpu;

import java.lang.invoke.VarHandle;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;

/**
 * How the parts of a task reach other threads. Each part is opened by the caller and claimed once,
 * by whoever comes first; the caller does part 0, then claims what nobody has begun, and waits for
 * the rest. So a helper that wakes late, or never, costs time but blocks nobody, and one that comes
 * after the end finds nothing open.
 *
 * <p>It knows neither the device nor its kernels, so that threads at rest do not keep a forgotten
 * device alive. Nothing is allocated by a run.
 */
abstract class Crew {
  /** Ints a part: two cache lines, because processors fetch them in pairs. */
  private static final int LINE = 32;

  /** First int of a part: whether it may be claimed. In part 0's place: parts yet unfinished. */
  private static final int OPEN = 1;

  private static final int UNFINISHED = 0;

  /** Second int of a part: whether its helper (the caller, for part 0) must be woken. */
  private static final int RESTING = 1;

  /**
   * How long a thread looks for work before it sleeps: longer than the gap between two kernels,
   * shorter than anyone notices.
   */
  private static final long LOOKING_NANOS = 20_000;

  private static final int LOOKS_A_CLOCK = 32;

  final int count;
  final AtomicIntegerArray cells;

  // Written by the caller before it opens the parts, read by those who claimed one.
  private Workers.Task task;
  private Thread caller;

  private Throwable failure;
  private String failedOn;

  Crew(int count) {
    this.count = count;
    this.cells = new AtomicIntegerArray((count + 1) * LINE);
  }

  /** Sees to it that somebody looks for part {@code part} soon. */
  abstract void wake(int part);

  /** Runs the parts {@code 0 .. parts - 1} and waits for them. */
  final void run(int parts, Workers.Task task) {
    this.task = task;
    caller = Thread.currentThread();
    cells.setPlain(cell(0) + UNFINISHED, parts - 1);
    for (int part = 1; part < parts; part++) {
      cells.setRelease(cell(part), OPEN);
    }
    // Either a helper that is about to rest sees its part, or this thread sees it resting.
    VarHandle.fullFence();
    for (int part = 1; part < parts; part++) {
      if (cells.getPlain(cell(part) + RESTING) != 0) {
        cells.set(cell(part) + RESTING, 0);
        wake(part);
      }
    }
    attempt(0);
    for (int part = parts - 1; part > 0; part--) {
      tryPart(part);
    }
    awaitOthers();
    this.task = null;
    caller = null;
    if (failure != null) {
      rethrow();
    }
  }

  /** Does the part unless someone else has claimed it. */
  final void tryPart(int part) {
    if (cells.get(cell(part)) == OPEN && cells.compareAndSet(cell(part), OPEN, 0)) {
      Thread waiting = caller;
      attempt(part);
      if (cells.decrementAndGet(cell(0) + UNFINISHED) == 0 && cells.get(cell(0) + RESTING) != 0) {
        LockSupport.unpark(waiting);
      }
    }
  }

  private void attempt(int part) {
    try {
      task.run(part);
    } catch (Throwable e) {
      failed(e);
    }
  }

  final synchronized void failed(Throwable e) {
    if (failure == null) {
      failure = e;
      failedOn = Thread.currentThread().getName();
    } else if (failure != e) {
      failure.addSuppressed(e);
    }
  }

  private void rethrow() {
    Throwable e = failure;
    failure = null;
    if (!failedOn.equals(Thread.currentThread().getName())) {
      // The trace of the failure is the helper's; this one shows who asked for the work.
      e.addSuppressed(new IllegalStateException("on thread '" + failedOn + "', called from here"));
    }
    if (e instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) e;
  }

  private void awaitOthers() {
    int unfinished = cell(0) + UNFINISHED;
    int resting = cell(0) + RESTING;
    boolean interrupted = false;
    while (!comesTo(unfinished, 0)) {
      cells.set(resting, 1);
      if (cells.get(unfinished) != 0) {
        LockSupport.park(this);
      }
      cells.set(resting, 0);
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Looks for a while whether a cell takes a value. */
  final boolean comesTo(int cell, int value) {
    long start = 0;
    while (true) {
      for (int look = 0; look < LOOKS_A_CLOCK; look++) {
        if (cells.get(cell) == value) {
          return true;
        }
        Thread.onSpinWait();
      }
      long now = System.nanoTime();
      start = start == 0 ? now : start;
      if (now - start > LOOKING_NANOS) {
        return false;
      }
    }
  }

  static int cell(int part) {
    return part * LINE;
  }

  /** Platform threads of its own, part i on thread i unless the caller comes first. */
  static final class Pool extends Crew implements Runnable {
    private final Thread[] threads;
    private volatile boolean dismissed;

    Pool(int count) {
      super(count);
      threads = new Thread[count - 1];
    }

    void start() {
      for (int i = 0; i < threads.length; i++) {
        int part = i + 1;
        threads[i] =
            Thread.ofPlatform()
                .daemon()
                .name("evolute-cpu-" + part)
                .inheritInheritableThreadLocals(false)
                .unstarted(() -> work(part));
        try {
          threads[i].start();
        } catch (OutOfMemoryError e) {
          run();
          throw new IllegalStateException(
              "device: the system starts no more than "
                  + part
                  + " of "
                  + count
                  + " threads; open the device with fewer",
              e);
        }
      }
    }

    private void work(int part) {
      while (awaitPart(part)) {
        tryPart(part);
      }
    }

    /** Waits until the part is open; false if the thread is no longer needed. */
    private boolean awaitPart(int part) {
      while (!comesTo(cell(part), OPEN)) {
        cells.set(cell(part) + RESTING, 1);
        if (cells.get(cell(part)) == OPEN) {
          return true;
        }
        if (dismissed) {
          return false;
        }
        LockSupport.park(this);
        // An interrupt is for nobody here, and left in place it would keep the thread awake.
        Thread.interrupted();
      }
      return true;
    }

    @Override
    void wake(int part) {
      LockSupport.unpark(threads[part - 1]);
    }

    /** Sends the threads away. */
    @Override
    public void run() {
      dismissed = true;
      for (Thread thread : threads) {
        LockSupport.unpark(thread);
      }
    }
  }

  /**
   * Threads of an executor, which may be busy, few, or the caller's own: a helper does its part or
   * any other that is still open. One that the executor has not begun yet is not handed over again.
   */
  static final class Borrowed extends Crew {
    private final Executor executor;
    private final Runnable[] helpers;

    Borrowed(int count, Executor executor) {
      super(count);
      this.executor = executor;
      this.helpers = new Runnable[count];
      for (int i = 1; i < count; i++) {
        int part = i;
        helpers[part] = () -> help(part);
        cells.set(cell(part) + RESTING, 1);
      }
    }

    private void help(int first) {
      cells.set(cell(first) + RESTING, 1);
      tryPart(first);
      for (int part = 1; part < count; part++) {
        tryPart(part);
      }
    }

    @Override
    void wake(int part) {
      try {
        executor.execute(helpers[part]);
      } catch (RejectedExecutionException e) {
        // The caller does the part; the next call asks again.
        cells.set(cell(part) + RESTING, 1);
      } catch (RuntimeException | Error e) {
        cells.set(cell(part) + RESTING, 1);
        failed(e);
      }
    }
  }
}
