package dev.evolute.kernels.cpu;

import dev.evolute.kernels.Device;
import dev.evolute.kernels.DeviceProvider;
import dev.evolute.kernels.DeviceUnavailableException;
import dev.evolute.kernels.Precision;
import dev.evolute.kernels.cpu.amx.TileGemm;
import java.util.Locale;
import java.util.concurrent.Executor;

/** Opens the CPU as a device; loads without the Vector API, to say that it is missing. */
public final class CpuDeviceProvider implements DeviceProvider {
  @Override
  public String scheme() {
    return "cpu";
  }

  @Override
  public String describe() {
    String vectors = Preflight.describe();
    return Preflight.isFast() && TileGemm.trouble() == null
        ? vectors + ", matrix unit AMX (cpu:bf16x6, cpu:bf16x3, cpu:bf16)"
        : vectors;
  }

  @Override
  public Device open(String spec, int threads) {
    Precision precision = precision(spec);
    return opened(new CpuDevice(new Workers(threads)), spec, precision);
  }

  @Override
  public Device open(String spec, int threads, Executor executor) {
    Precision precision = precision(spec);
    return opened(new CpuDevice(new Workers(threads, executor)), spec, precision);
  }

  private static Device opened(CpuDevice device, String spec, Precision precision) {
    return precision == null ? device : device.named(spec, precision);
  }

  /** What a name asks for, or null where it is {@code cpu} alone. */
  private static Precision precision(String spec) {
    // First what the processor lacks, which no other way to start Java brings.
    Precision precision = spec.equals("cpu") ? null : named(spec);
    Preflight.require();
    return precision;
  }

  private static Precision named(String spec) {
    for (Precision precision : Precision.values()) {
      if (spec.equals("cpu:" + precision.name().toLowerCase(Locale.ROOT))) {
        return there(spec, precision);
      }
    }
    throw unknown(spec);
  }

  private static Precision there(String spec, Precision precision) {
    if (precision == Precision.F32) {
      return precision;
    }
    if (!TileGemm.knows(precision)) {
      throw unknown(spec);
    }
    String trouble = TileGemm.trouble();
    if (trouble != null) {
      throw new DeviceUnavailableException(
          "device: '" + spec + "' needs the matrix unit AMX; " + trouble + "; 'cpu' works here");
    }
    return precision;
  }

  private static DeviceUnavailableException unknown(String spec) {
    return new DeviceUnavailableException(
        "device: '"
            + spec
            + "' does not exist; there is one CPU device, called 'cpu', and on its matrix unit"
            + " 'cpu:bf16x6', 'cpu:bf16x3' and 'cpu:bf16'");
  }
}
