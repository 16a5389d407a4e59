package dev.evolute.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.function.IntConsumer;

/** Threads that do a part each of the same task, the calling one among them. */
final class Together implements AutoCloseable {
  private final IntConsumer task;
  private final CyclicBarrier start;
  private final CyclicBarrier end;
  private final List<Thread> others = new ArrayList<>();
  private volatile boolean closed;

  /**
   * @param threads with the calling one
   * @param task takes the number of the thread, 0 for the calling one
   */
  Together(int threads, IntConsumer task) {
    this.task = task;
    start = new CyclicBarrier(threads);
    end = new CyclicBarrier(threads);
    for (int i = 1; i < threads; i++) {
      int number = i;
      others.add(Thread.ofPlatform().daemon().start(() -> work(number)));
    }
  }

  private void work(int number) {
    for (await(start); !closed; await(start)) {
      task.accept(number);
      await(end);
    }
  }

  /** Returns when all parts are done. */
  void run() {
    if (others.isEmpty()) {
      task.accept(0);
      return;
    }
    await(start);
    task.accept(0);
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
    if (!others.isEmpty()) {
      await(start);
    }
  }
}
