package dev.evolute.spectral;

/**
 * A number and where it is known to lie.
 *
 * @param value the number
 * @param lower it is not below this
 * @param upper it is not above this
 */
public record Interval(double value, double lower, double upper) {}
