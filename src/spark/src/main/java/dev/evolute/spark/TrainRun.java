package dev.evolute.spark;

import dev.evolute.app.engine.TrainingTask;
import dev.evolute.app.model.NamedModel;
import dev.evolute.app.train.LocalBatches;
import dev.evolute.kernels.DType;
import dev.evolute.spectral.CounterRandom;
import java.io.Serializable;

/**
 * A training as its executors see it: how a shard draws and computes its part of every batch, in
 * whatever process it is needed.
 *
 * <p>Of N samples and batches of B, shard s of S has the samples from {@code N s / S} to {@code N
 * (s + 1) / S} and draws {@code B (s + 1) / S - B s / S} of them for every batch, without
 * replacement, in epochs of its own. Every batch thus has its share of every shard, which is a
 * stratified sample; the batches are others than one process draws from all N. One shard draws what
 * one process does.
 *
 * @param model name of the network
 * @param data name of the data
 * @param inputs numbers of x a sample
 * @param targets numbers of y a sample
 * @param outputs classes, or the vocabulary
 * @param samples N
 * @param heldSamples how many are held out
 * @param batch B
 * @param rows samples of one pass
 * @param seed of the run
 * @param train the samples
 * @param held those that are held out
 */
record TrainRun(
    String model,
    String data,
    int inputs,
    int targets,
    int outputs,
    int samples,
    int heldSamples,
    int batch,
    int rows,
    long seed,
    Sharding sharding,
    Shipment train,
    Shipment held)
    implements Serializable {
  /** "shard" in ASCII. */
  private static final long STREAM = 0x7368617264L;

  NamedModel network() {
    return ModelRecipe.network(model, data, inputs, outputs);
  }

  /** The task of a shard by itself. */
  TrainingTask task(int shard) {
    int part = part(shard);
    return new TrainingTask(
        network(),
        data,
        train.of(shard).samples(inputs, targets),
        held.of(shard).samples(inputs, targets),
        part,
        Math.min(rows, part),
        dtype(),
        seed(shard));
  }

  DType dtype() {
    return sharding.dtype();
  }

  /** Samples that are a shard's. */
  int samples(int shard) {
    return sharding.from(shard + 1, samples) - sharding.from(shard, samples);
  }

  /** Those of them in a batch, at least one where there are as many in a batch as shards. */
  int part(int shard) {
    int share = sharding.from(shard + 1, batch) - sharding.from(shard, batch);
    return Math.min(share, samples(shard));
  }

  /** Those of them in the batch of a step: the last one of an epoch has what is left. */
  int count(int shard, long step) {
    return LocalBatches.count(samples(shard), part(shard), step);
  }

  /** Samples of a step. */
  int count(long step) {
    int count = 0;
    for (int shard = 0; shard < sharding.shards(); shard++) {
      count += count(shard, step);
    }
    return count;
  }

  /** Of what a shard draws; that of the first one is the run's. */
  long seed(int shard) {
    return shard == 0 ? seed : CounterRandom.bits(seed, STREAM, shard);
  }
}
