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
