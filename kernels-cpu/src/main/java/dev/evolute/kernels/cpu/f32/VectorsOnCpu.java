package dev.evolute.kernels.cpu.f32;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Shapes;
import dev.evolute.kernels.cpu.Call;
import java.lang.foreign.MemorySegment;

/**
 * Element-wise arithmetic on vectors and on the rows of a matrix: checks, and the split over
 * threads.
 */
interface VectorsOnCpu extends OnCpu {
  Call.Part FILL = (c, from, to) -> Elementwise.fill((float) c.alpha, c.a, from, to);
  Call.Part COPY =
      (c, from, to) ->
          MemorySegment.copy(
              c.a, from * Float.BYTES, c.b, from * Float.BYTES, (to - from) * Float.BYTES);
  Call.Part AXPBY =
      (c, from, to) -> Elementwise.axpby((float) c.alpha, c.a, (float) c.beta, c.b, from, to);
  Call.Part MUL = (c, from, to) -> Elementwise.mul(c.a, c.b, (float) c.alpha, c.c, from, to);
  Call.Part MUL_ADD =
      (c, from, to) -> Elementwise.mulAdd(c.a, c.b, c.c, c.d, (float) c.alpha, c.e, from, to);
  Call.Part SCALE_ROWS =
      (c, from, to) -> Elementwise.scaleRows(c.alpha, c.a, c.b, c.beta, c.c, c.n, from, to);
  Call.Part ADD_ROW = (c, from, to) -> Elementwise.addRow(c.a, c.b, c.c, c.n, from, to);

  @Override
  default void fill(double value, Buffer x) {
    Shapes.home("fill", this, x);
    call().memory(x.segment()).scalars(value).split(x.length(), 1, FILL);
  }

  @Override
  default void copy(Buffer x, Buffer y) {
    Shapes.home("copy", this, x);
    Shapes.home("copy", this, y);
    Shapes.sameLength("copy", x, y);
    call().memory(x.segment(), y.segment()).split(x.length(), 1, COPY);
  }

  @Override
  default void axpby(double alpha, Buffer x, double beta, Buffer y) {
    Shapes.home("axpby", this, x);
    Shapes.home("axpby", this, y);
    Shapes.sameLength("axpby", x, y);
    call().memory(x.segment(), y.segment()).scalars(alpha, beta).split(x.length(), 1, AXPBY);
  }

  @Override
  default void mul(Buffer a, Buffer b, double beta, Buffer y) {
    Shapes.home("mul", this, a);
    Shapes.home("mul", this, b);
    Shapes.home("mul", this, y);
    Shapes.sameLength("mul", a, b);
    Shapes.sameLength("mul", a, y);
    call().memory(a.segment(), b.segment(), y.segment()).scalars(beta).split(y.length(), 1, MUL);
  }

  @Override
  default void mulAdd(Buffer a, Buffer b, Buffer c, Buffer d, double beta, Buffer y) {
    Shapes.home("mulAdd", this, a);
    Shapes.home("mulAdd", this, b);
    Shapes.home("mulAdd", this, c);
    Shapes.home("mulAdd", this, d);
    Shapes.home("mulAdd", this, y);
    Shapes.sameLength("mulAdd", a, b);
    Shapes.sameLength("mulAdd", a, c);
    Shapes.sameLength("mulAdd", a, d);
    Shapes.sameLength("mulAdd", a, y);
    call()
        .memory(a.segment(), b.segment(), c.segment(), d.segment(), y.segment())
        .scalars(beta)
        .split(y.length(), 1, MUL_ADD);
  }

  @Override
  default void addRow(Matrix x, Buffer row, Matrix y) {
    Shapes.home("addRow", this, x.buffer());
    Shapes.home("addRow", this, row);
    Shapes.home("addRow", this, y.buffer());
    Shapes.sameShape("addRow", x, y);
    Shapes.row("addRow", x, row);
    Shapes.dense("addRow", x);
    Shapes.dense("addRow", y);
    call()
        .memory(x.buffer().segment(), row.segment(), y.buffer().segment())
        .sizes(x.rows(), x.cols())
        .split(x.rows(), x.cols(), ADD_ROW);
  }

  @Override
  default void scaleRows(double alpha, Matrix x, Buffer column, double beta, Matrix y) {
    Shapes.home("scaleRows", this, x.buffer());
    Shapes.home("scaleRows", this, column);
    Shapes.home("scaleRows", this, y.buffer());
    Shapes.sameShape("scaleRows", x, y);
    Shapes.column("scaleRows", x, column);
    Shapes.dense("scaleRows", x);
    Shapes.dense("scaleRows", y);
    call()
        .memory(x.buffer().segment(), column.segment(), y.buffer().segment())
        .scalars(alpha, beta)
        .sizes(x.rows(), x.cols())
        .split(x.rows(), x.cols(), SCALE_ROWS);
  }

  @Override
  default double multiplyAdds(int rounds) {
    Shapes.rounds("multiplyAdds", rounds);
    int threads = workers().count();
    workers().run(threads, thread -> FmaChains.run(rounds));
    return threads * FmaChains.flops(rounds);
  }
}
