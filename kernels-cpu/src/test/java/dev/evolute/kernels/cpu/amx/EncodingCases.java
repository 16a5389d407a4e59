package dev.evolute.kernels.cpu.amx;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Every instruction of the {@link Assembler} with registers of all numbers, and how GNU's assembler
 * writes it. {@code encodings.txt} holds what that makes of them: the lines that {@link #main}
 * prints, and beside each the bytes.
 *
 * <pre>
 *   java dev.evolute.kernels.cpu.amx.EncodingCases > cases.s
 *   as -msyntax=intel -mnaked-reg cases.s -o cases.o
 *   objdump -d -w cases.o
 * </pre>
 */
final class EncodingCases {
  /**
   * One instruction.
   *
   * @param text in Intel's syntax; what stands in braces asks for one of several encodings
   */
  record Case(String text, Consumer<Assembler> emit) {}

  private final List<Case> cases = new ArrayList<>();

  private EncodingCases() {}

  public static void main(String[] arguments) {
    all().forEach(which -> System.out.println(which.text()));
  }

  static List<Case> all() {
    EncodingCases cases = new EncodingCases();
    cases.integers();
    cases.tiles();
    cases.vectors();
    return List.copyOf(cases.cases);
  }

  private void add(Consumer<Assembler> emit, String format, Object... values) {
    cases.add(new Case(format.formatted(values), emit));
  }

  private void integers() {
    for (Register x : Register.values()) {
      for (Register y : Register.values()) {
        add(a -> a.load(x, y, 0x1234), "{disp32} mov %s, [%s + 0x1234]", name(x), name(y));
        add(a -> a.store(y, -0x123456, x), "{disp32} mov [%s - 0x123456], %s", name(y), name(x));
        add(a -> a.add(x, y), "add %s, %s", name(x), name(y));
        add(a -> a.move(x, y), "mov %s, %s", name(x), name(y));
      }
      add(a -> a.set(x, 0x12345678), "mov %s, 0x12345678", name(x));
      add(a -> a.test(x), "test %s, %s", name(x), name(x));
      if (x != Register.RAX) {
        // There is a shorter one for rax, which the assembler takes.
        add(a -> a.add(x, 0x12345678), "add %s, 0x12345678", name(x));
        add(a -> a.add(x, -0x12345678), "add %s, -0x12345678", name(x));
      }
    }
    add(Assembler::ret, "ret");
    add(Assembler::zeroUpper, "vzeroupper");
  }

  private void tiles() {
    add(Assembler::releaseTiles, "tilerelease");
    for (Register x : Register.values()) {
      add(a -> a.loadTileConfig(x, 128), "{disp32} ldtilecfg [%s + 128]", name(x));
      for (Register y : Register.values()) {
        int tile = y.number & 7;
        add(
            a -> a.loadTile(tile, x, y, 0x400),
            "{disp32} tileloadd tmm%d, [%s + %s*1 + 0x400]",
            tile,
            name(x),
            name(y));
        add(
            a -> a.storeTile(x, y, 64, tile),
            "{disp32} tilestored [%s + %s*1 + 64], tmm%d",
            name(x),
            name(y),
            tile);
      }
    }
    for (int i = 0; i < 8; i++) {
      int x = i;
      add(a -> a.zeroTile(x), "tilezero tmm%d", x);
      for (int j = 0; j < 8; j++) {
        for (int k = 0; k < 8; k++) {
          int y = j;
          int z = k;
          if (x != y && y != z && z != x) {
            add(a -> a.multiplyTiles(x, y, z), "tdpbf16ps tmm%d, tmm%d, tmm%d", x, y, z);
          }
        }
      }
    }
  }

  private void vectors() {
    for (int i = 0; i < 32; i++) {
      int x = i;
      int y = (i * 7 + 3) % 32;
      int z = (i * 13 + 21) % 32;
      int mask = i % 8;
      Register base = Register.values()[i % Register.values().length];
      String masked = mask == 0 ? "" : "{k" + mask + "}{z}";
      add(
          a -> a.loadVector(x, mask, base, 0x1040),
          "{disp32} vmovups zmm%d%s, [%s + 0x1040]",
          x,
          masked,
          name(base));
      add(
          a -> a.storeVector(base, 0x1040, x),
          "{disp32} vmovups [%s + 0x1040], zmm%d",
          name(base),
          x);
      add(
          a -> a.storeHalf(base, 0x1021, x),
          "{evex} {disp32} vmovups [%s + 0x1021], ymm%d",
          name(base),
          x);
      add(a -> a.round(x, y), "vcvtneps2bf16 ymm%d, zmm%d", x, y);
      add(a -> a.widen(x, y), "vpmovzxwd zmm%d, ymm%d", x, y);
      add(a -> a.shiftLeft(x, y, 16), "vpslld zmm%d, zmm%d, 16", x, y);
      add(a -> a.or(x, y, z), "vpord zmm%d, zmm%d, zmm%d", x, y, z);
      add(a -> a.xor(x, y, z), "vpxord zmm%d, zmm%d, zmm%d", x, y, z);
      add(a -> a.add(x, y, z), "vaddps zmm%d, zmm%d, zmm%d", x, y, z);
      add(a -> a.subtract(x, y, z), "vsubps zmm%d, zmm%d, zmm%d", x, y, z);
    }
    for (Register base : Register.values()) {
      int mask = base.number & 7;
      add(
          a -> a.loadMask(mask, base, 0x38),
          "{vex3} {disp32} kmovw k%d, word ptr [%s + 0x38]",
          mask,
          name(base));
    }
  }

  private static String name(Register register) {
    return register.name().toLowerCase(Locale.ROOT);
  }
}
