package dev.evolute.kernels.cpu.f32;

import dev.evolute.kernels.cpu.Warmup;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * The register tiles in plain Java, for the moments until C2 has compiled the one in vectors: the
 * same sums in the same order, to the bit, on arrays, which are fast as soon as C1 has seen them.
 */
final class PlainTiles {
  private static final int L = FloatVector.SPECIES_PREFERRED.length();
  private static final long BYTES = Float.BYTES;
  private static final ValueLayout.OfFloat E = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final MemorySegment ALL = Memory.ALL;
  private static final Warmup[] TILES = new Warmup[Tiles.shape(0, Tiles.ROWS.length)];

  static {
    for (int nv = 1; nv < Tiles.ROWS.length; nv++) {
      for (int mr = 1; mr <= Tiles.ROWS[nv]; mr++) {
        TILES[Tiles.shape(mr, nv)] = new Tile(mr, nv);
      }
    }
  }

  private float[] left = {};
  private float[] right = {};
  private float[] sums = {};

  /** Whether the tile in vectors is compiled; if it is not, that is seen to. */
  static boolean areReplaced(int mr, int nv) {
    return TILES[Tiles.shape(mr, nv)].isWarm();
  }

  /** A tile on zeros. */
  private static final class Tile extends Warmup {
    private static final int DEPTH = 16;

    /** More bytes than the largest panel takes. */
    private static final long SIZE = 8192;

    /** Panels of A and B, and the tile; they stay, as the tiles do. */
    private static final long ROOM = Arena.global().allocate(3 * SIZE, 64).address();

    private final int mr;
    private final int nv;

    Tile(int mr, int nv) {
      this.mr = mr;
      this.nv = nv;
    }

    @Override
    protected void run() {
      long row = nv * L * BYTES;
      Tiles.run(mr, nv, DEPTH, ROOM, BYTES, mr * BYTES, ROOM + SIZE, row, ROOM + 2 * SIZE, row);
    }
  }

  /** As {@link Tiles#run}. */
  void run(int mr, int nv, int kc, long a, long ar, long ak, long b, long bk, long c, long cr) {
    int width = nv * L;
    left = reserve(left, mr * kc);
    right = reserve(right, kc * width);
    sums = reserve(sums, mr * width);
    boolean byRows = ak == BYTES;
    if (byRows) {
      lines(mr, kc, a, ar, left);
    } else if (ar == BYTES) {
      lines(kc, mr, a, ak, left);
    } else {
      elements(mr, kc, a, ar, ak, left);
      byRows = true;
    }
    lines(kc, width, b, bk, right);
    Arrays.fill(sums, 0, mr * width, 0);
    for (int i = 0; i < mr; i++) {
      for (int k = 0; k < kc; k++) {
        add(left[byRows ? i * kc + k : k * mr + i], right, k * width, sums, i * width, width);
      }
      MemorySegment.copy(sums, i * width, ALL, E, c + i * cr, width);
    }
  }

  private static void add(float x, float[] b, int from, float[] sums, int to, int count) {
    for (int j = 0; j < count; j++) {
      sums[to + j] = Math.fma(x, b[from + j], sums[to + j]);
    }
  }

  /** So many lines of elements without gaps. */
  private static void lines(int count, int length, long from, long step, float[] to) {
    for (int i = 0; i < count; i++) {
      MemorySegment.copy(ALL, E, from + i * step, to, i * length, length);
    }
  }

  private static void elements(int mr, int kc, long a, long ar, long ak, float[] to) {
    for (int i = 0; i < mr; i++) {
      for (int k = 0; k < kc; k++) {
        to[i * kc + k] = ALL.get(E, a + i * ar + k * ak);
      }
    }
  }

  private static float[] reserve(float[] array, int length) {
    return array.length >= length ? array : new float[length];
  }
}
