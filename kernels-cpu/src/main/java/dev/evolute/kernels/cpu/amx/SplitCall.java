package dev.evolute.kernels.cpu.amx;

/** What the routines of {@link SplitCode} are told. */
final class SplitCall {
  /** Inner indices of a step, and of one vector of it. */
  private static final int STEP = 32;

  private static final int LANES = 16;

  private SplitCall() {}

  /**
   * Rows of a left operand.
   *
   * @param from address of the first element
   * @param step bytes from one row to the next
   * @param rows 1 to 16; tiles hold as many and are not written beyond
   * @param k inner indices, at least 1; a last step is filled up with zeros
   * @param to address of the tiles
   */
  static void left(Arguments arguments, long from, long step, int rows, int k, long to) {
    int rest = k % STEP;
    arguments
        .set(Arguments.FROM, from)
        .set(Arguments.FROM_ROW, step)
        .set(Arguments.TO, to)
        .set(Arguments.ROWS, rows)
        .set(Arguments.STEPS, k / STEP)
        .set(Arguments.REST, rest > 0 ? 1 : 0)
        .set(Arguments.MASK, lanes(rest))
        .set(Arguments.SECOND_MASK, lanes(rest - LANES));
  }

  /**
   * Columns of a right operand.
   *
   * @param from address of the first element
   * @param step bytes from one inner index to the next
   * @param columns 1 to 16; tiles are filled up with zeros
   * @param k inner indices, at least 1; of the last step's tiles only the pairs that there are
   * @param to address of the tiles
   */
  static void right(Arguments arguments, long from, long step, int columns, int k, long to) {
    int rest = k % STEP;
    arguments
        .set(Arguments.FROM, from)
        .set(Arguments.FROM_ROW, step)
        .set(Arguments.TO, to)
        .set(Arguments.STEPS, k / STEP)
        .set(Arguments.REST, rest / 2)
        .set(Arguments.ODD, rest % 2)
        .set(Arguments.MASK, lanes(columns));
  }

  /** A mask of the first lanes. */
  private static int lanes(int count) {
    return (1 << Math.clamp(count, 0, LANES)) - 1;
  }
}
