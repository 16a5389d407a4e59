package dev.evolute.spectral;

import java.util.List;

/** A Krylov space that grows, and the operator's projection H on it: what a search needs of it. */
interface Krylov extends AutoCloseable {
  /** Dimension k of the projected problem. */
  int size();

  /** Extends the space by its newest vectors, {@code most} of them at most. */
  void step(int most);

  /**
   * Extends the space by up to {@code count} steps, {@code most} vectors at most, of which nothing
   * is looked at in between: fewer where something has to be, one at least.
   */
  default void steps(int count, int most) {
    step(most);
  }

  /** Whether there is no direction left to extend the space by. */
  boolean exhausted();

  /** Continues in a random direction that the space, which is exhausted, does not hold. */
  void reseed();

  /** Whether the next step needs {@link #restart}. */
  boolean full();

  /** Keeps the Ritz vectors {@code 0..low-1} and {@code k-high..k-1} of those given, no others. */
  void restart(SymmetricEigen ritz, int low, int high);

  /** Eigenpairs of H. */
  SymmetricEigen ritz();

  /** {@code ||A x - theta x||} of the Ritz pair with the vector {@code x = V s}. */
  double residual(double[] s);

  /** Error of its Ritz values by rounding, relative to the operator's norm. */
  double rounding();

  /** Whether the start held a random part, so that it sees every eigenvalue. */
  boolean startSeesAll();

  /** The projected problems since the start, for {@link ExtremeBound}. */
  List<ExtremeBound.Cycle> cycles();

  /** Vectors of the start that are random, for {@link ExtremeBound}; 0 if none is. */
  int randomVectors();

  /** Length of their random part. */
  double randomShare();

  @Override
  void close();
}
