package dev.evolute.kernels.cpu.amx;

import static dev.evolute.kernels.cpu.amx.Register.R10;
import static dev.evolute.kernels.cpu.amx.Register.R11;
import static dev.evolute.kernels.cpu.amx.Register.R8;
import static dev.evolute.kernels.cpu.amx.Register.R9;
import static dev.evolute.kernels.cpu.amx.Register.RCX;
import static dev.evolute.kernels.cpu.amx.Register.RDI;
import static dev.evolute.kernels.cpu.amx.Register.RDX;
import static dev.evolute.kernels.cpu.amx.Register.RSI;

/**
 * The code that splits 16 rows of a left operand, or 16 columns of a right one, into tiles of BF16.
 * A step takes 32 inner indices and fills one tile of 1 KiB for each part; steps follow each other.
 *
 * <pre>
 *   left   [16 rows][32 inner indices]              a row stands as it did
 *   right  [16 pairs of inner indices][16 columns]  (k, j) and (k + 1, j) side by side
 * </pre>
 *
 * A part is what is left of the number, rounded to nearest BF16, ties to even; subtracting it is
 * exact. VCVTNEPS2BF16 takes denormal numbers for zero, which the product would do as well.
 */
final class SplitCode {
  /** Bytes of a tile, and of a row of it. */
  static final int TILE = 1024;

  static final int ROW = 64;

  private static final int VECTOR = 64;
  private static final int HALF = 32;
  private static final int PAIRS = 16;

  /** Masks: all lanes, those of the first and of the second vector. */
  private static final int ALL = 0;

  private static final int MASK = 1;
  private static final int SECOND_MASK = 2;

  private final Assembler code = new Assembler();
  private final int parts;

  private SplitCode(int parts) {
    this.parts = parts;
  }

  /** Splits rows whose inner indices stand side by side in memory. */
  static byte[] left(int parts) {
    return new SplitCode(parts).left();
  }

  /** Splits columns that stand side by side in memory. */
  static byte[] right(int parts) {
    return new SplitCode(parts).right();
  }

  private byte[] left() {
    code.load(R8, RDI, Arguments.FROM);
    code.load(R9, RDI, Arguments.TO);
    code.load(R10, RDI, Arguments.ROWS);
    code.load(R11, RDI, Arguments.FROM_ROW);
    code.loadMask(MASK, RDI, Arguments.MASK);
    code.loadMask(SECOND_MASK, RDI, Arguments.SECOND_MASK);
    Assembler.Label row = new Assembler.Label();
    Assembler.Label steps = new Assembler.Label();
    Assembler.Label rest = new Assembler.Label();
    Assembler.Label end = new Assembler.Label();
    code.bind(row);
    code.move(RSI, R8);
    code.move(RDX, R9);
    code.load(RCX, RDI, Arguments.STEPS);
    code.test(RCX);
    code.jumpIfZero(rest);
    code.bind(steps);
    half(ALL, 0);
    half(ALL, 1);
    code.add(RSI, 2 * VECTOR);
    code.add(RDX, parts * TILE);
    code.add(RCX, -1);
    code.jumpUnlessZero(steps);
    code.bind(rest);
    code.load(RCX, RDI, Arguments.REST);
    code.test(RCX);
    code.jumpIfZero(end);
    half(MASK, 0);
    half(SECOND_MASK, 1);
    code.bind(end);
    code.add(R8, R11);
    code.add(R9, ROW);
    code.add(R10, -1);
    code.jumpUnlessZero(row);
    return finish();
  }

  /** 16 inner indices of a row: a vector of f32 becomes half a row of each tile. */
  private void half(int mask, int half) {
    code.loadVector(0, mask, RSI, half * VECTOR);
    for (int part = 0; part < parts; part++) {
      code.round(1, 0);
      code.storeHalf(RDX, part * TILE + half * HALF, 1);
      if (part < parts - 1) {
        code.widen(2, 1);
        code.shiftLeft(2, 2, 16);
        code.subtract(0, 0, 2);
      }
    }
  }

  private byte[] right() {
    code.load(R8, RDI, Arguments.FROM);
    code.load(R9, RDI, Arguments.TO);
    code.load(R11, RDI, Arguments.FROM_ROW);
    code.loadMask(MASK, RDI, Arguments.MASK);
    Assembler.Label steps = new Assembler.Label();
    Assembler.Label rest = new Assembler.Label();
    Assembler.Label odd = new Assembler.Label();
    Assembler.Label end = new Assembler.Label();
    code.load(R10, RDI, Arguments.STEPS);
    code.test(R10);
    code.jumpIfZero(rest);
    code.bind(steps);
    code.set(RCX, PAIRS);
    pairs();
    code.add(R9, (parts - 1) * TILE);
    code.add(R10, -1);
    code.jumpUnlessZero(steps);
    code.bind(rest);
    code.load(RCX, RDI, Arguments.REST);
    code.test(RCX);
    code.jumpIfZero(odd);
    pairs();
    code.bind(odd);
    code.load(RCX, RDI, Arguments.ODD);
    code.test(RCX);
    code.jumpIfZero(end);
    code.loadVector(0, MASK, R8, 0);
    code.xor(3, 3, 3);
    pair();
    code.bind(end);
    return finish();
  }

  /** As many pairs of rows as rcx says. */
  private void pairs() {
    Assembler.Label again = new Assembler.Label();
    code.bind(again);
    code.loadVector(0, MASK, R8, 0);
    code.add(R8, R11);
    code.loadVector(3, MASK, R8, 0);
    code.add(R8, R11);
    pair();
    code.add(R9, ROW);
    code.add(RCX, -1);
    code.jumpUnlessZero(again);
  }

  /** Two rows of 16 columns, in vectors 0 and 3, become a row of each tile. */
  private void pair() {
    for (int part = 0; part < parts; part++) {
      code.round(1, 0);
      code.round(4, 3);
      code.widen(1, 1);
      code.widen(4, 4);
      // The bits of the second, above those of the first, are its value in f32 as well.
      code.shiftLeft(4, 4, 16);
      code.or(5, 1, 4);
      code.storeVector(R9, part * TILE, 5);
      if (part < parts - 1) {
        code.shiftLeft(1, 1, 16);
        code.subtract(0, 0, 1);
        code.subtract(3, 3, 4);
      }
    }
  }

  private byte[] finish() {
    code.zeroUpper();
    code.ret();
    return code.bytes();
  }
}
