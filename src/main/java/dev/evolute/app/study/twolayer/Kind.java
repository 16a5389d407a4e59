package dev.evolute.app.study.twolayer;

import dev.evolute.app.study.Dense;

/**
 * The part of a loss that is a sum over samples, {@code sum_i phi(z_i)} of the outputs {@code z = X
 * W}, seen from its minimum: with {@code d = z - z*}, differences of phi's gradient and the Bregman
 * distance {@code phi(z) - phi(z*) - <phi'(z*), d>}, both precise however small d is. All that is
 * needed of z* is {@code p* = phi'(z*)} up to the targets: the predicted means.
 */
enum Kind {
  /** {@code 1/2 ||z - y||^2}. */
  SQUARED("squared loss") {
    @Override
    void means(double[] z, int at, int cols, double[] p) {
      System.arraycopy(z, at, p, at, cols);
    }

    @Override
    void difference(double[] p, int at, int cols, double scale, double[] d, double[] out) {
      for (int j = 0; j < cols; j++) {
        out[j] = scale * d[j];
      }
    }

    @Override
    double bregman(double[] p, int at, int cols, double[] d) {
      return 0.5 * Dense.dot(d, 0, d, 0, cols);
    }

    @Override
    double second(double[] p, int at, int cols, double[] d, double[] v) {
      return Dense.dot(v, 0, v, 0, cols);
    }

    @Override
    double curvature() {
      return 1;
    }
  },

  /** {@code sum_j log(1 + e^z_j) - y_j z_j}, y in [0, 1]. */
  LOGISTIC("logistic loss with L2") {
    @Override
    void means(double[] z, int at, int cols, double[] p) {
      for (int j = 0; j < cols; j++) {
        p[at + j] = 1 / (1 + Math.exp(-z[at + j]));
      }
    }

    @Override
    void difference(double[] p, int at, int cols, double scale, double[] d, double[] out) {
      for (int j = 0; j < cols; j++) {
        double q = p[at + j];
        double x = Math.expm1(scale * d[j]);
        out[j] = q * (1 - q) * x / (1 + q * x);
      }
    }

    @Override
    double bregman(double[] p, int at, int cols, double[] d) {
      double sum = 0;
      for (int j = 0; j < cols; j++) {
        sum += Math.log1p(p[at + j] * Math.expm1(d[j])) - p[at + j] * d[j];
      }
      return sum;
    }

    @Override
    double second(double[] p, int at, int cols, double[] d, double[] v) {
      double sum = 0;
      for (int j = 0; j < cols; j++) {
        double x = Math.expm1(d[j]);
        double q = p[at + j] * (1 + x) / (1 + p[at + j] * x);
        sum += q * (1 - q) * v[j] * v[j];
      }
      return sum;
    }

    @Override
    double curvature() {
      return 0.25;
    }
  },

  /** {@code log sum_j e^z_j - <y, z>}, y on the simplex. */
  SOFTMAX("softmax cross-entropy with L2") {
    @Override
    void means(double[] z, int at, int cols, double[] p) {
      double largest = Double.NEGATIVE_INFINITY;
      for (int j = 0; j < cols; j++) {
        largest = Math.max(largest, z[at + j]);
      }
      double sum = 0;
      for (int j = 0; j < cols; j++) {
        p[at + j] = Math.exp(z[at + j] - largest);
        sum += p[at + j];
      }
      for (int j = 0; j < cols; j++) {
        p[at + j] /= sum;
      }
    }

    @Override
    void difference(double[] p, int at, int cols, double scale, double[] d, double[] out) {
      double mean = 0;
      for (int j = 0; j < cols; j++) {
        out[j] = Math.expm1(scale * d[j]);
        mean += p[at + j] * out[j];
      }
      for (int j = 0; j < cols; j++) {
        out[j] = p[at + j] * (out[j] - mean) / (1 + mean);
      }
    }

    @Override
    double bregman(double[] p, int at, int cols, double[] d) {
      double grown = 0;
      double mean = 0;
      for (int j = 0; j < cols; j++) {
        grown += p[at + j] * Math.expm1(d[j]);
        mean += p[at + j] * d[j];
      }
      return Math.log1p(grown) - mean;
    }

    @Override
    double second(double[] p, int at, int cols, double[] d, double[] v) {
      double total = 0;
      double square = 0;
      double mean = 0;
      for (int j = 0; j < cols; j++) {
        double q = p[at + j] * Math.exp(d[j]);
        total += q;
        square += q * v[j] * v[j];
        mean += q * v[j];
      }
      mean /= total;
      return square / total - mean * mean;
    }

    @Override
    double curvature() {
      return 0.5;
    }
  };

  /** Gauss and Legendre's nodes and weights on [0, 1], five of them. */
  private static final double[] NODES = {
    0.046910077030668004, 0.23076534494715845, 0.5, 0.7692346550528415, 0.953089922969332
  };

  private static final double[] WEIGHTS = {
    0.11846344252809454,
    0.23931433524968324,
    0.28444444444444444,
    0.23931433524968324,
    0.11846344252809454
  };

  /** Below this d the quadrature is exact to rounding, above it the closed form loses little. */
  private static final double SMALL = 0.5;

  private final String title;

  Kind(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }

  /** Predicted means of one sample from its outputs, both at {@code at}. */
  abstract void means(double[] z, int at, int cols, double[] p);

  /** {@code out = phi'(z* + scale d) - phi'(z*)} for the sample whose means stand at {@code at}. */
  abstract void difference(double[] p, int at, int cols, double scale, double[] d, double[] out);

  /** {@code phi(z* + d) - phi(z*) - <phi'(z*), d>} in closed form. */
  abstract double bregman(double[] p, int at, int cols, double[] d);

  /** {@code v^T phi''(z* + d) v}. */
  abstract double second(double[] p, int at, int cols, double[] d, double[] v);

  /** Largest eigenvalue phi'' can have anywhere. */
  abstract double curvature();

  /** {@link #bregman} without cancellation: for small d the integral of {@link #difference}. */
  double distance(double[] p, int at, int cols, double[] d, double[] scratch) {
    double largest = 0;
    for (int j = 0; j < cols; j++) {
      largest = Math.max(largest, Math.abs(d[j]));
    }
    if (this == SQUARED || largest > SMALL) {
      return bregman(p, at, cols, d);
    }
    double sum = 0;
    for (int i = 0; i < NODES.length; i++) {
      difference(p, at, cols, NODES[i], d, scratch);
      sum += WEIGHTS[i] * Dense.dot(scratch, 0, d, 0, cols);
    }
    return sum;
  }
}
