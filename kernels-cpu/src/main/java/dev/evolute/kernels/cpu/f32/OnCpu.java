package dev.evolute.kernels.cpu.f32;

import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.cpu.Call;
import dev.evolute.kernels.cpu.Workers;

/**
 * What the kernel families of the CPU share. Each family is an interface of default methods ({@link
 * VectorsOnCpu} and so on) that check shapes and split the work; its loops stand in a class beside
 * it.
 */
interface OnCpu extends Kernels {
  Workers workers();

  /** The operands of the running call; a device is used by one thread at a time. */
  Call call();
}
