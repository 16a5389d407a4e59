package dev.evolute.kernels.cpu;

import dev.evolute.kernels.Device;
import dev.evolute.kernels.DeviceProvider;
import dev.evolute.kernels.DeviceUnavailableException;
import java.util.concurrent.Executor;

/** Opens the CPU as a device; loads without the Vector API, to say that it is missing. */
public final class CpuDeviceProvider implements DeviceProvider {
  @Override
  public String scheme() {
    return "cpu";
  }

  @Override
  public String describe() {
    return Preflight.describe();
  }

  @Override
  public Device open(String spec, int threads) {
    check(spec);
    return new CpuDevice(new Workers(threads));
  }

  @Override
  public Device open(String spec, int threads, Executor executor) {
    check(spec);
    return new CpuDevice(new Workers(threads, executor));
  }

  private static void check(String spec) {
    if (!spec.equals("cpu")) {
      throw new DeviceUnavailableException(
          "device: '" + spec + "' does not exist; there is one CPU device, called 'cpu'");
    }
    Preflight.require();
  }
}
