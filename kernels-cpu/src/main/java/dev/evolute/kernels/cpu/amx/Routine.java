package dev.evolute.kernels.cpu.amx;

/** A piece of machine code that can be called. */
interface Routine {
  /** Runs it; {@code arguments} is the address of its {@link Arguments}. */
  void call(long arguments);
}
