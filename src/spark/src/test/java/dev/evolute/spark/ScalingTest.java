package dev.evolute.spark;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.app.report.Chart;
import dev.evolute.app.report.Figure;
import dev.evolute.app.report.Line;
import dev.evolute.app.report.ReportWriter;
import dev.evolute.app.report.SeriesTable;
import dev.evolute.app.report.StudyResult;
import dev.evolute.app.study.Machine;
import dev.evolute.autodiff.graph.Chunks;
import dev.evolute.autodiff.graph.Objective;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.spark.PassCost.Timed;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a pass costs beside its kernels: Hessian-vector products of networks of 10⁴ to 10⁷
 * parameters, with one sample a shard, on one to four executors on loopback; then {@link PassCost}
 * fitted to them, and what it says of more machines than there are here. Writes a report into the
 * folder that {@code -Devolute.scaling} names, or {@code target/scaling}.
 *
 * <p>Executors share two cores here, so that a pass over several shards waits for cores that
 * machines of their own would have. What is fitted is therefore the time of one shard, and the CPU
 * time that further shards take of the driver, as if all of it came one after the other. Times as
 * they were, and CPU times of executors, are beside it in {@code series.csv}.
 */
@Tag("slow")
class ScalingTest {
  private static final int EXECUTORS = 4;
  private static final int WARM = 400;

  /** Network 784-h-10 with tanh, and how many passes are timed. */
  private record Size(int width, int passes, int... shards) {
    Problem problem(int count) {
      return new Problem("mlp:784-%d-10:tanh".formatted(width), "mnist-1k", count, 1);
    }
  }

  private static final List<Size> SIZES =
      List.of(
          new Size(13, 20, 16, 8, 4, 3, 2, 1),
          new Size(126, 20, 4, 3, 2, 1),
          new Size(1_260, 9, 4, 3, 2, 1),
          new Size(12_594, 4, 4, 2, 1),
          new Size(13, 12, 32));

  /** The kernels alone: samples of a one-thread product that measures their speed. */
  private static final Problem KERNELS = new Problem("mnist-mlp", "mnist-1k", 1000, 1000);

  private final SeriesTable table =
      new SeriesTable(
          "shards",
          "executors",
          "parameters",
          "seconds",
          "secondsMedian",
          "kernels",
          "driverCpu",
          "executorsCpu");

  /** Of a pass. */
  private record Row(int shards, double parameters, double seconds, double driver) {}

  private final List<Row> rows = new ArrayList<>();
  private final List<Timed> timed = new ArrayList<>();

  @Test
  void whatAPassCosts(@TempDir Path folder) throws Exception {
    long start = System.nanoTime();
    double perSample;
    try (Standalone standalone = new Standalone(folder, 1, EXECUTORS, "8g");
        Cluster cluster =
            Cluster.open(new Cluster.Request(standalone.address, EXECUTORS, 1, "1g"));
        Device device = Device.open("cpu", 1)) {
      List<ProcessHandle> processes = Standalone.executors(cluster.spark(), EXECUTORS);
      warmUp(cluster, device);
      for (Size size : SIZES) {
        double kernels = kernels(size, device);
        for (int shards : size.shards()) {
          measure(size, shards, kernels, cluster, device, processes);
        }
      }
      perSample = ofASample(device);
    }
    parallel();
    PassCost cost = PassCost.fit(timed);
    write(cost, perSample, (System.nanoTime() - start) * 1e-9);
    assertTrue(cost.once() > 0 && cost.out() + cost.back() > 0, cost.toString());
  }

  /** Seconds of a thread for one sample and one parameter. */
  private static double ofASample(Device device) {
    try (Chunks loss = KERNELS.here(device, DType.F32)) {
      loss.keep();
      seconds(loss, 300);
      return quick(seconds(loss, 20)) / KERNELS.count() / loss.size();
    }
  }

  private static double kernels(Size size, Device device) {
    try (Chunks loss = size.problem(1).here(device, DType.F32)) {
      loss.keep();
      seconds(loss, 20 * size.passes());
      return quick(seconds(loss, size.passes()));
    }
  }

  private static void warmUp(Cluster cluster, Device device) {
    Problem problem = SIZES.getFirst().problem(EXECUTORS);
    try (SparkObjective loss =
        problem.on(cluster.spark(), problem.sharding(EXECUTORS, DType.F32), device)) {
      loss.keep();
      seconds(loss, WARM);
    }
  }

  private void measure(
      Size size,
      int shards,
      double kernels,
      Cluster cluster,
      Device device,
      List<ProcessHandle> processes) {
    Problem problem = size.problem(shards);
    try (SparkObjective loss =
        problem.on(cluster.spark(), problem.sharding(shards, DType.F32), device)) {
      loss.keep();
      seconds(loss, 2);
      double driver = driverCpu();
      double executors = cpu(processes);
      double[] all = seconds(loss, size.passes());
      double seconds = quick(all);
      driver = (driverCpu() - driver) / size.passes();
      executors = (cpu(processes) - executors) / size.passes();
      table.row(
          shards,
          loss.executors(),
          loss.size(),
          seconds,
          all[all.length / 2],
          kernels,
          driver,
          executors);
      System.out.printf(
          "%d shards on %d executors, %,d parameters: %.1f ms, kernels alone %.1f ms; CPU of driver"
              + " %.1f ms, of executors %.1f ms%n",
          shards,
          loss.executors(),
          loss.size(),
          1e3 * seconds,
          1e3 * kernels,
          1e3 * driver,
          1e3 * executors);
      rows.add(new Row(shards, loss.size(), seconds - kernels, driver));
    }
  }

