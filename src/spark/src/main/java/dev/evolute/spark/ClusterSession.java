package dev.evolute.spark;

import dev.evolute.app.data.Samples;
import dev.evolute.app.engine.Request;
import dev.evolute.app.engine.Session;
import dev.evolute.app.model.NamedModel;
import dev.evolute.autodiff.graph.Objective;
import dev.evolute.autodiff.memory.Memory;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;

/** An application that a command has started. */
final class ClusterSession implements Session {
  private final Cluster cluster;
  private final Request request;
  private final int shards;

  ClusterSession(Cluster cluster, Request request) {
    this.cluster = cluster;
    this.request = request;
    shards = request.shards() > 0 ? request.shards() : cluster.width();
  }

  @Override
  public String key() {
    return "%d shards of %d threads on %s".formatted(shards, request.cores(), request.device());
  }

  @Override
  public String description() {
    return "Apache Spark %s at %s, %s"
        .formatted(cluster.spark().version(), request.address(), key());
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
    return SparkObjective.of(cluster.spark(), recipe, sharding, device);
  }

  private Sharding sharding(DType dtype) {
    return new Sharding(shards, dtype, request.device(), request.cores(), budget());
  }

  /** Bytes of a shard outside the Java heap: all of an executor have as many as its heap. */
  private long budget() {
    if (cluster.spark().isLocal()) {
      return Math.max(1, Memory.ofTheMachine() / 2 / shards);
    }
    long executor = (long) Cluster.megabytes(request.memory()) << 20;
    return executor / Math.ceilDiv(shards, cluster.executors());
  }

  @Override
  public void close() {
    cluster.close();
  }
}
