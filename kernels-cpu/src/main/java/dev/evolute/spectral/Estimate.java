package dev.evolute.spectral;

/**
 * A number estimated from random probes, and how far it may be off.
 *
 * <p>Two errors are kept apart. The standard error is of chance: 997 values in 1,000 lie within
 * three of it where samples are normal, fewer where they are skewed. The noise is of rounding, and
 * a bound.
 *
 * @param value the estimate
 * @param standardError the standard deviation of value as the spread of the samples shows it,
 *     widened by Student's factor for their number; 0 where nothing was left to chance, NaN of a
 *     single sample
 * @param noise what rounding and approximate products may have done to the value beside that; at
 *     least 8 unit roundoffs of what was summed up
 * @param samples random samples the standard error comes from, 0 where nothing was left to chance
 * @param products products with the operator
 * @param converged whether the standard error is as small as was asked for
 */
public record Estimate(
    double value,
    double standardError,
    double noise,
    int samples,
    int products,
    boolean converged) {

  /** {@code value - deviations standardError - noise}. */
  public double lower(double deviations) {
    return value - deviations * standardError - noise;
  }

  /** {@code value + deviations standardError + noise}. */
  public double upper(double deviations) {
    return value + deviations * standardError + noise;
  }

  /**
   * What an estimator is asked for. Start from {@link #defaults} and change what differs.
   *
   * @param tolerance standard error allowed, relative to the magnitude of the value
   * @param absolute standard error allowed whatever the value, which a value near 0 needs; a run
   *     stops where either is met
   * @param maxProducts products to spend at most
   * @param seed of the probes
   * @param maxBytes memory for vectors
   */
  public record Options(
      double tolerance, double absolute, int maxProducts, long seed, long maxBytes) {
    /**
     * Checks them.
     *
     * @throws IllegalArgumentException if a tolerance is negative or there are fewer than 2
     *     products
     */
    public Options {
      if (!(tolerance >= 0 && absolute >= 0)) {
        throw new IllegalArgumentException(
            "estimate: tolerances "
                + tolerance
                + " and "
                + absolute
                + " given, they must be 0 or more");
      }
      if (maxProducts < 2) {
        throw new IllegalArgumentException(
            "estimate: maxProducts is " + maxProducts + "; an error bar needs at least 2");
      }
    }

    /** A standard error of 1 % of the value, 1,000 products, seed 1, 1 GiB. */
    public static Options defaults() {
      return new Options(0.01, 0, 1000, 1, 1L << 30);
    }

    /** With that standard error allowed, relative to the magnitude of the value. */
    public Options withTolerance(double relative) {
      return new Options(relative, absolute, maxProducts, seed, maxBytes);
    }

    /** With that standard error allowed, in units of the value. */
    public Options withAbsolute(double error) {
      return new Options(tolerance, error, maxProducts, seed, maxBytes);
    }

    /** With that many products at most, whatever the error is by then. */
    public Options withMaxProducts(int products) {
      return new Options(tolerance, absolute, products, seed, maxBytes);
    }

    /** With other random vectors. */
    public Options withSeed(long value) {
      return new Options(tolerance, absolute, maxProducts, value, maxBytes);
    }

    /** With that much memory for vectors, which bounds the sketch. */
    public Options withMaxBytes(long bytes) {
      return new Options(tolerance, absolute, maxProducts, seed, bytes);
    }

    /** The standard error allowed of a value. */
    double allowed(double value) {
      return Math.max(absolute, tolerance * Math.abs(value));
    }
  }
}
