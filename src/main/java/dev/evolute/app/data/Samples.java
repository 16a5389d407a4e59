package dev.evolute.app.data;

/** What a network is trained on, as rows of numbers that are made when they are asked for. */
public interface Samples {
  /** Number of samples N. */
  int count();

  /** Numbers of x a sample. */
  int inputs();

  /** Numbers of y a sample. */
  int targets();

  /**
   * Writes one sample.
   *
   * @param sample from 0 to below {@link #count}
   * @param x receives {@link #inputs} numbers from {@code xAt} on
   * @param y receives {@link #targets} numbers from {@code yAt} on
   */
  void write(int sample, double[] x, int xAt, double[] y, int yAt);
}
