package dev.evolute.kernels.cpu;

import dev.evolute.kernels.Device;
import dev.evolute.kernels.Precision;
import dev.evolute.kernels.cpu.amx.EmulatedAmx;

/** The CPU with a matrix unit that is interpreted, on any machine. */
public final class EmulatedDevice {
  private EmulatedDevice() {}

  public static Device open(int threads, Precision precision) {
    CpuDevice device = new CpuDevice(new Workers(threads), EmulatedAmx::open);
    device.precision(precision);
    return device;
  }
}
