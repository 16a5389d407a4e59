package dev.evolute.kernels;

/** The checks every device makes before it computes; their messages are written here, once. */
public final class Shapes {
  private Shapes() {}

  /** The buffer's type is the kernels' type, and its memory is still there. */
  public static void home(String kernel, Kernels kernels, Buffer buffer) {
    if (!buffer.isOpen()) {
      throw new IllegalStateException(
          kernel + ": a buffer was closed before this call; keep its owner open until then");
    }
    if (buffer.dtype() != kernels.dtype()) {
      throw new IllegalArgumentException(
          kernel
              + ": a buffer holds "
              + buffer.dtype()
              + ", these kernels compute in "
              + kernels.dtype()
              + "; convert it or ask the device for kernels("
              + buffer.dtype()
              + ")");
    }
  }

  /** A scalar result is one fp64 element. */
  public static void scalar(String kernel, Buffer out) {
    if (out.dtype() != DType.F64 || out.length() != 1) {
      throw new IllegalArgumentException(
          kernel
              + ": the scalar result must be a buffer of one F64 element, not "
              + out.length()
              + " of "
              + out.dtype());
    }
  }

  /** Something is done once at least. */
  public static void rounds(String kernel, int rounds) {
    if (rounds < 1) {
      throw new IllegalArgumentException(kernel + ": " + rounds + " rounds; at least 1 is needed");
    }
  }

  /** Two vectors have one length. */
  public static void sameLength(String kernel, Buffer x, Buffer y) {
    if (x.length() != y.length()) {
      throw new IllegalArgumentException(
          kernel
              + ": one vector has "
              + x.length()
              + " elements, the other "
              + y.length()
              + "; they must have the same length");
    }
  }

  /** A vector has a first element. */
  public static void notEmpty(String kernel, Buffer x) {
    if (x.length() == 0) {
      throw new IllegalArgumentException(
          kernel + ": the vector is empty; give it at least one element");
    }
  }

  /** Two matrices have one shape. */
  public static void sameShape(String kernel, Matrix x, Matrix y) {
    if (x.rows() != y.rows() || x.cols() != y.cols()) {
      throw new IllegalArgumentException(
          kernel + ": one matrix is " + x + ", the other " + y + "; they must have the same shape");
    }
  }

  /** The matrix stands row by row without gaps. */
  public static void dense(String kernel, Matrix x) {
    if (!x.dense()) {
      throw new IllegalArgumentException(
          kernel + ": " + x + " with stride " + x.stride() + " is not dense; copy it first");
    }
  }

  /** The matrix stands row by row, with any stride. */
  public static void rowByRow(String kernel, Matrix x) {
    if (x.transposed()) {
      throw new IllegalArgumentException(
          kernel + ": " + x + " is transposed, its columns stand one by one; copy it first");
    }
  }

  /** A row vector fits a matrix. */
  public static void row(String kernel, Matrix x, Buffer row) {
    if (row.length() != x.cols()) {
      throw new IllegalArgumentException(
          kernel
              + ": the matrix is "
              + x
              + ", the row has "
              + row.length()
              + " elements; it needs "
              + x.cols());
    }
  }

  /** A column vector fits a matrix. */
  public static void column(String kernel, Matrix x, Buffer column) {
    if (column.length() != x.rows()) {
      throw new IllegalArgumentException(
          kernel
              + ": the matrix is "
              + x
              + ", the column has "
              + column.length()
              + " elements; it needs "
              + x.rows());
    }
  }

  /** An index for every row of a matrix, none of them empty. */
  public static void indices(String kernel, Matrix x, int[] at) {
    if (at.length < x.rows() || x.cols() == 0) {
      throw new IllegalArgumentException(
          kernel
              + ": the matrix is "
              + x
              + " and there is room for "
              + at.length
              + " indices; it needs one for each row, and rows of at least one element");
    }
  }

  /** What normalisation keeps of the rows of x: dense, {@code [2 x rows]}. */
  public static void statistics(String kernel, Matrix x, Matrix stats) {
    dense(kernel, stats);
    if (stats.rows() != 2 || stats.cols() != x.rows()) {
      throw new IllegalArgumentException(
          kernel
              + ": the rows are "
              + x
              + ", their statistics "
              + stats
              + "; give [2 x "
              + x.rows()
              + "]");
    }
  }

  /** Left and right of a product share their inner size; both print as their shapes. */
  public static void inner(String kernel, Object left, int cols, Object right, int rows) {
    if (cols != rows) {
      throw new IllegalArgumentException(
          kernel
              + ": left is "
              + left
              + ", right is "
              + right
              + "; inner sizes "
              + cols
              + " and "
              + rows
              + " must be equal");
    }
  }

  /** {@code C [m x n] = A [m x k] B [k x n]}, with at most one operand packed, for its own side. */
  public static void product(String kernel, Operand a, Operand b, Matrix c) {
    boolean packedA = a instanceof PackedMatrix;
    boolean packedB = b instanceof PackedMatrix;
    if (packedA && packedB) {
      throw new IllegalArgumentException(
          kernel + ": both operands, " + a + " and " + b + ", are packed; pack one of them");
    }
    if ((packedA && !((PackedMatrix) a).transposed())
        || (packedB && ((PackedMatrix) b).transposed())) {
      throw new IllegalArgumentException(
          kernel
              + ": "
              + (packedA ? a : b)
              + " is packed for the other side; pack(b) serves on the right, pack(a.t()).t() on the"
              + " left");
    }
    inner(kernel, a, a.cols(), b, b.rows());
    if (c.rows() != a.rows() || c.cols() != b.cols()) {
      throw new IllegalArgumentException(
          kernel
              + ": left "
              + a
              + " times right "
              + b
              + " gives ["
              + a.rows()
              + " x "
              + b.cols()
              + "], the result is "
              + c);
    }
  }

