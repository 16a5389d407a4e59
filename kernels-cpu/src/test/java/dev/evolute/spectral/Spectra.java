package dev.evolute.spectral;

/** Spectra as Hessians of networks have them: a small bulk round zero and what stands out of it. */
final class Spectra {
  private Spectra() {}

  /** Bulk: Gaussian of deviation 0.01, squared upwards, so most of it is close to zero. */
  static double[] bulk(int n) {
    double[] d = new double[n];
    for (int i = 0; i < n; i++) {
      double z = CounterRandom.gaussian(7, 0, i);
      d[i] = 0.02 * Math.abs(z) * z;
    }
    return d;
  }

  /** The bulk with {@code tops} in the first places. */
  static double[] with(int n, double... tops) {
    double[] d = bulk(n);
    System.arraycopy(tops, 0, d, 0, tops.length);
    return d;
  }

  /** Ten outliers from 20 down. */
  static double[] tenOutliers(int n) {
    return with(n, 20, 15, 11, 8, 6, 4.5, 3.4, 2.5, 1.9, 1.4);
  }

  /** The upper end hard to tell from its neighbour. */
  static double[] onePercentApart(int n) {
    return with(n, 20, 19.8, 11, 8, 6, 4.5, 3.4, 2.5, 1.9, 1.4);
  }

  static double[] hundredthOfAPercentApart(int n) {
    return with(n, 20, 19.998, 11, 8, 6, 4.5, 3.4, 2.5, 1.9, 1.4);
  }

  static double[] repeatedTop(int n) {
    return with(n, 20, 20, 11, 8, 6, 4.5, 3.4, 2.5, 1.9, 1.4);
  }

  /** Both ends outliers, almost equally far from zero. */
  static double[] saddle(int n) {
    return with(n, 5, -4.8, 3, -2, 1.5, -1);
  }

  static double[] oneNegativeOutlier(int n) {
    return with(n, 20, 15, 11, 8, 6, 4.5, 3.4, 2.5, -6, 1.4);
  }

  static double max(double[] d) {
    double m = d[0];
    for (double v : d) {
      m = Math.max(m, v);
    }
    return m;
  }

  static double min(double[] d) {
    double m = d[0];
    for (double v : d) {
      m = Math.min(m, v);
    }
    return m;
  }

  static double[] scaled(double[] d, double factor) {
    double[] s = d.clone();
    for (int i = 0; i < s.length; i++) {
      s[i] *= factor;
    }
    return s;
  }

  /** Distance from value to the nearest member of d. */
  static double distance(double[] d, double value) {
    double best = Double.POSITIVE_INFINITY;
    for (double v : d) {
      best = Math.min(best, Math.abs(v - value));
    }
    return best;
  }
}
