package dev.evolute.kernels.gpu;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Shapes;

/** Reductions: {@code reductions.cu}. Those that return a number wait for the device. */
interface ReductionsOnCuda extends OnCuda {
  Symbol DOT = Symbol.of("reductions", "dot");
  Symbol SQUARES = Symbol.of("reductions", "squares");
  Symbol SUM = Symbol.of("reductions", "sum");
  Symbol SUM_DOUBLES = Symbol.of("reductions", "sumDoubles");
  Symbol ASUM = Symbol.of("reductions", "asum");
  Symbol LARGEST = Symbol.of("reductions", "largest");
  Symbol LARGEST_MAGNITUDE = Symbol.of("reductions", "largestMagnitude");
  Symbol FIRST_OUTSIDE = Symbol.of("reductions", "firstOutside");
  Symbol ARGMAX = Symbol.of("reductions", "argmax");
  Symbol ROW_ARGMAX = Symbol.of("reductions", "rowArgmax");
  Symbol ROW_SUMS = Symbol.of("reductions", "rowSums");
  Symbol ROW_MAX = Symbol.of("reductions", "rowMax");
  Symbol COLUMN_SHARES = Symbol.of("reductions", "columnShares");
  Symbol COLUMN_SUMS = Symbol.of("reductions", "columnSums");
  Symbol EXPS = Symbol.of("exponentials", "exps");
  Symbol ROW_LOG_SUM_EXP = Symbol.of("exponentials", "rowLogSumExp");

  /** Columns of a block of columnShares. */
  int COLUMNS = 32;

  /** Elements of a vector for each block, until there are MOST_BLOCKS. */
  int SHARE = 4096;

  int MOST_BLOCKS = 1024;

  /** Depends on the length alone, so that sums are formed in the same order on every device. */
  static int blocks(long n) {
    return Math.clamp(Math.ceilDiv(n, SHARE), 1, MOST_BLOCKS);
  }

  /** Ends the arguments of a reduction of n elements into an address, and launches it. */
  static void into(Launcher reduction, long n, Scratch scratch, long out) {
    int blocks = blocks(n);
    reduction.at(scratch.shares(blocks)).at(scratch.finished()).at(out).reduce(n, blocks);
  }

  /**
   * The first n elements are whole numbers in {@code [from, to)}, or a sentence names the first
   * that is none. Waits for the device, unless these calls are being recorded.
   */
  default void wholeNumbers(String kernel, String what, Buffer index, long n, int from, int to) {
    Launcher search = launch(FIRST_OUTSIDE).n(n).at(index).i(from).i(to);
    IndexChecks.Check check = new IndexChecks.Check(kernel, what, index, from, to);
    long place = ((CudaDevice) device()).placeInRecording(check);
    if (place != 0) {
      into(search, n, scratch(), place);
    } else {
      check.verdict(number(search, n));
    }
  }

  /** Ends the arguments of a reduction, launches it, and waits for its number. */
  private double number(Launcher reduction, long n) {
    into(reduction, n, scratch(), scratch().result(0));
    return scratch().read(0);
  }

  @Override
  default double dot(Buffer x, Buffer y) {
    alike("dot", x, y);
    return number(launch(DOT).n(x.length()).at(x).at(y).f64(1), x.length());
  }

  @Override
  default void dot(double scale, Buffer x, Buffer y, Buffer out) {
    Shapes.scalar("dot", out);
    alike("dot", x, y);
    Launcher dot = launch(DOT).n(x.length()).at(x).at(y).f64(scale);
    into(dot, x.length(), scratch(), ((CudaBuffer) out).address());
  }

  @Override
  default double nrm2(Buffer x) {
    Shapes.home("nrm2", this, x);
    double square = number(launch(SQUARES).n(x.length()).at(x).f64(1), x.length());
    if (square > 1e-290 && square < Double.POSITIVE_INFINITY) {
      return Math.sqrt(square);
    }
    double largest = maxAbs(x);
    if (largest == 0 || !Double.isFinite(largest)) {
      return largest;
    }
    // A power of two scales exactly; it brings the largest element into [1, 2) where it can.
    double scale = Math.scalb(1.0, -Math.max(Math.getExponent(largest), -1022));
    double scaled = number(launch(SQUARES).n(x.length()).at(x).f64(scale), x.length());
    return Math.sqrt(scaled) / scale;
  }

