package dev.evolute.kernels.cpu.f32;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A matrix's rows times a vector, wherever in a cache line the rows begin. */
class MatrixVectorTest {
  private static final ValueLayout.OfFloat E = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final long BYTES = Float.BYTES;

  /** Kept, since its room is freed with it. */
  private static final MatrixVector PRODUCT = new MatrixVector();

  /** Stands around M and x: one element of it that is read makes a sum NaN. */
  private static MemorySegment poisoned(Arena arena, long bytes) {
    MemorySegment memory = arena.allocate(bytes + 256, 64);
    for (long at = bytes & 7; at < bytes + 256; at += BYTES) {
      memory.set(E, at, Float.NaN);
    }
    return memory;
  }

  /**
   * @param shift bytes from the beginning of a cache line to M
   * @param stride elements from one row to the next
   */
  private static float[] product(int n, int k, int stride, int shift) {
    try (Arena arena = Arena.ofConfined()) {
      Random random = new Random(7);
      long row = stride * BYTES;
      MemorySegment x = poisoned(arena, k * BYTES).asSlice(64);
      for (int j = 0; j < k; j++) {
        x.set(E, j * BYTES, random.nextFloat() - 0.5f);
      }
      MemorySegment m = poisoned(arena, n * row + shift).asSlice(64 + shift);
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < k; j++) {
          m.set(E, i * row + j * BYTES, random.nextFloat() - 0.5f);
        }
      }
      MemorySegment y = arena.allocate(n * BYTES, 64);
      PRODUCT.run(1, n, k, m.address(), row, BYTES, x.address(), 0, y.address(), BYTES);
      float[] result = new float[n];
      for (int i = 0; i < n; i++) {
        result[i] = y.get(E, i * BYTES);
        double sum = 0;
        double size = 0;
        for (int j = 0; j < k; j++) {
          double product = (double) m.get(E, i * row + j * BYTES) * x.get(E, j * BYTES);
          sum += product;
          size += Math.abs(product);
        }
        // Each lane adds k / lanes products, then log2(lanes) sums: far fewer than k roundings.
        assertEquals(sum, result[i], k * Math.ulp(1f) / 2 * size, "element " + i);
      }
      return result;
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 4000, 4000",
    "3, 17, 17",
    "4, 1, 1",
    "5, 250, 250",
    "11, 63, 64",
    "67, 64, 64",
    "70, 1000, 1000",
    "131, 129, 131",
    "300, 50, 50",
    "17000, 33, 33"
  })
  void aRowsSumDoesNotDependOnWhereItStands(int n, int k, int stride) {
    float[] aligned = product(n, k, stride, 0);
    for (int shift : new int[] {1, 8, 16, 24, 32, 40, 48, 56}) {
      assertArrayEquals(aligned, product(n, k, stride, shift), "shift " + shift);
    }
    float[] few = product(Math.min(n, 9), k, stride, 0);
    for (int i = 0; i < few.length && n > 9; i++) {
      assertEquals(aligned[i], few[i], "row " + i + " among fewer");
    }
  }
}
