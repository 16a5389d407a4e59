package dev.evolute.spark;

import dev.evolute.app.engine.Request;
import dev.evolute.app.engine.Session;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * One application for all tests that need no more than the driver's own process: two tasks at a
 * time.
 */
final class Local {
  private static Cluster cluster;

  private Local() {}

  static JavaSparkContext spark() {
    return cluster().spark();
  }

  private static synchronized Cluster cluster() {
    if (cluster == null) {
      cluster = Cluster.open(new Cluster.Request("local[2]", 0, 1, "1g"));
    }
    return cluster;
  }

  /** What a command works with; nobody has to close it. */
  static Session session(int shards) {
    return new ClusterSession(
        cluster(), new Request("local[2]", 0, 1, "1g", "cpu", shards), line -> {});
  }

  /** Ends it, until somebody asks again: a process has one application at a time. */
  static synchronized void close() {
    if (cluster != null) {
      cluster.close();
      cluster = null;
    }
  }
}
