package dev.evolute.kernels;

import java.util.List;

/** The CPU on one thread, on as many as most machines have, and on an odd number. */
final class CpuConformanceTest extends KernelsConformance {
  @Override
  protected List<Device> open() {
    return List.of(Device.open("cpu", 1), Device.open("cpu", 2), Device.open("cpu", 3));
  }
}
