package dev.evolute.spark;

import dev.evolute.kernels.DType;
import java.io.Serializable;

/**
 * How a loss is cut over a cluster. With the data it decides every bit of the results: how many
 * executors there are, and which of them has which shard, does not.
 *
 * @param shards how many parts, each with a device and a program of its own
 * @param dtype element type
 * @param device name of a device, in the executors
 * @param threads CPU threads of each shard
 * @param budget bytes a shard may take outside the Java heap; where they do not suffice to keep the
 *     primal values of all chunks, each product computes them anew
 */
public record Sharding(int shards, DType dtype, String device, int threads, long budget)
    implements Serializable {
  public Sharding {
    if (shards < 1 || threads < 1 || budget < 1) {
      throw new IllegalArgumentException(
          "sharding: %d shards of %d threads and %d bytes; each must be at least 1"
              .formatted(shards, threads, budget));
    }
  }

  /** The first of N samples that is a shard's; that of the shard after the last is N. */
  int from(int shard, int samples) {
    return (int) ((long) samples * shard / shards);
  }
}