  @Override
  default double asum(Buffer x) {
    Shapes.home("asum", this, x);
    return number(launch(ASUM).n(x.length()).at(x), x.length());
  }

  @Override
  default double sum(Buffer x) {
    Shapes.home("sum", this, x);
    return number(launch(SUM).n(x.length()).at(x), x.length());
  }

  @Override
  default double logSumExp(Buffer x) {
    double max = max(x);
    return Double.isFinite(max)
        ? max + Math.log(number(launch(EXPS).n(x.length()).at(x).f64(max), x.length()))
        : max;
  }

  @Override
  default double max(Buffer x) {
    Shapes.home("max", this, x);
    return number(launch(LARGEST).n(x.length()).at(x).f64(1), x.length());
  }

  @Override
  default double min(Buffer x) {
    Shapes.home("min", this, x);
    return number(launch(LARGEST).n(x.length()).at(x).f64(-1), x.length());
  }

  @Override
  default double maxAbs(Buffer x) {
    Shapes.home("maxAbs", this, x);
    return Math.max(0, number(launch(LARGEST_MAGNITUDE).n(x.length()).at(x), x.length()));
  }

  @Override
  default long argmax(Buffer x) {
    return argmax("argmax", 1, x);
  }

  @Override
  default long argmin(Buffer x) {
    return argmax("argmin", -1, x);
  }

  private long argmax(String name, double sign, Buffer x) {
    Shapes.home(name, this, x);
    Shapes.notEmpty(name, x);
    into(launch(ARGMAX).n(x.length()).at(x).f64(sign), x.length(), scratch(), scratch().result(0));
    return scratch().readLong(0);
  }

  @Override
  default void rowSums(Matrix x, double beta, Buffer column) {
    check("rowSums", x, column);
    perRow(ROW_SUMS, x).f64(beta).at(column).on(OnCuda.rowBlocks(x));
  }

  @Override
  default void rowMax(Matrix x, Buffer column) {
    check("rowMax", x, column);
    perRow(ROW_MAX, x).at(column).on(OnCuda.rowBlocks(x));
  }

  @Override
  default void rowLogSumExp(Matrix x, Buffer column) {
    check("rowLogSumExp", x, column);
    perRow(ROW_LOG_SUM_EXP, x).at(column).on(OnCuda.rowBlocks(x));
  }

  @Override
  default void rowArgmax(Matrix x, int[] at) {
    Shapes.home("rowArgmax", this, x.buffer());
    Shapes.dense("rowArgmax", x);
    Shapes.indices("rowArgmax", x, at);
    long found = scratch().shares(Math.ceilDiv(x.rows(), 2));
    perRow(ROW_ARGMAX, x).at(found).on(OnCuda.rowBlocks(x));
    scratch().read(found, at, x.rows());
  }

  private void check(String name, Matrix x, Buffer column) {
    Shapes.home(name, this, x.buffer());
    Shapes.home(name, this, column);
    Shapes.dense(name, x);
    Shapes.column(name, x, column);
  }

  private Launcher perRow(Symbol kernel, Matrix x) {
    return launchRows(kernel, x).at(x.buffer());
  }

  private static int blocksOfRows(Matrix x) {
    return OnCuda.rowBlocks(x);
  }

  @Override
  default void columnSums(Matrix x, double beta, Buffer row) {
    Shapes.home("columnSums", this, x.buffer());
    Shapes.home("columnSums", this, row);
    Shapes.row("columnSums", x, row);
    Shapes.dense("columnSums", x);
    int d = x.cols();
    if (d > 0) {
      int parts = rowParts(x.rows());
      long shares = scratch().shares((long) parts * d);
      Launcher share = launch(COLUMN_SHARES).n(x.rows()).i(d).at(x.buffer()).at(shares);
      share.on(Math.ceilDiv(d, COLUMNS), parts, 1);
      addShares(parts, d, shares, beta, row);
    }
  }

  /** Parts that rows are cut into for sums over them. */
  static int rowParts(int rows) {
    return Math.clamp(rows / 256, 1, 256);
  }

  /** {@code row_j} = the sum of shares {@code [parts x d]} of column j {@code + beta row_j}. */
  default void addShares(int parts, int d, long shares, double beta, Buffer row) {
    if (row != null) {
      launch(COLUMN_SUMS).i(parts).i(d).at(shares).f64(beta).at(row).over(d);
    }
  }
}
