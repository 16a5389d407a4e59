package dev.evolute.spark;

import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The shards that live in this process, of losses and of trainings: compiled programs, memory and
 * threads do not travel.
 */
final class Shards {
  private record Key(String run, int shard) {}

  /** What a shard is: closed by whoever has it closed, with nothing left to go wrong. */
  interface Living extends AutoCloseable {
    @Override
    void close();
  }

  private static final Map<Key, Living> LIVING = new ConcurrentHashMap<>();

  private Shards() {}

  /** A shard of a run, made where it is not here yet. */
  static Shard of(Pass.Run run, int shard) {
    return (Shard) LIVING.computeIfAbsent(new Key(run.id(), shard), key -> new Shard(run, shard));
  }

  /** The same of a training. */
  static TrainShard of(TrainPass pass, int shard) {
    return (TrainShard)
        LIVING.computeIfAbsent(
            new Key(pass.id(), shard), key -> new TrainShard(pass.run().value(), shard));
  }

  /** Closes what is here of a run but for some. */
  static int keepOnly(String run, Set<Integer> shards) {
    int closed = 0;
    Iterator<Map.Entry<Key, Living>> all = LIVING.entrySet().iterator();
    while (all.hasNext()) {
      Map.Entry<Key, Living> next = all.next();
      if (next.getKey().run().equals(run) && !shards.contains(next.getKey().shard())) {
        all.remove();
        next.getValue().close();
        closed++;
      }
    }
    return closed;
  }

  /** How many there are. */
  static int all() {
    return LIVING.size();
  }
}
