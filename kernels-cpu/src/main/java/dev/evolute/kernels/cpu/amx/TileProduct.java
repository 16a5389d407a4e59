package dev.evolute.kernels.cpu.amx;

import dev.evolute.kernels.Epilogue;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Operand;
import dev.evolute.kernels.cpu.PackedOnCpu;
import dev.evolute.kernels.cpu.f32.Epilogues;
import dev.evolute.kernels.cpu.f32.Merge;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * {@code C = alpha A B + beta C} over one block of inner indices, in two steps that any number of
 * threads may share: panels of operands are split, then blocks of 32 rows and 256 columns of C are
 * computed. The columns' tiles stay in L2 while the rows' pass by.
 */
final class TileProduct {
  /** Rows and columns of a block of C. */
  static final int ROWS = 32;

  static final int COLUMNS = 256;

  private static final int LINES = OperandTiles.LINES;
  private static final long BYTES = Float.BYTES;

  /** Columns that a routine takes at a time. */
  private static final int WIDE = 2 * LINES;

  /** One side of the product. */
  private static final class Side {
    private Matrix plain;
    private long offset;
    private int panels;
    private MemorySegment own = MemorySegment.NULL;

    /** Where the tiles of the block stand. */
    private MemorySegment tiles;

    private long at;

    private void set(
        Operand x, int lines, long offset, int p, int depth, Routines routines, TileThread thread) {
      panels = OperandTiles.panels(lines);
      if (x instanceof PackedOnCpu packed) {
        OperandTiles held = routines.tiles(packed, thread);
        plain = null;
        tiles = held.memory();
        at = held.blockAt(p);
        return;
      }
      plain = (Matrix) x;
      this.offset = offset;
      long bytes = panels * OperandTiles.panelBytes(routines.scheme, depth);
      if (own.byteSize() < bytes) {
        own = Arena.ofAuto().allocate(bytes, 64);
      }
      tiles = own;
      at = 0;
    }

    /** Panels that have to be split. */
    private int splits() {
      return plain == null ? 0 : panels;
    }
  }

  private final Side left = new Side();
  private final Side right = new Side();
  private Routines routines;
  private int p;
  private int depth;
  private long panelBytes;
  private float alpha;
  private float beta;
  private Matrix c;
  private long cOffset;
  private Epilogue epilogue;

  /**
   * What is to be computed.
   *
   * @param p first inner index of the block; steps in bytes before each matrix begins
   * @param c not transposed
   * @param epilogue what follows, null if not yet
   */
  void set(
      Routines routines,
      Operand a,
      long aOffset,
      Operand b,
      long bOffset,
      int p,
      float alpha,
      float beta,
      Matrix c,
      long cOffset,
      Epilogue epilogue,
      TileThread thread) {
    this.routines = routines;
    this.p = p;
    depth = Math.min(routines.scheme.depth, a.cols() - p);
    panelBytes = OperandTiles.panelBytes(routines.scheme, depth);
    left.set(a, a.rows(), aOffset, p, depth, routines, thread);
    right.set(b, b.cols(), bOffset, p, depth, routines, thread);
    this.alpha = alpha;
    this.beta = beta;
    this.c = c;
    this.cOffset = cOffset;
    this.epilogue = epilogue;
  }

  /** Panels that have to be split first. */
  int splits() {
    return left.splits() + right.splits();
  }

  void split(int panel, TileThread thread) {
    int lefts = left.splits();
    if (panel < lefts) {
      long at = panel * panelBytes;
      routines.splitLeft(left.plain, left.offset, panel * LINES, p, depth, left.tiles, at, thread);
    } else {
      int column = panel - lefts;
      long at = column * panelBytes;
      routines.splitRight(
          right.plain, right.offset, column * LINES, p, depth, right.tiles, at, thread);
    }
  }

  /** Blocks of C, each of which can be computed once all is split. */
  int blocks() {
    return rowBlocks() * ((c.cols() + COLUMNS - 1) / COLUMNS);
  }

  private int rowBlocks() {
    return (c.rows() + ROWS - 1) / ROWS;
  }

  void multiply(int block, TileThread thread) {
    int i = block % rowBlocks() * ROWS;
    int j = block / rowBlocks() * COLUMNS;
    int rows = Math.min(ROWS, c.rows() - i);
    int columns = Math.min(COLUMNS, c.cols() - j);
    int high = rows > LINES ? 2 : 1;
    MemorySegment memory = c.buffer().segment();
    boolean writable =
        memory.isNative() && alpha == 1 && (beta == 0 || beta == 1) && rows == high * LINES;
    int whole = writable ? columns / WIDE : 0;
    if (whole > 0) {
      long at = memory.address() + place(i, j);
      ProductCall.sums(thread.arguments, at, c.stride() * BYTES, beta == 1);
      multiply(thread, i, j, high, 2, whole);
    }
    if (whole * WIDE < columns) {
      rest(thread, i, j + whole * WIDE, rows, high, columns - whole * WIDE);
    }
    if (epilogue != null) {
      Epilogues.run(epilogue, c, i, i + rows, j, columns);
    }
  }

  /** Columns that C does not have whole tiles for, or sums that it does not take as they are. */
  private void rest(TileThread thread, int i, int j, int rows, int high, int columns) {
    int panels = OperandTiles.panels(columns);
    long row = COLUMNS * BYTES;
    long sums = thread.sums.address();
    if (panels >= 2) {
      ProductCall.sums(thread.arguments, sums, row, false);
      multiply(thread, i, j, high, 2, panels / 2);
    }
    if (panels % 2 == 1) {
      int last = (panels - 1) * LINES;
      ProductCall.sums(thread.arguments, sums + last * BYTES, row, false);
      multiply(thread, i, j + last, high, 1, 1);
    }
    MemorySegment memory = c.buffer().segment();
    long step = c.stride() * BYTES;
    if (memory.isNative()) {
      Merge.rows(rows, columns, alpha, sums, row, beta, memory.address() + place(i, j), step);
      return;
    }
    for (int r = 0; r < rows; r++) {
      Merge.row(columns, alpha, thread.sums, r * row, beta, memory, place(i, j) + r * step);
    }
  }

  /** Rows from i on and columns from j on: so many blocks, each as wide as that many panels. */
  private void multiply(TileThread thread, int i, int j, int high, int wide, int blocks) {
    int steps = (depth + OperandTiles.STEP - 1) / OperandTiles.STEP;
    long rows = left.tiles.address() + left.at + i / LINES * panelBytes;
    long columns = right.tiles.address() + right.at + j / LINES * panelBytes;
    ProductCall.operands(
        thread.arguments, rows, panelBytes, columns, panelBytes, wide, steps, blocks);
    routines.multiply(thread.arguments, high, wide);
  }

  /** Byte of element (i, j) of C in its buffer. */
  private long place(int i, int j) {
    return cOffset + ((long) i * c.stride() + j) * BYTES;
  }
}
