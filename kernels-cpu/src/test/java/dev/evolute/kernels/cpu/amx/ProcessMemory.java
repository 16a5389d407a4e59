package dev.evolute.kernels.cpu.amx;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** Memory as machine code sees it, by address; only what is allowed, or all of the process. */
final class ProcessMemory {
  @SuppressWarnings("restricted")
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  /** Null where everything is allowed. */
  private final List<MemorySegment> allowed;

  private ProcessMemory(List<MemorySegment> allowed) {
    this.allowed = allowed;
  }

  static ProcessMemory all() {
    return new ProcessMemory(null);
  }

  static ProcessMemory of(MemorySegment... allowed) {
    return new ProcessMemory(List.of(allowed));
  }

  private void check(long address, int bytes) {
    if (allowed == null) {
      return;
    }
    for (MemorySegment segment : allowed) {
      long from = address - segment.address();
      if (from >= 0 && from <= segment.byteSize() - bytes) {
        return;
      }
    }
    throw new AssertionError(
        "%d bytes at %x are nobody's; there are %s".formatted(bytes, address, allowed));
  }

  byte getByte(long address) {
    check(address, 1);
    return ALL.get(ValueLayout.JAVA_BYTE, address);
  }

  short getShort(long address) {
    check(address, 2);
    return ALL.get(ValueLayout.JAVA_SHORT_UNALIGNED, address);
  }

  int getInt(long address) {
    check(address, 4);
    return ALL.get(ValueLayout.JAVA_INT_UNALIGNED, address);
  }

  long getLong(long address) {
    check(address, 8);
    return ALL.get(ValueLayout.JAVA_LONG_UNALIGNED, address);
  }

  void setInt(long address, int value) {
    check(address, 4);
    ALL.set(ValueLayout.JAVA_INT_UNALIGNED, address, value);
  }

  void setLong(long address, long value) {
    check(address, 8);
    ALL.set(ValueLayout.JAVA_LONG_UNALIGNED, address, value);
  }
}
