package dev.evolute.kernels.cpu.f32;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Shapes;
import dev.evolute.kernels.cpu.Call;

/** What Krylov solvers need beside an operator: checks, and the split over threads. */
interface KrylovOnCpu extends OnCpu {
  Call.Part COMBINE =
      (c, from, to) -> Reductions.combine((double[]) c.shape, c.a, c.k, c.stride, c.b, from, to);

  @Override
  default void dots(Matrix v, Buffer x, double[] c) {
    Shapes.home("dots", this, v.buffer());
    Shapes.home("dots", this, x);
    Shapes.rows("dots", c, v, x);
    Reductions.dots(
        workers(), v.buffer().segment(), v.rows(), v.stride(), x.segment(), x.length(), c);
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
}
