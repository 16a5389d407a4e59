package dev.evolute.spark;

import dev.evolute.app.data.Samples;
import dev.evolute.app.engine.BatchLoss;
import dev.evolute.app.engine.Request;
import dev.evolute.app.engine.Session;
import dev.evolute.app.engine.Store;
import dev.evolute.app.engine.Traffic;
import dev.evolute.app.engine.TrainingTask;
import dev.evolute.app.model.NamedModel;
import dev.evolute.app.report.Numbers;
import dev.evolute.autodiff.graph.Objective;
import dev.evolute.autodiff.memory.Memory;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.util.Locale;
import java.util.function.Consumer;
import org.apache.spark.SparkConf;

/** An application that a command has started. */
final class ClusterSession implements Session {
  private final Cluster cluster;
  private final Request request;
  private final Consumer<String> say;
  private final boolean local;
  private final int threads;
  private final int shards;

  /**
   * @param say shows the user a line
   */
  ClusterSession(Cluster cluster, Request request, Consumer<String> say) {
    this.cluster = cluster;
    this.request = request;
    this.say = say;
    local = cluster.spark().isLocal();
    // What spark-submit was told counts.
    threads = local ? request.cores() : conf().getInt("spark.executor.cores", request.cores());
    shards = request.shards() > 0 ? request.shards() : cluster.width();
  }

  private SparkConf conf() {
    return cluster.spark().getConf();
  }

  @Override
  public String key() {
    return "%d shards of %s on %s".formatted(shards, count(threads, "thread"), request.device());
  }

  @Override
  public String description() {
    return "Apache Spark %s at %s: %s, %s"
        .formatted(
            cluster.spark().version(),
            request.address(),
            local ? "in this process" : count(cluster.executors(), "executor"),
            key());
  }

  private static String count(int number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }

  @Override
  public int shards() {
    return shards;
  }

  @Override
  public Objective loss(
      NamedModel model,
      String data,
      Samples samples,
      int count,
      int rows,
      DType dtype,
      Device device) {
    Sharding sharding = sharding(dtype);
    ModelRecipe recipe =
        ModelRecipe.of(cluster.spark(), model, data, samples, count, rows, sharding);
    sent(samples, count, recipe.shipment().bytes());
    return SparkObjective.of(cluster.spark(), recipe, sharding, device);
  }

  private void sent(Samples samples, int count, long bytes) {
    if (local) {
      return;
    }
    String executors = count(cluster.executors(), "executor");
    say.accept(
        samples instanceof ParquetSamples rows
            ? String.format(
                Locale.ROOT, "%,d samples are read by %s from %s", count, executors, rows.name())
            : String.format(
                Locale.ROOT,
                "%,d samples go to %s once: %s",
                count,
                executors,
                Numbers.bytes(bytes)));
  }

  @Override
  public BatchLoss batches(TrainingTask task, Device device) {
    ShardedBatches batches =
        ShardedBatches.of(cluster.spark(), task, sharding(task.dtype()), device);
    sent(task.train(), task.train().count() + task.held().count(), batches.bytes());
    return batches;
  }

  @Override
  public Store store(String folder) {
    return HadoopStore.open(folder, cluster.spark().hadoopConfiguration());
  }

  private Sharding sharding(DType dtype) {
    return new Sharding(shards, dtype, request.device(), threads, budget());
  }

  /** Bytes of a shard outside the Java heap: all of an executor have as many as its heap. */
  private long budget() {
    long process =
        local
            ? Memory.ofTheMachine() / 2
            : conf().getSizeAsBytes("spark.executor.memory", request.memory());
    return process / Math.ceilDiv(shards, local ? 1 : cluster.executors());
  }

  @Override
  public Traffic traffic(long elements, DType dtype) {
    long vector = elements * dtype.bytes();
    long sums = shards;
    // Beyond the fan, executors hand sums of groups on, as often as it takes.
    for (int groups = shards; groups > SparkObjective.FAN; ) {
      groups = Math.ceilDiv(groups, SparkObjective.FAN);
      sums += groups;
    }
    return new Traffic(local ? 0 : cluster.executors(), vector, sums * vector);
  }

  @Override
  public void close() {
    cluster.close();
  }
}
