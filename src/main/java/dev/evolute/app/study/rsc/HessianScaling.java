package dev.evolute.app.study.rsc;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;

/** The Hessian of the predictor at the initialisation, against width. */
final class HessianScaling {
  /**
   * One initialisation.
   *
   * @param seconds what the norms of all samples took, with everything else that is measured
   */
  record Row(int width, int seed, Snapshot snapshot, double seconds) {}

  /**
   * The line through {@code (log m, log max_i ||Hess f_i||)}.
   *
   * @param slope the exponent of m
   * @param error its standard error
   * @param intercept logarithm of the value at m = 1
   */
  record Fit(double slope, double error, double intercept) {
    /** Least squares. */
    static Fit of(double[] x, double[] y) {
      int n = x.length;
      double meanX = 0;
      double meanY = 0;
      for (int i = 0; i < n; i++) {
        meanX += x[i] / n;
        meanY += y[i] / n;
      }
      double xx = 0;
      double xy = 0;
      for (int i = 0; i < n; i++) {
        xx += (x[i] - meanX) * (x[i] - meanX);
        xy += (x[i] - meanX) * (y[i] - meanY);
      }
      double slope = xy / xx;
      double rest = 0;
      for (int i = 0; i < n; i++) {
        double d = y[i] - meanY - slope * (x[i] - meanX);
        rest += d * d;
      }
      double error = n > 2 ? Math.sqrt(rest / (n - 2) / xx) : Double.NaN;
      return new Fit(slope, error, meanY - slope * meanX);
    }
  }

  private HessianScaling() {}

  /** Million multiplications, about. */
  static long cost(Protocol protocol, int width) {
    long perProduct = 2L * (protocol.depth() - 1) * width * width * protocol.hessianSamples();
    return Math.max(1, Snapshot.TYPICAL_PRODUCTS * perProduct / 1_000_000);
  }

  static Row measure(Protocol protocol, TrainingSet data, Device device, int width, int seed) {
    Network network = Network.tanh(Parametrisation.SCALED, data.inputs(), width, protocol.depth());
    TrainingSet looked = data.first(Math.min(data.samples(), protocol.hessianSamples()));
    try (Buffer theta = network.start(device, DType.F64, protocol.seed() + seed, Protocol.SIGMA1);
        SampleDerivatives samples =
            new SampleDerivatives(network, looked.samples(), device, DType.F64)) {
      long start = System.nanoTime();
      Snapshot snapshot = Snapshot.of(network, theta, looked.x(), samples, protocol.seed());
      return new Row(width, seed, snapshot, (System.nanoTime() - start) / 1e9);
    }
  }
}
