package dev.evolute.app.study.warmup;

import dev.evolute.app.study.Dense;

/**
 * Samples in rows with what the bounds need of them.
 *
 * @param samples m
 * @param inputs d, at most m
 * @param outputs c
 * @param x {@code X^T [m x d]}
 * @param y {@code Y^T [m x c]}
 * @param norm {@code ||X||_2}
 * @param least {@code lambda_min(X X^T)}, positive
 * @param targetNorm {@code ||Y||_F}
 */
record SmallData(
    int samples,
    int inputs,
    int outputs,
    double[] x,
    double[] y,
    double norm,
    double least,
    double targetNorm) {
  /** Given samples. */
  static SmallData of(int samples, int inputs, int outputs, double[] x, double[] y) {
    double[] singular = Dense.singularValues(samples, inputs, x);
    double smallest = singular[inputs - 1];
    return new SmallData(
        samples,
        inputs,
        outputs,
        x,
        y,
        singular[0],
        smallest * smallest,
        Math.sqrt(Dense.dot(y, 0, y, 0, y.length)));
  }

  /** Gaussian inputs of norm about 1, Gaussian targets of norm about {@code targetNorm}. */
  static SmallData gaussian(
      long seed, long stream, int samples, int inputs, int outputs, double targetNorm) {
    double[] x = Dense.gaussian(seed, stream, samples * inputs, 1 / Math.sqrt(samples));
    double[] y =
        Dense.gaussian(
            seed, stream + 1, samples * outputs, targetNorm / Math.sqrt(samples * outputs));
    return of(samples, inputs, outputs, x, y);
  }

  /** The same inputs with targets 1 or 0, the sign of a random direction with a tenth flipped. */
  SmallData labelled(long seed, long stream) {
    double[] direction = Dense.gaussian(seed, stream, inputs, 1);
    double[] labels = new double[samples];
    for (int i = 0; i < samples; i++) {
      boolean yes = Dense.dot(x, i * inputs, direction, 0, inputs) > 0;
      labels[i] = yes == (i % 10 != 9) ? 1 : 0;
    }
    return of(samples, inputs, 1, x, labels);
  }

  /**
   * The least of {@code ||Y - A X||_F^2} over matrices A of a rank: the residual of least squares,
   * and the singular values of its fit beyond that rank.
   */
  double leastSquares(int rank) {
    double[] w = Dense.leastSquares(samples, inputs, outputs, x, y);
    double[] fit = Dense.multiply(samples, inputs, outputs, x, w);
    double sum = 0;
    for (int i = 0; i < fit.length; i++) {
      sum += (fit[i] - y[i]) * (fit[i] - y[i]);
    }
    double[] singular = Dense.singularValues(samples, outputs, fit);
    for (int k = rank; k < singular.length; k++) {
      sum += singular[k] * singular[k];
    }
    return sum;
  }
}
