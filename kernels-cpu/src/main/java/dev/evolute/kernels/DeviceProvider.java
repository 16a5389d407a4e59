package dev.evolute.kernels;

/** A family of devices, found by {@link java.util.ServiceLoader}. */
public interface DeviceProvider {
  /** What stands before the colon of a device name: {@code cpu}, {@code cuda}. */
  String scheme();

  /** One line for {@code evolute doctor}: the devices there are, or why there are none. */
  String describe();

  /**
   * Opens a device.
   *
   * @param spec the whole name, for example {@code cpu} or {@code cuda:0}
   * @param threads host threads the device may use, at least 1
   * @throws DeviceUnavailableException with the reason in one sentence
   */
  Device open(String spec, int threads) throws DeviceUnavailableException;
}
