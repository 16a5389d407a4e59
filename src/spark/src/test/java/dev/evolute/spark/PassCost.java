package dev.evolute.spark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.linsol.LinearSolverDense;

/**
 * Seconds of a pass beside its kernels, over S shards and P parameters in f32, where one process
 * adds what all shards send:
 *
 * <pre>
 *   once + task S + P (out + back S)
 * </pre>
 *
 * <p>Beyond {@link SparkObjective#FAN} shards, executors add groups first: each such stage costs
 * {@code once} and its tasks again, and a reducer takes what its group sends.
 *
 * @param once seconds of a stage: stages are made, sent, and awaited one after the other
 * @param task seconds of the driver for each task
 * @param out seconds for each parameter that is written once, by the driver
 * @param back seconds for each parameter that comes from a shard: written there, read and added
 *     here
 */
record PassCost(double once, double task, double out, double back) {
  /**
   * A pass that was timed, without the time of its kernels.
   *
   * @param shards at most {@link SparkObjective#FAN}
   */
  record Timed(int shards, double parameters, double seconds) {}

  /**
   * The network between machines, which is assumed.
   *
   * @param bytesPerSecond of each machine's link, one way
   * @param roundTrip seconds of a message and its answer
   */
  record Network(String name, double bytesPerSecond, double roundTrip) {
    /** Messages and answers of a stage, one after the other: three of its binary, task, result. */
    static final int ROUND_TRIPS = 5;

    /** Bytes of a piece of a broadcast; whoever has it passes it on. */
    static final double PIECE = 4 << 20;

    /** As many as have it double each time, and pieces follow each other. */
    double broadcast(int executors, double bytes) {
      double pieces = Math.max(1, Math.ceil(bytes / PIECE));
      double rounds = Math.ceil(Math.log(executors + 1) / Math.log(2));
      return bytes / bytesPerSecond * (pieces - 1 + rounds) / pieces;
    }

    double seconds(int executors, double bytes) {
      int received = 0;
      int stages = 0;
      for (Stage stage : Stage.of(executors)) {
        received += stage.fan();
        stages++;
      }
      return broadcast(executors, bytes)
          + received * bytes / bytesPerSecond
          + stages * ROUND_TRIPS * roundTrip;
    }
  }

  /**
   * A stage.
   *
   * @param fan partial sums that one process adds after it
   */
  record Stage(int tasks, int fan) {
    static List<Stage> of(int shards) {
      List<Stage> stages = new ArrayList<>();
      int tasks = shards;
      while (tasks > SparkObjective.FAN) {
        stages.add(new Stage(tasks, SparkObjective.FAN));
        tasks = Math.ceilDiv(tasks, SparkObjective.FAN);
      }
      stages.add(new Stage(tasks, tasks));
      return stages;
    }
  }

  /** Seconds where shards are on machines of their own, without kernels and network. */
  double seconds(int shards, double parameters) {
    double sum = parameters * out;
    for (Stage stage : Stage.of(shards)) {
      sum += once + task * stage.tasks() + parameters * back * stage.fan();
    }
    return sum;
  }

  /**
   * The cost with the least relative squares, none of whose terms is negative: of all choices of
   * terms that are not 0, the best one that is allowed.
   */
  static PassCost fit(List<Timed> timed) {
    double[] best = null;
    double least = Double.POSITIVE_INFINITY;
    for (int chosen = 1; chosen < 16; chosen++) {
      double[] x = leastSquares(timed, chosen);
      if (x == null || Arrays.stream(x).anyMatch(value -> value < 0)) {
        continue;
      }
      double error = 0;
      for (Timed one : timed) {
        double relative = -1;
        double[] row = row(one);
        for (int i = 0; i < 4; i++) {
          relative += row[i] * x[i];
        }
        error += relative * relative;
      }
      if (error < least) {
        least = error;
        best = x;
      }
    }
    return new PassCost(best[0], best[1], best[2], best[3]);
  }

  /** What each term takes of it, over its seconds. */
  private static double[] row(Timed one) {
    double s = one.shards();
    double p = one.parameters();
    double t = one.seconds();
    return new double[] {1 / t, s / t, p / t, p * s / t};
  }

  /** Null where the terms cannot be told apart. */
  private static double[] leastSquares(List<Timed> timed, int chosen) {
    int terms = Integer.bitCount(chosen);
    if (timed.size() < terms) {
      return null;
    }
    double[] scale = {1, 1, 1e-6, 1e-6};
    DMatrixRMaj a = new DMatrixRMaj(timed.size(), terms);
    DMatrixRMaj b = new DMatrixRMaj(timed.size(), 1);
    for (int r = 0; r < timed.size(); r++) {
      double[] row = row(timed.get(r));
      int c = 0;
      for (int i = 0; i < 4; i++) {
        if ((chosen >> i & 1) == 1) {
          a.set(r, c++, row[i] * scale[i]);
        }
      }
      b.set(r, 0, 1);
    }
    LinearSolverDense<DMatrixRMaj> qr = LinearSolverFactory_DDRM.qr(timed.size(), terms);
    if (!qr.setA(a) || qr.quality() < 1e-12) {
      return null;
    }
    DMatrixRMaj solution = new DMatrixRMaj(terms, 1);
    qr.solve(b, solution);
    double[] x = new double[4];
    int c = 0;
    for (int i = 0; i < 4; i++) {
      if ((chosen >> i & 1) == 1) {
        x[i] = solution.get(c++) * scale[i];
      }
    }
    return x;
  }
}
