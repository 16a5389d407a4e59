package dev.evolute.kernels.cpu.amx;

import dev.evolute.kernels.cpu.PackedOnCpu;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * An operand in tiles: rows of a left one, columns of a right one, its lines, 16 to a panel.
 *
 * <pre>
 *   block of inner indices | panel of 16 lines | step of 32 inner indices | part | 1 KiB
 * </pre>
 *
 * All panels of a block stand side by side; in the last block they are shorter where it is.
 */
final class OperandTiles implements PackedOnCpu.Copy {
  /** Lines of a panel. */
  static final int LINES = 16;

  /** Inner indices of a step. */
  static final int STEP = 32;

  private final Scheme scheme;
  private final int panels;
  private final int k;
  private final Arena arena;
  private final MemorySegment memory;

  /** Whole operands are kept until they are closed. */
  OperandTiles(Scheme scheme, int lines, int k) {
    this.scheme = scheme;
    this.k = k;
    panels = panels(lines);
    arena = Arena.ofShared();
    memory = arena.allocate(Math.max(1, blockAt(k)), 64);
  }

  static int panels(int lines) {
    return (lines + LINES - 1) / LINES;
  }

  /** Bytes of a panel of that many inner indices. */
  static long panelBytes(Scheme scheme, int depth) {
    return (long) ((depth + STEP - 1) / STEP) * scheme.parts * SplitCode.TILE;
  }

  Scheme scheme() {
    return scheme;
  }

  MemorySegment memory() {
    return memory;
  }

  /** Byte of the block that begins with inner index p. */
  long blockAt(int p) {
    return panels * panelBytes(scheme, p);
  }

  /** Inner indices of the block that begins with p. */
  int depth(int p) {
    return Math.min(scheme.depth, k - p);
  }

  @Override
  public long bytes() {
    return memory.byteSize();
  }

  @Override
  public void close() {
    arena.close();
  }
}