  /** What passes take whose executors do not wait for each other. */
  private void parallel() {
    for (Row row : rows) {
      if (row.shards() <= SparkObjective.FAN) {
        Row one =
            rows.stream()
                .filter(r -> r.shards() == 1 && r.parameters() == row.parameters())
                .findFirst()
                .orElseThrow();
        double more = Math.max(0, row.driver() - one.driver());
        timed.add(new Timed(row.shards(), row.parameters(), one.seconds() + more));
      }
    }
  }

  private static double driverCpu() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
            .getProcessCpuTime()
        * 1e-9;
  }

  private static double cpu(List<ProcessHandle> processes) {
    return processes.stream()
        .mapToDouble(p -> p.info().totalCpuDuration().orElseThrow().toNanos() * 1e-9)
        .sum();
  }

  /** Of some passes, in rising order. */
  private static double[] seconds(Objective loss, int passes) {
    int n = Math.toIntExact(loss.size());
    loss.tangent().set(new SplittableRandom(1).doubles(n, -1, 1).toArray());
    return IntStream.range(0, passes)
        .mapToDouble(
            i -> {
              long start = System.nanoTime();
              loss.hessianPass();
              return (System.nanoTime() - start) * 1e-9;
            })
        .sorted()
        .toArray();
  }

  /** The lower quartile of sorted times: what is above holds waiting for other programs. */
  private static double quick(double[] seconds) {
    return seconds[seconds.length / 4];
  }

  private void write(PassCost cost, double perSample, double seconds) {
    String property = System.getProperty("evolute.scaling");
    Path out = property == null ? Path.of("target", "scaling") : Path.of(property);
    StudyResult.Builder result =
        StudyResult.of("spark-scaling")
            .machine(Machine.here().summary("cpu", 1))
            .data("mnist-1k", true, 1000, "")
            .seconds(seconds)
            .title("What a pass costs on Apache Spark")
            .metric("secondsOnce", cost.once())
            .metric("secondsATask", cost.task())
            .metric("secondsAParameterOut", cost.out())
            .metric("secondsAParameterBack", cost.back())
            .metric("secondsASampleAndParameter", perSample)
            .answer(
                "A pass costs %.1f ms once, %.2f ms a task, and for a million parameters %.0f ms out and %.0f ms back from each shard; a thread's kernels take %.2g s for a sample and a million parameters."
                    .formatted(
                        1e3 * cost.once(),
                        1e3 * cost.task(),
                        1e9 * cost.out(),
                        1e9 * cost.back(),
                        1e6 * perSample))
            .prose(
                "Measured on loopback on two cores, one to four executors; the network of the other"
                    + " panels is assumed: links of 10 and 25 Gb/s, 0.2 ms for a message and its"
                    + " answer.")
            .command(
                "mvn -B -ntp -P slow -pl src/spark -am test -Dtest=ScalingTest"
                    + " -Dsurefire.failIfNoSpecifiedTests=false");
    ReportWriter.write(out, result.build(), table, List.of(figure(cost, perSample)));
    System.out.println(result.build().answer());
    System.out.print(new Extrapolation(cost, perSample).said());
    assertTrue(Files.exists(out.resolve("series.csv")));
  }

  private Figure figure(PassCost cost, double perSample) {
    Extrapolation far = new Extrapolation(cost, perSample);
    return new Figure(
        "scaling",
        "A Hessian-vector product on Apache Spark",
        "Left: measured on loopback (one shard, and what more shards take of the driver) beside the"
            + " fitted model. Middle and right: the model, on a network that is assumed. Middle: a"
            + " product over 10⁸ samples with 10⁶ parameters, 16 threads an executor. Right: how many"
            + " samples each executor of 1,000 needs for its kernels to take as long as Spark, or as"
            + " the network.",
        "",
        List.of(measured(cost), far.strong(), far.needed()));
  }

  private Chart measured(PassCost cost) {
    Chart.Builder chart =
        Chart.titled("Measured").x("parameters").y("seconds of a pass").logX().logY();
    int colour = 0;
    double[] range =
        IntStream.rangeClosed(16, 28).mapToDouble(i -> Math.pow(10, i / 4.0)).toArray();
    for (int shards : new int[] {1, 2, 4}) {
      String name = shards + (shards == 1 ? " executor" : " executors");
      List<Timed> mine = timed.stream().filter(one -> one.shards() == shards).toList();
      double[] x = mine.stream().mapToDouble(Timed::parameters).toArray();
      double[] y = mine.stream().mapToDouble(Timed::seconds).toArray();
      double[] model = Arrays.stream(range).map(p -> cost.seconds(shards, p)).toArray();
      chart.line(Line.points(name, x, y, colour));
      chart.line(Line.dashed(name + ", model", range, model, colour++));
    }
    return chart.build();
  }
}
