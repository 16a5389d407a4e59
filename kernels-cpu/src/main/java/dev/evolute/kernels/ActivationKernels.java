package dev.evolute.kernels;

/** Scalar functions applied to every element. Part of {@link Kernels}, whose rules hold here. */
public interface ActivationKernels {
  /**
   * Values and derivatives of an activation in one pass; each of the three outputs may be null.
   *
   * @param z where to evaluate
   * @param value {@code f(z)}; may be z itself where no derivative is asked for
   * @param first {@code f'(z)}
   * @param second {@code f''(z)}
   */
  void activation(Activation f, Buffer z, Buffer value, Buffer first, Buffer second);
}
