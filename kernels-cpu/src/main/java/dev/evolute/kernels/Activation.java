package dev.evolute.kernels;

/**
 * A scalar function applied to every element of a layer, with first and second derivative.
 *
 * @param kind which function
 * @param slope slope left of zero, for {@link Kind#LEAKY_RELU} only
 */
public record Activation(Kind kind, double slope) {
  public Activation {
    if (kind == null || !Double.isFinite(slope)) {
      throw new IllegalArgumentException(
          "activation: kind " + kind + " with slope " + slope + "; give a kind and a finite slope");
    }
  }

  /** The functions every device knows; {@code s} is the logistic sigmoid. */
  public enum Kind {
    /** {@code z}. */
    IDENTITY,
    /** {@code max(z, 0)}, with derivative 0 at 0. */
    RELU,
    /** {@code z} for {@code z > 0}, else {@code slope * z}, with derivative {@code slope} at 0. */
    LEAKY_RELU,
    /** Hyperbolic tangent. */
    TANH,
    /** {@code s(z) = 1 / (1 + exp(-z))}. */
    SIGMOID,
    /** {@code log(1 + exp(z))}. */
    SOFTPLUS,
    /** {@code z * Phi(z)} with the Gaussian distribution function, exact (erf) form. */
    GELU,
    /** {@code z * s(z)}. */
    SILU
  }

  public static final Activation IDENTITY = new Activation(Kind.IDENTITY, 0);
  public static final Activation RELU = new Activation(Kind.RELU, 0);
  public static final Activation TANH = new Activation(Kind.TANH, 0);
  public static final Activation SIGMOID = new Activation(Kind.SIGMOID, 0);
  public static final Activation SOFTPLUS = new Activation(Kind.SOFTPLUS, 0);
  public static final Activation GELU = new Activation(Kind.GELU, 0);
  public static final Activation SILU = new Activation(Kind.SILU, 0);

  public static Activation leakyRelu(double slope) {
    return new Activation(Kind.LEAKY_RELU, slope);
  }

  /** Whether the second derivative is zero wherever it exists. */
  public boolean piecewiseLinear() {
    return kind == Kind.IDENTITY || kind == Kind.RELU || kind == Kind.LEAKY_RELU;
  }
}
