package dev.evolute.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Parts reach threads once each, whatever the threads do, and nobody spins, leaks or hangs. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class WorkersTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Long enough for a worker to wake, on a busy machine too; nothing waits this long. */
  private static final long WAKING_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private static void assertEachPartRunsOnce(Workers workers) {
    int[] runs = new int[workers.count() * 32];
    for (int round = 0; round < 2000; round++) {
      int parts = 1 + round % workers.count();
      workers.run(parts, part -> runs[part * 32]++);
      for (int part = 0; part < workers.count(); part++) {
        assertEquals(part < parts ? 1 : 0, runs[part * 32], "part " + part + " of " + parts);
        runs[part * 32] = 0;
      }
    }
  }

  /** Lets the helpers come first. */
  private static void assertPartsAreShared(Workers workers) {
    Set<Thread> seen = ConcurrentHashMap.newKeySet();
    for (int round = 0; round < 50 && seen.size() < workers.count(); round++) {
      workers.run(
          workers.count(),
          part -> {
            seen.add(Thread.currentThread());
            LockSupport.parkNanos(WAKING_NANOS);
          });
    }
    assertEquals(workers.count(), seen.size());
  }

  private static Set<Thread> threadsOf(Workers workers) {
    CountDownLatch all = new CountDownLatch(workers.count());
    Set<Thread> seen = ConcurrentHashMap.newKeySet();
    workers.run(
        workers.count(),
        part -> {
          seen.add(Thread.currentThread());
          all.countDown();
          await(all);
        });
    return seen.stream().filter(t -> t != Thread.currentThread()).collect(Collectors.toSet());
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(30, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aPoolRunsEachPartOnce() {
    for (int count = 1; count <= 6; count++) {
      try (Workers workers = new Workers(count)) {
        assertEachPartRunsOnce(workers);
      }
    }
  }

  @Test
  void aPoolSharesThePartsAmongDaemonsOfItsOwn() {
    try (Workers workers = new Workers(4)) {
      assertPartsAreShared(workers);
      for (Thread thread : threadsOf(workers)) {
        assertTrue(thread.isDaemon() && !thread.isVirtual(), thread.toString());
      }
    }
  }

  @Test
  void anExecutorOfAnyKindRunsEachPartOnce() {
    List<ExecutorService> executors =
        List.of(
            Executors.newFixedThreadPool(1),
            Executors.newFixedThreadPool(3),
            new ForkJoinPool(2),
            Executors.newVirtualThreadPerTaskExecutor(),
            new ThreadPoolExecutor(
                1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(1))); // refuses now and then
    for (ExecutorService executor : executors) {
      try (executor) {
        for (int count = 1; count <= 4; count++) {
          assertEachPartRunsOnce(new Workers(count, executor));
        }
      }
      // It is shut down now.
      assertEachPartRunsOnce(new Workers(3, executor));
    }
    assertEachPartRunsOnce(new Workers(4, Runnable::run));
    assertEachPartRunsOnce(new Workers(4, ForkJoinPool.commonPool()));
  }

  @Test
  void anExecutorSharesTheParts() {
    try (ExecutorService executor = Executors.newFixedThreadPool(3)) {
      assertPartsAreShared(new Workers(4, executor));
    }
  }

  @Test
  void anExecutorThatIsBusyForeverBlocksNobodyAndIsNotFlooded() throws InterruptedException {
    List<Runnable> queue = new ArrayList<>();
    Workers workers = new Workers(4, queue::add);
    assertEachPartRunsOnce(workers);
    assertEquals(3, queue.size());
    // Whoever comes after the end finds nothing to do, and may be asked again.
    queue.forEach(Runnable::run);
    queue.clear();
    assertEachPartRunsOnce(workers);
    assertEquals(3, queue.size());
  }

  @Test
  void theOnlyThreadOfAnExecutorMayCallItself() throws Exception {
    try (ExecutorService executor = Executors.newFixedThreadPool(1)) {
      executor.submit(() -> assertEachPartRunsOnce(new Workers(3, executor))).get();
    }
  }

  @Test
  void anExecutorThatFailsIsReportedAndThePartsAreDoneNevertheless() {
    Executor broken =
        helper -> {
          throw new IllegalArgumentException("no more tickets");
        };
    Workers workers = new Workers(3, broken);
    int[] runs = new int[3];
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> workers.run(3, part -> runs[part] += 1));
    assertEquals("no more tickets", e.getMessage());
    assertArrayEquals(new int[] {1, 1, 1}, runs);
    assertEachPartRunsOnce(
        new Workers(
            3,
            helper -> {
              throw new RejectedExecutionException();
            }));
  }

  @Test
  void whatAPartThrowsArrivesAsItIsAndTheWorkersStayUsable() {
    try (Workers workers = new Workers(3)) {
      for (int bad = 0; bad < 3; bad++) {
        int failing = bad;
        int[] runs = new int[3];
        ArithmeticException e =
            assertThrows(
                ArithmeticException.class,
                () ->
                    workers.run(
                        3,
                        part -> {
                          runs[part]++;
                          if (part == failing) {
                            throw new ArithmeticException("part " + part);
                          }
                        }));
        assertEquals("part " + bad, e.getMessage());
        assertArrayEquals(new int[] {1, 1, 1}, runs);
        assertEachPartRunsOnce(workers);
      }
      CountDownLatch all = new CountDownLatch(3);
      StackOverflowError error = new StackOverflowError("deep");
      Error e =
          assertThrows(
              StackOverflowError.class,
              () ->
                  workers.run(
                      3,
                      part -> {
                        all.countDown();
                        await(all);
                        if (part == 2) {
                          throw error;
                        }
                      }));
      assertSame(error, e);
      assertTrue(
          Arrays.toString(e.getSuppressed()).contains("evolute-cpu-2"), "says on which thread");
      assertThrows(
          IllegalStateException.class,
          () ->
              workers.run(
                  1,
                  part -> {
                    throw new IllegalStateException();
                  }));
      assertEachPartRunsOnce(workers);
    }
  }

  @Test
  void anInterruptedCallerFinishesAndStaysInterrupted() {
    try (Workers workers = new Workers(2)) {
      boolean[] done = new boolean[2];
      CountDownLatch both = new CountDownLatch(2);
      Thread.currentThread().interrupt();
      workers.run(
          2,
          part -> {
            both.countDown();
            while (both.getCount() > 0) {
              Thread.onSpinWait();
            }
            if (part == 1) {
              LockSupport.parkNanos(WAKING_NANOS);
            }
            done[part] = true;
          });
      assertTrue(Thread.interrupted());
      assertArrayEquals(new boolean[] {true, true}, done);
    }
  }

  @Test
  void workersAtRestUseNoProcessor() throws InterruptedException {
    try (Workers workers = new Workers(4)) {
      Set<Thread> threads = threadsOf(workers);
      threads.forEach(Thread::interrupt);
      Thread.sleep(50);
      long before = cpuNanos(threads);
      Thread.sleep(300);
      long used = cpuNanos(threads) - before;
      // Spinning would take 900 ms, and the clock of some systems ticks in 10 ms.
      assertTrue(used <= TimeUnit.MILLISECONDS.toNanos(30), used + " ns in 300 ms");
      assertEachPartRunsOnce(workers);
    }
  }

  private static long cpuNanos(Set<Thread> threads) {
    return threads.stream().mapToLong(t -> THREADS.getThreadCpuTime(t.threadId())).sum();
  }

  @Test
  void aRunAllocatesNothing() {
    try (Workers workers = new Workers(3)) {
      long[] threads = threadsOf(workers).stream().mapToLong(Thread::threadId).toArray();
      int[] runs = new int[3 * 32];
      Workers.Task task = part -> runs[part * 32]++;
      long least = Long.MAX_VALUE;
      for (int batch = 0; batch < 20 && least > 0; batch++) {
        long before = allocated(threads);
        for (int i = 0; i < 1000; i++) {
          workers.run(3, task);
        }
        least = Math.min(least, allocated(threads) - before);
      }
      assertEquals(0, least);
    }
  }

  private static long allocated(long[] threads) {
    long bytes = THREADS.getCurrentThreadAllocatedBytes();
    for (long thread : threads) {
      bytes += THREADS.getThreadAllocatedBytes(thread);
    }
    return bytes;
  }

  @Test
  void aClosedPoolFinishesWhatRunsAndRefusesTheNext() throws InterruptedException {
    Workers workers = new Workers(3);
    Set<Thread> threads = threadsOf(workers);
    boolean[] done = new boolean[3];
    workers.run(
        3,
        part -> {
          workers.close();
          done[part] = true;
        });
    assertArrayEquals(new boolean[] {true, true, true}, done);
    for (Thread thread : threads) {
      thread.join();
    }
    workers.close();
    for (int parts : new int[] {1, 3}) {
      IllegalStateException e =
          assertThrows(IllegalStateException.class, () -> workers.run(parts, part -> {}));
      assertEquals("device: closed; open it again before computing on it", e.getMessage());
    }
    assertThrows(IllegalStateException.class, workers::ready);
  }

  @Test
  void aForgottenPoolSendsItsThreadsAway() throws InterruptedException {
    for (Thread thread : threadsOfForgotten()) {
      while (thread.isAlive()) {
        System.gc();
        thread.join(10);
      }
    }
  }

  private static Set<Thread> threadsOfForgotten() {
    return threadsOf(new Workers(3));
  }

  @Test
  void aSecondThreadIsRefused() throws InterruptedException {
    try (Workers workers = new Workers(2)) {
      for (int parts = 1; parts <= 2; parts++) {
        CountDownLatch running = new CountDownLatch(parts);
        CountDownLatch end = new CountDownLatch(1);
        int shared = parts;
        Thread first =
            Thread.ofPlatform()
                .name("first")
                .start(
                    () ->
                        workers.run(
                            shared,
                            part -> {
                              running.countDown();
                              await(end);
                            }));
        await(running);
        for (int mine = 1; mine <= 2; mine++) {
          int asked = mine;
          String message =
              assertThrows(IllegalStateException.class, () -> workers.run(asked, part -> {}))
                  .getMessage();
          assertTrue(message.contains("while thread 'first'"), message);
        }
        assertThrows(IllegalStateException.class, workers::ready);
        end.countDown();
        first.join();
        assertSame(workers, workers.ready());
        assertEachPartRunsOnce(workers);
      }
    }
  }

  @Test
  void aTaskInsideATaskIsRefused() {
    try (Workers workers = new Workers(2)) {
      AtomicReference<String> message = new AtomicReference<>();
      workers.run(
          1,
          part ->
              message.set(
                  assertThrows(IllegalStateException.class, () -> workers.run(2, p -> {}))
                      .getMessage()));
      assertTrue(message.get().contains("from inside another one"), message.get());
      assertFalse(message.get().contains("null"));
      assertThrows(
          IllegalStateException.class, () -> workers.run(2, part -> workers.run(1, p -> {})));
      assertEachPartRunsOnce(workers);
    }
  }

  @Test
  void morePartsThanThreadsAreRefused() {
    try (Workers workers = new Workers(2)) {
      assertThrows(IndexOutOfBoundsException.class, () -> workers.run(3, part -> {}));
      assertEachPartRunsOnce(workers);
    }
  }
}
