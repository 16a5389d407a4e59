package dev.evolute.kernels.gpu;

import dev.evolute.kernels.Device;
import dev.evolute.kernels.KernelsConformance;
import java.util.List;

/** The CUDA kernels on the CPU, threads in order, on small operands. */
final class SoftwareConformanceTest extends KernelsConformance {
  @Override
  protected List<Device> open() {
    return List.of(Software.open("cuda:software"));
  }

  @Override
  protected boolean brief() {
    return true;
  }
}
