package dev.evolute.kernels.cpu.amx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Machine code of x86-64, instruction by instruction, for the few that tile products and the
 * splitting of f32 take. Each has one encoding: displacements and immediate numbers have 32 bits,
 * VEX prefixes three bytes. Operands stand in Intel's order, the destination first; vectors are
 * {@code zmm} unless said otherwise.
 *
 * <p>Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2.
 */
final class Assembler {
  /** The prefix a vector instruction had before it had VEX. */
  private static final int NONE = 0;

  private static final int P66 = 1;
  private static final int PF3 = 2;
  private static final int PF2 = 3;

  /** The opcode map: after 0F, or after 0F 38. */
  private static final int MAP_0F = 1;

  private static final int MAP_0F38 = 2;

  /** Vector lengths of EVEX. */
  private static final int BITS_256 = 1;

  private static final int BITS_512 = 2;

  /** A place in the code that jumps go to. */
  static final class Label {
    private int target = -1;
    private int[] jumps = {};
  }

  private ByteBuffer code = ByteBuffer.allocate(1024).order(ByteOrder.LITTLE_ENDIAN);

  /** The bytes so far. */
  byte[] bytes() {
    return Arrays.copyOf(code.array(), code.position());
  }

  // --- integers and jumps ------------------------------------------------------------------------

  /** {@code mov to, [base + offset]}. */
  void load(Register to, Register base, int offset) {
    legacy(0x8B, to.number, base, offset);
  }

  /** {@code mov [base + offset], from}. */
  void store(Register base, int offset, Register from) {
    legacy(0x89, from.number, base, offset);
  }

  /** {@code mov to, value}. */
  void set(Register to, int value) {
    registers(0xC7, 0, to);
    code.putInt(value);
  }

  /** {@code mov to, from}. */
  void move(Register to, Register from) {
    registers(0x89, from.number, to);
  }

  /** {@code add to, value}; jumps after it see whether the sum is zero. */
  void add(Register to, int value) {
    registers(0x81, 0, to);
    code.putInt(value);
  }

  /** {@code add to, from}. */
  void add(Register to, Register from) {
    registers(0x01, from.number, to);
  }

  /** {@code test x, x}; jumps after it see whether x is zero. */
  void test(Register x) {
    registers(0x85, x.number, x);
  }

  /** The label is here. */
  void bind(Label label) {
    label.target = code.position();
    for (int jump : label.jumps) {
      patch(jump, label.target);
    }
  }

  void jump(Label label) {
    room().put((byte) 0xE9);
    distance(label);
  }

  void jumpIfZero(Label label) {
    room().put((byte) 0x0F).put((byte) 0x84);
    distance(label);
  }

  void jumpUnlessZero(Label label) {
    room().put((byte) 0x0F).put((byte) 0x85);
    distance(label);
  }

  void ret() {
    room().put((byte) 0xC3);
  }

  // --- tiles -------------------------------------------------------------------------------------

  /** {@code ldtilecfg [base + offset]}: 64 bytes that give the tiles their shapes. */
  void loadTileConfig(Register base, int offset) {
    vex(NONE, MAP_0F38, 0, 0, base.number);
    opcode(0x49);
    address(0, base, offset);
  }

  /** {@code tilerelease}. */
  void releaseTiles() {
    vex(NONE, MAP_0F38, 0, 0, 0);
    opcode(0x49);
    code.put((byte) 0xC0);
  }

  /** {@code tilezero tile}. */
  void zeroTile(int tile) {
    vex(PF2, MAP_0F38, tile, 0, 0);
    opcode(0x49);
    direct(tile, 0);
  }

  /** {@code tileloadd tile, [base + row + offset]}, row the bytes from one row to the next. */
  void loadTile(int tile, Register base, Register row, int offset) {
    tileMove(PF2, tile, base, row, offset);
  }

  /** {@code tilestored [base + row + offset], tile}. */
  void storeTile(Register base, Register row, int offset, int tile) {
    tileMove(PF3, tile, base, row, offset);
  }

  private void tileMove(int prefix, int tile, Register base, Register row, int offset) {
    vex(prefix, MAP_0F38, tile, row.number, base.number);
    opcode(0x4B);
    code.put((byte) (0x84 | (tile & 7) << 3));
    code.put((byte) ((row.number & 7) << 3 | base.number & 7));
    code.putInt(offset);
  }

  /** {@code tdpbf16ps sums, left, right}: {@code sums += left right}, pairs of BF16 each. */
  void multiplyTiles(int sums, int left, int right) {
    room().put((byte) 0xC4);
    code.put((byte) (0xE0 | MAP_0F38));
    code.put((byte) ((~right & 15) << 3 | PF3));
    opcode(0x5C);
    direct(sums, left);
  }

  // --- vectors -----------------------------------------------------------------------------------

  /** {@code kmovw mask, [base + offset]}. */
  void loadMask(int mask, Register base, int offset) {
    vex(NONE, MAP_0F, mask, 0, base.number);
    opcode(0x90);
    address(mask, base, offset);
  }

  /** {@code vmovups to {mask}{z}, [base + offset]}; mask 0 is all lanes. */
  void loadVector(int to, int mask, Register base, int offset) {
    evex(NONE, MAP_0F, BITS_512, to, 0, base.number, mask, mask != 0);
    opcode(0x10);
    address(to, base, offset);
  }

