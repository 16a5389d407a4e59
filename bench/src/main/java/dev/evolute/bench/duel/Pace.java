package dev.evolute.bench.duel;

import java.util.concurrent.TimeUnit;

/**
 * How long a duel takes over a case.
 *
 * @param sliceNanos how long a contender runs before it is the next one's turn
 * @param rounds turns of each, at most
 * @param startNanos warm-up before all cases of a contender that is compiled while it runs
 * @param javaWarmUpNanos its warm-up in each case, at least
 * @param nativeWarmUpNanos warm-up of the others, at least
 * @param budgetNanos for all cases together, kept by doing fewer rounds
 */
record Pace(
    long sliceNanos,
    int rounds,
    long startNanos,
    long javaWarmUpNanos,
    long nativeWarmUpNanos,
    long budgetNanos) {

  /** Fewer rounds have no median worth the name. */
  static final int LEAST_ROUNDS = 3;

  static final Pace FULL =
      new Pace(millis(60), 9, millis(500), millis(200), millis(80), Long.MAX_VALUE);
  static final Pace QUICK =
      new Pace(millis(25), 7, millis(200), millis(80), millis(30), millis(26_000));

  private static long millis(long count) {
    return TimeUnit.MILLISECONDS.toNanos(count);
  }

  /** The same with the first warm-up of a process in each case. */
  Pace patient() {
    return new Pace(sliceNanos, rounds, startNanos, startNanos, nativeWarmUpNanos, Long.MAX_VALUE);
  }

  /** What is left for each of so many cases, so long after the start. */
  long allowance(long elapsedNanos, int casesLeft) {
    return budgetNanos == Long.MAX_VALUE ? budgetNanos : (budgetNanos - elapsedNanos) / casesLeft;
  }
}
