package dev.evolute.autodiff.graph;

/**
 * A loss over samples that can be recorded for any number of them: a sum over samples, and terms
 * such as penalties that no sample is in. A mean must divide by the number of all samples, not by
 * the rows of one recording.
 */
@FunctionalInterface
public interface SampledLoss {
  /**
   * Records the loss of some rows. Data whose shape follows {@code rows} are samples, other data
   * are shared by all.
   *
   * @param graph empty
   * @param rows how many samples
   */
  void record(Graph graph, int rows);
}
