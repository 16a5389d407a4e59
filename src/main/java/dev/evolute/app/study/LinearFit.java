package dev.evolute.app.study;

/**
 * The straight line {@code y = intercept + slope x} of least squares through points.
 *
 * @param slope NaN where all x are the same
 * @param error standard error of the slope; NaN for two points
 * @param intercept value at x = 0
 * @param r2 share of the variance of y that the line takes away
 */
public record LinearFit(double slope, double error, double intercept, double r2) {
  /** The line through the points {@code (x_i, y_i)}, two at least. */
  public static LinearFit of(double[] x, double[] y) {
    int n = x.length;
    double meanX = 0;
    double meanY = 0;
    for (int i = 0; i < n; i++) {
      meanX += x[i] / n;
      meanY += y[i] / n;
    }
    double xx = 0;
    double xy = 0;
    double yy = 0;
    for (int i = 0; i < n; i++) {
      xx += (x[i] - meanX) * (x[i] - meanX);
      xy += (x[i] - meanX) * (y[i] - meanY);
      yy += (y[i] - meanY) * (y[i] - meanY);
    }
    double slope = xy / xx;
    double rest = 0;
    for (int i = 0; i < n; i++) {
      double d = y[i] - meanY - slope * (x[i] - meanX);
      rest += d * d;
    }
    double error = n > 2 ? Math.sqrt(rest / (n - 2) / xx) : Double.NaN;
    return new LinearFit(slope, error, meanY - slope * meanX, 1 - rest / yy);
  }
}
