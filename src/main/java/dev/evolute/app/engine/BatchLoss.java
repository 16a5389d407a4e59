package dev.evolute.app.engine;

import dev.evolute.autodiff.graph.Objective;
import dev.evolute.autodiff.optim.LineSearch;
import dev.evolute.kernels.Buffer;

/**
 * The mean loss of a network over mini-batches: all that an optimiser asks for, wherever the
 * samples stand and whoever draws from them. The samples of a step follow from its number alone, so
 * that a run goes on anywhere with theta and the running statistics.
 */
public interface BatchLoss extends AutoCloseable {
  /**
   * What held-out samples say.
   *
   * @param loss mean over them
   * @param right how many have their largest output at their class
   * @param samples how many there are
   */
  record Evaluation(double loss, int right, int samples) {
    /** Share of the samples that are right. */
    public double accuracy() {
      return (double) right / samples;
    }
  }

  /**
   * Holds theta {@code [P]} and the running statistics, in this process: whoever moves them writes
   * there. Its own passes are not the loss of a mini-batch.
   */
  Objective objective();

  /**
   * Samples of a step.
   *
   * @param step 0, 1, ...
   */
  int count(long step);

  /**
   * Mean loss at theta over the samples of a step, as the network is trained; leaves its gradient,
   * and moves the running statistics once for every pass.
   */
  double gradient(long step);

  /** The gradient of the last {@link #gradient(long)}, {@code [P]}. */
  Buffer gradient();

  /**
   * One step by backtracking on the samples of a step, all in one pass.
   *
   * @return its size
   */
  double search(LineSearch search, long step);

  /** Mean loss at theta over the samples that are held out, as the network is evaluated. */
  Evaluation evaluate();

  @Override
  void close();
}
