package dev.evolute.kernels.cpu.f32;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Norm;
import dev.evolute.kernels.Shapes;
import dev.evolute.kernels.cpu.Call;
import java.lang.foreign.MemorySegment;

/** Normalisation of rows: checks, and the split over threads. */
interface NormsOnCpu extends OnCpu {
  Call.Part NORM =
      (c, from, to) -> {
        Norm norm = (Norm) c.shape;
        boolean centred = norm.centred();
        Norms.forward(centred, norm.eps(), c.a, c.b, c.c, c.d, c.e, c.m, c.n, from, to);
      };
  Call.Part NORM_VJP =
      (c, from, to) -> {
        boolean centred = ((Norm) c.shape).centred();
        float beta = (float) c.beta;
        Norms.vjp(centred, c.a, c.b, c.c, c.d, beta, c.e, c.sums, c.m, c.n, from, to);
      };
  Call.Part NORM_JVP =
      (c, from, to) -> {
        boolean centred = ((Norm) c.shape).centred();
        Norms.jvp(centred, c.a, c.b, c.c, c.d, c.e, c.f, c.g, c.m, c.n, from, to);
      };
  Call.Part NORM_VJP_TANGENT =
      (c, from, to) -> {
        boolean centred = ((Norm) c.shape).centred();
        Norms.vjpTangent(
            centred,
            c.a,
            c.b,
            c.c,
            c.d,
            c.f,
            c.g,
            c.h,
            (float) c.beta,
            c.e,
            c.sums,
            c.m,
            c.n,
            from,
            to);
      };

  @Override
  default void norm(Norm norm, Matrix x, Buffer gain, Buffer bias, Matrix y, Matrix stats) {
    rows("norm", x, y);
    row("norm", x, gain);
    row("norm", x, bias);
    stats("norm", x, stats);
    Call call =
        call()
            .memory(memory(x), gain.segment(), memory(bias), memory(y), memory(stats))
            .sizes(x.rows(), x.cols());
    call.shape = norm;
    call.split(x.rows(), x.cols(), NORM);
  }

  @Override
  default void normVjp(
      Norm norm,
      Matrix x,
      Matrix stats,
      Buffer gain,
      Matrix dy,
      double betaX,
      Matrix dx,
      double betaGain,
      Buffer dgain,
      double betaBias,
      Buffer dbias) {
    String name = "normVjp";
    rows(name, x, dy);
    rows(name, x, dx);
    row(name, x, gain);
    row(name, x, dgain);
    row(name, x, dbias);
    stats(name, x, stats);
    Call call = call().memory(memory(x), memory(stats), gain.segment(), memory(dy), memory(dx));
    backward(call, norm, x, betaX, NORM_VJP, betaGain, dgain, betaBias, dbias);
  }

  @Override
  default void normJvp(
      Norm norm,
      Matrix x,
      Matrix stats,
      Buffer gain,
      Matrix xTangent,
      Buffer gainTangent,
      Buffer biasTangent,
      Matrix yTangent) {
    String name = "normJvp";
    rows(name, x, xTangent);
    rows(name, x, yTangent);
    row(name, x, gain);
    row(name, x, gainTangent);
    row(name, x, biasTangent);
    stats(name, x, stats);
    Call call =
        call()
            .memory(memory(x), memory(stats), gain.segment(), memory(xTangent), memory(gainTangent))
            .sizes(x.rows(), x.cols());
    call.f = memory(biasTangent);
    call.g = memory(yTangent);
    call.shape = norm;
    call.split(x.rows(), 2L * x.cols(), NORM_JVP);
  }

  @Override
  default void normVjpTangent(
      Norm norm,
      Matrix x,
      Matrix stats,
      Buffer gain,
      Matrix dy,
      Matrix xTangent,
      Buffer gainTangent,
      Matrix dyTangent,
      double betaX,
      Matrix dxTangent,
      double betaGain,
      Buffer dgainTangent,
      double betaBias,
      Buffer dbiasTangent) {
    String name = "normVjpTangent";
    rows(name, x, dy);
    rows(name, x, xTangent);
    rows(name, x, dyTangent);
    rows(name, x, dxTangent);
    row(name, x, gain);
    row(name, x, gainTangent);
    row(name, x, dgainTangent);
    row(name, x, dbiasTangent);
    stats(name, x, stats);
    Call call =
        call().memory(memory(x), memory(stats), gain.segment(), memory(dy), memory(dxTangent));
    call.f = memory(xTangent);
    call.g = memory(gainTangent);
    call.h = memory(dyTangent);
    backward(
        call, norm, x, betaX, NORM_VJP_TANGENT, betaGain, dgainTangent, betaBias, dbiasTangent);
  }

  /** Runs a reverse pass by blocks of rows, then adds the blocks' sums. */
  private void backward(
      Call call,
      Norm norm,
      Matrix x,
      double betaX,
      Call.Part part,
      double betaGain,
      Buffer dgain,
      double betaBias,
      Buffer dbias) {
    int n = x.rows();
    int d = x.cols();
    int blocks = Norms.blocks(n);
    double[] sums = call.sums(2L * d * blocks);
    call.shape = norm;
    call.beta = betaX;
    call.sizes(n, d).split(blocks, (long) Norms.blockRows(n) * d * 2, part);
    if (dgain != null) {
      Norms.total(sums, 0, blocks, d, (float) betaGain, dgain.segment());
    }
    if (dbias != null) {
      Norms.total(sums, d, blocks, d, (float) betaBias, dbias.segment());
    }
  }

  private static MemorySegment memory(Matrix x) {
    return x == null ? null : x.buffer().segment();
  }

  private static MemorySegment memory(Buffer x) {
    return x == null ? null : x.segment();
  }

  private void rows(String kernel, Matrix x, Matrix other) {
    Shapes.home(kernel, this, x.buffer());
    Shapes.dense(kernel, x);
    if (other != null) {
      Shapes.home(kernel, this, other.buffer());
      Shapes.sameShape(kernel, x, other);
      Shapes.dense(kernel, other);
    }
  }

  private void row(String kernel, Matrix x, Buffer row) {
    if (row != null) {
      Shapes.home(kernel, this, row);
      Shapes.row(kernel, x, row);
    }
  }

  private void stats(String kernel, Matrix x, Matrix stats) {
    Shapes.home(kernel, this, stats.buffer());
    Shapes.statistics(kernel, x, stats);
  }
}
