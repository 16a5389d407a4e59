package dev.evolute.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.spark.Executors.Executor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PlacementTest {
  @Test
  void everyShardIsSomewhereAliveAndNoExecutorHasMoreThanItsShare() {
    Random random = new Random(1);
    for (int trial = 0; trial < 200; trial++) {
      int shards = 1 + random.nextInt(12);
      Map<Integer, Executor> at = new HashMap<>();
      List<Executor> living = new ArrayList<>();
      for (int change = 0; change < 6; change++) {
        if (living.size() > 1 && random.nextBoolean()) {
          living.remove(random.nextInt(living.size()));
        } else {
          living.add(new Executor("" + change, "host"));
        }
        Map<Integer, Executor> before = Map.copyOf(at);
        Placement.assign(at, shards, living);
        assertEquals(shards, at.size());
        Map<Executor, Integer> load = new HashMap<>();
        at.values().forEach(executor -> load.merge(executor, 1, Integer::sum));
        assertTrue(living.containsAll(load.keySet()));
        int most = Math.ceilDiv(shards, living.size());
        load.values().forEach(count -> assertTrue(count <= most));
        // Only what had to move has moved.
        Map<Executor, Integer> had = new HashMap<>();
        before.values().forEach(executor -> had.merge(executor, 1, Integer::sum));
        int bound = 0;
        for (Executor executor : living) {
          bound += Math.min(most, had.getOrDefault(executor, 0));
        }
        long stayed =
            before.entrySet().stream().filter(e -> e.getValue().equals(at.get(e.getKey()))).count();
        assertEquals(bound, stayed);
      }
    }
  }
}
