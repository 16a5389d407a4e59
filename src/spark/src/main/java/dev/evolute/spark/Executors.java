package dev.evolute.spark;

import dev.evolute.app.UserException;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerBlockManagerAdded;
import org.apache.spark.scheduler.SparkListenerBlockManagerRemoved;
import org.apache.spark.storage.BlockManagerId;
import scala.jdk.javaapi.CollectionConverters;

/** The executors of an application, which come and go. */
final class Executors extends SparkListener {
  private static final long POLL_MILLIS = 50;

  /** Executors of one application start within less of each other. */
  private static final long QUIET_MILLIS = 3000;

  /**
   * One process.
   *
   * @param id as Spark counts them; {@code driver} where the driver computes by itself
   */
  record Executor(String id, String host) {
    /** As Spark writes it among the places that a task prefers. */
    String location() {
      return "executor_" + host + "_" + id;
    }
  }

  private final SparkContext spark;
  private final AtomicLong changes = new AtomicLong();

  Executors(SparkContext spark) {
    this.spark = spark;
    spark.addSparkListener(this);
  }

  @Override
  public void onBlockManagerAdded(SparkListenerBlockManagerAdded added) {
    changes.incrementAndGet();
  }

  @Override
  public void onBlockManagerRemoved(SparkListenerBlockManagerRemoved removed) {
    changes.incrementAndGet();
  }

  /** Grows when one comes or goes. */
  long changes() {
    return changes.get();
  }

  /** Those that live, in the order of their numbers. */
  List<Executor> living() {
    // Spark's public listing has hosts and ports, and no task can ask for those.
    List<BlockManagerId> all =
        CollectionConverters.asJava(spark.env().blockManager().master().getMemoryStatus().keySet())
            .stream()
            .toList();
    return all.stream()
        .filter(manager -> spark.isLocal() || !manager.isDriver())
        .map(manager -> new Executor(manager.executorId(), manager.host()))
        .sorted(
            Comparator.comparingInt((Executor e) -> e.id().length()).thenComparing(Executor::id))
        .toList();
  }

  /**
   * Waits until there are so many, or any once the time is up.
   *
   * @throws UserException where there is none then
   */
  List<Executor> await(int count, double seconds) {
    long end = System.nanoTime() + (long) (seconds * 1e9);
    while (true) {
      List<Executor> living = living();
      if (living.size() >= count || (System.nanoTime() > end && !living.isEmpty())) {
        return living;
      }
      if (System.nanoTime() > end) {
        throw new UserException(
            "%s gave no executor within %.0f s; see that its workers run, and have the memory and the cores that are asked for (%s, %s cores)"
                .formatted(
                    spark.master(),
                    seconds,
                    spark.conf().get("spark.executor.memory", "1g"),
                    spark.conf().get("spark.executor.cores", "all")));
      }
      sleep(POLL_MILLIS);
    }
  }

  /**
   * Waits until there are some, and no more have come for a while.
   *
   * @throws UserException where there is none within the time
   */
  List<Executor> awaitAll(double seconds) {
    await(1, seconds);
    for (long seen = -1; seen != changes(); ) {
      seen = changes();
      sleep(QUIET_MILLIS);
    }
    return living();
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserException("interrupted while waiting for executors", e);
    }
  }

  void close() {
    spark.removeSparkListener(this);
  }
}
