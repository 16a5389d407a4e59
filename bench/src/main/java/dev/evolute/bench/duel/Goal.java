package dev.evolute.bench.duel;

import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/**
 * What a solver is told: where to start, when to be content, and, so that its time can be taken at
 * an error of somebody else's choice, the truth.
 *
 * @param seed of its random start
 * @param tolerance residual asked for, relative to the largest eigenvalue by magnitude
 * @param min true smallest eigenvalue, NaN where that is not known yet
 * @param max true largest eigenvalue
 * @param minError error of the smallest that is good enough
 * @param maxError error of the largest that is good enough
 * @param mostSeconds when to give up; there may be no error as small
 */
public record Goal(
    long seed,
    double tolerance,
    double min,
    double max,
    double minError,
    double maxError,
    double mostSeconds) {

  /** To do as it does when nobody knows the truth. */
  static Goal of(long seed, double tolerance) {
    double unknown = Double.NaN;
    return new Goal(seed, tolerance, unknown, unknown, unknown, unknown, 0);
  }

  /** Whether there is an error to reach. */
  public boolean known() {
    return !Double.isNaN(min);
  }

  public boolean minReached(double value) {
    return Math.abs(value - min) <= minError;
  }

  public boolean maxReached(double value) {
    return Math.abs(value - max) <= maxError;
  }

  /** Reads what {@link #text} writes. */
  static Goal parse(String text) {
    String[] words = text.split(" ");
    double[] x = Arrays.stream(words).skip(1).mapToDouble(Double::parseDouble).toArray();
    return new Goal(Long.parseLong(words[0]), x[0], x[1], x[2], x[3], x[4], x[5]);
  }

  String text() {
    return seed
        + DoubleStream.of(tolerance, min, max, minError, maxError, mostSeconds)
            .mapToObj(x -> " " + x)
            .collect(Collectors.joining());
  }
}
