package dev.evolute.spectral;

import dev.evolute.kernels.Kernels;
import java.util.Arrays;

/**
 * XTrace, grown in steps: test vectors and rows of Q are kept from one to the next, so that no
 * product is wasted.
 *
 * <pre>
 *   Y = A Omega,  Y = Q R,  H = Q' A Q,  W = Q' Omega,  Q' A Omega = R by symmetry
 *   s_i = R^-T e_i / ||.||,  Q_i Q_i' = Q (I - s_i s_i') Q' : the sketch without test vector i
 *   x_i = (I - s_i s_i') w_i,  u_i = omega_i - Q x_i
 *   t_i = tr H - s_i' H s_i + (n - k + 1) / ||u_i||^2 u_i' A u_i
 * </pre>
 *
 * The value is the mean of {@code t_i}, its standard error their spread (the samples are
 * exchangeable, not independent). Here matrices stand with one test vector a row.
 */
final class XTrace {
  private static final int FIRST = 16;

  private final Estimate.Options options;
  private final Kernels kernels;
  private final long n;
  private final int capacity;
  private final ProbeBlock block;
  private final RangeFinder range;
  // h[i] and r[i] have i + 1 elements; h is symmetric.
  private final double[][] h;
  private final double[][] r;
  // omega_i' A omega_i
  private final double[] quadratic;
  private final double[] column;
  // Rounding of tr H, and of all omega_i' A omega_i together.
  private double noise;
  private double sampleNoise;

  private XTrace(
      LinearOperator a,
      Estimate.Options options,
      ProbeBlock block,
      RangeFinder range,
      int capacity) {
    this.options = options;
    this.kernels = a.device().kernels(a.dtype());
    this.n = a.size();
    this.block = block;
    this.range = range;
    this.capacity = capacity;
    this.h = new double[capacity][];
    this.r = new double[capacity][];
    this.quadratic = new double[capacity];
    this.column = new double[capacity];
  }

  static Estimate of(LinearOperator a, Estimate.Options options) {
    try (ProbeBlock block = new ProbeBlock(a, "xtrace", 2, options.maxBytes())) {
      long n = a.size();
      long vectors = options.maxBytes() / (n * a.dtype().bytes()) - 2L * block.width();
      int capacity = (int) Math.min(n, Math.min(vectors, options.maxProducts() / 2));
      try (RangeFinder range = new RangeFinder(a, block, capacity, options.seed())) {
        return new XTrace(a, options, block, range, capacity).run();
      }
    }
  }

  private Estimate run() {
    int k = Math.min(FIRST, capacity);
    while (true) {
      int left = options.maxProducts() - block.products().count();
      if (n <= 2 * (k - range.rows()) && n <= left) {
        Trace.Quadratic form = new Trace.Quadratic(kernels);
        return HutchPlusPlus.exact(block, form);
      }
      grow(k);
      if (range.complete()) {
        double hidden = Math.sqrt(n) * range.hidden();
        return new Estimate(trace(), 0, noise + hidden, 0, block.products().count(), true);
      }
      Samples samples = samples();
      double value = samples.mean();
      double error = samples.widenedError();
      double floor = noise + sampleNoise / k;
      boolean enough = k >= FIRST;
      boolean converged = enough && error <= options.allowed(value);
      if (converged || (enough && error <= floor) || k == capacity) {
        return new Estimate(value, error, floor, k, block.products().count(), converged);
      }
      k = Math.min(capacity, k + Math.max(FIRST, k) / 2);
    }
  }

  private void grow(int k) {
    int first = range.rows();
    range.grow(
        k,
        (i, omega, y, coefficients) -> {
          r[i] = Arrays.copyOf(coefficients, i + 1);
          quadratic[i] = kernels.dot(omega, y);
          sampleNoise += block.products().noise() * kernels.nrm2(omega) * kernels.nrm2(y);
        });
    range.multiply(
        first,
        (row, slot) -> {
          range.dots(block.y(slot), column);
          h[(int) row] = Arrays.copyOf(column, (int) row + 1);
          noise += block.products().noise() * block.norm(slot);
        });
  }

  private double trace() {
    double sum = 0;
    for (int i = 0; i < range.rows(); i++) {
      sum += h[i][i];
    }
    return sum;
  }

  private Samples samples() {
    int k = range.rows();
    double trace = trace();
    double[] w = new double[capacity];
    Samples samples = new Samples();
    for (int i = 0; i < k; i++) {
      range.test(i, block.x(0));
      range.dots(block.x(0), w);
      double[] s = leftOut(i, k);
      double[] x = new double[k];
      double sw = dot(s, w, k);
      double mixed = 0;
      double square = kernels.dot(block.x(0), block.x(0));
      for (int j = 0; j < k; j++) {
        x[j] = w[j] - sw * s[j];
        mixed += j <= i ? x[j] * r[i][j] : 0;
        square -= x[j] * x[j];
      }
      double rest = quadratic[i] - 2 * mixed + quadratic(x);
      samples.add(trace - quadratic(s) + (n - k + 1) / square * rest);
    }
    return samples;
  }

  /** The unit vector {@code s_i}, by forward substitution. */
  private double[] leftOut(int i, int k) {
    double[] s = new double[k];
    for (int m = i; m < k; m++) {
      double sum = dot(r[m], s, m);
      s[m] = ((m == i ? 1 : 0) - sum) / r[m][m];
    }
    double norm = KrylovBasis.norm(s, k);
    for (int m = i; m < k; m++) {
      s[m] /= norm;
    }
    return s;
  }

  /** {@code x' H x}. */
  private double quadratic(double[] x) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += x[i] * (2 * dot(h[i], x, i) + h[i][i] * x[i]);
    }
    return sum;
  }

  private static double dot(double[] x, double[] y, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += x[i] * y[i];
    }
    return sum;
  }
}
