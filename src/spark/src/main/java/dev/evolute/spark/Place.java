package dev.evolute.spark;

import dev.evolute.autodiff.graph.Objective;
import dev.evolute.kernels.Buffer;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;

/** Where passes are made: theta, and what else outlives them. */
final class Place implements Serializable {
  private static final long serialVersionUID = 1;

  private final Packet theta;
  private final String[] names;
  private final double[][] state;

  private Place(Packet theta, String[] names, double[][] state) {
    this.theta = theta;
    this.names = names;
    this.state = state;
  }

  static Place of(Objective objective) {
    Map<String, Buffer> state = objective.state();
    return new Place(
        Packet.of(objective.theta()),
        state.keySet().toArray(String[]::new),
        state.values().stream().map(Buffer::toArray).toArray(double[][]::new));
  }

  void to(Objective objective) {
    theta.to(objective.theta());
    for (int i = 0; i < names.length; i++) {
      objective.state().get(names[i]).set(state[i]);
    }
  }

  /** The states, by name. */
  Map<String, double[]> state() {
    Map<String, double[]> all = new LinkedHashMap<>();
    for (int i = 0; i < names.length; i++) {
      all.put(names[i], state[i]);
    }
    return all;
  }
}
