package dev.evolute.kernels.cpu.amx;

/** What the routines of {@link ProductCode} are told. */
final class ProductCall {
  private static final int ROWS = 16;

  private ProductCall() {}

  /**
   * Where the sums go.
   *
   * @param sums address of the first
   * @param row bytes from one row to the next
   * @param add whether they are added to what is there, else that is not read
   */
  static void sums(Arguments arguments, long sums, long row, boolean add) {
    arguments
        .set(Arguments.SUMS, sums)
        .set(Arguments.SECOND_SUMS, sums + ROWS * row)
        .set(Arguments.SUMS_ROW, row)
        .set(Arguments.ADD, add ? 1 : 0);
  }

  /**
   * What is multiplied.
   *
   * @param left address of the tiles of the upper rows; those of the lower ones are {@code
   *     leftPanel} bytes further on
   * @param right address of the tiles of the first 16 columns, of the next {@code rightPanel} bytes
   *     further on
   * @param wide panels of columns that the routine takes at a time
   * @param steps of 32 inner indices, at least 1
   * @param blocks how many times as many columns, at least 1
   */
  static void operands(
      Arguments arguments,
      long left,
      long leftPanel,
      long right,
      long rightPanel,
      int wide,
      int steps,
      int blocks) {
    arguments
        .set(Arguments.LEFT, left)
        .set(Arguments.SECOND_LEFT, left + leftPanel)
        .set(Arguments.RIGHT, right)
        .set(Arguments.SECOND_RIGHT, right + rightPanel)
        .set(Arguments.RIGHT_STEP, wide * rightPanel)
        .set(Arguments.DEPTH, steps)
        .set(Arguments.BLOCKS, blocks);
  }
}
