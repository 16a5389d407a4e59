package dev.evolute.kernels.gpu;

import static org.junit.jupiter.api.Assumptions.abort;

import dev.evolute.kernels.Device;
import dev.evolute.kernels.DeviceUnavailableException;

/** The software GPU for tests; where it cannot be built, they are skipped and say why. */
final class Software {
  private Software() {}

  static Device open(String name) {
    try {
      return Device.open(name, 1);
    } catch (DeviceUnavailableException e) {
      return abort(e.getMessage());
    }
  }
}
