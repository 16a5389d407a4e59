package dev.evolute.app.study.rsc;

import dev.evolute.app.data.Dataset;
import dev.evolute.spectral.CounterRandom;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The samples a network is trained on: images chosen at random, their pixels in [0, 1] scaled to
 * norm sqrt(d) as assumption 2 of the paper asks.
 *
 * @param name short name of the data set
 * @param real whether these are the images the name promises
 * @param sha256 checksum of the whole set they were chosen from
 * @param classes number of classes
 * @param inputs d
 * @param x {@code [n x d]}
 * @param labels classes {@code [n]}
 */
record TrainingSet(
    String name, boolean real, String sha256, int classes, int inputs, double[] x, int[] labels) {

  /**
   * Chooses images.
   *
   * @param samples n; all where there are fewer
   * @param pool sides of the squares of pixels that become one; divides both sides of an image
   */
  static TrainingSet choose(Dataset data, int samples, int pool, long seed) {
    int n = Math.min(samples, data.samples());
    int[] chosen =
        IntStream.range(0, data.samples())
            .boxed()
            .sorted(Comparator.comparingDouble(i -> CounterRandom.uniform(seed, 0, i)))
            .limit(n)
            .mapToInt(i -> i)
            .toArray();
    int d = data.features() / (pool * pool);
    double[] x = new double[n * d];
    int[] labels = new int[n];
    for (int i = 0; i < n; i++) {
      labels[i] = data.labels()[chosen[i]];
      for (int p = 0; p < data.features(); p++) {
        int row = p / data.cols() / pool;
        int to = row * (data.cols() / pool) + p % data.cols() / pool;
        x[i * d + to] += data.pixels()[chosen[i] * data.features() + p] & 0xff;
      }
    }
    normalise(x, d);
    return new TrainingSet(data.name(), data.real(), data.sha256(), data.classes(), d, x, labels);
  }

  /** Scales every row to norm sqrt(d); an empty image becomes an even one. */
  private static void normalise(double[] x, int d) {
    for (int from = 0; from < x.length; from += d) {
      double square = 0;
      for (int j = from; j < from + d; j++) {
        square += x[j] * x[j];
      }
      for (int j = from; j < from + d; j++) {
        x[j] = square == 0 ? 1 : x[j] * Math.sqrt(d / square);
      }
    }
  }

  int samples() {
    return labels.length;
  }

  /** One target a sample {@code [n]}: 1 for the upper half of the classes, -1 for the lower. */
  double[] signs() {
    return Arrays.stream(labels).mapToDouble(c -> 2 * c >= classes ? 1 : -1).toArray();
  }

  /** One target a class {@code [n x classes]}. */
  double[] oneHot() {
    double[] y = new double[samples() * classes];
    for (int i = 0; i < samples(); i++) {
      y[i * classes + labels[i]] = 1;
    }
    return y;
  }

  /** The first samples of this set. */
  TrainingSet first(int samples) {
    return with(Arrays.copyOf(x, samples * inputs), Arrays.copyOf(labels, samples));
  }

  /** Other samples under the same name. */
  TrainingSet with(double[] otherX, int[] otherLabels) {
    return new TrainingSet(name, real, sha256, classes, inputs, otherX, otherLabels);
  }
}