  /** Every part of an epilogue fits a result without holes that is no transposed view. */
  public static void epilogue(String kernel, Epilogue e, Matrix c) {
    if (c.transposed()) {
      throw new IllegalArgumentException(
          kernel
              + ": the result "
              + c
              + " is a transposed view, which an epilogue cannot follow; swap and transpose the"
              + " operands instead");
    }
    if (e.bias() != null) {
      row(kernel, c, e.bias());
    }
    for (int i = 0; i < 3; i++) {
      Matrix part = i == 0 ? e.first() : i == 1 ? e.times() : e.plus();
      if (part != null) {
        sameShape(kernel, c, part);
        if (part.transposed()) {
          throw new IllegalArgumentException(
              kernel + ": " + part + " in the epilogue is a transposed view; copy it first");
        }
      }
    }
  }

  /** {@code count} matrices, {@code step} elements apart, fit into the buffer of the first. */
  public static void batch(String kernel, int count, Matrix x, long step) {
    long rows = x.transposed() ? x.cols() : x.rows();
    long cols = x.transposed() ? x.rows() : x.cols();
    long one = rows == 0 || cols == 0 ? 0 : (rows - 1) * x.stride() + cols;
    if (count < 0 || step < 0 || (count > 0 && (count - 1) * step + one > x.buffer().length())) {
      throw new IllegalArgumentException(
          kernel
              + ": "
              + count
              + " matrices "
              + x
              + ", "
              + step
              + " elements apart, do not fit into a buffer of "
              + x.buffer().length());
    }
  }

  /** Krylov blocks: one coefficient a row, rows as long as the vector. */
  public static void rows(String kernel, double[] c, Matrix v, Buffer x) {
    rows(kernel, c.length, v, x);
  }

  private static void rows(String kernel, int coefficients, Matrix v, Buffer x) {
    if (coefficients < v.rows() || v.cols() != x.length() || v.transposed()) {
      throw new IllegalArgumentException(
          kernel
              + ": "
              + coefficients
              + " coefficients and a vector of "
              + x.length()
              + " do not fit the rows of "
              + v);
    }
  }

  /** Numbers of an optimiser's step, fp64. */
  public static void rates(String kernel, Buffer rates, int count) {
    if (rates.dtype() != DType.F64 || rates.length() != count) {
      throw new IllegalArgumentException(
          kernel
              + ": "
              + rates.length()
              + " rates of "
              + rates.dtype()
              + "; this step takes "
              + count
              + " of F64");
    }
  }

  /** Coefficients that stay on the device are fp64, and as many as rows. */
  public static void rows(String kernel, Buffer c, Matrix v, Buffer x) {
    if (c.dtype() != DType.F64 || c.length() != v.rows()) {
      throw new IllegalArgumentException(
          kernel
              + ": "
              + c.length()
              + " coefficients of "
              + c.dtype()
              + " for the rows of "
              + v
              + "; give one F64 element a row");
    }
    rows(kernel, v.rows(), v, x);
  }

  /** One index for each row of y, and rows as long as the table's. */
  public static void embedding(String kernel, Matrix table, Buffer index, Matrix y) {
    if (table.cols() != y.cols() || index.length() != y.rows()) {
      throw new IllegalArgumentException(
          kernel
              + ": the table is "
              + table
              + ", there are "
              + index.length()
              + " indices for "
              + y
              + "; give one index a row, and rows as long as the table's");
    }
  }

  /**
   * What is thrown where an index or a label is no whole number in {@code [from, to)}.
   *
   * @param what {@code index} or {@code label}
   * @param at its place
   */
  public static IllegalArgumentException notWhole(
      String kernel, String what, long at, double value, int from, int to) {
    return new IllegalArgumentException(
        kernel
            + ": "
            + what
            + " "
            + at
            + " is "
            + value
            + "; it must be a whole number from "
            + from
            + " to "
            + (to - 1));
  }

  /** Two matrices have one stride. */
  public static void oneStride(String kernel, Matrix x, Matrix other) {
    if (x.stride() != other.stride()) {
      throw new IllegalArgumentException(
          kernel
              + ": strides "
              + x.stride()
              + " and "
              + other.stride()
              + " of matrices that go together; give them one stride");
    }
  }

  /** Operands of one attention have one shape. */
  public static void oneAttention(String kernel, AttentionShape x, AttentionShape other) {
    if (x != other && !x.equals(other)) {
      throw new IllegalArgumentException(
          kernel + ": operands of " + x + " and of " + other + "; make both from one shape");
    }
  }

  /** There is a velocity exactly where there is momentum. */
  public static void velocity(Sgd how, Buffer velocity) {
    if ((velocity == null) != (how.momentum() == 0)) {
      throw new IllegalArgumentException(
          "sgd: momentum "
              + how.momentum()
              + (velocity == null ? " without" : " with")
              + " a velocity; give one exactly where the momentum is above 0");
    }
  }

  /** Steps of Adam are counted from 1. */
  public static void step(long step) {
    if (step < 1) {
      throw new IllegalArgumentException("adam: step " + step + "; steps are counted from 1");
    }
  }
}
