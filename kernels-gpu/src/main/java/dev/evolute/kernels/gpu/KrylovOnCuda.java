package dev.evolute.kernels.gpu;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Shapes;

/** What Krylov solvers need: kernels of {@code reductions.cu} and {@code vectors.cu}. */
interface KrylovOnCuda extends ReductionsOnCuda {
  Symbol DOTS_SHARES = Symbol.of("reductions", "dotsShares");
  Symbol DOTS = Symbol.of("reductions", "dots");
  Symbol AXPBY_DOT = Symbol.of("reductions", "axpbyDot");
  Symbol COMBINE = Symbol.of("vectors", "combine");
  Symbol SCALE = Symbol.of("vectors", "scale");
  Symbol DIVIDE = Symbol.of("vectors", "divide");
  Symbol NORM = Symbol.of("reductions", "normOfSquare");

  /** The grid's second extent. */
  int MOST_ROWS = 65_535;

  @Override
  default void dots(Matrix v, Buffer x, double[] c) {
    checkRows("dots", v, x);
    Shapes.rows("dots", c, v, x);
    int k = v.rows();
    long sums = scratch().more(k);
    dots(v, x, sums);
    scratch().read(sums, c, k);
  }

  @Override
  default void dots(Matrix v, Buffer x, Buffer c) {
    checkRows("dots", v, x);
    Shapes.rows("dots", c, v, x);
    dots(v, x, ((CudaBuffer) c).address());
  }

  private void checkRows(String kernel, Matrix v, Buffer x) {
    Shapes.home(kernel, this, v.buffer());
    Shapes.home(kernel, this, x);
  }

  /** Into doubles on the device. */
  private void dots(Matrix v, Buffer x, long c) {
    int k = v.rows();
    int parts = ReductionsOnCuda.blocks(x.length());
    for (int from = 0, rows; from < k; from += rows) {
      rows = Math.min(k - from, MOST_ROWS);
      long shares = scratch().shares((long) rows * parts);
      long first = ((CudaBuffer) v.buffer()).address() + (long) from * v.stride() * dtype().bytes();
      Launcher products = launch(DOTS_SHARES).n(x.length()).at(first).n(v.stride()).at(x);
      products.at(shares).on(parts, rows, 1);
      long sums = c + (long) from * Double.BYTES;
      launch(DOTS).i(rows).i(parts).at(shares).at(sums).over(rows);
    }
  }

  @Override
  default void combine(double[] c, Matrix v, Buffer y) {
    checkRows("combine", v, y);
    Shapes.rows("combine", c, v, y);
    long coefficients = scratch().shares(v.rows());
    scratch().write(coefficients, c, v.rows());
    combine(1, coefficients, v, y);
  }

  @Override
  default void combine(double scale, Buffer c, Matrix v, Buffer y) {
    checkRows("combine", v, y);
    Shapes.rows("combine", c, v, y);
    combine(scale, ((CudaBuffer) c).address(), v, y);
  }

  private void combine(double scale, long c, Matrix v, Buffer y) {
    Launcher combine = launch(COMBINE).n(y.length()).i(v.rows()).f64(scale).at(c).at(v.buffer());
    combine.n(v.stride()).at(y).over(y.length());
  }

  @Override
  default void nrm2(Buffer x, Buffer out) {
    Shapes.home("nrm2", this, x);
    Shapes.scalar("nrm2", out);
    Launcher squares = launch(SQUARES).n(x.length()).at(x).f64(1);
    ReductionsOnCuda.into(squares, x.length(), scratch(), ((CudaBuffer) out).address());
    launch(NORM).at(out).over(1);
  }

  @Override
  default void divide(Buffer x, Buffer by, Buffer y) {
    alike("divide", x, y);
    Shapes.scalar("divide", by);
    launch(DIVIDE).n(x.length()).at(x).at(by).at(y).over(x.length());
  }

  @Override
  default double axpbyDot(double alpha, Buffer x, double beta, Buffer y, Buffer z) {
    Shapes.home("axpbyDot", this, x);
    Shapes.home("axpbyDot", this, y);
    Shapes.home("axpbyDot", this, z);
    Shapes.sameLength("axpbyDot", x, y);
    Shapes.sameLength("axpbyDot", z, y);
    Launcher step = launch(AXPBY_DOT).n(y.length()).real(alpha).at(x).real(beta).at(y).at(z);
    ReductionsOnCuda.into(step, y.length(), scratch(), scratch().result(0));
    return scratch().read(0);
  }

  @Override
  default double normalise(Buffer x) {
    double norm = nrm2(x);
    if (norm == 0 || !Double.isFinite(norm)) {
      return norm;
    }
    double scale = 1 / norm;
    if (scale == Double.POSITIVE_INFINITY) {
      // The norm is subnormal: exactly scaled up first, it has an inverse.
      scale(0x1p512, x);
      scale = 1 / nrm2(x);
    }
    scale(scale, x);
    return norm;
  }

  private void scale(double factor, Buffer x) {
    launch(SCALE).n(x.length()).f64(factor).at(x).over(x.length());
  }
}
