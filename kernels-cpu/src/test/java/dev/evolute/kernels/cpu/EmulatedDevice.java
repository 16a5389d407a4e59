package dev.evolute.kernels.cpu;

import dev.evolute.kernels.Device;
import dev.evolute.kernels.Precision;
import dev.evolute.kernels.cpu.amx.EmulatedAmx;
import java.util.List;

/** The CPU with a matrix unit that is interpreted, on any machine. */
public final class EmulatedDevice {
  private EmulatedDevice() {}

  public static Device open(int threads, Precision precision) {
    return open(threads, precision, EmulatedAmx::open);
  }

  /**
   * That one and, where the processor has the unit, one on which it takes products of any shape.
   */
  public static List<Device> all(int threads, Precision precision) {
    Device emulated = open(threads, precision);
    return EmulatedAmx.isReal()
        ? List.of(emulated, open(threads, precision, EmulatedAmx::openReal))
        : List.of(emulated);
  }

  private static Device open(int threads, Precision precision, CpuDevice.Opener opener) {
    CpuDevice device = new CpuDevice(new Workers(threads), opener);
    device.precision(precision);
    return device;
  }
}
