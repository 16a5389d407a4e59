package dev.evolute.kernels;

import java.util.Map;
import java.util.concurrent.Executor;

/** A family of devices, found by {@link java.util.ServiceLoader}. */
public interface DeviceProvider {
  /** What stands before the colon of a device name: {@code cpu}, {@code cuda}. */
  String scheme();

  /** One line for {@code evolute doctor}: the devices there are, or why there are none. */
  String describe();

  /**
   * What the devices of this process chose by measuring, so that bits of results depend on it, by
   * name, for result files: empty where nothing was.
   */
  default Map<String, String> choices() {
    return Map.of();
  }

  /**
   * Opens a device.
   *
   * @param spec the whole name, for example {@code cpu} or {@code cuda:0}
   * @param threads host threads the device may use, at least 1
   * @throws DeviceUnavailableException with the reason in one sentence
   */
  Device open(String spec, int threads) throws DeviceUnavailableException;

  /**
   * Opens a device that borrows its host threads, as {@link Device#open(String, int, Executor)}
   * says. A device that starts none has no use for them.
   *
   * @throws DeviceUnavailableException with the reason in one sentence
   */
  default Device open(String spec, int threads, Executor executor)
      throws DeviceUnavailableException {
    return open(spec, threads);
  }
}
