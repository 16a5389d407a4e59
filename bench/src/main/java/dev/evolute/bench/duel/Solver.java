package dev.evolute.bench.duel;

import java.util.List;

/**
 * A contender that finds both ends of the spectrum of an operator. Its {@link #call} is one product
 * with it.
 */
public interface Solver extends Contender {
  /** Stream of the normal numbers that all start from. */
  long START = 0;

  /**
   * Solves the problem from a random vector, and measures the time from there.
   *
   * @return what it found where it stops by itself; and behind that, if the goal is known, what it
   *     found where it had reached the goal's errors, if it did before it gave up
   */
  List<Solution> solve(Goal goal);
}
