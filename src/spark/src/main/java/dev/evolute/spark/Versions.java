package dev.evolute.spark;

import dev.evolute.app.Evolute;
import dev.evolute.app.UserException;
import dev.evolute.spark.Executors.Executor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import scala.Tuple2;

/**
 * Which Evolute executors run: a driver and executors of two versions could agree on what travels,
 * and not on what it means.
 */
final class Versions {
  /** Tasks go where they are asked for, unless an executor is late. */
  private static final int MOST_ROUNDS = 5;

  private Versions() {}

  /**
   * Asks executors.
   *
   * @throws UserException where one runs another version than this process
   */
  static void requireSame(JavaSparkContext spark, List<Executor> executors) {
    Map<String, String> versions = new HashMap<>();
    for (int i = 0; i < MOST_ROUNDS && !knows(versions, executors); i++) {
      List<Tuple2<String, String>> told =
          Failures.told(
              () ->
                  Placement.located(spark, executors)
                      .map(none -> new Tuple2<>(SparkEnv.get().executorId(), Evolute.version()))
                      .collect());
      told.forEach(version -> versions.put(version._1(), version._2()));
    }
    for (Executor executor : executors) {
      String mine = Evolute.version();
      String theirs = versions.getOrDefault(executor.id(), mine);
      if (!theirs.equals(mine)) {
        throw new UserException(
            "executor %s on %s runs Evolute %s and this driver %s; install the same version, or remove Evolute from the workers' class path"
                .formatted(executor.id(), executor.host(), theirs, mine));
      }
    }
  }

  private static boolean knows(Map<String, String> versions, List<Executor> executors) {
    return executors.stream().allMatch(executor -> versions.containsKey(executor.id()));
  }
}
