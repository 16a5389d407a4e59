package dev.evolute.kernels.cpu.f32;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Plain tiles give the bits of those in vectors, and make room for them. */
class PlainTilesTest {
  private static final int L = Gemm.L;
  private static final int DEPTH = 19;

  @Test
  void plainTilesHaveTheBitsOfVectorTilesAtEveryShapeAndStride() {
    PlainTiles plain = new PlainTiles();
    for (int nv = 1; nv < Tiles.ROWS.length; nv++) {
      for (int mr = 1; mr <= Tiles.ROWS[nv]; mr++) {
        for (int kc : new int[] {1, 2, DEPTH}) {
          same(plain, mr, nv, kc, kc + 3, 1);
          same(plain, mr, nv, kc, 1, mr + 2);
          same(plain, mr, nv, kc, 2 * kc + 5, 2);
        }
      }
    }
  }

  private static void same(PlainTiles plain, int mr, int nv, int kc, int ar, int ak) {
    try (Arena arena = Arena.ofConfined()) {
      int bk = nv * L + 7;
      int cr = nv * L + 3;
      MemorySegment a = random(arena, mr * ar + kc * ak);
      MemorySegment b = random(arena, kc * bk);
      MemorySegment c = random(arena, mr * cr);
      MemorySegment d = arena.allocate(c.byteSize()).copyFrom(c);
      long left = a.address();
      long right = b.address();
      Tiles.run(mr, nv, kc, left, 4L * ar, 4L * ak, right, 4L * bk, c.address(), 4L * cr);
      plain.run(mr, nv, kc, left, 4L * ar, 4L * ak, right, 4L * bk, d.address(), 4L * cr);
      assertArrayEquals(
          c.toArray(ValueLayout.JAVA_INT),
          d.toArray(ValueLayout.JAVA_INT),
          () -> mr + " x " + nv + ", k = " + kc + ", strides " + ar + " and " + ak);
    }
  }

  /** Of packed B, where the next tile is a panel away, and of plain B, where it is beside. */
  @Test
  void aRowOfTilesIsTileByTile() {
    int kc = 7;
    int count = 3;
    for (int nv = 1; nv < Tiles.ROWS.length; nv++) {
      int width = nv * L;
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment a = random(arena, 3 * kc);
        MemorySegment b = random(arena, kc * count * width);
        for (boolean packed : new boolean[] {true, false}) {
          long bk = 4L * (packed ? width : count * width);
          long bt = 4L * (packed ? kc * width : width);
          MemorySegment c = random(arena, 3 * (count * width + 5));
          MemorySegment d = arena.allocate(c.byteSize()).copyFrom(c);
          long cr = 4L * (count * width + 5);
          Tiles.row(
              3, nv, count, kc, a.address(), 4L * kc, 4, b.address(), bk, bt, c.address(), cr);
          for (int t = 0; t < count; t++) {
            long from = b.address() + t * bt;
            long to = d.address() + 4L * t * width;
            Tiles.run(3, nv, kc, a.address(), 4L * kc, 4, from, bk, to, cr);
          }
          assertArrayEquals(c.toArray(ValueLayout.JAVA_INT), d.toArray(ValueLayout.JAVA_INT));
        }
      }
    }
  }

  private static MemorySegment random(Arena arena, int count) {
    MemorySegment memory = arena.allocate(4L * count, 64);
    Random random = new Random(count);
    for (int i = 0; i < count; i++) {
      memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
    }
    return memory;
  }

  @Test
  void aTileThatWasAskedForIsReplaced() throws InterruptedException {
    boolean replaced = false;
    for (int tenths = 0; tenths < 600 && !replaced; tenths++) {
      replaced = PlainTiles.areReplaced(5, 2);
      Thread.sleep(100);
    }
    assertTrue(replaced, "the tile of 5 x 2 vectors was not replaced within a minute");
  }
}
