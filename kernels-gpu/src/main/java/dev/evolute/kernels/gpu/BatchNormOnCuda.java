package dev.evolute.kernels.gpu;

import dev.evolute.kernels.BatchStatistics;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Shapes;

/** Batch normalisation: {@code batchnorm.cu}. */
interface BatchNormOnCuda extends ReductionsOnCuda {
  Symbol CHANNEL_SHARES = Symbol.of("batchnorm", "channelShares");
  Symbol CHANNEL_MEANS = Symbol.of("batchnorm", "channelMeans");
  Symbol STATISTICS = Symbol.of("batchnorm", "statistics");
  Symbol BATCH_NORM = Symbol.of("batchnorm", "batchNorm");
  Symbol PARAMETERS = Symbol.of("batchnorm", "parameters");
  Symbol ALONG_INPUT = Symbol.of("batchnorm", "alongInput");
  Symbol BATCH_NORM_TANGENT = Symbol.of("batchnorm", "batchNormTangent");

  @Override
  default void batchNorm(BatchStatistics s, Matrix x, Buffer gamma, Buffer bias, Matrix y) {
    check("batchNorm", s, x, y);
    channels("batchNorm", x, gamma, bias);
    int d = x.cols();
    long means = scratch().more(2L * d);
    long variances = means + (long) d * Double.BYTES;
    if (s.training()) {
      means(x, 1, 0, 0, 0, x, null, null, means);
      means(x, 1, 1, means, 0, x, null, null, variances);
    }
    Launcher statistics = launch(STATISTICS).n(x.rows()).i(d).i(s.training() ? 1 : 0);
    statistics.f64(s.epsilon()).f64(s.momentum()).at(means).at(variances);
    statistics.at(s.mean()).at(s.rstd()).at(s.runningMean()).at(s.runningVariance()).over(d);
    Launcher call = launch(BATCH_NORM).n(x.rows()).i(d).at(s.mean()).at(s.rstd());
    call.at(x.buffer()).at(gamma).at(bias).at(y.buffer()).over(OnCuda.size(x));
  }

  @Override
  default void batchNormVjp(
      BatchStatistics s,
      Matrix x,
      Buffer gamma,
      Matrix dy,
      double beta,
      Matrix dx,
      double betaParameters,
      Buffer dgamma,
      Buffer dbias) {
    check("batchNormVjp", s, x, dy, dx);
    channels("batchNormVjp", x, gamma, dgamma, dbias);
    long means = sums(s, x, 2, dy, null, null);
    parameters(s, x, 0, means, betaParameters, dgamma, dbias);
    Launcher call = along(s, x, means, gamma, dy).at(0).at(0).real(beta).at(dx.buffer());
    call.over(OnCuda.size(x));
  }

  @Override
  default void batchNormJvp(
      BatchStatistics s,
      Matrix x,
      Buffer gamma,
      Matrix xDot,
      Buffer gammaDot,
      Buffer biasDot,
      double beta,
      Matrix yDot) {
    check("batchNormJvp", s, x, xDot, yDot);
    channels("batchNormJvp", x, gamma, gammaDot, biasDot);
    long means = sums(s, x, 2, xDot, null, null);
    Launcher call = along(s, x, means, gamma, xDot).at(gammaDot).at(biasDot);
    call.real(beta).at(yDot.buffer()).over(OnCuda.size(x));
  }

  @Override
  default void batchNormVjpTangent(
      BatchStatistics s,
      Matrix x,
      Buffer gamma,
      Matrix dy,
      Matrix xDot,
      Buffer gammaDot,
      Matrix dyDot,
      double beta,
      Matrix dxDot,
      double betaParameters,
      Buffer dgammaDot,
      Buffer dbiasDot) {
    check("batchNormVjpTangent", s, x, dy, xDot, dyDot, dxDot);
    channels("batchNormVjpTangent", x, gamma, gammaDot, dgammaDot, dbiasDot);
    long means = sums(s, x, 7, dy, xDot, dyDot);
    parameters(s, x, 1, means, betaParameters, dgammaDot, dbiasDot);
    Launcher call = launch(BATCH_NORM_TANGENT).n(x.rows()).i(x.cols()).i(s.training() ? 1 : 0);
    call.at(s.mean()).at(s.rstd()).at(means).at(x.buffer()).at(gamma).at(gammaDot);
    call.at(dy.buffer()).at(xDot.buffer()).at(dyDot.buffer()).real(beta).at(dxDot.buffer());
    call.over(OnCuda.size(x));
  }

  private Launcher along(BatchStatistics s, Matrix x, long means, Buffer gamma, Matrix u) {
    Launcher call = launch(ALONG_INPUT).n(x.rows()).i(x.cols()).i(s.training() ? 1 : 0);
    call.at(s.mean()).at(s.rstd()).at(means);
    return call.at(x.buffer()).at(gamma).at(u.buffer());
  }

  private void parameters(
      BatchStatistics s,
      Matrix x,
      int tangent,
      long means,
      double beta,
      Buffer dgamma,
      Buffer dbias) {
    Launcher call = launch(PARAMETERS).n(x.rows()).i(x.cols()).i(s.training() ? 1 : 0).i(tangent);
    call.at(means).at(s.rstd()).real(beta).at(dgamma).at(dbias).over(x.cols());
  }

  /** Means a channel, about the statistics that the forward pass left. */
  private long sums(BatchStatistics s, Matrix x, int count, Matrix u, Matrix v, Matrix w) {
    long means = scratch().more((long) count * x.cols());
    long centre = ((CudaBuffer) s.mean()).address();
    means(x, count, 0, centre, ((CudaBuffer) s.rstd()).address(), u, v, w, means);
    return means;
  }

  private void means(
      Matrix x,
      int count,
      int square,
      long centre,
      long rstd,
      Matrix u,
      Matrix v,
      Matrix w,
      long means) {
    int d = x.cols();
    int parts = ReductionsOnCuda.rowParts(x.rows());
    long shares = scratch().shares((long) count * parts * d);
    Launcher call = launch(CHANNEL_SHARES).n(x.rows()).i(d).i(count).i(square).at(centre).at(rstd);
    call.at(x.buffer()).at(u.buffer()).at(OnCuda.buffer(v)).at(OnCuda.buffer(w)).at(shares);
    call.on(Math.ceilDiv(d, COLUMNS), parts, 1);
    Launcher total = launch(CHANNEL_MEANS).n(x.rows()).i(d).i(count).i(parts);
    total.at(shares).at(means).over((long) count * d);
  }

  private void check(String kernel, BatchStatistics s, Matrix x, Matrix... others) {
    s.check(kernel, x);
    alike(kernel, x, others);
  }

  /** One number a channel, or none. */
  private void channels(String kernel, Matrix x, Buffer... rows) {
    home(kernel, rows);
    for (Buffer row : rows) {
      if (row != null) {
        Shapes.row(kernel, x, row);
      }
    }
  }
}
