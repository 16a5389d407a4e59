package dev.evolute.spectral;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/**
 * A distribution on the real line of finitely many points, such as the spectrum of a matrix or what
 * a Krylov space shows of it.
 *
 * @param nodes where it has mass, ascending
 * @param weights the mass there, none negative, of sum 1
 */
public record Quadrature(double[] nodes, double[] weights) {

  /** The distribution of a known spectrum: every eigenvalue, in any order, with the same weight. */
  public static Quadrature of(double... eigenvalues) {
    double[] nodes = eigenvalues.clone();
    Arrays.sort(nodes);
    double[] weights = new double[nodes.length];
    Arrays.fill(weights, 1.0 / nodes.length);
    return new Quadrature(nodes, weights);
  }

  /** The mean of several distributions. */
  static Quadrature mean(List<Quadrature> all) {
    double[] nodes = all.stream().flatMapToDouble(q -> Arrays.stream(q.nodes)).toArray();
    double[] weights =
        all.stream()
            .flatMapToDouble(q -> Arrays.stream(q.weights).map(w -> w / all.size()))
            .toArray();
    int[] order =
        IntStream.range(0, nodes.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> nodes[i]))
            .mapToInt(i -> i)
            .toArray();
    return new Quadrature(
        Arrays.stream(order).mapToDouble(i -> nodes[i]).toArray(),
        Arrays.stream(order).mapToDouble(i -> weights[i]).toArray());
  }

  /** {@code sum_j w_j f(x_j)}. */
  public double integral(DoubleUnaryOperator f) {
    double sum = 0;
    for (int j = 0; j < nodes.length; j++) {
      sum += weights[j] * f.applyAsDouble(nodes[j]);
    }
    return sum;
  }

  /**
   * The density of the distribution plus a Gaussian of deviation {@code bandwidth}, at {@code
   * origin + offset bandwidth}. That sum is never formed: where the bandwidth is small beside the
   * nodes, its rounding would show.
   */
  double density(double origin, double offset, double bandwidth) {
    double sum = 0;
    for (int j = 0; j < nodes.length; j++) {
      double z = (origin - nodes[j]) / bandwidth + offset;
      sum += weights[j] * Math.exp(-0.5 * z * z);
    }
    return sum / (bandwidth * Math.sqrt(2 * Math.PI));
  }

  /**
   * The Wasserstein-1 distance to another distribution: {@code int |F - G|} of the distribution
   * functions, which is the mean distance mass has to travel. It has the unit of the nodes.
   */
  public double distance(Quadrature other) {
    double sum = 0;
    double difference = 0;
    int i = 0;
    int j = 0;
    double at = Math.min(nodes[0], other.nodes[0]);
    while (i < nodes.length || j < other.nodes.length) {
      boolean mine = j == other.nodes.length || (i < nodes.length && nodes[i] <= other.nodes[j]);
      double next = mine ? nodes[i] : other.nodes[j];
      sum += Math.abs(difference) * (next - at);
      difference += mine ? weights[i++] : -other.weights[j++];
      at = next;
    }
    return sum;
  }
}
