package dev.evolute.kernels.gpu;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Rotary;
import dev.evolute.kernels.Shapes;

/** Rotary positions, SwiGLU, embeddings: {@code sequences.cu}. Indices are checked first. */
interface SequencesOnCuda extends ReductionsOnCuda {
  Symbol ROTARY = Symbol.of("sequences", "rotary");
  Symbol SWIGLU = Symbol.of("sequences", "swiglu");
  Symbol SWIGLU_VJP = Symbol.of("sequences", "swigluVjp");
  Symbol SWIGLU_JVP = Symbol.of("sequences", "swigluJvp");
  Symbol SWIGLU_VJP_TANGENT = Symbol.of("sequences", "swigluVjpTangent");
  Symbol GATHER = Symbol.of("sequences", "gather");
  Symbol SCATTER_ADD = Symbol.of("sequences", "scatterAdd");

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
    strided(name, x, x, y);
    Shapes.home(name, this, rotary.cos());
    rotary.fit(name, length, x);
    int heads = x.cols() / rotary.width();
    int half = rotary.turned() / 2;
    Launcher call = launch(ROTARY).n(x.rows()).i(heads).i(rotary.width()).i(half).i(length);
    call.real(sign).at(rotary.cos()).at(rotary.sin()).at(x.buffer()).n(x.stride()).real(beta);
    call.at(y.buffer()).n(y.stride()).over((long) x.rows() * heads * (rotary.width() - half));
  }

  @Override
  default void swiglu(Matrix a, Matrix b, Matrix y) {
    inputs("swiglu", a, b);
    strided("swiglu", a, y);
    gate(SWIGLU, a, b).at(y.buffer()).n(y.stride()).over(OnCuda.size(a));
  }

  @Override
  default void swigluVjp(Matrix a, Matrix b, Matrix dy, double beta, Matrix da, Matrix db) {
    inputs("swigluVjp", a, b, da, db);
    strided("swigluVjp", a, dy);
    Launcher call = gate(SWIGLU_VJP, a, b).at(dy.buffer()).n(dy.stride()).real(beta);
    call.at(da.buffer()).at(db.buffer()).over(OnCuda.size(a));
  }

  @Override
  default void swigluJvp(Matrix a, Matrix b, Matrix aTangent, Matrix bTangent, Matrix yTangent) {
    inputs("swigluJvp", a, b, aTangent, bTangent);
    strided("swigluJvp", a, yTangent);
    Launcher call = gate(SWIGLU_JVP, a, b).at(aTangent.buffer()).at(bTangent.buffer());
    call.at(yTangent.buffer()).n(yTangent.stride()).over(OnCuda.size(a));
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
    inputs("swigluVjpTangent", a, b, aTangent, bTangent, daTangent, dbTangent);
    strided("swigluVjpTangent", a, dy);
    inputs("swigluVjpTangent", dy, dyTangent);
    Launcher call = gate(SWIGLU_VJP_TANGENT, a, b).at(dy.buffer()).n(dy.stride());
    call.at(aTangent.buffer()).at(bTangent.buffer()).at(dyTangent.buffer()).real(beta);
    call.at(daTangent.buffer()).at(dbTangent.buffer()).over(OnCuda.size(a));
  }

  private Launcher gate(Symbol kernel, Matrix a, Matrix b) {
    return launch(kernel).n(a.rows()).i(a.cols()).at(a.buffer()).at(b.buffer()).n(a.stride());
  }

  @Override
  default void gather(Matrix table, Buffer index, Matrix y) {
    embedding("gather", table, index, y);
    Launcher call = launch(GATHER).n(y.rows()).i(y.cols()).at(table.buffer()).n(table.stride());
    call.at(index).at(y.buffer()).n(y.stride()).over(OnCuda.size(y));
  }

  @Override
  default void scatterAdd(Matrix dy, Buffer index, double beta, Matrix dtable) {
    embedding("scatterAdd", dtable, index, dy);
    Launcher call = launch(SCATTER_ADD).n(dtable.rows()).n(dy.rows()).i(dy.cols());
    call.at(dy.buffer()).n(dy.stride()).at(index).real(beta).at(dtable.buffer());
    call.n(dtable.stride()).on(Math.ceilDiv(dtable.rows(), Launcher.THREADS / LANES));
  }

  private void embedding(String kernel, Matrix table, Buffer index, Matrix y) {
    home(kernel, table.buffer(), y.buffer(), index);
    Shapes.rowByRow(kernel, table);
    Shapes.rowByRow(kernel, y);
    Shapes.embedding(kernel, table, index, y);
    wholeNumbers(kernel, "index", index, y.rows(), 0, table.rows());
  }

  /** Matrices row by row, of one shape. */
  private void strided(String kernel, Matrix x, Matrix... others) {
    home(kernel, x.buffer());
    Shapes.rowByRow(kernel, x);
    for (Matrix other : others) {
      home(kernel, other.buffer());
      Shapes.rowByRow(kernel, other);
      Shapes.sameShape(kernel, x, other);
    }
  }

  /** And of one stride. */
  private void inputs(String kernel, Matrix x, Matrix... others) {
    strided(kernel, x, others);
    for (Matrix other : others) {
      Shapes.oneStride(kernel, x, other);
    }
  }
}
