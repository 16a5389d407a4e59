package dev.evolute.spark;

import dev.evolute.autodiff.graph.Chunks;
import dev.evolute.autodiff.graph.SampledLoss;
import java.io.Serializable;

/**
 * What it takes to build the loss of some of N samples in whatever process they are needed, again
 * and again: a shard that is lost with its executor is made anew elsewhere. A recipe travels by
 * broadcast, once to each executor that makes a shard; data come from files that all machines see,
 * or by broadcasts of their own.
 */
public interface Recipe extends Serializable {
  /** All samples N, over which the loss is a mean or a sum. */
  int samples();

  /** Samples that are computed at a time. */
  int rows();

  /** The loss, whose mean divides by N; terms without samples are refused. */
  SampledLoss loss();

  /**
   * Sets the data of a shard, and those that all share.
   *
   * @param from the first sample of the shard
   * @param to end of its samples
   * @param shard over {@code to - from} samples
   */
  void load(int from, int to, Chunks shard);
}
