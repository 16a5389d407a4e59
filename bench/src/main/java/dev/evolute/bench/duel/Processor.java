package dev.evolute.bench.duel;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.BitSet;

/**
 * Where the calling thread runs. The system leaves a busy thread on its processor, and contenders
 * on different ones, of which another program had one now and then, were told apart by that. Where
 * the system has no such call, threads run where it puts them.
 */
final class Processor {
  /** Bytes of the system's set of processors. */
  private static final long SIZE = 128;

  private static final MethodHandle GET = affinity("sched_getaffinity");
  private static final MethodHandle SET = affinity("sched_setaffinity");
  private static final BitSet ALLOWED = allowed();

  private Processor() {}

  @SuppressWarnings("restricted")
  private static MethodHandle affinity(String function) {
    Linker linker = Linker.nativeLinker();
    FunctionDescriptor type =
        FunctionDescriptor.of(
            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS);
    return linker
        .defaultLookup()
        .find(function)
        .map(address -> linker.downcallHandle(address, type))
        .orElse(null);
  }

  private static BitSet allowed() {
    if (GET == null || SET == null) {
      return new BitSet();
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment set = arena.allocate(SIZE, Long.BYTES);
      boolean known = (int) GET.invokeExact(0, SIZE, set) == 0;
      return known ? BitSet.valueOf(set.toArray(ValueLayout.JAVA_BYTE)) : new BitSet();
    } catch (Throwable e) {
      throw new IllegalStateException("sched_getaffinity", e);
    }
  }

  /** Binds the calling thread to one processor of those it may use, counted from 0. */
  static void bind(int processor) {
    if (!ALLOWED.isEmpty()) {
      BitSet one = new BitSet();
      one.set(ALLOWED.stream().skip(processor % ALLOWED.cardinality()).findFirst().orElseThrow());
      set(one);
    }
  }

  /** Lets the calling thread run anywhere again. */
  static void release() {
    if (!ALLOWED.isEmpty()) {
      set(ALLOWED);
    }
  }

  private static void set(BitSet processors) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment set = arena.allocate(SIZE, Long.BYTES);
      byte[] bytes = processors.toByteArray();
      MemorySegment.copy(bytes, 0, set, ValueLayout.JAVA_BYTE, 0, bytes.length);
      // Refused, the thread runs where it did.
      int ignored = (int) SET.invokeExact(0, SIZE, set);
    } catch (Throwable e) {
      throw new IllegalStateException("sched_setaffinity", e);
    }
  }
}
