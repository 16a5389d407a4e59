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

  /** The grid's second extent. */
  int MOST_ROWS = 65_535;

  @Override
  default void dots(Matrix v, Buffer x, double[] c) {
    Shapes.home("dots", this, v.buffer());
    Shapes.home("dots", this, x);
    Shapes.rows("dots", c, v, x);
    int k = v.rows();
    int parts = ReductionsOnCuda.blocks(x.length());
    for (int from = 0, rows; from < k; from += rows) {
      rows = Math.min(k - from, MOST_ROWS);
      long shares = scratch().shares((long) rows * (parts + 1));
      long sums = shares + (long) rows * parts * Double.BYTES;
      long first = ((CudaBuffer) v.buffer()).address() + (long) from * v.stride() * dtype().bytes();
      Launcher products = launch(DOTS_SHARES).n(x.length()).at(first).n(v.stride()).at(x);
      products.at(shares).on(parts, rows, 1);
      launch(DOTS).i(rows).i(parts).at(shares).at(sums).over(rows);
      double[] part = from == 0 ? c : new double[rows];
      scratch().read(sums, part, rows);
      if (from > 0) {
        System.arraycopy(part, 0, c, from, rows);
      }
    }
  }

  @Override
  default void combine(double[] c, Matrix v, Buffer y) {
    Shapes.home("combine", this, v.buffer());
    Shapes.home("combine", this, y);
    Shapes.rows("combine", c, v, y);
    int k = v.rows();
    long coefficients = scratch().shares(k);
    scratch().write(coefficients, c, k);
    Launcher combine = launch(COMBINE).n(y.length()).i(k).at(coefficients).at(v.buffer());
    combine.n(v.stride()).at(y).over(y.length());
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
