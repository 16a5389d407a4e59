package dev.evolute.kernels.cpu.f32;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Shapes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Reductions, accumulated in fp64, in a fixed order for every number of threads: checks, and the
 * split over threads.
 */
interface ReductionsOnCpu extends OnCpu {
  @Override
  default double dot(Buffer x, Buffer y) {
    Shapes.home("dot", this, x);
    Shapes.home("dot", this, y);
    Shapes.sameLength("dot", x, y);
    return Reductions.dot(workers(), x.segment(), y.segment(), x.length());
  }

  @Override
  default void dot(double scale, Buffer x, Buffer y, Buffer out) {
    Shapes.scalar("dot", out);
    out.segment().set(ValueLayout.JAVA_DOUBLE_UNALIGNED, 0, scale * dot(x, y));
  }

  @Override
  default double nrm2(Buffer x) {
    double square = dot(x, x);
    boolean inRange = square > 1e-290 && square < Double.POSITIVE_INFINITY;
    return inRange ? Math.sqrt(square) : Reductions.scaledNorm(x.segment(), x.length());
  }

  @Override
  default void columnSums(Matrix x, double beta, Buffer row) {
    Shapes.home("columnSums", this, x.buffer());
    Shapes.home("columnSums", this, row);
    Shapes.row("columnSums", x, row);
    Shapes.dense("columnSums", x);
    MemorySegment xs = x.buffer().segment();
    MemorySegment rs = row.segment();
    Elementwise.columnSums(xs, x.rows(), x.cols(), (float) beta, rs);
  }
}
