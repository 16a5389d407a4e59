package dev.evolute.spark;

import org.apache.spark.api.java.JavaSparkContext;

/**
 * One application for all tests that need no more than the driver's own process: two tasks at a
 * time.
 */
final class Local {
  private static Cluster cluster;

  private Local() {}

  static synchronized JavaSparkContext spark() {
    if (cluster == null) {
      cluster = Cluster.open(new Cluster.Request("local[2]", 0, 1, "1g"));
    }
    return cluster.spark();
  }

  /** Ends it, until somebody asks again: a process has one application at a time. */
  static synchronized void close() {
    if (cluster != null) {
      cluster.close();
      cluster = null;
    }
  }
}
