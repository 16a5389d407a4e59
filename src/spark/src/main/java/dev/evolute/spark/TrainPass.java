package dev.evolute.spark;

import java.io.Serializable;
import org.apache.spark.broadcast.Broadcast;

/**
 * What shards of a training are asked for. It says everything that the answer depends on, so that a
 * shard that is made anew, anywhere, gives the same.
 *
 * @param id of the run
 * @param run fetched where a shard is made
 * @param step whose batch the gradient is taken over; negative for the loss over the samples that
 *     are held out
 * @param inside theta and running statistics; null where they are sent
 * @param sent the same by a broadcast of its own; null where they are inside
 */
record TrainPass(String id, Broadcast<TrainRun> run, long step, Place inside, Broadcast<Place> sent)
    implements Serializable {
  /** No step. */
  static final long EVALUATION = -1;

  Place place() {
    return sent == null ? inside : sent.value();
  }
}
