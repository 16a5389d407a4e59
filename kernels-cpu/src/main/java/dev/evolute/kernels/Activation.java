package dev.evolute.kernels;

/**
 * A scalar function applied to every element, with first and second derivative.
 *
 * @param kind which function
 * @param slope slope left of zero, for {@link Kind#LEAKY_RELU} only
 */
public record Activation(Kind kind, double slope) {
  /**
   * Checks them; the constants and {@link #leakyRelu} have made the usual ones.
   *
   * @throws IllegalArgumentException without a kind or with a slope that is not finite
   */
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
    SILU,
    /** GELU's tanh form, {@code z / 2 * (1 + tanh(sqrt(2/pi) (z + 0.044715 z^3)))}. */
    GELU_TANH,
    /** {@code e^z}. */
    EXP,
    /** {@code e^z - 1}, precise near 0. */
    EXPM1,
    /** Natural logarithm: minus infinity at 0, NaN below, and so are its derivatives below 0. */
    LOG,
    /** {@code log(1 + z)}, precise near 0; as {@link #LOG} at and below -1. */
    LOG1P,
    /** Error function, {@code 2/sqrt(pi)} times the integral of {@code exp(-t^2)} from 0 to z. */
    ERF,
    /** Square root: NaN below 0. */
    SQRT,
    /** {@code 1/z}. */
    RECIPROCAL
  }

  /** See {@link Kind#IDENTITY}. */
  public static final Activation IDENTITY = new Activation(Kind.IDENTITY, 0);

  /** See {@link Kind#RELU}. */
  public static final Activation RELU = new Activation(Kind.RELU, 0);

  /** See {@link Kind#TANH}. */
  public static final Activation TANH = new Activation(Kind.TANH, 0);

  /** See {@link Kind#SIGMOID}. */
  public static final Activation SIGMOID = new Activation(Kind.SIGMOID, 0);

  /** See {@link Kind#SOFTPLUS}. */
  public static final Activation SOFTPLUS = new Activation(Kind.SOFTPLUS, 0);

  /** See {@link Kind#GELU}. */
  public static final Activation GELU = new Activation(Kind.GELU, 0);

  /** See {@link Kind#SILU}. */
  public static final Activation SILU = new Activation(Kind.SILU, 0);

  /** See {@link Kind#GELU_TANH}. */
  public static final Activation GELU_TANH = new Activation(Kind.GELU_TANH, 0);

  /** See {@link Kind#EXP}. */
  public static final Activation EXP = new Activation(Kind.EXP, 0);

  /** See {@link Kind#EXPM1}. */
  public static final Activation EXPM1 = new Activation(Kind.EXPM1, 0);

  /** See {@link Kind#LOG}. */
  public static final Activation LOG = new Activation(Kind.LOG, 0);

  /** See {@link Kind#LOG1P}. */
  public static final Activation LOG1P = new Activation(Kind.LOG1P, 0);

  /** See {@link Kind#ERF}. */
  public static final Activation ERF = new Activation(Kind.ERF, 0);

  /** See {@link Kind#SQRT}. */
  public static final Activation SQRT = new Activation(Kind.SQRT, 0);

  /** See {@link Kind#RECIPROCAL}. */
  public static final Activation RECIPROCAL = new Activation(Kind.RECIPROCAL, 0);

  /**
   * {@code max(0, z) + slope min(0, z)}.
   *
   * @throws IllegalArgumentException if the slope is not finite
   */
  public static Activation leakyRelu(double slope) {
    return new Activation(Kind.LEAKY_RELU, slope);
  }

  /** Whether the second derivative is zero wherever it exists. */
  public boolean piecewiseLinear() {
    return kind == Kind.IDENTITY || kind == Kind.RELU || kind == Kind.LEAKY_RELU;
  }
}
