package dev.evolute.bench.duel;

/**
 * One library as a duel sees it, in a JVM of its own: it prepares a case, and then does the same
 * call over and over. Made by its public constructor without arguments.
 */
public interface Contender {
  /** Version and settings, for the reader of the result. */
  String describe();

  /**
   * Makes the operands, and checks once that a call computes what it should.
   *
   * @return whether this library has such a function
   * @throws IllegalStateException if it computes something else
   */
  boolean take(Case which) throws Exception;

  /** The call that is measured. */
  void call();

  /** What one call does, in 10^9 of the benchmark's unit. */
  double work();

  /** Frees what {@link #take} made. */
  void release() throws Exception;
}
