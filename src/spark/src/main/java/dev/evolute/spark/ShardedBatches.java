package dev.evolute.spark;

import dev.evolute.app.UsageException;
import dev.evolute.app.data.Samples;
import dev.evolute.app.engine.BatchLoss;
import dev.evolute.app.engine.TrainingTask;
import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Objective;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.optim.LineSearch;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.util.UUID;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * Mini-batches whose samples stand in the executors of a Spark application: synchronous
 * data-parallel training. Each step is one job, as a pass of {@link SparkObjective} is: theta and
 * the running statistics go out, every shard takes the gradient over its part of the batch, and the
 * gradients come back weighed by their samples and are added in the order of {@link Partial}. So
 * are the running statistics, each the mean of what the shards made of it; the statistics that a
 * batch norm trains with are those of a shard's part.
 *
 * <p>No shard remembers a step. What comes back follows from theta, the statistics and the number
 * of the step, to the bit, on whichever executor a shard is.
 */
final class ShardedBatches implements BatchLoss {
  private final JavaSparkContext spark;
  private final String id = UUID.randomUUID().toString();
  private final TrainRun run;
  private final Broadcast<TrainRun> sent;
  private final Executors executors;
  private final Placement placement;

  /** Of one sample, whose vectors are the driver's. */
  private final Program program;

  private final Buffer right;

  private ShardedBatches(JavaSparkContext spark, TrainRun run, Device device) {
    this.spark = spark;
    this.run = run;
    sent = spark.broadcast(run);
    Graph graph = new Graph();
    run.network().loss(1).record(graph, 1);
    program = Program.compile(graph, device, run.dtype(), Program.Purpose.TRAINING);
    right = device.allocate(DType.F64, 1);
    executors = new Executors(spark.sc());
    placement = new Placement(spark, executors, id, run.sharding().shards());
  }

  /**
   * Sends the samples, and makes all shards.
   *
   * @param device where theta stands, and moves
   * @throws dev.evolute.app.UserException where the cluster cannot, or a shard would not fit into
   *     its executor
   */
  static ShardedBatches of(
      JavaSparkContext spark, TrainingTask task, Sharding sharding, Device device) {
    if (sharding.shards() > task.batch()) {
      throw new UsageException(
          "--shards: each of %d is to have a part of every batch of %d samples; give at most %d, or a larger --batch"
              .formatted(sharding.shards(), task.batch(), task.batch()));
    }
    Samples train = task.train();
    Samples held = task.held();
    TrainRun run =
        new TrainRun(
            task.model().name(),
            task.data(),
            train.inputs(),
            train.targets(),
            task.model().outputs(),
            train.count(),
            held.count(),
            task.batch(),
            task.rows(),
            task.seed(),
            sharding,
            Shipment.of(spark, train, train.count(), sharding),
            Shipment.of(spark, held, held.count(), sharding));
    ShardedBatches batches = new ShardedBatches(spark, run, device);
    try {
      Needs.of(run)
          .require(
              sharding.budget(),
              spark.sc().isLocal()
                  ? 0
                  : spark.getConf().getSizeAsBytes("spark.executor.memory", "1g"));
      batches.make();
      return batches;
    } catch (RuntimeException e) {
      batches.close();
      throw e;
    }
  }

  /** Bytes that all samples took on their way. */
  long bytes() {
    return run.train().bytes() + run.held().bytes();
  }

  @Override
  public Objective objective() {
    return program;
  }

  @Override
  public int count(long step) {
    return run.count(step);
  }

  @Override
  public double gradient(long step) {
    Partial sum = run(step);
    sum.vector(0).to(program.gradient());
    int i = 1;
    for (Buffer state : program.state().values()) {
      sum.vector(i++).to(state);
    }
    return sum.loss();
  }

  @Override
  public Buffer gradient() {
    return program.gradient();
  }

  @Override
  public double search(LineSearch search, long step) {
    throw new UnsupportedOperationException("a search tries its steps in one process");
  }

  @Override
  public Evaluation evaluate() {
    Partial sum = run(TrainPass.EVALUATION);
    sum.vector(0).to(right);
    return new Evaluation(sum.loss(), (int) right.get(0), run.heldSamples());
  }

  private void make() {
    TrainPass pass = new TrainPass(id, sent, 0, null, null);
    Failures.told(() -> Job.run(placement.shards(), shard -> Shards.of(pass, shard) != null));
  }

  private Partial run(long step) {
    Place here = Place.of(program);
    boolean small = program.size() * run.dtype().bytes() <= SparkObjective.MOST_INSIDE;
    Broadcast<Place> place = small ? null : spark.broadcast(here);
    try {
      return run(new TrainPass(id, sent, step, small ? here : null, place));
    } finally {
      destroy(place);
    }
  }

  private Partial run(TrainPass pass) {
    int shards = run.sharding().shards();
    return Failures.told(
        () ->
            Partial.whole(
                SparkObjective.partials(
                    placement.shards(),
                    shard -> Shards.of(pass, shard).run(pass),
                    shards,
                    SparkObjective.FAN),
                shards));
  }

  private void destroy(Broadcast<?> broadcast) {
    if (broadcast != null && !spark.sc().isStopped()) {
      broadcast.destroy();
    }
  }

  /** Frees all memory, in the executors too. */
  @Override
  public void close() {
    try {
      placement.close();
    } finally {
      executors.close();
      destroy(sent);
      if (!spark.sc().isStopped()) {
        run.train().destroy();
        run.held().destroy();
      }
      right.close();
      program.close();
    }
  }
}
