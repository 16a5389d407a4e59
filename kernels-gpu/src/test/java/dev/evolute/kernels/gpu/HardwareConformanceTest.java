package dev.evolute.kernels.gpu;

import dev.evolute.kernels.Device;
import dev.evolute.kernels.KernelsConformance;
import java.util.List;
import org.junit.jupiter.api.Tag;

/**
 * The conformance suite on the device of the property {@code evolute.check.device}, the first GPU
 * unless it is set. Small operands on the software GPU.
 */
@Tag("gpu")
final class HardwareConformanceTest extends KernelsConformance {
  /** Names the device. */
  static final String DEVICE = "evolute.check.device";

  private static String device() {
    return System.getProperty(DEVICE, "cuda:0");
  }

  @Override
  protected List<Device> open() {
    return List.of(Device.open(device(), 1));
  }

  @Override
  protected boolean brief() {
    return device().startsWith("cuda:software");
  }
}
