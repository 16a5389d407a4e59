package dev.evolute.kernels;

/**
 * The angles of a rotary position embedding (Su et al. 2021) in the halves layout of GPT-NeoX:
 * within a head of {@code width} elements, the first {@code turned} are rotated, element j of their
 * first half together with element j of their second, at position t by {@code t base^(-2 j /
 * turned)}; the rest of the head passes unchanged. Holds the cosines and sines, {@code [positions x
 * turned / 2]} each, and owns them.
 */
public final class Rotary implements AutoCloseable {
  private final int positions;
  private final int width;
  private final int turned;
  private final Buffer cos;
  private final Buffer sin;

  /**
   * Computes the table, in fp64, and rounds it to the type.
   *
   * @param positions longest sequence
   * @param width elements a head
   * @param turned how many of them are rotated: even, at most width
   * @param base 10000 in the paper
   */
  public Rotary(Device device, DType dtype, int positions, int width, int turned, double base) {
    if (positions < 1 || turned < 2 || turned > width || turned % 2 != 0 || !(base > 0)) {
      throw new IllegalArgumentException(
          "rotary: "
              + positions
              + " positions, "
              + turned
              + " of "
              + width
              + " elements a head rotated, base "
              + base
              + "; give at least 1 position, an even number of at most all elements and a base"
              + " above 0");
    }
    this.positions = positions;
    this.width = width;
    this.turned = turned;
    int half = turned / 2;
    double[] row = new double[half];
    this.cos = device.allocate(dtype, (long) positions * half);
    this.sin = device.allocate(dtype, (long) positions * half);
    for (int t = 0; t < positions; t++) {
      for (int j = 0; j < half; j++) {
        row[j] = StrictMath.cos(t * StrictMath.pow(base, -2.0 * j / turned));
      }
      cos.write((long) t * half, row, 0, half);
      for (int j = 0; j < half; j++) {
        row[j] = StrictMath.sin(t * StrictMath.pow(base, -2.0 * j / turned));
      }
      sin.write((long) t * half, row, 0, half);
    }
  }

  /** Longest sequence. */
  public int positions() {
    return positions;
  }

  /** Elements a head. */
  public int width() {
    return width;
  }

  /** Elements a head that are rotated. */
  public int turned() {
    return turned;
  }

  /** The cosines, {@code [positions x turned / 2]}, read only. */
  public Buffer cos() {
    return cos;
  }

  /** The sines, of the same shape, read only. */
  public Buffer sin() {
    return sin;
  }

  /** Sequences of {@code length} fit the table, and the columns of x are whole heads. */
  public void fit(String kernel, int length, Matrix x) {
    if (length < 1 || length > positions) {
      throw new IllegalArgumentException(
          kernel
              + ": sequences of "
              + length
              + " positions, the table holds "
              + positions
              + "; give a length from 1 to that");
    }
    if (x.cols() % width != 0) {
      throw new IllegalArgumentException(
          kernel + ": the columns of " + x + " are no whole number of heads of " + width);
    }
  }

  @Override
  public void close() {
    cos.close();
    sin.close();
  }
}
