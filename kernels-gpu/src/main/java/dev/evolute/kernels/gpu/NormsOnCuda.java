package dev.evolute.kernels.gpu;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Norm;
import dev.evolute.kernels.Shapes;

/** Normalisation of rows: {@code norms.cu}. */
interface NormsOnCuda extends ReductionsOnCuda {
  Symbol NORM = Symbol.of("norms", "normForward");
  Symbol NORM_VJP = Symbol.of("norms", "normVjp");
  Symbol NORM_JVP = Symbol.of("norms", "normJvp");
  Symbol NORM_VJP_TANGENT = Symbol.of("norms", "normVjpTangent");
  Symbol NORM_SHARES = Symbol.of("norms", "normShares");

  @Override
  default void norm(Norm norm, Matrix x, Buffer gain, Buffer bias, Matrix y, Matrix stats) {
    alike("norm", x, y);
    row("norm", x, gain, bias);
    stats("norm", x, stats);
    Launcher call = begin(NORM, norm, x).f64(norm.eps()).at(x.buffer()).at(gain).at(bias);
    call.at(y.buffer()).at(stats.buffer()).on(OnCuda.rowBlocks(x));
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
    alike("normVjp", x, dy, dx);
    row("normVjp", x, gain, dgain, dbias);
    stats("normVjp", x, stats);
    if (dx != null) {
      Launcher call = begin(NORM_VJP, norm, x).at(x.buffer()).at(stats.buffer()).at(gain);
      call.at(dy.buffer()).real(betaX).at(dx.buffer()).on(OnCuda.rowBlocks(x));
    }
    columns(x, stats, dy, null, null, 0, betaGain, dgain, betaBias, dbias);
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
    alike("normJvp", x, xTangent, yTangent);
    row("normJvp", x, gain, gainTangent, biasTangent);
    stats("normJvp", x, stats);
    Launcher call = begin(NORM_JVP, norm, x).at(x.buffer()).at(stats.buffer()).at(gain);
    call.at(xTangent.buffer()).at(gainTangent).at(biasTangent).at(yTangent.buffer());
    call.on(OnCuda.rowBlocks(x));
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
    alike(name, x, dy, xTangent, dyTangent, dxTangent);
    row(name, x, gain, gainTangent, dgainTangent, dbiasTangent);
    stats(name, x, stats);
    long means = scratch().more(2L * x.rows());
    Launcher call = begin(NORM_VJP_TANGENT, norm, x).at(x.buffer()).at(stats.buffer()).at(gain);
    call.at(dy.buffer()).at(xTangent.buffer()).at(gainTangent).at(dyTangent.buffer());
    call.real(betaX).at(OnCuda.buffer(dxTangent)).at(means).on(OnCuda.rowBlocks(x));
    columns(
        x, stats, dy, xTangent, dyTangent, means, betaGain, dgainTangent, betaBias, dbiasTangent);
  }

  private Launcher begin(Symbol kernel, Norm norm, Matrix x) {
    return launchRows(kernel, x).i(norm.centred() ? 1 : 0);
  }

  /** The gradients of gain and bias, or their tangents: sums over the rows. */
  private void columns(
      Matrix x,
      Matrix stats,
      Matrix dy,
      Matrix xTangent,
      Matrix dyTangent,
      long means,
      double betaGain,
      Buffer dgain,
      double betaBias,
      Buffer dbias) {
    int d = x.cols();
    if (d == 0 || (dgain == null && dbias == null)) {
      return;
    }
    int parts = ReductionsOnCuda.rowParts(x.rows());
    long shares = scratch().shares(2L * parts * d);
    Launcher call = launch(NORM_SHARES).n(x.rows()).i(d).at(x.buffer()).at(stats.buffer());
    call.at(dy.buffer()).at(OnCuda.buffer(xTangent)).at(OnCuda.buffer(dyTangent)).at(means);
    call.at(shares).on(Math.ceilDiv(d, COLUMNS), parts, 1);
    addShares(parts, d, shares, betaGain, dgain);
    addShares(parts, d, shares + (long) parts * d * Double.BYTES, betaBias, dbias);
  }

  private void row(String kernel, Matrix x, Buffer... rows) {
    for (Buffer row : rows) {
      if (row != null) {
        Shapes.home(kernel, this, row);
        Shapes.row(kernel, x, row);
      }
    }
  }

  private void stats(String kernel, Matrix x, Matrix stats) {
    Shapes.home(kernel, this, stats.buffer());
    Shapes.statistics(kernel, x, stats);
  }
}
