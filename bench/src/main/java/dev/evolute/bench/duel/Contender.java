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

  /** What one call does, in what the benchmark's unit counts a second: GFLOP, products. */
  double work();

  /**
   * The norm of what a call computes, and numbers of that size that see all of it: contenders whose
   * numbers differ by more than rounding do not compute the same. Empty where {@link #take} has
   * held the result against the truth.
   */
  default double[] fingerprint() {
    return new double[0];
  }

  /** Bytes of all buffers it holds for the case, 0 where that is not known. */
  default long memory() {
    return 0;
  }

  /** Frees what {@link #take} made. */
  void release() throws Exception;
}
