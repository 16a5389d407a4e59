package dev.evolute.kernels.gpu;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Shapes;
import dev.evolute.kernels.Targets;

/** Softmax and losses: {@code losses.cu}. Labels are checked first, which waits for the device. */
interface LossesOnCuda extends ReductionsOnCuda {
  Symbol SOFTMAX = Symbol.of("losses", "softmax");
  Symbol SOFTMAX_TANGENT = Symbol.of("losses", "softmaxTangent");
  Symbol SOFTMAX_VJP_TANGENT = Symbol.of("losses", "softmaxVjpTangent");
  Symbol CROSS_ENTROPY = Symbol.of("losses", "crossEntropy");
  Symbol CROSS_ENTROPY_VJP = Symbol.of("losses", "crossEntropyVjp");
  Symbol CROSS_ENTROPY_JVP = Symbol.of("losses", "crossEntropyJvp");
  Symbol BINARY_CROSS_ENTROPY = Symbol.of("losses", "binaryCrossEntropy");

  @Override
  default void softmax(Matrix z, Matrix p) {
    alike("softmax", z, p);
    launchRows(SOFTMAX, z).at(z.buffer()).at(p.buffer()).on(OnCuda.rowBlocks(z));
  }

  @Override
  default void softmaxTangent(double scale, Matrix p, Matrix u, double beta, Matrix out) {
    alike("softmaxTangent", p, u, out);
    tangent(scale, null, p, u, beta, out);
  }

  private void tangent(double scale, Targets y, Matrix p, Matrix u, double beta, Matrix out) {
    Launcher call = launchRows(SOFTMAX_TANGENT, p).f64(scale);
    call.at(y == null ? null : y.labels()).at(y == null ? null : y.weights());
    call.at(p.buffer()).at(u.buffer()).real(beta).at(out.buffer()).on(OnCuda.rowBlocks(p));
  }

  @Override
  default void softmaxVjpTangent(
      Matrix p, Matrix dp, Matrix pTangent, Matrix dpTangent, double beta, Matrix out) {
    alike("softmaxVjpTangent", p, dp, pTangent, dpTangent, out);
    Launcher call = launchRows(SOFTMAX_VJP_TANGENT, p).at(p.buffer()).at(dp.buffer());
    call.at(pTangent.buffer()).at(dpTangent.buffer()).real(beta).at(out.buffer());
    call.on(OnCuda.rowBlocks(p));
  }

  @Override
  default void softmaxCrossEntropy(double scale, Matrix z, Matrix y, Matrix p, Buffer loss) {
    alike("softmaxCrossEntropy", z, y, p);
    softmaxCrossEntropy(scale, z, Targets.distributions(y), p, loss);
  }

  @Override
  default void softmaxCrossEntropy(double scale, Matrix z, Targets y, Matrix p, Buffer loss) {
    alike("softmaxCrossEntropy", z, p);
    Shapes.scalar("softmaxCrossEntropy", loss);
    fit("softmaxCrossEntropy", y, z);
    long losses = scratch().more(z.rows());
    Launcher call = target(launchRows(CROSS_ENTROPY, z).at(z.buffer()), y);
    call.at(p.buffer()).at(losses).on(OnCuda.rowBlocks(z));
    total(scale, losses, z.rows(), loss);
  }

  @Override
  default void softmaxCrossEntropyVjp(double scale, Matrix p, Targets y, double beta, Matrix dz) {
    alike("softmaxCrossEntropyVjp", p, dz);
    fit("softmaxCrossEntropyVjp", y, p);
    Launcher call = launch(CROSS_ENTROPY_VJP).n(p.rows()).i(p.cols()).f64(scale).at(p.buffer());
    target(call, y).real(beta).at(dz.buffer()).over(OnCuda.size(p));
  }

  @Override
  default void softmaxCrossEntropyJvp(double scale, Matrix p, Targets y, Matrix u, Buffer out) {
    alike("softmaxCrossEntropyJvp", p, u);
    Shapes.scalar("softmaxCrossEntropyJvp", out);
    fit("softmaxCrossEntropyJvp", y, p);
    long changes = scratch().more(p.rows());
    Launcher call = target(launchRows(CROSS_ENTROPY_JVP, p).at(p.buffer()), y);
    call.at(u.buffer()).at(changes).on(OnCuda.rowBlocks(p));
    total(scale, changes, p.rows(), out);
  }

  @Override
  default void softmaxCrossEntropyVjpTangent(
      double scale, Matrix p, Targets y, Matrix u, double beta, Matrix out) {
    alike("softmaxCrossEntropyVjpTangent", p, u, out);
    fit("softmaxCrossEntropyVjpTangent", y, p);
    tangent(scale, y, p, u, beta, out);
  }

  @Override
  default void binaryCrossEntropy(
      double scale, Matrix z, Matrix y, Buffer weights, Matrix first, Matrix second, Buffer loss) {
    alike("binaryCrossEntropy", z, y, first, second);
    if (weights != null) {
      home("binaryCrossEntropy", weights);
      Shapes.column("binaryCrossEntropy", z, weights);
    }
    Shapes.scalar("binaryCrossEntropy", loss);
    long losses = scratch().more(z.rows());
    Launcher call = launchRows(BINARY_CROSS_ENTROPY, z).real(scale).at(z.buffer());
    call.at(y.buffer()).at(weights).at(OnCuda.buffer(first)).at(OnCuda.buffer(second)).at(losses);
    call.on(OnCuda.rowBlocks(z));
    total(scale, losses, z.rows(), loss);
  }

  private void fit(String kernel, Targets y, Matrix z) {
    y.fit(kernel, this, z);
    if (y.labels() != null) {
      wholeNumbers(kernel, "label", y.labels(), z.rows(), Targets.LEFT_OUT, z.cols());
    }
  }

  private static Launcher target(Launcher call, Targets y) {
    return call.at(OnCuda.buffer(y.distributions())).at(y.labels()).at(y.weights());
  }

  /** {@code out = scale} times the sum of what stands in scratch. */
  private void total(double scale, long terms, long n, Buffer out) {
    Launcher sum = launch(SUM_DOUBLES).n(n).at(terms).f64(scale);
    ReductionsOnCuda.into(sum, n, scratch(), ((CudaBuffer) out).address());
  }
}
