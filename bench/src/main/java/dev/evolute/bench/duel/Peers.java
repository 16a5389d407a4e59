package dev.evolute.bench.duel;

import java.util.HashMap;
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

  /** Its products of BF16, which are not of f32. */
  static Entrant oneMklBf16(String type) {
    return new Entrant("onemkl-bf16", type, false, true, Map.of("KMP_BLOCKTIME", "1"));
  }

  /**
   * PyTorch, whose threads spin while they wait and take the cores from each other unless told not
   * to.
   *
   * @param quick whether it takes part in quick runs
   * @param settings further variables
   */
  static Entrant pyTorch(String name, String type, boolean quick, Map<String, String> settings) {
    Map<String, String> environment = new HashMap<>(settings);
    environment.put("OMP_WAIT_POLICY", "PASSIVE");
    environment.put("KMP_BLOCKTIME", "0");
    return new Entrant(name, type, false, quick, environment);
  }
}
