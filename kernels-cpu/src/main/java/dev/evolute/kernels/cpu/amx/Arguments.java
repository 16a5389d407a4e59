package dev.evolute.kernels.cpu.amx;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What a routine is told: numbers of 64 bits in memory, at offsets from the address it is called
 * with, the shapes of the tiles, and room for sums. A routine may change the numbers. One for each
 * thread.
 */
final class Arguments {
  // --- splitting an operand ----------------------------------------------------------------------

  /** Address of the first element, and bytes from one row to the next. */
  static final int FROM = 0;

  static final int FROM_ROW = 8;

  /** Address of the first tile. */
  static final int TO = 16;

  /** Rows of a left operand, 1 to 16. */
  static final int ROWS = 24;

  /** Whole steps of 32 inner indices. */
  static final int STEPS = 32;

  /** Left: 1 where part of a step follows. Right: pairs of inner indices that follow. */
  static final int REST = 40;

  /** Right: 1 where a last inner index has no other to be paired with. */
  static final int ODD = 48;

  /** Lanes that there are: of the part of a step, or of the columns of a right operand. */
  static final int MASK = 56;

  static final int SECOND_MASK = 64;

  // --- products ----------------------------------------------------------------------------------

  /** Address of the first tile of the upper rows, and of the lower ones. */
  static final int LEFT = 0;

  static final int SECOND_LEFT = 8;

  /** Address of the first tile of the left columns, and of the right ones. */
  static final int RIGHT = 16;

  static final int SECOND_RIGHT = 24;

  /** Bytes to the columns after these. */
  static final int RIGHT_STEP = 32;

  /** Address of the upper rows of the sums, of the lower ones, and bytes from row to row. */
  static final int SUMS = 40;

  static final int SECOND_SUMS = 48;
  static final int SUMS_ROW = 56;

  /** Steps of 32 inner indices, at least 1. */
  static final int DEPTH = 64;

  /** Blocks of columns, at least 1. */
  static final int BLOCKS = 72;

  /** 0 where sums start from nothing, 1 where they are added to what is there. */
  static final int ADD = 80;

  /** The shapes of the tiles, 64 bytes as the processor reads them. */
  static final int CONFIG = 128;

  /** Room for four tiles of sums. */
  static final int ROOM = 192;

  private static final int SIZE = ROOM + 4 * SplitCode.TILE;
  private static final int TILES = 8;

  private final MemorySegment memory = Arena.ofAuto().allocate(SIZE, 64);

  Arguments() {
    // Palette 1; all tiles have 16 rows of 64 bytes.
    memory.set(ValueLayout.JAVA_BYTE, CONFIG, (byte) 1);
    for (int tile = 0; tile < TILES; tile++) {
      memory.set(ValueLayout.JAVA_SHORT, CONFIG + 16 + 2 * tile, (short) 64);
      memory.set(ValueLayout.JAVA_BYTE, CONFIG + 48 + tile, (byte) 16);
    }
  }

  Arguments set(int slot, long value) {
    memory.set(ValueLayout.JAVA_LONG, slot, value);
    return this;
  }

  MemorySegment memory() {
    return memory;
  }

  void call(Routine routine) {
    routine.call(memory.address());
  }
}
