package dev.evolute.kernels.cpu.f32;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Shapes;
import dev.evolute.kernels.cpu.Call;

/** What Krylov solvers need beside an operator: checks, and the split over threads. */
interface KrylovOnCpu extends OnCpu {
  /** Products of four rows of v with one block of x, the rows varying faster. */
  Call.Part DOTS =
      (c, from, to) -> {
        int groups = Math.ceilDiv(c.k, GramSchmidt.ROWS);
        for (long u = from; u < to; u++) {
          long at = u / groups * GramSchmidt.BLOCK;
          int n = (int) Math.min(GramSchmidt.BLOCK, c.b.byteSize() / Float.BYTES - at);
          int j = (int) (u % groups) * GramSchmidt.ROWS;
          GramSchmidt.dots(c.a, j, c.k, c.stride, c.b, at, n, c.sums, (int) u * GramSchmidt.ROWS);
        }
      };

  Call.Part COMBINE =
      (c, from, to) -> GramSchmidt.combine((double[]) c.shape, c.a, c.k, c.stride, c.b, from, to);
  Call.Part SCALE = (c, from, to) -> GramSchmidt.scale(c.alpha, c.a, from, to);

  /** The second half finds the block of y that the first half wrote in the cache. */
  ReductionsOnCpu.Block AXPBY_DOT =
      (c, at, n) -> {
        Elementwise.axpby((float) c.alpha, c.a, (float) c.beta, c.b, at, at + n);
        return Reductions.dot(c.b, c.c, at, n);
      };

  @Override
  default void dots(Matrix v, Buffer x, double[] c) {
    Shapes.home("dots", this, v.buffer());
    Shapes.home("dots", this, x);
    Shapes.rows("dots", c, v, x);
    int k = v.rows();
    int groups = Math.ceilDiv(k, GramSchmidt.ROWS);
    int units = Math.toIntExact(groups * Math.ceilDiv(x.length(), GramSchmidt.BLOCK));
    Call call = call().memory(v.buffer().segment(), x.segment());
    call.k = k;
    call.stride = v.stride();
    double[] sums = call.sums((long) units * GramSchmidt.ROWS);
    long width = GramSchmidt.ROWS * Math.min(GramSchmidt.BLOCK, x.length());
    call.split(units, width, DOTS);
    for (int j = 0; j < k; j++) {
      double sum = 0;
      for (int u = j; u < units * GramSchmidt.ROWS; u += groups * GramSchmidt.ROWS) {
        sum += sums[u];
      }
      c[j] = sum;
    }
  }

  @Override
  default void combine(double[] c, Matrix v, Buffer y) {
    Shapes.home("combine", this, v.buffer());
    Shapes.home("combine", this, y);
    Shapes.rows("combine", c, v, y);
    Call call = call().memory(v.buffer().segment(), y.segment());
    call.shape = c;
    call.k = v.rows();
    call.stride = v.stride();
    call.split(y.length(), v.rows(), COMBINE);
  }

  @Override
  default void dots(Matrix v, Buffer x, Buffer c) {
    Shapes.rows("dots", c, v, x);
    double[] sums = new double[v.rows()];
    dots(v, x, sums);
    c.write(0, sums, 0, sums.length);
  }

  @Override
  default void combine(double scale, Buffer c, Matrix v, Buffer y) {
    Shapes.rows("combine", c, v, y);
    double[] coefficients = c.toArray();
    for (int j = 0; j < coefficients.length; j++) {
      coefficients[j] *= scale;
    }
    combine(coefficients, v, y);
  }

  @Override
  default void nrm2(Buffer x, Buffer out) {
    Shapes.scalar("nrm2", out);
    double square = dot(x, x);
    boolean plain = square > 1e-290 && square < Double.POSITIVE_INFINITY;
    out.set(new double[] {plain ? nrm2(x) : Double.NaN});
  }

  @Override
  default void divide(Buffer x, Buffer by, Buffer y) {
    Shapes.scalar("divide", by);
    axpby(1 / by.get(0), x, 0, y);
  }

  @Override
  default double axpbyDot(double alpha, Buffer x, double beta, Buffer y, Buffer z) {
    Shapes.home("axpbyDot", this, x);
    Shapes.home("axpbyDot", this, y);
    Shapes.home("axpbyDot", this, z);
    Shapes.sameLength("axpbyDot", x, y);
    Shapes.sameLength("axpbyDot", z, y);
    Call call = call().memory(x.segment(), y.segment(), z.segment()).scalars(alpha, beta);
    return ReductionsOnCpu.sum(call, y.length(), Reductions.BLOCK, AXPBY_DOT);
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
    call().memory(x.segment()).scalars(factor).split(x.length(), 1, SCALE);
  }
}
