package dev.evolute.kernels.cpu.amx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The code that splits operands, on the interpreter and, where it has the parts, the processor. */
final class SplitCodeTest {
  private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
  private static final ValueLayout.OfShort BF16 = ValueLayout.JAVA_SHORT;
  private static final short OLD = 0x7777;

  /** Each is what an f32 number can be: of all sizes, and none of them numbers. */
  private static float number(Random random) {
    return switch (random.nextInt(12)) {
      case 0 -> 0;
      case 1 -> -0f;
      case 2 -> Float.intBitsToFloat(random.nextInt(1 << 23));
      case 3 -> Float.intBitsToFloat(random.nextInt());
      case 4 -> (float) random.nextGaussian() * 1e-15f;
      case 5 -> (float) random.nextGaussian() * 1e15f;
      case 6 -> Float.intBitsToFloat(random.nextInt(1 << 16) << 16 | 0x8000);
      case 7 -> List.of(Float.POSITIVE_INFINITY, Float.NaN, Float.MAX_VALUE).get(random.nextInt(3));
      default -> (float) random.nextGaussian();
    };
  }

  private static MemorySegment numbers(Arena arena, Random random, int count) {
    MemorySegment numbers = arena.allocate(4L * count, 4);
    for (int i = 0; i < count; i++) {
      numbers.setAtIndex(F32, i, number(random));
    }
    return numbers;
  }

  /** Tiles that nobody has written yet. */
  private static MemorySegment tiles(Arena arena, int count) {
    MemorySegment tiles = arena.allocate((long) count * SplitCode.TILE, 64);
    for (long i = 0; i < tiles.byteSize() / 2; i++) {
      tiles.setAtIndex(BF16, i, OLD);
    }
    return tiles;
  }

  /** Whether these are the bits of a part; of NaN only that it is one. */
  private static boolean isPart(float expected, short actual) {
    return Float.isNaN(expected)
        ? Float.isNaN(Bf16.value(actual))
        : SplitReference.bits(expected) == (actual & 0xFFFF);
  }

  /** A routine of the interpreter that reaches these memories alone, or of the processor. */
  private interface Loader {
    Routine load(byte[] code, MemorySegment... memory);
  }

  private static Routine emulated(byte[] code, MemorySegment... memory) {
    return Emulator.of(ProcessMemory.of(memory), code).getFirst();
  }

  private static void left(Loader loader, int parts, int rows, int k, int seed) {
    Random random = new Random(seed);
    int stride = k + random.nextInt(3);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment from = numbers(arena, random, (rows - 1) * stride + k);
      int steps = (k + 31) / 32;
      MemorySegment to = tiles(arena, steps * parts);
      Arguments arguments = new Arguments();
      SplitCall.left(arguments, from.address(), 4L * stride, rows, k, to.address());
      arguments.call(loader.load(SplitCode.left(parts), from, to, arguments.memory()));
      for (int i = 0; i < 16; i++) {
        for (int p = 0; p < steps * 32; p++) {
          float x = i < rows && p < k ? from.getAtIndex(F32, (long) i * stride + p) : 0;
          float[] expected = SplitReference.parts(x, parts);
          for (int part = 0; part < parts; part++) {
            long tile = (p / 32 * parts + part) * 512L;
            short actual = to.getAtIndex(BF16, tile + i * 32 + p % 32);
            if (i < rows ? !isPart(expected[part], actual) : actual != OLD) {
              fail("part %d of (%d, %d) = %s of %d x %d".formatted(part, i, p, x, rows, k));
            }
          }
        }
      }
    }
  }

  private static void right(Loader loader, int parts, int columns, int k, int seed) {
    Random random = new Random(seed);
    int stride = columns + random.nextInt(3);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment from = numbers(arena, random, (k - 1) * stride + columns);
      int steps = (k + 31) / 32;
      MemorySegment to = tiles(arena, steps * parts);
      Arguments arguments = new Arguments();
      SplitCall.right(arguments, from.address(), 4L * stride, columns, k, to.address());
      arguments.call(loader.load(SplitCode.right(parts), from, to, arguments.memory()));
      for (int p = 0; p < steps * 32; p++) {
        for (int j = 0; j < 16; j++) {
          boolean inside = p < k && j < columns;
          float x = inside ? from.getAtIndex(F32, (long) p * stride + j) : 0;
          float[] expected = SplitReference.parts(x, parts);
          for (int part = 0; part < parts; part++) {
            long tile = (p / 32 * parts + part) * 512L;
            short actual = to.getAtIndex(BF16, tile + p % 32 / 2 * 32 + j * 2 + p % 2);
            if (p < (k + 1) / 2 * 2 ? !isPart(expected[part], actual) : actual != OLD) {
              fail("part %d of (%d, %d) = %s of %d x %d".formatted(part, p, j, x, k, columns));
            }
          }
        }
      }
    }
  }

  private static void all(Loader loader) {
    int seed = 0;
    for (int parts = 1; parts <= 3; parts++) {
      for (int lines = 1; lines <= 16; lines += lines < 14 ? 3 : 1) {
        for (int k : new int[] {1, 2, 15, 16, 17, 31, 32, 33, 64, 95, 97}) {
          left(loader, parts, lines, k, seed++);
          right(loader, parts, lines, k, seed++);
        }
      }
    }
  }

  @Test
  void partsAreTheRestRoundedToNearestOnTheInterpreter() {
    all(SplitCodeTest::emulated);
  }

  @Test
  void partsAreTheRestRoundedToNearestOnThisProcessor() {
    Set<String> there = Amx.parts();
    Assumptions.assumeTrue(
        there.contains("avx512f") && there.contains("avx512_bf16"),
        "this processor does not convert to BF16");
    for (int parts = 1; parts <= 3; parts++) {
      List<byte[]> codes = List.of(SplitCode.left(parts), SplitCode.right(parts));
      try (CodePages pages = CodePages.write(codes)) {
        List<Routine> routines = pages.seal();
        int seed = 1000;
        for (int lines = 1; lines <= 16; lines++) {
          for (int k : new int[] {1, 2, 15, 16, 17, 31, 32, 33, 64, 97, 512}) {
            left((code, memory) -> routines.get(0), parts, lines, k, seed++);
            right((code, memory) -> routines.get(1), parts, lines, k, seed++);
          }
        }
      }
    }
  }

  /** Three parts of eight bits, each with a sign, hold the 24 bits of an f32 number. */
  @Test
  void threePartsAreTheNumber() {
    Random random = new Random(3);
    for (int i = 0; i < 100_000; i++) {
      float x = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(51) - 25));
      float[] parts = SplitReference.parts(x, 3);
      assertEquals(x, (double) parts[0] + parts[1] + parts[2], "" + x);
      assertTrue(Math.abs(parts[1]) <= 0x1p-8 * Math.abs(x), "" + x);
      assertTrue(Math.abs(parts[2]) <= 0x1p-17 * Math.abs(x), "" + x);
    }
  }
}
