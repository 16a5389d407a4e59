package dev.evolute.autodiff.nn;

import dev.evolute.autodiff.graph.Objective;
import dev.evolute.autodiff.graph.Shape;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.Buffer;
import dev.evolute.spectral.CounterRandom;
import java.util.Arrays;
import java.util.List;

/**
 * How theta starts: weights {@code [fan_out x fan_in]} from a distribution whose width depends on
 * their fans, biases, which are the parameters whose names begin with b, at zero unless said
 * otherwise. Parameter p draws from stream p of {@link CounterRandom}: the same seed gives the same
 * theta on every machine.
 */
public final class Initialisation {
  /** Standard deviation, or bound of a uniform distribution. */
  private interface Width {
    double of(double fanIn, double fanOut);
  }

  /** How one parameter starts: {@code centre + width u} with u normal, or uniform in [-1, 1]. */
  public record Start(boolean normal, double centre, double width) {
    /** All elements alike. */
    public static Start constant(double value) {
      return new Start(true, value, 0);
    }

    /** Normal of mean 0. */
    public static Start normal(double deviation) {
      return new Start(true, 0, deviation);
    }

    /** Uniform in {@code +-bound}. */
    public static Start uniform(double bound) {
      return new Start(false, 0, bound);
    }
  }

  private static final Width ZERO = (in, out) -> 0;

  private final boolean normal;
  private final Width weights;
  private final Width biases;

  /** How each parameter starts, or null where their fans decide. */
  private final List<Start> each;

  private Initialisation(boolean normal, Width weights, Width biases) {
    this.normal = normal;
    this.weights = weights;
    this.biases = biases;
    this.each = null;
  }

  private Initialisation(List<Start> each) {
    this.normal = false;
    this.weights = ZERO;
    this.biases = ZERO;
    this.each = List.copyOf(each);
  }

  /** Each parameter in its own way, in the order of theta. */
  public static Initialisation each(List<Start> starts) {
    return new Initialisation(starts);
  }

  /** Uniform in {@code +-sqrt(6 / (fan_in + fan_out))} (Glorot and Bengio 2010). */
  public static Initialisation xavierUniform() {
    return new Initialisation(false, (in, out) -> Math.sqrt(6 / (in + out)), ZERO);
  }

  /** Normal of variance {@code 2 / (fan_in + fan_out)} (Glorot and Bengio 2010). */
  public static Initialisation xavierNormal() {
    return new Initialisation(true, (in, out) -> Math.sqrt(2 / (in + out)), ZERO);
  }

  /**
   * Uniform in {@code +-g sqrt(3 / fan_in)} with the gain g of the activation (He et al. 2015): as
   * PyTorch has it, sqrt(2) for ReLU, {@code sqrt(2 / (1 + slope^2))} for leaky ReLU, 5/3 for tanh,
   * 1 for sigmoid and none.
   *
   * @throws IllegalArgumentException if there is no gain for this activation
   */
  public static Initialisation heUniform(Activation activation) {
    double gain = gain(activation);
    return new Initialisation(false, (in, out) -> gain * Math.sqrt(3 / in), ZERO);
  }

  /** Normal of deviation {@code g / sqrt(fan_in)}, g as in {@link #heUniform}. */
  public static Initialisation heNormal(Activation activation) {
    double gain = gain(activation);
    return new Initialisation(true, (in, out) -> gain / Math.sqrt(in), ZERO);
  }

  /**
   * Weights and biases uniform in {@code +-1 / sqrt(fan_in)}: what PyTorch's Linear starts with.
   */
  public static Initialisation libraryDefault() {
    Width bound = (in, out) -> 1 / Math.sqrt(in);
    return new Initialisation(false, bound, bound);
  }

  /** Normal of a given deviation: with a small one, the near-zero start of paper 002. */
  public static Initialisation gaussian(double deviation) {
    if (!(deviation >= 0) || Double.isInfinite(deviation)) {
      throw new IllegalArgumentException(
          "gaussian: deviation " + deviation + " given; it must be finite and not negative");
    }
    return new Initialisation(true, (in, out) -> deviation, ZERO);
  }

  private static double gain(Activation activation) {
    return switch (activation.kind()) {
      case IDENTITY, SIGMOID -> 1;
      case RELU -> Math.sqrt(2);
      case LEAKY_RELU -> Math.sqrt(2 / (1 + activation.slope() * activation.slope()));
      case TANH -> 5.0 / 3;
      default ->
          throw new IllegalArgumentException(
              "he: there is no gain for "
                  + Layers.name(activation)
                  + "; that of RELU is commonly taken for its smooth relatives");
    };
  }

  /** Fills all parameters of an objective. */
  public void fill(Objective objective, long seed) {
    fill(objective.parameters(), objective.theta(), seed);
  }

  /**
   * Fills theta.
   *
   * @param parameters of a graph, in the order of theta
   * @param theta {@code [P]}, written
   */
  public void fill(List<Value> parameters, Buffer theta, long seed) {
    if (each != null && each.size() != parameters.size()) {
      throw new IllegalArgumentException(
          "initialisation: it is for "
              + each.size()
              + " parameters, the graph has "
              + parameters.size());
    }
    double fanIn = 1;
    double fanOut = 1;
    for (int p = 0; p < parameters.size(); p++) {
      Value parameter = parameters.get(p);
      Shape shape = parameter.shape();
      boolean bias = parameter.name().startsWith("b");
      // A bias has the fans of the weights before it.
      if (!bias) {
        fanIn = shape.cols();
        fanOut = shape.rows();
      }
      double width = (bias ? biases : weights).of(fanIn, fanOut);
      double[] values = new double[Math.toIntExact(shape.size())];
      draw(seed, p, each == null ? new Start(normal, 0, width) : each.get(p), values);
      theta.write(parameter.offset(), values, 0, values.length);
    }
  }

  private static void draw(long seed, int stream, Start start, double[] values) {
    Arrays.fill(values, start.centre);
    if (start.width == 0) {
      return;
    }
    double[] u = new double[values.length];
    if (start.normal) {
      CounterRandom.fillGaussian(seed, stream, 0, u);
    } else {
      CounterRandom.fillUniform(seed, stream, 0, u);
    }
    for (int i = 0; i < values.length; i++) {
      values[i] += start.width * (start.normal ? u[i] : 2 * u[i] - 1);
    }
  }
}
