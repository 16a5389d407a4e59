package dev.evolute.kernels.cpu.amx;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Memory that a thread needs for itself while it splits and multiplies. */
final class TileThread {
  private static final ThreadLocal<TileThread> OF_THREAD = ThreadLocal.withInitial(TileThread::new);

  final Arguments arguments = new Arguments();

  /** 32 rows of sums that cannot be written to C as they are. */
  final MemorySegment sums =
      Arena.ofAuto().allocate(TileProduct.ROWS * TileProduct.COLUMNS * (long) Float.BYTES, 64);

  /** 16 lines of an operand that stands across in memory, or on the heap. */
  final MemorySegment lines =
      Arena.ofAuto().allocate(OperandTiles.LINES * Scheme.DEEPEST * (long) Float.BYTES, 64);

  /** For products that this thread does alone. */
  final TileProduct product = new TileProduct();

  static TileThread current() {
    return OF_THREAD.get();
  }
}
