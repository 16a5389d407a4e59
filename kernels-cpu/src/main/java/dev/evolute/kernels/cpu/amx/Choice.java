package dev.evolute.kernels.cpu.amx;

/**
 * Which products are worth the unit's while: an estimate of cycles, from the documented throughput
 * of the instructions. A tile product takes 16 cycles; splitting takes a few instructions an
 * element and part; vectors do 32 multiply-adds a cycle and reach four fifths of that.
 */
final class Choice {
  /** Products of few vectors are of solvers, which count on their being exact; as on a GPU. */
  private static final int FEW = 32;

  private static final int LINES = OperandTiles.LINES;
  private static final int STEP = OperandTiles.STEP;

  private static final double TILE_PRODUCT = 16;
  private static final double LOAD_AND_STORE = 0.25;
  private static final double SPLIT = 0.25;
  private static final double MERGE = 0.25;
  private static final double VECTOR_PRODUCT = 1.25 / 32;

  /** What a product must be faster by, for the estimate is one. */
  private static final double CLEARLY = 0.8;

  private Choice() {}

  /** Whether {@code [m x k] [k x n]} goes to the unit; it takes no more than the sizes to say. */
  static boolean pays(Scheme scheme, int m, int n, int k) {
    if (Math.min(m, n) <= FEW) {
      return false;
    }
    double tiles = (double) up(m, LINES) * up(n, LINES) * up(k, STEP);
    double products = tiles * scheme.products() * TILE_PRODUCT;
    double splits = ((double) m + n) * k * (LOAD_AND_STORE + SPLIT * scheme.parts);
    double merges = (double) m * n * up(k, scheme.depth) * MERGE;
    return products + splits + merges < CLEARLY * VECTOR_PRODUCT * m * n * k;
  }

  private static int up(int x, int step) {
    return (x + step - 1) / step;
  }
}
