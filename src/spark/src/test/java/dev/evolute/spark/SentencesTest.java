package dev.evolute.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.app.UserException;
import java.net.ServerSocket;
import org.apache.spark.SparkException;
import org.junit.jupiter.api.Test;

/** What goes wrong on a cluster is told in one sentence. */
class SentencesTest {
  private static String refused(Cluster.Request request) {
    String sentence =
        assertThrows(UserException.class, () -> Cluster.open(request).close()).getMessage();
    assertEquals(1, sentence.lines().count());
    return sentence;
  }

  @Test
  void aMasterThatIsNotThere() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    assertEquals(
        "master: no Spark master answers at spark://127.0.0.1:%d (connection refused); give the address that the master's log begins with"
            .formatted(port),
        refused(new Cluster.Request("spark://127.0.0.1:" + port, 0, 1, "1g")));
  }

  @Test
  void anAddressThatIsNone() {
    assertTrue(
        refused(new Cluster.Request("yarn", 0, 1, "1g")).startsWith("master: 'yarn' is none"));
    assertTrue(
        refused(new Cluster.Request("local-cluster[2]", 0, 1, "many"))
            .contains("'many' cannot be read"));
  }

  @Test
  void aShardThatDoesNotFit() {
    Needs needs = new Needs(4, 3_000_000_000L, 900_000_000L);
    assertEquals(
        "each of 4 shards takes 3,000 MB outside the Java heap and may take 1,000 MB; take more shards, fewer samples at a time, or allow more",
        assertThrows(UserException.class, () -> needs.require(1_000_000_000L, 0)).getMessage());
    assertEquals(
        "each of 4 shards takes 900 MB of its executor's Java heap, which has 1,000 MB; give executors at least 1,500 MB, or take more shards",
        assertThrows(UserException.class, () -> needs.require(4_000_000_000L, 1_000_000_000L))
            .getMessage());
    needs.require(4_000_000_000L, 2_000_000_000L);
  }

  private static String told(String task) {
    String message =
        "Job aborted due to stage failure: Task 0 in stage 3.0 failed 4 times, most recent failure: Lost task 0.3 in stage 3.0 (TID 9) (10.0.0.7 executor 2): "
            + task
            + "\n\tat somewhere\n\nDriver stacktrace:";
    String sentence =
        assertThrows(
                UserException.class,
                () ->
                    Failures.told(
                        () -> {
                          throw new SparkException(message);
                        }))
            .getMessage();
    assertEquals(1, sentence.lines().count());
    return sentence;
  }

  @Test
  void tasksThatFailed() {
    assertEquals(
        "executor 2 on 10.0.0.7 failed: chunks: 9 samples take 5 bytes",
        told("java.lang.IllegalArgumentException: chunks: 9 samples take 5 bytes"));
    assertEquals(
        "executor 2 on 10.0.0.7 ran out of memory (Java heap space); give executors more, or take more shards on more executors",
        told("java.lang.OutOfMemoryError: Java heap space"));
    assertTrue(
        told("ExecutorLostFailure (executor 2 exited caused by one of the running tasks) Reason: Command exited with code 137")
            .contains("was lost again and again (Command exited with code 137)"));
    assertTrue(
        told("java.io.InvalidClassException: dev.evolute.spark.Pass; local class incompatible")
            .contains("has another version of Evolute"));
    assertTrue(
        told("java.lang.UnsupportedClassVersionError: dev/evolute/spark/Shard")
            .endsWith("start Spark's workers with JDK 25 or newer"));
  }
}
