package dev.evolute.spark;

import dev.evolute.app.UserException;
import dev.evolute.spark.Executors.Executor;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.util.ShutdownHookManager;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * A Spark application of Evolute's: started with what its executors need, checked before work
 * begins, and quiet.
 */
public final class Cluster implements AutoCloseable {
  private static final double EXECUTOR_SECONDS = 60;

  /** Where logs go that nobody asked to see; Log4j's own name for it. */
  private static final String LOG_SETTINGS = "log4j2.configurationFile";

  /** Spark's own hook, which stops everything, has 30 more than Hadoop's file systems. */
  private static final int BEFORE_SPARK = FileSystem.SHUTDOWN_HOOK_PRIORITY + 50;

  /** A signal's time for the work under way, and then for what ends it: a command waits 20 s. */
  private static final long GRACE_SECONDS = 8;

  /**
   * What is asked for.
   *
   * @param master address of a master, {@code local-cluster[N]}, {@code local[N]}, or {@code
   *     spark-submit}
   * @param executors how many processes; 0 for as many as the cluster gives
   * @param cores of each of them, all for one task
   * @param memory heap of each, as Spark writes it
   */
  public record Request(String master, int executors, int cores, String memory) {}

  private final JavaSparkContext spark;
  private final List<Executor> living;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Runnable hook = this::endInTime;

  private Cluster(JavaSparkContext spark, List<Executor> living) {
    this.spark = spark;
    this.living = living;
    ShutdownHookManager.get()
        .addShutdownHook(hook, BEFORE_SPARK, 3 * GRACE_SECONDS, TimeUnit.SECONDS);
  }

  /**
   * Starts an application.
   *
   * @throws UserException where nobody answers, or no executor comes
   */
  public static Cluster open(Request request) {
    quiet();
    SparkConf conf = ApplicationConf.of(request);
    JavaSparkContext spark = Failures.told(() -> new JavaSparkContext(conf));
    Executors executors = new Executors(spark.sc());
    try {
      int expected = spark.isLocal() ? 1 : ApplicationConf.executors(conf);
      List<Executor> living =
          expected == 0
              ? executors.awaitAll(EXECUTOR_SECONDS)
              : executors.await(expected, EXECUTOR_SECONDS);
      Versions.requireSame(spark, living);
      return new Cluster(spark, living);
    } catch (RuntimeException e) {
      spark.close();
      throw e;
    } finally {
      executors.close();
    }
  }

  /** Sends logs to a file, before any class of Spark's writes the first line. */
  static void quiet() {
    System.getProperties()
        .putIfAbsent(LOG_SETTINGS, Cluster.class.getResource("log4j2.properties").toString());
  }

  /** On a signal: Spark would end at once, and the command could not write what there is. */
  private void endInTime() {
    try {
      if (!closed.await(GRACE_SECONDS, TimeUnit.SECONDS)) {
        spark.sc().cancelAllJobs();
        closed.await(GRACE_SECONDS, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The application. */
  public JavaSparkContext spark() {
    return spark;
  }

  /** How many executors there were when it began. */
  public int executors() {
    return living.size();
  }

  /** Tasks that ran at a time when it began: one an executor, but in the driver's own process. */
  int width() {
    return spark.isLocal() ? spark.defaultParallelism() : living.size();
  }

  @Override
  public void close() {
    if (!ShutdownHookManager.get().isShutdownInProgress()) {
      ShutdownHookManager.get().removeShutdownHook(hook);
    }
    try {
      spark.close();
    } finally {
      closed.countDown();
    }
  }
}
