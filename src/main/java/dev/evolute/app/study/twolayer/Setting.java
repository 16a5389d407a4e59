package dev.evolute.app.study.twolayer;

import dev.evolute.app.study.Dense;
import dev.evolute.spectral.CounterRandom;
import java.util.Arrays;
import java.util.Locale;

/**
 * One setting of an experiment, drawn anew for each repetition.
 *
 * @param label name in files
 * @param title name in text
 * @param data how the data are drawn
 * @param kind of loss
 * @param n inputs
 * @param m outputs
 * @param samples N
 * @param width h
 * @param deviation of the entries of W_1(0) and W_2(0)
 * @param noise deviation of what is added to the targets
 * @param penalty of the squared entries of W
 * @param stream of random numbers
 */
record Setting(
    String label,
    String title,
    Data data,
    Kind kind,
    int n,
    int m,
    int samples,
    int width,
    double deviation,
    double noise,
    double penalty,
    long stream) {

  /** How data are drawn. */
  enum Data {
    /** Sections 4.1 and 4.2: X orthogonal, Y what the start predicts, and noise. */
    ORTHOGONAL,
    /** Appendix G.1: X orthogonal, Y what a Theta of N(0, 0.1) predicts, and noise. */
    TARGET,
    /** Appendix G.2: X of singular values in [1.8, 2.3], Y what the start predicts, and noise. */
    SPREAD,
    /**
     * Ours: X of orthogonal columns of lengths in [1.2, 1.8], and labels or values that a linear
     * teacher gives, and noise.
     */
    TEACHER
  }

  /** A repetition: the problem and the stacked weights {@code [W_1; W_2] [(n + m) x h]}. */
  record Draw(Problem problem, double[] stacked) {}

  private static final double TENTH = Math.sqrt(0.1);

  /** A panel of Figures 1 and 2. */
  static Setting figure1(int width, double noise, long stream) {
    return new Setting(
        String.format(Locale.ROOT, "h%d-s%s", width, number(noise).replace('.', '_')),
        String.format(Locale.ROOT, "h = %d, σ² = %s", width, number(noise)),
        Data.ORTHOGONAL,
        Kind.SQUARED,
        10,
        10,
        10,
        width,
        1,
        noise,
        0,
        stream);
  }

  /** A point of Figure 4. */
  static Setting figure4(int width, double p, long stream) {
    return new Setting(
        String.format(Locale.ROOT, "kappa-h%d-p%s", width, number(p).replace('.', '_')),
        String.format(Locale.ROOT, "h = %d, p = %s", width, number(p)),
        Data.TARGET,
        Kind.SQUARED,
        10,
        10,
        10,
        width,
        Math.pow(width, -p),
        TENTH,
        0,
        stream);
  }

  /** A panel of Figure 5. */
  static Setting figure5(int width, long stream) {
    return new Setting(
        "plain-h" + width,
        "h = " + width,
        Data.SPREAD,
        Kind.SQUARED,
        5,
        5,
        5,
        width,
        Math.pow(width, -0.5),
        TENTH,
        0,
        stream);
  }

  /** Other losses and shapes than the paper's: 30 samples, 10 inputs, 4 outputs. */
  static Setting loss(Kind kind, long stream) {
    return new Setting(
        "loss-" + kind.name().toLowerCase(Locale.ROOT),
        kind.title(),
        Data.TEACHER,
        kind,
        10,
        4,
        30,
        500,
        Math.pow(500, -0.275),
        0.5,
        kind == Kind.SQUARED ? 0 : 0.5,
        stream);
  }

  private static String number(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }

  /** A repetition, the same for the same seed. */
  Draw draw(long seed, int repetition) {
    long first = (stream << 32) + 8L * repetition;
    int q = n + m;
    double[] stacked = Dense.gaussian(seed, first, q * width, deviation);
    double[] w1 = Arrays.copyOfRange(stacked, 0, n * width);
    double[] w2 = Arrays.copyOfRange(stacked, n * width, q * width);
    double[] x = inputs(seed, first + 1);
    double[] target =
        data == Data.TARGET || data == Data.TEACHER
            ? Dense.gaussian(seed, first + 3, n * m, data == Data.TARGET ? TENTH : 1)
            : Dense.multiplyByTransposed(n, width, m, w1, w2);
    double[] y = Dense.multiply(samples, n, m, x, target);
    double[] added = Dense.gaussian(seed, first + 4, samples * m, noise);
    for (int i = 0; i < y.length; i++) {
      y[i] += added[i];
    }
    Problem problem =
        kind == Kind.SQUARED
            ? Problem.squared(samples, n, m, x, y)
            : Problem.penalised(kind, samples, n, m, penalty, x, labels(y));
    return new Draw(problem, stacked);
  }

  private double[] inputs(long seed, long first) {
    return switch (data) {
      case ORTHOGONAL, TARGET -> Dense.orthogonal(seed, first, n);
      case TEACHER -> {
        double[] q = Dense.orthogonal(seed, first, samples);
        double[] lengths = new double[n];
        CounterRandom.fillUniform(seed, first + 4, 0, lengths);
        double[] x = new double[samples * n];
        for (int i = 0; i < x.length; i++) {
          x[i] = q[i / n * samples + i % n] * (1.2 + 0.6 * lengths[i % n]);
        }
        yield x;
      }
      case SPREAD -> {
        double[] u = Dense.orthogonal(seed, first, n);
        double[] v = Dense.orthogonal(seed, first + 1, n);
        double[] values = new double[n];
        CounterRandom.fillUniform(seed, first + 4, 0, values);
        for (int i = 0; i < n * n; i++) {
          u[i] *= 1.8 + 0.5 * values[i % n];
        }
        yield Dense.multiply(n, n, n, u, v);
      }
    };
  }

  /** What the teacher's outputs mean: yes or no each, or the one class with the largest. */
  private double[] labels(double[] outputs) {
    double[] labels = new double[outputs.length];
    for (int i = 0; i < samples; i++) {
      int largest = 0;
      for (int j = 0; j < m; j++) {
        largest = outputs[i * m + j] > outputs[i * m + largest] ? j : largest;
        labels[i * m + j] = kind == Kind.LOGISTIC && outputs[i * m + j] > 0 ? 1 : 0;
      }
      if (kind == Kind.SOFTMAX) {
        labels[i * m + largest] = 1;
      }
    }
    return labels;
  }
}
