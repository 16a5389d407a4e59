package dev.evolute.bench;

import dev.evolute.autodiff.graph.Graph;
import dev.evolute.kernels.Device;
import java.util.Map;

/**
 * A network with its loss, data and a point: what gradients, products and steps are measured on.
 */
interface Workload {
  /** By the name of a case: a {@link Network}, or {@link Blocks}. */
  static Workload parse(String name) {
    return Network.parse(name).orElseGet(() -> Blocks.parse(name));
  }

  /** The mean loss over all samples. */
  Graph graph();

  /** The values of the graph's data, by name, row by row. */
  Map<String, double[]> data();

  /** The point {@code [P]}, computed where the device is. */
  double[] theta(Device device);

  /** Samples, or the tokens of them. */
  int units();

  /** With as few samples as have the same derivatives, as any user of Evolute can have it. */
  default Workload compressed() {
    return this;
  }
}
