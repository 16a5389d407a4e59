package dev.evolute.kernels.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Cleaner;
import java.util.Objects;
import java.util.concurrent.Executor;

/**
 * Runs one task in numbered parts, on the caller's thread and on others: a fixed pool of platform
 * threads, or an executor that the user of the device brought. What a part computes depends on its
 * number only, never on the thread that happens to run it.
 *
 * <p>One thread at a time runs tasks: a second one is refused, as is a task begun inside a task.
 */
public final class Workers implements AutoCloseable {
  /** Work split into numbered parts. */
  public interface Task {
    /** Does part {@code part} of the parts given to {@link Workers#run}. */
    void run(int part);
  }

  /** Stands for any thread but the caller's. */
  private static final Thread ANOTHER = Thread.ofPlatform().unstarted(() -> {});

  private static final VarHandle OWNER;

  static {
    try {
      OWNER = MethodHandles.lookup().findVarHandle(Workers.class, "owner", Thread.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Sends away the threads of devices that nobody closed; made by the first pool. */
  private static final class Forgotten {
    static final Cleaner CLEANER = Cleaner.create();
  }

  private final int count;
  private final Crew crew;
  private final Runnable dismissal;

  /** Who runs a task now, or null; written through {@link #OWNER}. */
  private Thread owner;

  private volatile boolean closed;

  /** The caller's thread and {@code count - 1} of its own. */
  Workers(int count) {
    Crew.Pool pool = new Crew.Pool(count);
    this.count = count;
    crew = pool;
    dismissal = count == 1 ? pool : Forgotten.CLEANER.register(this, pool)::clean;
    pool.start();
  }

  /** The caller's thread and what an executor lends. */
  Workers(int count, Executor executor) {
    this.count = count;
    crew = new Crew.Borrowed(count, executor);
    dismissal = () -> {};
  }

  /** Number of threads, the caller's included. */
  public int count() {
    return count;
  }

  /** Whether every thread that may run a part may touch the memory. */
  boolean reach(MemorySegment memory) {
    return count == 1 || memory.isAccessibleBy(ANOTHER);
  }

  /**
   * Runs {@code task} for the parts {@code 0 .. parts - 1}, at most {@link #count()}, and waits.
   * What a part throws is thrown here once all parts have ended; the workers stay usable.
   */
  public void run(int parts, Task task) {
    if (!OWNER.compareAndSet(this, (Thread) null, Thread.currentThread())) {
      throw refusal();
    }
    try {
      if (closed) {
        throw refusal();
      }
      if (parts <= 1) {
        task.run(0);
      } else {
        Objects.checkIndex(parts - 1, count);
        crew.run(parts, task);
      }
    } finally {
      OWNER.setRelease(this, (Thread) null);
    }
  }

  /**
   * Refuses a closed device, and one that computes for another thread right now. Asked before the
   * operands of a call are put in place, where a second thread would overwrite those of the first.
   */
  public Workers ready() {
    if (closed || (Thread) OWNER.getOpaque(this) != null) {
      throw refusal();
    }
    return this;
  }

  private IllegalStateException refusal() {
    Thread other = (Thread) OWNER.getOpaque(this);
    Thread me = Thread.currentThread();
    if (closed) {
      return new IllegalStateException("device: closed; open it again before computing on it");
    }
    return new IllegalStateException(
        other == me
            ? "device: a kernel was called from inside another one; call them one after the other"
            : "device: thread '"
                + me.getName()
                + "' calls a kernel while "
                + (other == null ? "another thread" : "thread '" + other.getName() + "'")
                + " computes on it; a device serves one thread at a time, open one for each");
  }

  /** Ends the pool's threads as soon as they have nothing left to do. */
  @Override
  public void close() {
    closed = true;
    dismissal.run();
  }
}
