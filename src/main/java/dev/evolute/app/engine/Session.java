package dev.evolute.app.engine;

import dev.evolute.app.data.Samples;
import dev.evolute.app.model.NamedModel;
import dev.evolute.autodiff.graph.Objective;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;

/** Executors that an engine has got hold of. */
public interface Session extends AutoCloseable {
  /**
   * What of it decides every bit of the results: shards, threads and device, and not how many
   * executors there are.
   */
  String key();

  /** What it is, for a report. */
  String description();

  /** How many parts samples are cut into. */
  int shards();

  /**
   * The mean loss of a network, as it is evaluated, on the first of some samples, which are sent to
   * the executors now.
   *
   * @param data what the samples are called
   * @param count how many of them
   * @param rows how many of them at a time
   * @param device of the vectors {@code [P]}, in this process
   * @return over all shards; the caller closes it
   * @throws dev.evolute.app.UserException where the executors cannot
   */
  Objective loss(
      NamedModel model,
      String data,
      Samples samples,
      int count,
      int rows,
      DType dtype,
      Device device);

  /** What a product moves, of a vector of so many elements. */
  Traffic traffic(long elements, DType dtype);

  /**
   * The mean loss of a network over mini-batches of samples, which are sent to the executors now.
   * Each shard has samples of its own and draws its part of every batch from those.
   *
   * @param device of theta and of what moves it, in this process
   * @return over all shards; the caller closes it
   * @throws dev.evolute.app.UserException where the executors cannot
   */
  BatchLoss batches(TrainingTask task, Device device);

  /**
   * A folder that the engine's machines reach.
   *
   * @param folder its URI, such as {@code hdfs://namenode/runs/1}
   * @throws dev.evolute.app.UserException where it cannot be written to
   */
  Store store(String folder);

  @Override
  void close();
}
