package dev.evolute.spark;

import dev.evolute.app.UserException;
import dev.evolute.autodiff.graph.ChunkPlan;
import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Value;
import java.util.Locale;

/**
 * What the largest shard takes of its executor, known before anything is sent.
 *
 * @param shards how many there are
 * @param memory bytes outside the Java heap, at least: with the primal values of one chunk at a
 *     time
 * @param heap bytes of the heap while its data are read and vectors come and go
 */
record Needs(int shards, long memory, long heap) {
  /** Vectors in a heap at once: theta, one that came, one that goes, and their bytes in between. */
  private static final int VECTORS = 8;

  /** Of a heap, what Spark leaves to tasks. */
  private static final double SHARE = 0.6;

  static Needs of(Recipe recipe, Sharding sharding) {
    int samples = Math.ceilDiv(recipe.samples(), sharding.shards());
    ChunkPlan plan = ChunkPlan.of(samples, recipe.rows(), recipe.loss());
    if (plan.hasCommonTerms()) {
      throw new IllegalArgumentException(
          "sharding: the loss has terms without samples, which every shard would count; leave them"
              + " to the optimiser, or divide them among the samples");
    }
    Graph one = new Graph();
    recipe.loss().record(one, 1);
    long numbers = one.data().stream().map(Value::shape).mapToLong(shape -> shape.cols()).sum();
    return new Needs(
        sharding.shards(),
        plan.bytesRecomputed(sharding.dtype()),
        2 * Double.BYTES * numbers * samples + VECTORS * one.size() * sharding.dtype().bytes());
  }

  /** Of a training, whose samples stay in the heap as they came. */
  static Needs of(TrainRun run) {
    int shards = run.sharding().shards();
    int largest = Math.ceilDiv(run.batch(), shards);
    int rows = Math.min(run.rows(), largest);
    Graph pass = new Graph();
    run.network().loss(rows).record(pass, rows);
    long vector = pass.size() * run.dtype().bytes();
    long samples = Math.ceilDiv(run.train().bytes() + run.held().bytes(), shards);
    return new Needs(
        shards,
        Program.estimate(pass, run.dtype(), Program.Purpose.TRAINING) + vector,
        2 * samples
            + (long) Double.BYTES * rows * (run.inputs() + run.targets())
            + VECTORS * vector);
  }

  /**
   * Refuses what cannot fit: an executor that ends for want of memory says so nowhere but in its
   * log.
   *
   * @param allowed bytes outside the heap
   * @param heapOfExecutor bytes of the Java heap; 0 where it is the driver's
   */
  void require(long allowed, long heapOfExecutor) {
    if (memory > allowed) {
      throw new UserException(
          "each of %d shards takes %s outside the Java heap and may take %s; take more shards, fewer samples at a time, or allow more"
              .formatted(shards, megabytes(memory), megabytes(allowed)));
    }
    if (heapOfExecutor > 0 && heap > SHARE * heapOfExecutor) {
      throw new UserException(
          "each of %d shards takes %s of its executor's Java heap, which has %s; give executors at least %s, or take more shards"
              .formatted(
                  shards,
                  megabytes(heap),
                  megabytes(heapOfExecutor),
                  megabytes((long) (heap / SHARE))));
    }
  }

  private static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%,d MB", Math.ceilDiv(bytes, 1_000_000));
  }
}
