package dev.evolute.spectral;

/**
 * A number estimated from random probes, and how far it may be off.
 *
 * <p>Two errors are kept apart. The standard error is of chance: about 997 values in 1,000 lie
 * within three of it where there are many samples, fewer where there are few. The noise is of
 * rounding, and a bound.
 *
 * @param value the estimate
 * @param standardError the standard deviation of value as the spread of the samples shows it; 0
 *     where nothing was left to chance, NaN of a single sample
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
}
