package dev.evolute.kernels.cpu.amx;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;

/**
 * Pages of machine code that this program wrote: written first, executable after that, never both.
 * A call is a critical one, which costs nanoseconds and holds up garbage collection while it lasts:
 * routines are short, call nothing and touch no memory of the heap.
 */
final class CodePages implements AutoCloseable {
  private static final long PAGE = 4096;
  private static final int CACHE_LINE = 64;

  /** What fills the gaps: a trap, should a jump ever lead there. */
  private static final byte TRAP = (byte) 0xCC;

  @SuppressWarnings("restricted")
  private static final MethodHandle CALL =
      Linker.nativeLinker()
          .downcallHandle(
              FunctionDescriptor.ofVoid(ValueLayout.JAVA_LONG), Linker.Option.critical(false));

  private final MemorySegment pages;
  private final long[] starts;

  private CodePages(List<byte[]> codes) {
    starts = new long[codes.size()];
    long size = 0;
    for (int i = 0; i < starts.length; i++) {
      starts[i] = size;
      size += (codes.get(i).length + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
    }
    pages = Posix.map(Math.max(PAGE, (size + PAGE - 1) / PAGE * PAGE));
    pages.fill(TRAP);
    for (int i = 0; i < starts.length; i++) {
      byte[] code = codes.get(i);
      MemorySegment.copy(code, 0, pages, ValueLayout.JAVA_BYTE, starts[i], code.length);
    }
  }

  /** Pages that are written and cannot be executed yet. */
  static CodePages write(List<byte[]> codes) {
    return new CodePages(codes);
  }

  /** From now on they cannot be written. */
  List<Routine> seal() {
    Posix.seal(pages);
    List<Routine> routines = new ArrayList<>();
    for (long start : starts) {
      routines.add(new Entry(pages.asSlice(start)));
    }
    return routines;
  }

  long address() {
    return pages.address();
  }

  /** Frees the pages; whoever calls a routine after that crashes. */
  @Override
  public void close() {
    Posix.unmap(pages);
  }

  private record Entry(MemorySegment start) implements Routine {
    @Override
    public void call(long arguments) {
      try {
        CALL.invokeExact(start, arguments);
      } catch (Throwable e) {
        throw new AssertionError(e);
      }
    }
  }
}
