package dev.evolute.spark;

import dev.evolute.spark.Executors.Executor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import scala.Tuple2;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag$;

/**
 * Which executor has which shard. A shard stays where it is, for it takes its executor time and
 * memory to make; where executors come or go, as few shards move as make the largest number of
 * shards on one of them as small as can be. Results do not depend on it.
 */
final class Placement {
  /** A lost executor is replaced within seconds, or the cluster has no other. */
  private static final double PATIENCE_SECONDS = 60;

  private final JavaSparkContext spark;
  private final Executors executors;
  private final String run;
  private final Map<Integer, Executor> at = new HashMap<>();
  private final Set<Executor> known = new HashSet<>();
  private final int count;
  private long seen = -1;
  private JavaRDD<Integer> shards;

  Placement(JavaSparkContext spark, Executors executors, String run, int count) {
    this.spark = spark;
    this.executors = executors;
    this.run = run;
    this.count = count;
  }

  /** The numbers of the shards, one a partition, each where its shard is. */
  JavaRDD<Integer> shards() {
    long changes = executors.changes();
    if (changes != seen) {
      place(executors.await(1, PATIENCE_SECONDS));
      seen = changes;
    }
    return shards;
  }

  /** Executors that have shards. */
  int width() {
    return new HashSet<>(at.values()).size();
  }

  private void place(List<Executor> living) {
    requireSameVersion(living);
    Map<Integer, Executor> before = Map.copyOf(at);
    assign(at, count, living);
    shards = located(at);
    boolean left =
        before.entrySet().stream()
            .anyMatch(
                was ->
                    living.contains(was.getValue())
                        && !was.getValue().equals(at.get(was.getKey())));
    if (left) {
      keepOnly(living);
    }
  }

  /** Of those that have come since the last look. */
  private void requireSameVersion(List<Executor> living) {
    List<Executor> newcomers = living.stream().filter(e -> !known.contains(e)).toList();
    if (!newcomers.isEmpty()) {
      Versions.requireSame(spark, newcomers);
      known.addAll(newcomers);
    }
  }

  /** Moves shards as little as needed. */
  static void assign(Map<Integer, Executor> at, int count, List<Executor> living) {
    int most = Math.ceilDiv(count, living.size());
    Map<Executor, Integer> load = new HashMap<>();
    living.forEach(executor -> load.put(executor, 0));
    List<Integer> homeless = new ArrayList<>();
    for (int shard = 0; shard < count; shard++) {
      Executor home = at.get(shard);
      if (home != null && load.containsKey(home) && load.get(home) < most) {
        load.merge(home, 1, Integer::sum);
      } else {
        homeless.add(shard);
      }
    }
    for (int shard : homeless) {
      Executor least = living.getFirst();
      for (Executor executor : living) {
        least = load.get(executor) < load.get(least) ? executor : least;
      }
      load.merge(least, 1, Integer::sum);
      at.put(shard, least);
    }
  }

  /** Has executors close what is now elsewhere; a shard that they still need they make again. */
  private void keepOnly(List<Executor> living) {
    Map<Integer, Executor> tasks = new HashMap<>();
    List<HashSet<Integer>> kept = new ArrayList<>();
    for (Executor executor : living) {
      HashSet<Integer> here = new HashSet<>();
      at.forEach(
          (shard, home) -> {
            if (home.equals(executor)) {
              here.add(shard);
            }
          });
      tasks.put(kept.size(), executor);
      kept.add(here);
    }
    close(located(tasks), run, new ArrayList<>(kept));
  }

  private static void close(JavaRDD<Integer> tasks, String run, ArrayList<HashSet<Integer>> kept) {
    Job.run(tasks, task -> Shards.keepOnly(run, kept.get(task)));
  }

  /** Closes all shards there are. */
  void close() {
    if (shards != null && !spark.sc().isStopped()) {
      close(shards, run);
    }
  }

  private static void close(JavaRDD<Integer> shards, String run) {
    Job.run(shards, shard -> Shards.keepOnly(run, Set.of()));
  }

  /** Numbers from 0 on, each in a partition that prefers its place. */
  private JavaRDD<Integer> located(Map<Integer, Executor> places) {
    return located(spark, IntStream.range(0, places.size()).mapToObj(places::get).toList());
  }

  /** The same for places in a row. */
  static JavaRDD<Integer> located(JavaSparkContext spark, List<Executor> places) {
    List<Tuple2<Integer, Seq<String>>> numbers = new ArrayList<>();
    for (int i = 0; i < places.size(); i++) {
      Seq<String> place = seq(List.of(places.get(i).location()));
      numbers.add(new Tuple2<>(i, place));
    }
    return JavaRDD.fromRDD(
        spark.sc().makeRDD(seq(numbers), ClassTag$.MODULE$.apply(Integer.class)),
        ClassTag$.MODULE$.apply(Integer.class));
  }

  private static <T> Seq<T> seq(List<T> list) {
    return CollectionConverters.asScala(list).toSeq();
  }
}
