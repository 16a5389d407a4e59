package dev.evolute.kernels.cpu.f32;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Rotary;
import dev.evolute.kernels.Shapes;
import dev.evolute.kernels.cpu.Call;
import java.lang.foreign.MemorySegment;

/**
 * What a sequence model needs beside products and attention: checks, and the split over threads.
 */
interface SequencesOnCpu extends OnCpu {
  /** Columns of a table that stay on one thread: two cache lines. */
  int COLUMNS = 128 / Float.BYTES;

  Call.Part ROTARY =
      (c, from, to) -> {
        Rotary rotary = (Rotary) c.shape;
        int heads = c.n / rotary.width();
        float sign = (float) c.alpha;
        Sequences.rotate(
            sign,
            rotary,
            c.a,
            c.b,
            c.m,
            heads,
            c.c,
            (int) c.stride,
            (float) c.beta,
            c.d,
            c.k,
            from,
            to);
      };
  Call.Part SWIGLU =
      (c, from, to) -> {
        for (long i = from; i < to; i = next(c, i, to)) {
          SwiGlu.forward(c, i * c.stride, i * c.k, (next(c, i, to) - i) * c.n);
        }
      };
  Call.Part SWIGLU_VJP =
      (c, from, to) -> {
        for (long i = from; i < to; i = next(c, i, to)) {
          SwiGlu.vjp(c, i * c.stride, i * c.k, (next(c, i, to) - i) * c.n);
        }
      };
  Call.Part SWIGLU_JVP =
      (c, from, to) -> {
        for (long i = from; i < to; i = next(c, i, to)) {
          SwiGlu.jvp(c, i * c.stride, i * c.k, (next(c, i, to) - i) * c.n);
        }
      };
  Call.Part SWIGLU_VJP_TANGENT =
      (c, from, to) -> {
        for (long i = from; i < to; i = next(c, i, to)) {
          SwiGlu.vjpTangent(c, i * c.stride, i * c.k, (next(c, i, to) - i) * c.n);
        }
      };
  Call.Part GATHER =
      (c, from, to) -> Sequences.gather(c.a, (int) c.stride, c.b, c.c, c.k, c.n, from, to);
  Call.Part SCATTER_ADD =
      (c, from, to) -> {
        int last = (int) Math.min(c.n, to * COLUMNS);
        int[] places = (int[]) c.shape;
        Sequences.scatterAdd(
            places, c.m, c.a, c.k, (float) c.beta, c.b, (int) c.stride, (int) from * COLUMNS, last);
      };

  /** The first row after i that does not follow it without a gap in all matrices. */
  private static long next(Call c, long i, long to) {
    return c.stride == c.n && c.k == c.n ? to : i + 1;
  }

  @Override
  default void rotary(Rotary rotary, int length, Matrix x, double beta, Matrix y) {
    rotate("rotary", 1, rotary, length, x, beta, y);
  }

  @Override
  default void rotaryVjp(Rotary rotary, int length, Matrix dy, double beta, Matrix dx) {
    rotate("rotaryVjp", -1, rotary, length, dy, beta, dx);
  }

  private void rotate(
      String name, int sign, Rotary rotary, int length, Matrix x, double beta, Matrix y) {
    rows(name, x);
    rows(name, x, y);
    Shapes.home(name, this, rotary.cos());
    rotary.fit(name, length, x);
    Call call =
        call()
            .memory(rotary.cos().segment(), rotary.sin().segment(), memory(x), memory(y))
            .scalars(sign, beta)
            .sizes(length, x.cols());
    call.shape = rotary;
    call.stride = x.stride();
    call.k = y.stride();
    call.split(x.rows(), x.cols(), ROTARY);
  }

  @Override
  default void swiglu(Matrix a, Matrix b, Matrix y) {
    String name = "swiglu";
    rows(name, a);
    inputs(name, a, b);
    rows(name, a, y);
    split(call().memory(memory(a), memory(b), memory(y)), a, y, SWIGLU);
  }

