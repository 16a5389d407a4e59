package dev.evolute.kernels.cpu.amx;

import java.util.Arrays;

/** The tiles of AMX by Intel's manual: eight of at most 16 rows of 64 bytes. */
final class EmulatedTiles {
  private static final int TILES = 8;
  private static final int ROWS = 16;
  private static final int WORDS = 16;

  private final int[][][] data = new int[TILES][ROWS][WORDS];
  private final int[] rows = new int[TILES];
  private final int[] bytes = new int[TILES];
  private boolean configured;

  boolean configured() {
    return configured;
  }

  void configure(ProcessMemory memory, long from) {
    if (memory.getByte(from) != 1) {
      throw new AssertionError("palette " + memory.getByte(from) + ", there is palette 1 only");
    }
    for (int i = 1; i < 64; i++) {
      boolean used = i >= 16 && i < 32 || i >= 48 && i < 56;
      if (!used && memory.getByte(from + i) != 0) {
        throw new AssertionError("byte " + i + " of a tile configuration must be 0");
      }
    }
    for (int t = 0; t < TILES; t++) {
      bytes[t] = memory.getShort(from + 16 + 2 * t);
      rows[t] = memory.getByte(from + 48 + t);
      if (rows[t] < 1 || rows[t] > ROWS || bytes[t] < 1 || bytes[t] > 64) {
        throw new AssertionError("tile " + t + " of " + rows[t] + " rows of " + bytes[t]);
      }
      zeroAll(t);
    }
    configured = true;
  }

  void release() {
    require();
    configured = false;
  }

  private void require() {
    if (!configured) {
      throw new AssertionError("tiles are used without a configuration");
    }
  }

  private void zeroAll(int t) {
    for (int[] row : data[t]) {
      Arrays.fill(row, 0);
    }
  }

  void zero(int t) {
    require();
    zeroAll(t);
  }

  void load(int t, ProcessMemory memory, long from, long step) {
    require();
    zeroAll(t);
    for (int i = 0; i < rows[t]; i++) {
      for (int j = 0; j < bytes[t] / 4; j++) {
        data[t][i][j] = memory.getInt(from + i * step + 4 * j);
      }
    }
  }

  void store(int t, ProcessMemory memory, long to, long step) {
    require();
    for (int i = 0; i < rows[t]; i++) {
      for (int j = 0; j < bytes[t] / 4; j++) {
        memory.setInt(to + i * step + 4 * j, data[t][i][j]);
      }
    }
  }

  /**
   * TDPBF16PS: for each sum the products of even and those of odd elements are added up apart, from
   * zero and in order, then both together, then to the sum.
   */
  void multiply(int sums, int left, int right) {
    require();
    if (sums == left || left == right || right == sums) {
      throw new AssertionError("three different tiles are needed");
    }
    if (rows[left] != rows[sums] || bytes[left] != 4 * rows[right] || bytes[right] != bytes[sums]) {
      throw new AssertionError("the shapes of tiles " + sums + ", " + left + ", " + right);
    }
    int depth = bytes[left] / 4;
    int columns = bytes[sums] / 4;
    float[] even = new float[columns];
    float[] odd = new float[columns];
    float[] evenRight = elements(right, 0);
    float[] oddRight = elements(right, 16);
    for (int m = 0; m < rows[sums]; m++) {
      Arrays.fill(even, 0);
      Arrays.fill(odd, 0);
      for (int k = 0; k < depth; k++) {
        int pair = data[left][m][k];
        float a = Bf16.flush(Bf16.value(pair));
        float b = Bf16.flush(Bf16.value(pair >>> 16));
        for (int n = 0; n < columns; n++) {
          even[n] = Bf16.flush(Math.fma(a, evenRight[k * WORDS + n], even[n]));
          odd[n] = Bf16.flush(Math.fma(b, oddRight[k * WORDS + n], odd[n]));
        }
      }
      for (int n = 0; n < columns; n++) {
        float sum = Float.intBitsToFloat(data[sums][m][n]);
        data[sums][m][n] = Float.floatToRawIntBits(Bf16.add(sum, Bf16.add(even[n], odd[n])));
      }
    }
  }

  /** The numbers in the low or the high halves of a tile's words. */
  private float[] elements(int t, int shift) {
    float[] elements = new float[ROWS * WORDS];
    for (int i = 0; i < ROWS; i++) {
      for (int j = 0; j < WORDS; j++) {
        elements[i * WORDS + j] = Bf16.flush(Bf16.value(data[t][i][j] >>> shift));
      }
    }
    return elements;
  }
}
