package dev.evolute.spectral;

/** Mean and spread of independent samples, in one pass (Welford 1962). */
final class Samples {
  private int count;
  private double mean;
  private double squares;

  void add(double sample) {
    count++;
    double off = sample - mean;
    mean += off / count;
    squares += off * (sample - mean);
  }

  int count() {
    return count;
  }

  double mean() {
    return mean;
  }

  /**
   * The standard error, widened so that of normal samples three of it hold as often as three
   * deviations of a normal number do, although it is itself an estimate: Student's quantile over 3,
   * by its expansion in the number of samples. 9 % of 32 samples, 4 % of 64.
   */
  double widenedError() {
    double freedom = count - 1.0;
    return standardError() * (1 + 2.5 / freedom + 5.75 / (freedom * freedom));
  }

  /** Standard error of the mean; NaN of fewer than two samples. */
  double standardError() {
    return count < 2 ? Double.NaN : Math.sqrt(squares / (count - 1.0) / count);
  }
}
