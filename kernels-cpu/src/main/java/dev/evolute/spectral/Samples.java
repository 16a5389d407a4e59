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

  /** Standard error of the mean; NaN of fewer than two samples. */
  double standardError() {
    return count < 2 ? Double.NaN : Math.sqrt(squares / (count - 1.0) / count);
  }
}
