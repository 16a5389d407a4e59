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
 * after 52. In f32 accuracy a step loads 14 tiles for 24 products, so that loads are not what
 * limits it, from L2 neither.
 */
final class ProductCode {
  private static final int COLUMNS = 64;
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
    Assembler.Label zero = new Assembler.Label();
    Assembler.Label steps = new Assembler.Label();
    code.loadTileConfig(RDI, Arguments.CONFIG);
    // Bytes from row to row of a tile in memory.
    code.set(RAX, SplitCode.ROW);
    code.bind(blocks);
    code.load(R8, RDI, Arguments.LEFT);
    code.load(R9, RDI, Arguments.SECOND_LEFT);
    code.load(R10, RDI, Arguments.RIGHT);
    code.load(R11, RDI, Arguments.SECOND_RIGHT);
    code.load(RCX, RDI, Arguments.DEPTH);
    code.load(RSI, RDI, Arguments.SUMS_ROW);
    code.load(RDX, RDI, Arguments.ADD);
    code.test(RDX);
    code.jumpIfZero(zero);
    loadSums();
    code.jump(steps);
    code.bind(zero);
    for (int i = 0; i < high; i++) {
      for (int j = 0; j < wide; j++) {
        code.zeroTile(2 * i + j);
      }
    }
    code.bind(steps);
    step();
    int bytes = scheme.parts * SplitCode.TILE;
    code.add(R8, bytes);
    code.add(R9, bytes);
    code.add(R10, bytes);
    code.add(R11, bytes);
    code.add(RCX, -1);
    code.jumpUnlessZero(steps);
    storeSums();
    advance();
    code.load(RCX, RDI, Arguments.BLOCKS);
    code.add(RCX, -1);
    code.store(RDI, Arguments.BLOCKS, RCX);
    code.jumpUnlessZero(blocks);
    code.releaseTiles();
    code.ret();
    return code.bytes();
  }

  /** All products of one step; a tile is loaded where the pair before it had another. */
  private void step() {
    int left = -1;
    int right = -1;
    for (int[] pair : scheme.pairs) {
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
          code.multiplyTiles(2 * i + j, LEFT_TILE + i, RIGHT_TILE + j);
        }
      }
    }
  }

  private void loadSums() {
    for (int i = 0; i < high; i++) {
      code.load(RDX, RDI, sums(i));
      for (int j = 0; j < wide; j++) {
        code.loadTile(2 * i + j, RDX, RSI, j * COLUMNS);
      }
    }
  }

  /** Writes the sums, and moves on by as many columns. */
  private void storeSums() {
    for (int i = 0; i < high; i++) {
      code.load(RDX, RDI, sums(i));
      for (int j = 0; j < wide; j++) {
        code.storeTile(RDX, RSI, j * COLUMNS, 2 * i + j);
      }
      code.add(RDX, wide * COLUMNS);
      code.store(RDI, sums(i), RDX);
    }
  }

  private static int sums(int row) {
    return row == 0 ? Arguments.SUMS : Arguments.SECOND_SUMS;
  }

  /** On to the columns after these. */
  private void advance() {
    code.load(RDX, RDI, Arguments.RIGHT_STEP);
    for (int slot : new int[] {Arguments.RIGHT, Arguments.SECOND_RIGHT}) {
      code.load(R10, RDI, slot);
      code.add(R10, RDX);
      code.store(RDI, slot, R10);
    }
  }
}
