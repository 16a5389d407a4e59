package dev.evolute.kernels.cpu.amx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import jdk.jfr.Recording;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A million calls of machine code from eight threads, which come and go, while garbage is collected
 * and a profiler stops threads by signals: no crash, and the same bits every time.
 */
@Tag("slow")
final class CodePagesStressTest {
  private static final int CALLS = 1_000_000;
  private static final int THREADS = 8;

  /** Calls of a thread before another takes its place. */
  private static final int LIFE = 5_000;

  private static final int K = 100;
  private static final int PARTS = 3;
  private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;

  private final AtomicLong calls = new AtomicLong();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  @Test
  void aMillionCallsUnderLoadGiveTheSameBits() throws Exception {
    Set<String> there = Amx.parts();
    Assumptions.assumeTrue(there.contains("avx512_bf16"), "this processor does not convert");
    Assumptions.assumeTrue(there.contains("avx512f"), "this processor has no vectors of 512 bits");
    CodePages pages = CodePages.write(List.of(SplitCode.left(PARTS), SplitCode.right(PARTS)));
    List<Routine> routines = pages.seal();
    long[] expected = {hash(routines.get(0), 0), hash(routines.get(1), 1)};
    assertEquals(
        hash(Emulator.of(ProcessMemory.all(), SplitCode.left(PARTS)).getFirst(), 0), expected[0]);
    assertEquals(
        hash(Emulator.of(ProcessMemory.all(), SplitCode.right(PARTS)).getFirst(), 1), expected[1]);
    try (Recording profile = new Recording()) {
      profile.enable("jdk.ExecutionSample").withPeriod(Duration.ofMillis(1));
      profile.enable("jdk.NativeMethodSample").withPeriod(Duration.ofMillis(1));
      profile.start();
      List<Thread> chains = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        chains.add(Thread.ofPlatform().start(() -> relay(routines, expected)));
      }
      while (chains.stream().anyMatch(Thread::isAlive)) {
        byte[][] garbage = new byte[64][];
        for (int i = 0; i < garbage.length; i++) {
          garbage[i] = new byte[100_000];
        }
        System.gc();
        Thread.sleep(20);
      }
    }
    pages.close();
    assertNull(failure.get());
    assertEquals(CALLS, calls.get());
  }

  /** Threads that follow each other until all calls are done. */
  private void relay(List<Routine> routines, long[] expected) {
    try {
      while (failure.get() == null && calls.get() < CALLS) {
        Thread next = Thread.ofPlatform().start(() -> calls(routines, expected));
        next.join();
      }
    } catch (Throwable e) {
      failure.compareAndSet(null, e);
    }
  }

  private void calls(List<Routine> routines, long[] expected) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment from = operand(arena);
      MemorySegment to = arena.allocate(4L * PARTS * SplitCode.TILE, 64);
      Arguments arguments = new Arguments();
      for (int i = 0; i < LIFE; i++) {
        if (calls.getAndIncrement() >= CALLS) {
          calls.decrementAndGet();
          return;
        }
        int side = i % 2;
        if (hash(routines.get(side), side, arguments, from, to) != expected[side]) {
          throw new AssertionError("call " + calls + " gave other bits");
        }
      }
    } catch (Throwable e) {
      failure.compareAndSet(null, e);
    }
  }

  private static MemorySegment operand(Arena arena) {
    MemorySegment from = arena.allocate(4L * 16 * K, 64);
    for (int i = 0; i < 16 * K; i++) {
      from.setAtIndex(F32, i, (float) Math.sin(i) * (1 + i % 7));
    }
    return from;
  }

  private static long hash(Routine routine, int side) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment to = arena.allocate(4L * PARTS * SplitCode.TILE, 64);
      return hash(routine, side, new Arguments(), operand(arena), to);
    }
  }

  private static long hash(
      Routine routine, int side, Arguments arguments, MemorySegment from, MemorySegment to) {
    // What the routine does not write is as the one before left it, which differs by side.
    to.asSlice(3L * PARTS * SplitCode.TILE).fill((byte) 0);
    run(routine, side, arguments, from, to);
    long hash = 1;
    for (long i = 0; i < to.byteSize() / 8; i++) {
      hash = 31 * hash + to.getAtIndex(ValueLayout.JAVA_LONG, i);
    }
    return hash;
  }

  private static void run(
      Routine routine, int side, Arguments arguments, MemorySegment from, MemorySegment to) {
    if (side == 0) {
      SplitCall.left(arguments, from.address(), 4L * K, 16, K, to.address());
    } else {
      SplitCall.right(arguments, from.address(), 4L * 16, 16, K, to.address());
    }
    arguments.call(routine);
  }
}
