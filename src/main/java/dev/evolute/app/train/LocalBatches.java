package dev.evolute.app.train;

import dev.evolute.app.data.Samples;
import dev.evolute.app.engine.BatchLoss;
import dev.evolute.app.engine.TrainingTask;
import dev.evolute.autodiff.graph.Objective;
import dev.evolute.autodiff.optim.LineSearch;
import dev.evolute.autodiff.optim.Sampler;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Device;

/** Mini-batches of samples that this process has, on one device. */
public final class LocalBatches implements BatchLoss {
  private final Samples train;
  private final Samples held;
  private final Sampler sampler;
  private final int[] batch;
  private final Passes passes;

  /** Compiles what the task needs. */
  public LocalBatches(TrainingTask task, Device device) {
    train = task.train();
    held = task.held();
    sampler = new Sampler(train.count(), task.batch(), false, task.seed());
    batch = new int[task.batch()];
    passes =
        new Passes(
            task.model(),
            train,
            device,
            task.dtype(),
            task.seed(),
            task.rows(),
            held.count(),
            task.batch(),
            sampler.lastBatch());
  }

  /**
   * Samples of a step, of which the last of an epoch has what is left.
   *
   * @param samples N, all samples
   * @param batch samples of the other steps
   */
  public static int count(int samples, int batch, long step) {
    int first = (int) (step % Math.ceilDiv(samples, batch)) * batch;
    return Math.min(batch, samples - first);
  }

  @Override
  public Objective objective() {
    return passes.program();
  }

  @Override
  public int count(long step) {
    return count(train.count(), batch.length, step);
  }

  @Override
  public double gradient(long step) {
    return passes.gradient(train, batch, draw(step), step);
  }

  @Override
  public Buffer gradient() {
    return passes.gradient();
  }

  @Override
  public double search(LineSearch search, long step) {
    return passes.search(search, train, batch, draw(step), step);
  }

  private int draw(long step) {
    sampler.seek(step);
    return sampler.next(batch);
  }

  @Override
  public Evaluation evaluate() {
    return passes.evaluate(held);
  }

  @Override
  public void close() {
    passes.close();
  }
}
