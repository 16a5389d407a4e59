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
 * A million calls of machine code from eight threads, platform's and virtual ones, which come and
 * go, while garbage is collected and a profiler stops threads by signals: no crash, and the same
 * bits every time. Operands are split, and where the processor has AMX multiplied on tiles, too.
 */
@Tag("slow")
final class CodePagesStressTest {
  private static final int CALLS = 1_000_000;
  private static final int THREADS = 8;

  /** Calls of a thread before another takes its place. */
  private static final int LIFE = 5_000;

  private static final int K = 100;
  private static final Scheme SCHEME = Scheme.BF16X6;
  private static final int PARTS = SCHEME.parts;
  private static final int STEPS = 4;
  private static final long PANEL = (long) STEPS * PARTS * SplitCode.TILE;

  /** What routines do: split rows, split columns, multiply 32 rows with 32 columns. */
  private static final List<byte[]> CODES =
      List.of(SplitCode.left(PARTS), SplitCode.right(PARTS), ProductCode.of(SCHEME, 2, 2));

  private static final int PRODUCT = 2;
  private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;

  private final AtomicLong calls = new AtomicLong();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  @Test
  void aMillionCallsUnderLoadGiveTheSameBits() throws Exception {
    Set<String> there = Amx.parts();
    Assumptions.assumeTrue(there.contains("avx512_bf16"), "this processor does not convert");
    Assumptions.assumeTrue(there.contains("avx512f"), "this processor has no vectors of 512 bits");
    boolean multiplies = Amx.trouble() == null;
    CodePages pages = CodePages.write(multiplies ? CODES : CODES.subList(0, PRODUCT));
    List<Routine> routines = pages.seal();
    long[] expected = new long[CODES.size()];
    for (int kind = 0; kind < expected.length; kind++) {
      expected[kind] = new Operands().hash(emulated(kind), kind);
    }
    for (int kind = 0; kind < routines.size(); kind++) {
      assertEquals(expected[kind], new Operands().hash(routines.get(kind), kind), "kind " + kind);
    }
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
    boolean virtual = false;
    try {
      while (failure.get() == null && calls.get() < CALLS) {
        virtual = !virtual;
        Thread.Builder next = virtual ? Thread.ofVirtual() : Thread.ofPlatform();
        next.start(() -> calls(routines, expected)).join();
      }
    } catch (Throwable e) {
      failure.compareAndSet(null, e);
    }
  }

  private void calls(List<Routine> routines, long[] expected) {
    try {
      Operands operands = new Operands();
      for (int i = 0; i < LIFE; i++) {
        if (calls.getAndIncrement() >= CALLS) {
          calls.decrementAndGet();
          return;
        }
        int kind = i % routines.size();
        if (operands.hash(routines.get(kind), kind) != expected[kind]) {
          throw new AssertionError("call " + calls + " of kind " + kind + " gave other bits");
        }
      }
    } catch (Throwable e) {
      failure.compareAndSet(null, e);
    }
  }

  private static Routine emulated(int kind) {
    return Emulator.of(ProcessMemory.all(), CODES.get(kind)).getFirst();
  }

  /** What a thread calls routines with. */
  private static final class Operands {
    private final Arguments arguments = new Arguments();
    private final MemorySegment from = Arena.ofAuto().allocate(4L * 16 * K, 64);
    private final MemorySegment to = Arena.ofAuto().allocate(PANEL, 64);
    private final MemorySegment rows = Arena.ofAuto().allocate(PANEL, 64);
    private final MemorySegment columns = Arena.ofAuto().allocate(PANEL, 64);

    Operands() {
      for (int i = 0; i < 16 * K; i++) {
        from.setAtIndex(F32, i, (float) Math.sin(i) * (1 + i % 7));
      }
      split(emulated(0), 0, rows);
      split(emulated(1), 1, columns);
    }

    private void split(Routine routine, int kind, MemorySegment tiles) {
      if (kind == 0) {
        SplitCall.left(arguments, from.address(), 4L * K, 16, K, tiles.address());
      } else {
        SplitCall.right(arguments, from.address(), 4L * 16, 16, K, tiles.address());
      }
      arguments.call(routine);
    }

    /** The upper rows are the lower ones, too, and so are the columns. */
    private void multiply(Routine routine) {
      ProductCall.sums(arguments, to.address(), 4L * 32, true);
      ProductCall.operands(arguments, rows.address(), 0, columns.address(), 0, 2, STEPS, 1);
      arguments.call(routine);
    }

    /** Of all that a call leaves behind. */
    long hash(Routine routine, int kind) {
      to.fill((byte) 0);
      if (kind == PRODUCT) {
        multiply(routine);
      } else {
        split(routine, kind, to);
      }
      long hash = 1;
      for (long i = 0; i < to.byteSize() / 8; i++) {
        hash = 31 * hash + to.getAtIndex(ValueLayout.JAVA_LONG, i);
      }
      return hash;
    }
  }
}
