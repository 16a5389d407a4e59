package dev.evolute.kernels.cpu.amx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The code that multiplies tiles, on the interpreter: small integers, whose sums are exact. */
final class ProductCodeTest {
  private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;

  /** Sums and what stands beside them. */
  private static final int STRIDE = 150;

  private static short integer(Random random) {
    return (short) (Float.floatToRawIntBits(random.nextInt(17) - 8) >>> 16);
  }

  /** Tiles {@code [lines of 16][steps][parts]} filled at random. */
  private static MemorySegment tiles(Arena arena, int lines, int steps, int parts, Random random) {
    MemorySegment tiles = arena.allocate((long) lines * steps * parts * SplitCode.TILE, 64);
    for (long i = 0; i < tiles.byteSize() / 2; i++) {
      tiles.setAtIndex(ValueLayout.JAVA_SHORT, i, integer(random));
    }
    return tiles;
  }

  private static double at(MemorySegment tiles, long element) {
    return Bf16.value(tiles.getAtIndex(ValueLayout.JAVA_SHORT, element));
  }

  /** Part a of the left times part b of the right operand, by the layouts of {@link SplitCode}. */
  private static double product(
      Scheme scheme, int[] pair, int steps, MemorySegment left, int i, MemorySegment right, int j) {
    double sum = 0;
    for (int k = 0; k < steps * 32; k++) {
      long leftTile = ((long) (i / 16 * steps + k / 32) * scheme.parts + pair[0]) * 512;
      long rightTile = ((long) (j / 16 * steps + k / 32) * scheme.parts + pair[1]) * 512;
      sum +=
          at(left, leftTile + i % 16 * 32 + k % 32)
              * at(right, rightTile + k % 32 / 2 * 32 + j % 16 * 2 + k % 2);
    }
    return sum;
  }

  private static List<int[]> pairs(Scheme scheme) {
    return Arrays.stream(scheme.passes).flatMap(Arrays::stream).toList();
  }

  private static void check(
      Scheme scheme, int high, int wide, int steps, int blocks, boolean add, Unit unit) {
    Random random = new Random(steps * 31 + blocks);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment left = tiles(arena, high, steps, scheme.parts, random);
      MemorySegment right = tiles(arena, wide * blocks, steps, scheme.parts, random);
      MemorySegment sums = arena.allocate(4L * 32 * STRIDE, 64);
      for (long i = 0; i < sums.byteSize() / 4; i++) {
        sums.setAtIndex(F32, i, i % 100);
      }
      long panel = (long) steps * scheme.parts * SplitCode.TILE;
      Arguments arguments = new Arguments();
      ProductCall.sums(arguments, sums.address(), 4L * STRIDE, add);
      ProductCall.operands(
          arguments, left.address(), panel, right.address(), panel, wide, steps, blocks);
      byte[] code = ProductCode.of(scheme, high, wide);
      ProcessMemory memory = ProcessMemory.of(left, right, sums, arguments.memory());
      arguments.call(
          unit == null ? new Emulator(code, memory) : unit.load(List.of(code)).getFirst());
      for (int i = 0; i < 32; i++) {
        for (int j = 0; j < STRIDE; j++) {
          boolean inside = i < 16 * high && j < 16 * wide * blocks;
          double expected = !inside || add ? (i * STRIDE + j) % 100 : 0;
          for (int[] pair : pairs(scheme)) {
            expected += inside ? product(scheme, pair, steps, left, i, right, j) : 0;
          }
          if (expected != sums.getAtIndex(F32, (long) i * STRIDE + j)) {
            assertEquals(
                expected,
                sums.getAtIndex(F32, (long) i * STRIDE + j),
                "(%d, %d) of %s, %d x %d tiles, %d steps"
                    .formatted(i, j, scheme, high, wide, steps));
          }
        }
      }
    }
  }

  @Test
  void sumsAreThoseOfTheChosenPartsInAllShapes() {
    all(null);
  }

  @Test
  void sumsAreThoseOfTheChosenPartsOnThisProcessor() {
    Assumptions.assumeTrue(Amx.trouble() == null, "this processor has no AMX");
    all(Amx.unit());
  }

  /** By the interpreter, which reaches what it may, where no unit is given. */
  private static void all(Unit unit) {
    for (Scheme scheme : Scheme.values()) {
      for (int high = 1; high <= 2; high++) {
        for (int wide = 1; wide <= 2; wide++) {
          for (int steps = 1; steps <= 3; steps++) {
            check(scheme, high, wide, steps, 1 + (steps + high) % 3, steps % 2 == wide % 2, unit);
          }
        }
      }
    }
  }

  /** Four tiles of sums a step, and of the tiles of operands only those that changed. */
  @Test
  void aStepTakesAsManyInstructionsAsIsSaid() {
    int[] loads = {4, 8, 16};
    for (Scheme scheme : Scheme.values()) {
      long one = executed(scheme, 1);
      long two = executed(scheme, 2);
      int products = 4 * scheme.products();
      int loops = 6 * scheme.passes.length;
      assertEquals(loads[scheme.ordinal()] + products + loops, two - one, "" + scheme);
    }
  }

  private static long executed(Scheme scheme, int steps) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment tiles = tiles(arena, 2, steps, scheme.parts, new Random(1));
      MemorySegment sums = arena.allocate(4L * 32 * 32, 64);
      long panel = (long) steps * scheme.parts * SplitCode.TILE;
      Arguments arguments = new Arguments();
      ProductCall.sums(arguments, sums.address(), 4L * 32, false);
      ProductCall.operands(arguments, tiles.address(), panel, tiles.address(), panel, 2, steps, 1);
      Emulator emulator = new Emulator(ProductCode.of(scheme, 2, 2), ProcessMemory.all());
      arguments.call(emulator);
      return emulator.executed();
    }
  }
}
