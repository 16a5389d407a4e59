package dev.evolute.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;

/** Threads that do the same task at the same time as the calling one. */
final class Together implements AutoCloseable {
  private final CyclicBarrier start;
  private final CyclicBarrier end;
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean closed;

  /**
   * @param task what each of them does
   * @param others threads beside the calling one
   */
  Together(Runnable task, int others) {
    start = new CyclicBarrier(others + 1);
    end = new CyclicBarrier(others + 1);
    for (int i = 0; i < others; i++) {
      threads.add(Thread.ofPlatform().daemon().start(() -> work(task)));
    }
  }

  private void work(Runnable task) {
    for (await(start); !closed; await(start)) {
      task.run();
      await(end);
    }
  }

  /** Returns when all are done with it. */
  void run(Runnable task) {
    if (threads.isEmpty()) {
      task.run();
      return;
    }
    await(start);
    task.run();
    await(end);
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (InterruptedException | BrokenBarrierException e) {
      throw new IllegalStateException("the threads of a measurement were interrupted", e);
    }
  }

  @Override
  public void close() {
    closed = true;
    if (!threads.isEmpty()) {
      await(start);
    }
  }
}
