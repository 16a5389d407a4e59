package dev.evolute.spectral;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * How the eigenvalues of a symmetric operator A {@code [n x n]} are distributed, by stochastic
 * Lanczos quadrature.
 *
 * <pre>
 *   v uniform on the sphere,  T = V' A V after k steps of Lanczos from v,  T s_j = theta_j s_j
 *   tr f(A) / n = E v' f(A) v  ~  sum_j (e_1' s_j)^2 f(theta_j)
 * </pre>
 *
 * Each probe gives a distribution of its own: exact where f is a polynomial of degree {@code 2 k -
 * 1}, with nodes between lambda_min and lambda_max. Their mean is the result, their spread its
 * error. Two things keep it from the truth, and only the first shows in the spread: the probes are
 * random, which costs {@code 1 / sqrt(n probes)}, and k steps do not tell eigenvalues apart that
 * are closer than about {@code (lambda_max - lambda_min) / k} inside the spectrum (Chen, Trogdon,
 * Ubaru, "Analysis of stochastic Lanczos quadrature for spectrum approximation", ICML 2021).
 *
 * @param size n
 * @param steps steps of Lanczos asked for; a probe takes fewer where its Krylov space ends, and is
 *     exact then
 * @param probes the distribution each probe has found
 * @param mean their mean: nodes and weights
 * @param products products with A
 * @see #of
 */
public record SpectralDensity(
    long size, int steps, List<Quadrature> probes, Quadrature mean, int products) {

  /**
   * What a run is asked for. Start from {@link #defaults} and change what differs.
   *
   * @param probes random vectors, at least 1; two or more for errors
   * @param steps of Lanczos for each, 1 to 4096
   * @param seed of the probes
   * @param maxBytes memory for Krylov vectors, all of which are kept: {@code steps + 3} vectors for
   *     each probe that goes through at the same time. As many do as fit
   */
  public record Options(int probes, int steps, long seed, long maxBytes) {
    /**
     * Checks them.
     *
     * @throws IllegalArgumentException if probes or steps are out of their range
     */
    public Options {
      if (probes < 1) {
        throw new IllegalArgumentException(
            "density: " + probes + " probes given, at least 1 is needed");
      }
      if (steps < 1 || steps > MOST_STEPS) {
        throw new IllegalArgumentException(
            "density: " + steps + " steps given; they must be 1 to " + MOST_STEPS);
      }
    }

    /** 10 probes of 80 steps, seed 1, 1 GiB. */
    public static Options defaults() {
      return new Options(10, 80, 1, 1L << 30);
    }

    /** With so many random vectors: the error of chance is {@code 1 / sqrt(n count)}. */
    public Options withProbes(int count) {
      return new Options(count, steps, seed, maxBytes);
    }

    /** With so many steps a vector: eigenvalues closer than the range over them are one. */
    public Options withSteps(int count) {
      return new Options(probes, count, seed, maxBytes);
    }

    /** With other random vectors. */
    public Options withSeed(long value) {
      return new Options(probes, steps, value, maxBytes);
    }

    /** With that much memory for Krylov vectors; it decides how many probes share a product. */
    public Options withMaxBytes(long bytes) {
      return new Options(probes, steps, seed, bytes);
    }
  }

  /**
   * The smoothed density on an even grid that holds all of it.
   *
   * @param bandwidth standard deviation of the Gaussian that each node is drawn as
   * @param at the grid, half a bandwidth apart, from 8 bandwidths below the least node to 8 above
   *     the largest
   * @param density the mean density there, per unit of the eigenvalue
   * @param standardError of the density, from the spread of the probes; NaN of a single probe. The
   *     error of smoothing and of few steps is not in it
   */
  public record Curve(double bandwidth, double[] at, double[] density, double[] standardError) {
    /** The integral over the grid, 1 up to rounding. */
    public double integral() {
      // The trapezoidal rule on a smooth function that has died away at both ends: with half a
      // bandwidth between points its error is exp(-8 pi^2).
      return Arrays.stream(density).sum() * bandwidth * GRID;
    }
  }

  private static final int MOST_STEPS = 4096;
  private static final int MOST_POINTS = 1 << 20;
  private static final double GRID = 0.5;
  private static final double TAIL = 8;
  // Nodes closer than this, relative to the largest magnitude, are taken as one by the default.
  private static final double POINT = 1e-6;

  /**
   * The density of a symmetric operator.
   *
   * @throws ArithmeticException if a product holds a NaN or an infinity
   * @throws IllegalArgumentException if one probe does not fit into {@code maxBytes}
   */
  public static SpectralDensity of(LinearOperator a, Options options) {
    ProbeSpaces spaces = new ProbeSpaces(a, options);
    List<Quadrature> probes = spaces.run();
    return new SpectralDensity(
        a.size(), options.steps, probes, Quadrature.mean(probes), spaces.products());
  }

  /**
   * {@code tr f(A)}, the standard error from the spread of the probes. Where f is no polynomial of
   * degree {@code 2 steps - 1} an error of few steps is added, which nothing here bounds.
   */
  public Estimate trace(DoubleUnaryOperator f) {
    Samples samples = new Samples();
    double magnitude = 0;
    for (Quadrature probe : probes) {
      samples.add(size * probe.integral(f));
      magnitude += size * probe.integral(x -> Math.abs(f.applyAsDouble(x)));
    }
    return new Estimate(
        samples.mean(),
        samples.widenedError(),
        0x1p-50 * magnitude / probes.size(),
        probes.size(),
        products,
        true);
  }

  /**
   * The bandwidth a curve has when none is asked for: the range of the nodes over the steps, which
   * is what the steps can tell apart. Where all nodes are one, a millionth of their magnitude; 1
   * where that is 0.
   */
  public double defaultBandwidth() {
    double[] nodes = mean.nodes();
    double least = nodes[0];
    double most = nodes[nodes.length - 1];
    double magnitude = Math.max(Math.abs(least), Math.abs(most));
    return magnitude == 0 ? 1 : Math.max((most - least) / steps, POINT * magnitude);
  }

  /** The curve with the {@link #defaultBandwidth}. */
  public Curve curve() {
    return curve(defaultBandwidth());
  }

  /**
   * The density smoothed by a Gaussian.
   *
   * @param bandwidth its standard deviation, in units of the eigenvalues
   * @throws IllegalArgumentException if the grid would have more than 2^20 points
   */
  public Curve curve(double bandwidth) {
    double[] nodes = mean.nodes();
    double length = nodes[nodes.length - 1] - nodes[0] + 2 * TAIL * bandwidth;
    double points = Math.ceil(length / (GRID * bandwidth)) + 1;
    if (!(bandwidth > 0 && points <= MOST_POINTS)) {
      throw new IllegalArgumentException(
          "density: bandwidth "
              + bandwidth
              + " over eigenvalues from "
              + nodes[0]
              + " to "
              + nodes[nodes.length - 1]
              + " takes "
              + points
              + " points, at most "
              + MOST_POINTS
              + " are drawn; widen it");
    }
    double[] at = new double[(int) points];
    double[] density = new double[at.length];
    double[] error = new double[at.length];
    for (int i = 0; i < at.length; i++) {
      double offset = GRID * i - TAIL;
      at[i] = nodes[0] + offset * bandwidth;
      Samples samples = new Samples();
      for (Quadrature probe : probes) {
        samples.add(probe.density(nodes[0], offset, bandwidth));
      }
      density[i] = samples.mean();
      error[i] = samples.standardError();
    }
    return new Curve(bandwidth, at, density, error);
  }
}
