package dev.evolute.kernels.cpu.amx;

import static dev.evolute.kernels.cpu.amx.Register.R10;
import static dev.evolute.kernels.cpu.amx.Register.R11;
import static dev.evolute.kernels.cpu.amx.Register.R8;
import static dev.evolute.kernels.cpu.amx.Register.R9;
import static dev.evolute.kernels.cpu.amx.Register.RAX;
import static dev.evolute.kernels.cpu.amx.Register.RCX;
import static dev.evolute.kernels.cpu.amx.Register.RDI;
import static dev.evolute.kernels.cpu.amx.Register.RDX;
import static dev.evolute.kernels.cpu.amx.Register.RSI;

/**
 * The code that multiplies 16 or 32 rows with blocks of 16 or 32 columns, one block after the
 * other, over all steps of the inner index.
 *
 * <pre>
 *   tiles 0 1    sums: upper rows by left and right columns
 *         2 3          lower rows
 *         4 5    parts of the upper and the lower rows
 *         6 7    parts of the left and the right columns
 * </pre>
 *
 * Four sums are what the unit needs to be busy: a product takes 16 cycles and its sums are there
 * after 52. In f32 accuracy two passes load 16 tiles for the 24 products of a step, 16 KiB from L2
 * in 384 cycles. One pass would load 14; sums of their own for the small products would leave the
 * unit waiting, for they take the registers of half of the operands.
 *
 * <p>Sums start from nothing and are added to C, where they are to be, at the end and by vectors:
 * no product is rounded to what C holds already. The unit itself adds nothing but products.
 */
final class ProductCode {
  /** Bytes of 16 columns of sums. */
  private static final int COLUMNS = 64;

  private static final int ROWS = 16;
  private static final int LEFT_TILE = 4;
  private static final int RIGHT_TILE = 6;

  private final Assembler code = new Assembler();
  private final Scheme scheme;
  private final int high;
  private final int wide;

  private ProductCode(Scheme scheme, int high, int wide) {
    this.scheme = scheme;
    this.high = high;
    this.wide = wide;
  }

  /**
   * The code.
   *
   * @param high tiles of rows, 1 or 2
   * @param wide tiles of columns, 1 or 2
   */
  static byte[] of(Scheme scheme, int high, int wide) {
    return new ProductCode(scheme, high, wide).blocks();
  }

  private byte[] blocks() {
    Assembler.Label blocks = new Assembler.Label();
    Assembler.Label fresh = new Assembler.Label();
    Assembler.Label next = new Assembler.Label();
    code.loadTileConfig(RDI, Arguments.CONFIG);
    // Bytes from row to row of a tile in memory.
    code.set(RAX, SplitCode.ROW);
    code.bind(blocks);
    for (int i = 0; i < high; i++) {
      for (int j = 0; j < wide; j++) {
        code.zeroTile(sum(i, j));
      }
    }
    for (int[][] pairs : scheme.passes) {
      pass(pairs);
    }
    code.load(RSI, RDI, Arguments.SUMS_ROW);
    code.load(RDX, RDI, Arguments.ADD);
    code.test(RDX);
    code.jumpIfZero(fresh);
    addSums();
    code.jump(next);
    code.bind(fresh);
    storeSums();
    code.bind(next);
    advance();
    code.load(RCX, RDI, Arguments.BLOCKS);
    code.add(RCX, -1);
    code.store(RDI, Arguments.BLOCKS, RCX);
    code.jumpUnlessZero(blocks);
    code.releaseTiles();
    code.zeroUpper();
    code.ret();
    return code.bytes();
  }

  /** Products of some parts over all steps. */
  private void pass(int[][] pairs) {
    code.load(R8, RDI, Arguments.LEFT);
    code.load(R9, RDI, Arguments.SECOND_LEFT);
    code.load(R10, RDI, Arguments.RIGHT);
    code.load(R11, RDI, Arguments.SECOND_RIGHT);
    code.load(RCX, RDI, Arguments.DEPTH);
    Assembler.Label steps = new Assembler.Label();
    code.bind(steps);
    step(pairs);
    int bytes = scheme.parts * SplitCode.TILE;
    code.add(R8, bytes);
    code.add(R9, bytes);
    code.add(R10, bytes);
    code.add(R11, bytes);
    code.add(RCX, -1);
    code.jumpUnlessZero(steps);
  }

  /** A step of a pass; a tile is loaded where the pair before it had another. */
  private void step(int[][] pairs) {
    int left = -1;
    int right = -1;
    for (int[] pair : pairs) {
      if (pair[0] != left) {
        left = pair[0];
        code.loadTile(LEFT_TILE, R8, RAX, left * SplitCode.TILE);
        if (high == 2) {
          code.loadTile(LEFT_TILE + 1, R9, RAX, left * SplitCode.TILE);
        }
      }
      if (pair[1] != right) {
        right = pair[1];
        code.loadTile(RIGHT_TILE, R10, RAX, right * SplitCode.TILE);
        if (wide == 2) {
          code.loadTile(RIGHT_TILE + 1, R11, RAX, right * SplitCode.TILE);
        }
      }
      for (int i = 0; i < high; i++) {
        for (int j = 0; j < wide; j++) {
          code.multiplyTiles(sum(i, j), LEFT_TILE + i, RIGHT_TILE + j);
        }
      }
    }
  }

  /** The tile of a sum. */
  private static int sum(int i, int j) {
    return 2 * i + j;
  }

  private void storeSums() {
    for (int i = 0; i < high; i++) {
      code.load(RDX, RDI, sums(i));
      for (int j = 0; j < wide; j++) {
        code.storeTile(RDX, RSI, j * COLUMNS, sum(i, j));
      }
    }
  }

  /** Adds the sums to what is there, by way of memory, which tiles and vectors share. */
  private void addSums() {
    for (int i = 0; i < high; i++) {
      for (int j = 0; j < wide; j++) {
        code.storeTile(RDI, RAX, room(i, j), sum(i, j));
      }
    }
    for (int i = 0; i < high; i++) {
      code.load(RDX, RDI, sums(i));
      code.move(R8, RDI);
      code.set(RCX, ROWS);
      Assembler.Label row = new Assembler.Label();
      code.bind(row);
      for (int j = 0; j < wide; j++) {
        code.loadVector(0, 0, R8, room(i, j));
        code.loadVector(1, 0, RDX, j * COLUMNS);
        code.add(0, 0, 1);
        code.storeVector(RDX, j * COLUMNS, 0);
      }
      code.add(R8, SplitCode.ROW);
      code.add(RDX, RSI);
      code.add(RCX, -1);
      code.jumpUnlessZero(row);
    }
  }

  private static int room(int i, int j) {
    return Arguments.ROOM + sum(i, j) * SplitCode.TILE;
  }

  private static int sums(int row) {
    return row == 0 ? Arguments.SUMS : Arguments.SECOND_SUMS;
  }

  /** On to the columns after these. */
  private void advance() {
    for (int i = 0; i < high; i++) {
      code.load(RDX, RDI, sums(i));
      code.add(RDX, wide * COLUMNS);
      code.store(RDI, sums(i), RDX);
    }
    code.load(RDX, RDI, Arguments.RIGHT_STEP);
    for (int slot : new int[] {Arguments.RIGHT, Arguments.SECOND_RIGHT}) {
      code.load(R10, RDI, slot);
      code.add(R10, RDX);
      code.store(RDI, slot, R10);
    }
  }
}
