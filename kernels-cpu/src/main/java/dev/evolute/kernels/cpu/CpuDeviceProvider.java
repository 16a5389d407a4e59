package dev.evolute.kernels.cpu;

import dev.evolute.kernels.Device;
import dev.evolute.kernels.DeviceProvider;
import dev.evolute.kernels.DeviceUnavailableException;
import jdk.incubator.vector.FloatVector;

/** Opens the CPU as a device. */
public final class CpuDeviceProvider implements DeviceProvider {
  @Override
  public String scheme() {
    return "cpu";
  }

  @Override
  public String describe() {
    return FloatVector.SPECIES_PREFERRED.vectorBitSize()
        + "-bit vectors, "
        + Runtime.getRuntime().availableProcessors()
        + " cores";
  }

  @Override
  public Device open(String spec, int threads) {
    if (!spec.equals("cpu")) {
      throw new DeviceUnavailableException(
          "device: '" + spec + "' does not exist; there is one CPU device, called 'cpu'");
    }
    return new CpuDevice(threads);
  }
}
