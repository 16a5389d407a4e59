package dev.evolute.app.profile;

/**
 * One call of a kernel.
 *
 * @param kernel its method of {@link dev.evolute.kernels.Kernels}
 * @param shape sizes of its operands
 * @param phase what it was a part of
 * @param start when it began, in nanoseconds of the clock of its timeline
 * @param nanos until it was done on the device
 * @param flops floating-point operations it has to do, see {@link Work}
 * @param bytes it has to move at least
 * @param launches pieces of work it was for the device; 0 on a device without launches
 */
public record KernelCall(
    String kernel,
    String shape,
    String phase,
    long start,
    long nanos,
    double flops,
    double bytes,
    long launches) {
  /** In seconds. */
  public double seconds() {
    return 1e-9 * nanos;
  }
}
