package dev.evolute.spark;

import dev.evolute.app.data.Samples;
import java.io.Serializable;
import java.util.ArrayList;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * Samples, shard by shard. Those that the driver has go by a broadcast for each shard; those of
 * files that executors can read go as the numbers of their rows. An executor fetches those of its
 * own shards, and whoever gets a shard later fetches them again.
 */
final class Shipment implements Serializable {
  private static final long serialVersionUID = 1;

  /** The samples of a shard. */
  record Load(Coded x, Coded y) implements Serializable {
    /**
     * As a set of their own.
     *
     * @param inputs numbers of x a sample
     * @param targets numbers of y a sample
     */
    Samples samples(int inputs, int targets) {
      return new LoadedSamples(this, inputs, targets);
    }
  }

  private record LoadedSamples(Load load, int inputs, int targets) implements Samples {
    @Override
    public int count() {
      return load.x().length() / inputs;
    }

    @Override
    public void write(int sample, double[] x, int xAt, double[] y, int yAt) {
      load.x().read(sample * inputs, x, xAt, inputs);
      load.y().read(sample * targets, y, yAt, targets);
    }
  }

  /** Where a shard's samples come from. */
  interface Origin extends Serializable {
    /** The samples, in the process that needs them. */
    Load load();

    /** Lets the driver forget them. */
    void destroy();
  }

  private record Sent(Broadcast<Load> broadcast) implements Origin {
    @Override
    public Load load() {
      return broadcast.value();
    }

    @Override
    public void destroy() {
      broadcast.destroy();
    }
  }

  private final int[] firsts;
  private final ArrayList<Origin> loads;
  private final long bytes;

  private Shipment(int[] firsts, ArrayList<Origin> loads, long bytes) {
    this.firsts = firsts;
    this.loads = loads;
    this.bytes = bytes;
  }

  /**
   * Makes samples ready to be fetched.
   *
   * @param count how many of the first ones
   */
  static Shipment of(JavaSparkContext spark, Samples samples, int count, Sharding sharding) {
    int[] firsts = new int[sharding.shards()];
    ArrayList<Origin> loads = new ArrayList<>();
    long bytes = 0;
    for (int shard = 0; shard < firsts.length; shard++) {
      firsts[shard] = sharding.from(shard, count);
      int end = sharding.from(shard + 1, count);
      if (samples instanceof ParquetSamples rows) {
        loads.add(rows.part(firsts[shard], end));
        continue;
      }
      Load load = load(samples, firsts[shard], end);
      bytes += load.x().size() + load.y().size();
      loads.add(new Sent(spark.broadcast(load)));
    }
    return new Shipment(firsts, loads, bytes);
  }

  private static Load load(Samples samples, int from, int to) {
    double[] x = new double[Math.multiplyExact(to - from, samples.inputs())];
    double[] y = new double[Math.multiplyExact(to - from, samples.targets())];
    for (int i = from; i < to; i++) {
      samples.write(i, x, (i - from) * samples.inputs(), y, (i - from) * samples.targets());
    }
    return new Load(Coded.of(x), Coded.of(y));
  }

  /** The samples of the shard with this first one. */
  Load at(int from) {
    for (int shard = 0; shard < firsts.length; shard++) {
      if (firsts[shard] == from) {
        return loads.get(shard).load();
      }
    }
    throw new IllegalArgumentException("shipment: no shard begins with sample " + from);
  }

  /** The samples of a shard. */
  Load of(int shard) {
    return loads.get(shard).load();
  }

  /** Bytes that the driver sends of them. */
  long bytes() {
    return bytes;
  }

  /** Lets the driver forget them. */
  void destroy() {
    loads.forEach(Origin::destroy);
  }
}
