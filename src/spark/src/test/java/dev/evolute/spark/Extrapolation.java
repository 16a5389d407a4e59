package dev.evolute.spark;

import dev.evolute.app.report.Chart;
import dev.evolute.app.report.Line;
import dev.evolute.spark.PassCost.Network;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * What a model of passes says of machines that are not here.
 *
 * @param cost measured
 * @param perSample seconds of a thread's kernels for one sample and one parameter, measured
 */
record Extrapolation(PassCost cost, double perSample) {
  /** Assumed. */
  private static final List<Network> NETWORKS =
      List.of(new Network("10 Gb/s", 1.25e9, 2e-4), new Network("25 Gb/s", 3.125e9, 2e-4));

  static final int THREADS = 16;
  static final int MANY = 1000;

  /** Of the kernels, if threads do not slow each other down. */
  double kernels(double samples, int executors, double parameters) {
    return perSample * samples * parameters / executors / THREADS;
  }

  /** Samples of each executor whose kernels take as long as something else. */
  double samples(double seconds, double parameters) {
    return seconds / (perSample * parameters / THREADS);
  }

  Chart strong() {
    double samples = 1e8;
    double parameters = 1e6;
    int[] executors = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000};
    double[] x = Arrays.stream(executors).asDoubleStream().toArray();
    IntToDoubleFunction kernels = e -> kernels(samples, e, parameters);
    Chart.Builder chart =
        Chart.titled("10⁸ samples, 10⁶ parameters")
            .x("executors")
            .y("seconds of a pass")
            .logX()
            .logY()
            .line(Line.solid("kernels", x, each(executors, kernels), 0))
            .line(Line.solid("Spark", x, each(executors, e -> cost.seconds(e, parameters)), 1));
    int colour = 2;
    for (Network network : NETWORKS) {
      chart.line(
          Line.solid(
              "network, " + network.name(),
              x,
              each(executors, e -> network.seconds(e, 4 * parameters)),
              colour++));
    }
    Network first = NETWORKS.getFirst();
    chart.line(
        Line.dashed(
            "all, " + first.name(),
            x,
            each(
                executors,
                e ->
                    kernels.applyAsDouble(e)
                        + cost.seconds(e, parameters)
                        + first.seconds(e, 4 * parameters)),
            colour));
    return chart.build();
  }

  private static double[] each(int[] executors, IntToDoubleFunction seconds) {
    return Arrays.stream(executors).mapToDouble(seconds).toArray();
  }

  Chart needed() {
    double[] x = IntStream.rangeClosed(8, 18).mapToDouble(i -> Math.pow(10, i / 2.0)).toArray();
    Chart.Builder chart =
        Chart.titled("1,000 executors")
            .x("parameters")
            .y("samples of each executor")
            .logX()
            .logY()
            .line(line("Spark, one vector", x, p -> samples(cost.seconds(MANY, p), p), 1))
            .line(
                line("Spark, eight vectors", x, p -> samples(cost.seconds(MANY, 8 * p), 8 * p), 4));
    int colour = 2;
    for (Network network : NETWORKS) {
      chart.line(
          line(
              "network, " + network.name(),
              x,
              p -> samples(network.seconds(MANY, 4 * p), p),
              colour++));
    }
    return chart.build();
  }

  private static Line line(String name, double[] x, DoubleUnaryOperator y, int colour) {
    return Line.solid(name, x, Arrays.stream(x).map(y).toArray(), colour);
  }

  /** The figures that the documentation gives, a line each. */
  String said() {
    StringBuilder text = new StringBuilder();
    for (double parameters : new double[] {4e4, 1e6, 1e8}) {
      for (int vectors : new int[] {1, 8}) {
        double all = vectors * parameters;
        double spark = cost.seconds(MANY, all);
        text.append(
            "%.0e parameters, %d vectors, %d executors: Spark %.2f s (%.0f samples each)"
                .formatted(parameters, vectors, MANY, spark, samples(spark, all)));
        for (Network network : NETWORKS) {
          double seconds = network.seconds(MANY, Float.BYTES * all);
          text.append(
              "; %s %.3f s (%.0f)".formatted(network.name(), seconds, samples(seconds, all)));
        }
        text.append('\n');
      }
    }
    return text.toString();
  }
}
