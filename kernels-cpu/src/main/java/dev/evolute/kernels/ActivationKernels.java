package dev.evolute.kernels;

/**
 * Scalar functions applied to every element. Part of {@link Kernels}, whose rules hold here. Values
 * are within 2 ulp over the whole range, denormal numbers included; first derivatives within 6,
 * second within 16, where they are a sum of terms that cancel of the largest of these.
 */
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

  /**
   * As {@link #activation} at {@code z_ij + row_j}: bias and activation of a layer in one pass.
   *
   * @param z {@code [n x d]}, dense as the outputs are
   * @param row the bias {@code [d]}
   * @param value {@code f(z + row)}, may be null; may be z itself where no derivative is asked for
   * @param first {@code f'(z + row)}, may be null
   * @param second {@code f''(z + row)}, may be null
   */
  void biasActivation(
      Activation f, Matrix z, Buffer row, Matrix value, Matrix first, Matrix second);

  /**
   * {@code y = f'(z) (.) u + beta y} without storing {@code f'(z)}: the {@code vjp} of an
   * activation with u the gradient of its output, its {@code jvp} with u the tangent of its input.
   */
  void activationProduct(Activation f, Buffer z, Buffer u, double beta, Buffer y);

  /**
   * {@code y = f'(z) (.) du + f''(z) (.) dz (.) u + beta y}: the tangent of {@link
   * #activationProduct} where z moves along dz and u along du.
   */
  void activationProductTangent(
      Activation f, Buffer z, Buffer u, Buffer dz, Buffer du, double beta, Buffer y);
}
