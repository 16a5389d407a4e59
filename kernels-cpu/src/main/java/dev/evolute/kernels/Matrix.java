package dev.evolute.kernels;

/**
 * A {@code [rows x cols]} view of a buffer: element (i, j) is at {@code i * stride + j}, or at
 * {@code j * stride + i} when {@link #transposed}. Both orientations are made together, so {@link
 * #t()} is free.
 */
public final class Matrix implements Operand {
  private final Buffer buffer;
  private final int rows;
  private final int cols;
  private final int stride;
  private final boolean transposed;
  private final Matrix flipped;

  private Matrix(Buffer buffer, int rows, int cols, int stride) {
    this.buffer = buffer;
    this.rows = rows;
    this.cols = cols;
    this.stride = stride;
    this.transposed = false;
    this.flipped = new Matrix(this);
  }

  private Matrix(Matrix original) {
    this.buffer = original.buffer;
    this.rows = original.cols;
    this.cols = original.rows;
    this.stride = original.stride;
    this.transposed = true;
    this.flipped = original;
  }

  /** A dense row-major matrix over the first {@code rows * cols} elements. */
  public static Matrix of(Buffer buffer, int rows, int cols) {
    return of(buffer, rows, cols, cols);
  }

  /**
   * A row-major matrix with {@code stride} elements from one row to the next.
   *
   * @throws IllegalArgumentException if the matrix does not fit into the buffer
   */
  public static Matrix of(Buffer buffer, int rows, int cols, int stride) {
    long needed = rows == 0 || cols == 0 ? 0 : (rows - 1L) * stride + cols;
    if (rows < 0 || cols < 0 || stride < cols || needed > buffer.length()) {
      throw new IllegalArgumentException(
          String.format(
              "matrix: [%d x %d] with stride %d needs %d elements, the buffer has %d",
              rows, cols, stride, needed, buffer.length()));
    }
    return new Matrix(buffer, rows, cols, stride);
  }

  /** The memory that both orientations share; it may reach beyond the last element. */
  public Buffer buffer() {
    return buffer;
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public int cols() {
    return cols;
  }

  /** Elements from one stored row to the next. */
  public int stride() {
    return stride;
  }

  /** Whether the stored rows are this matrix's columns. */
  public boolean transposed() {
    return transposed;
  }

  /** Whether the elements stand one after the other, row by row. */
  public boolean dense() {
    return !transposed && (stride == cols || rows <= 1);
  }

  @Override
  public Matrix t() {
    return flipped;
  }

  @Override
  public String toString() {
    return "[" + rows + " x " + cols + "]";
  }
}
