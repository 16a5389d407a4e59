package dev.evolute.app.study.rsc;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Matrix;
import dev.evolute.spectral.DenseOperator;
import dev.evolute.spectral.Extremes;
import dev.evolute.spectral.Lanczos;
import java.util.Arrays;

/** The ends of the tangent kernel's spectrum, and sets of samples on which they part from gbar. */
final class KernelEnds {
  private static final double TOLERANCE = 1e-12;

  /**
   * One set of samples at the initialisation.
   *
   * @param name what was done to the samples
   * @param samples n
   * @param min smallest eigenvalue of the kernel
   * @param max largest
   * @param gbarSquare {@code |gbar|^2 = 1^T K 1 / n^2}
   */
  record Case(String name, int samples, double min, double max, double gbarSquare) {}

  private KernelEnds() {}

  /** Smallest and largest eigenvalue of the kernel at the theta where the derivatives stand. */
  static double[] of(SampleDerivatives samples, long seed) {
    int n = samples.count();
    try (Buffer memory = samples.device().allocate(samples.dtype(), (long) n * n)) {
      Matrix kernel = Matrix.of(memory, n, n);
      samples.tangentKernel(kernel);
      return ends(kernel, seed);
    }
  }

  private static double[] ends(Matrix kernel, long seed) {
    Lanczos.Options options =
        Lanczos.Options.defaults()
            .withTolerance(TOLERANCE)
            .withMaxProducts(Math.max(10, 10 * kernel.rows()))
            .withSeed(seed);
    try (Extremes ends = Lanczos.extremes(new DenseOperator(kernel), options)) {
      return new double[] {ends.min().value(), ends.max().value()};
    }
  }

  /** A set at theta; {@code samples} moves there. */
  static Case measure(
      String name, TrainingSet data, Buffer theta, SampleDerivatives samples, long seed) {
    int n = data.samples();
    samples.at(theta, data.x(), 0);
    try (Buffer memory = samples.device().allocate(samples.dtype(), (long) n * n)) {
      Matrix kernel = Matrix.of(memory, n, n);
      samples.tangentKernel(kernel);
      double[] ends = ends(kernel, seed);
      double sum = Arrays.stream(memory.toArray()).sum();
      return new Case(name, n, ends[0], ends[1], Math.max(0, sum) / ((double) n * n));
    }
  }

  /** The second sample is the first once more: two equal gradients. */
  static TrainingSet repeated(TrainingSet data) {
    double[] x = data.x().clone();
    System.arraycopy(x, 0, x, data.inputs(), data.inputs());
    return data.with(x, data.labels());
  }

  /**
   * Every second sample is negated. For tanh that negates its gradient, so the kernel keeps its
   * eigenvalues while the mean gradient cancels.
   */
  static TrainingSet negated(TrainingSet data) {
    double[] x = data.x().clone();
    for (int j = 0; j < x.length; j++) {
      x[j] = j / data.inputs() % 2 == 1 ? -x[j] : x[j];
    }
    return data.with(x, data.labels());
  }

  /** Every second sample is the negative of the one before: the mean gradient is zero for tanh. */
  static TrainingSet opposite(TrainingSet data) {
    double[] x = data.x().clone();
    int pair = 2 * data.inputs();
    for (int j = 0; j < x.length; j++) {
      x[j] = j % pair < data.inputs() ? x[j] : -x[j - data.inputs()];
    }
    return data.with(x, data.labels());
  }
}
