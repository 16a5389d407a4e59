package dev.evolute.spark;

import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The shards that live in this process: compiled programs, memory and threads do not travel. */
final class Shards {
  private record Key(String run, int shard) {}

  private static final Map<Key, Shard> LIVING = new ConcurrentHashMap<>();

  private Shards() {}

  /** A shard of a run, made where it is not here yet. */
  static Shard of(Pass.Run run, int shard) {
    return LIVING.computeIfAbsent(new Key(run.id(), shard), key -> new Shard(run, shard));
  }

  /** Closes what is here of a run but for some. */
  static int keepOnly(String run, Set<Integer> shards) {
    int closed = 0;
    Iterator<Map.Entry<Key, Shard>> all = LIVING.entrySet().iterator();
    while (all.hasNext()) {
      Map.Entry<Key, Shard> next = all.next();
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