  /** {@code vmovups [base + offset], from}. */
  void storeVector(Register base, int offset, int from) {
    evex(NONE, MAP_0F, BITS_512, from, 0, base.number, 0, false);
    opcode(0x11);
    address(from, base, offset);
  }

  /** {@code vmovups [base + offset], from}, of a {@code ymm}. */
  void storeHalf(Register base, int offset, int from) {
    evex(NONE, MAP_0F, BITS_256, from, 0, base.number, 0, false);
    opcode(0x11);
    address(from, base, offset);
  }

  /** {@code vcvtneps2bf16 to, from}: 16 of f32 to 16 of BF16 in a {@code ymm}. */
  void round(int to, int from) {
    vectors(PF3, MAP_0F38, 0x72, to, 0, from);
  }

  /** {@code vpmovzxwd to, from}: 16 words of a {@code ymm} to 16 of twice the width. */
  void widen(int to, int from) {
    vectors(P66, MAP_0F38, 0x33, to, 0, from);
  }

  /** {@code vpslld to, from, bits}. */
  void shiftLeft(int to, int from, int bits) {
    vectors(P66, MAP_0F, 0x72, 6, to, from);
    code.put((byte) bits);
  }

  /** {@code vpord to, x, y}. */
  void or(int to, int x, int y) {
    vectors(P66, MAP_0F, 0xEB, to, x, y);
  }

  /** {@code vpxord to, x, y}. */
  void xor(int to, int x, int y) {
    vectors(P66, MAP_0F, 0xEF, to, x, y);
  }

  /** {@code vaddps to, x, y}. */
  void add(int to, int x, int y) {
    vectors(NONE, MAP_0F, 0x58, to, x, y);
  }

  /** {@code vsubps to, x, y}. */
  void subtract(int to, int x, int y) {
    vectors(NONE, MAP_0F, 0x5C, to, x, y);
  }

  /** {@code vzeroupper}: what runs next may be code of before AVX. */
  void zeroUpper() {
    room().put((byte) 0xC5).put((byte) 0xF8).put((byte) 0x77);
  }

  // --- encodings ---------------------------------------------------------------------------------

  private ByteBuffer room() {
    if (code.remaining() < 32) {
      ByteBuffer larger = ByteBuffer.allocate(2 * code.capacity()).order(ByteOrder.LITTLE_ENDIAN);
      code = larger.put(code.flip());
    }
    return code;
  }

  private void distance(Label label) {
    int at = code.position();
    code.putInt(0);
    if (label.target >= 0) {
      patch(at, label.target);
    } else {
      label.jumps = Arrays.copyOf(label.jumps, label.jumps.length + 1);
      label.jumps[label.jumps.length - 1] = at;
    }
  }

  private void patch(int at, int target) {
    code.putInt(at, target - (at + Integer.BYTES));
  }

  private void opcode(int opcode) {
    code.put((byte) opcode);
  }

  /** Two registers: REX.W, opcode, ModRM. */
  private void registers(int opcode, int reg, Register rm) {
    room().put((byte) (0x48 | reg >> 3 << 2 | rm.number >> 3));
    opcode(opcode);
    direct(reg, rm.number);
  }

  /** A register and memory. */
  private void legacy(int opcode, int reg, Register base, int offset) {
    room().put((byte) (0x48 | reg >> 3 << 2 | base.number >> 3));
    opcode(opcode);
    address(reg, base, offset);
  }

  /** ModRM of two registers. */
  private void direct(int reg, int rm) {
    code.put((byte) (0xC0 | (reg & 7) << 3 | rm & 7));
  }

  /** ModRM of {@code [base + offset]}. */
  private void address(int reg, Register base, int offset) {
    code.put((byte) (0x80 | (reg & 7) << 3 | base.number & 7));
    code.putInt(offset);
  }

  /** A VEX prefix of three bytes, 128 bits, W0, without a second source. */
  private void vex(int prefix, int map, int reg, int index, int base) {
    room().put((byte) 0xC4);
    code.put((byte) ((~reg >> 3 & 1) << 7 | (~index >> 3 & 1) << 6 | (~base >> 3 & 1) << 5 | map));
    code.put((byte) (0x78 | prefix));
  }

  /** Three vectors of 512 bits; of reg may be a digit of the opcode. */
  private void vectors(int prefix, int map, int opcode, int reg, int second, int rm) {
    int index = rm >> 4 << 3;
    evex(prefix, map, BITS_512, reg, second, rm, index, 0, false);
    opcode(opcode);
    direct(reg, rm);
  }

  private void evex(
      int prefix, int map, int length, int reg, int second, int base, int mask, boolean zero) {
    evex(prefix, map, length, reg, second, base, 0, mask, zero);
  }

  /** An EVEX prefix, W0: of all register numbers the bits beyond the third stand in it, flipped. */
  private void evex(
      int prefix,
      int map,
      int length,
      int reg,
      int second,
      int rm,
      int index,
      int mask,
      boolean zero) {
    room().put((byte) 0x62);
    int high = (~reg >> 3 & 1) << 7 | (~index >> 3 & 1) << 6 | (~rm >> 3 & 1) << 5;
    code.put((byte) (high | (~reg >> 4 & 1) << 4 | map));
    code.put((byte) ((~second & 15) << 3 | 4 | prefix));
    code.put((byte) ((zero ? 0x80 : 0) | length << 5 | (~second >> 4 & 1) << 3 | mask));
  }
}
