package dev.evolute.kernels;

/**
 * What happens to a product before it leaves the cache: with {@code Z = alpha A B + beta C + bias},
 * {@code C = f(Z) (.) times + plus}, and {@code first = f'(Z)}. Each part may be null and is then
 * left out. Made once, used for every product of its shape.
 *
 * @param bias a row {@code [n]} added to every row of Z
 * @param activation applied to every element of Z
 * @param first dense {@code [m x n]}, receives the activation's derivative at Z; needs an
 *     activation
 * @param times dense {@code [m x n]}, multiplied with f(Z): the derivative of an activation further
 *     down, in a reverse pass
 * @param plus dense {@code [m x n]}, added last: a residual connection
 */
public record Epilogue(
    Buffer bias, Activation activation, Matrix first, Matrix times, Matrix plus) {
  /**
   * Of all its parts; the methods below make the usual ones.
   *
   * @throws IllegalArgumentException if a derivative is asked for without an activation
   */
  public Epilogue {
    if (first != null && activation == null) {
      throw new IllegalArgumentException(
          "epilogue: the derivative " + first + " is asked for without an activation; name one");
    }
  }

  /** Only a row bias. */
  public static Epilogue bias(Buffer bias) {
    return new Epilogue(bias, null, null, null, null);
  }

  /**
   * A layer's forward pass: bias, activation and its derivative, the first and last may be null.
   */
  public static Epilogue layer(Buffer bias, Activation activation, Matrix first) {
    return new Epilogue(bias, activation, first, null, null);
  }

  /** A layer's reverse pass: the product with a kept derivative. */
  public static Epilogue times(Matrix derivative) {
    return new Epilogue(null, null, null, derivative, null);
  }

  /** A residual connection. */
  public static Epilogue plus(Matrix residual) {
    return new Epilogue(null, null, null, null, residual);
  }
}
