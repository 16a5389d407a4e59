package dev.evolute.bench.duel;

import java.util.Map;

/** The native libraries, each at the settings it is fastest with. */
final class Peers {
  private Peers() {}

  static Entrant openBlas(String type) {
    return new Entrant("openblas", type, false, true, Map.of());
  }

  static Entrant oneMkl(String type) {
    return new Entrant("onemkl", type, false, true, Map.of("KMP_BLOCKTIME", "1"));
  }
}