  @Override
  default void swigluVjp(Matrix a, Matrix b, Matrix dy, double beta, Matrix da, Matrix db) {
    String name = "swigluVjp";
    rows(name, a);
    inputs(name, a, b);
    inputs(name, a, da);
    inputs(name, a, db);
    rows(name, a, dy);
    Call call = call().memory(memory(a), memory(b), memory(dy), memory(da), memory(db));
    call.beta = beta;
    split(call, a, dy, SWIGLU_VJP);
  }

  @Override
  default void swigluJvp(Matrix a, Matrix b, Matrix aTangent, Matrix bTangent, Matrix yTangent) {
    String name = "swigluJvp";
    rows(name, a);
    inputs(name, a, b);
    inputs(name, a, aTangent);
    inputs(name, a, bTangent);
    rows(name, a, yTangent);
    Call call =
        call().memory(memory(a), memory(b), memory(aTangent), memory(bTangent), memory(yTangent));
    split(call, a, yTangent, SWIGLU_JVP);
  }

  @Override
  default void swigluVjpTangent(
      Matrix a,
      Matrix b,
      Matrix dy,
      Matrix aTangent,
      Matrix bTangent,
      Matrix dyTangent,
      double beta,
      Matrix daTangent,
      Matrix dbTangent) {
    String name = "swigluVjpTangent";
    rows(name, a);
    inputs(name, a, b);
    inputs(name, a, aTangent);
    inputs(name, a, bTangent);
    inputs(name, a, daTangent);
    inputs(name, a, dbTangent);
    rows(name, a, dy);
    inputs(name, dy, dyTangent);
    Call call = call().memory(memory(a), memory(b), memory(dy), memory(aTangent), memory(bTangent));
    call.f = memory(dyTangent);
    call.g = memory(daTangent);
    call.h = memory(dbTangent);
    call.beta = beta;
    split(call, a, dy, SWIGLU_VJP_TANGENT);
  }

  private void split(Call call, Matrix a, Matrix y, Call.Part part) {
    call.stride = a.stride();
    call.k = y.stride();
    call.sizes(a.rows(), a.cols()).split(a.rows(), 4L * a.cols(), part);
  }

  @Override
  default void gather(Matrix table, Buffer index, Matrix y) {
    embedding("gather", table, index, y);
    Call call = call().memory(memory(table), index.segment(), memory(y));
    call.stride = table.stride();
    call.k = y.stride();
    call.sizes(y.rows(), y.cols()).split(y.rows(), y.cols(), GATHER);
  }

  @Override
  default void scatterAdd(Matrix dy, Buffer index, double beta, Matrix dtable) {
    embedding("scatterAdd", dtable, index, dy);
    Call call = call().memory(memory(dy), memory(dtable));
    int[] places = Sequences.places(dtable.rows() + 1L + dy.rows());
    Sequences.sort(index.segment(), dy.rows(), dtable.rows(), places);
    call.shape = places;
    call.beta = beta;
    call.stride = dtable.stride();
    call.k = dy.stride();
    int groups = (dy.cols() + COLUMNS - 1) / COLUMNS;
    long height = (long) dtable.rows() + dy.rows();
    call.sizes(dtable.rows(), dy.cols()).split(groups, height * COLUMNS, SCATTER_ADD);
  }

  private void embedding(String kernel, Matrix table, Buffer index, Matrix y) {
    rows(kernel, table);
    rows(kernel, y);
    Shapes.home(kernel, this, index);
    Shapes.embedding(kernel, table, index, y);
    Sequences.check(kernel, "index", index.segment(), y.rows(), 0, table.rows());
  }

  private static MemorySegment memory(Matrix x) {
    return x.buffer().segment();
  }

  private void rows(String kernel, Matrix x) {
    Shapes.home(kernel, this, x.buffer());
    Shapes.rowByRow(kernel, x);
  }

  private void rows(String kernel, Matrix x, Matrix other) {
    rows(kernel, other);
    Shapes.sameShape(kernel, x, other);
  }

  private void inputs(String kernel, Matrix x, Matrix other) {
    rows(kernel, x, other);
    Shapes.oneStride(kernel, x, other);
  }
}
