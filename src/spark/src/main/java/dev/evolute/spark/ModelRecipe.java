package dev.evolute.spark;

import dev.evolute.app.data.Samples;
import dev.evolute.app.model.NamedModel;
import dev.evolute.autodiff.graph.Chunks;
import dev.evolute.autodiff.graph.SampledLoss;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * The mean loss of a network that has a name, as it is evaluated, on samples of the driver's.
 *
 * @param model name of the network
 * @param data name of the data
 * @param inputs numbers of a sample
 * @param outputs classes, or the vocabulary
 */
record ModelRecipe(
    String model, String data, int inputs, int outputs, int samples, int rows, Shipment shipment)
    implements Recipe {
  /**
   * Recipe of a network on the first samples.
   *
   * @param data name of the data
   * @param count how many samples
   * @param rows how many of them at a time
   */
  static ModelRecipe of(
      JavaSparkContext spark,
      NamedModel model,
      String data,
      Samples samples,
      int count,
      int rows,
      Sharding sharding) {
    return new ModelRecipe(
        model.name(),
        data,
        model.inputs(),
        model.outputs(),
        count,
        rows,
        Shipment.of(spark, samples, count, sharding));
  }

  @Override
  public SampledLoss loss() {
    return network(model, data, inputs, outputs).evaluation().loss(samples);
  }

  /** A network by its name, recorded anew in each process. */
  static NamedModel network(String model, String data, int inputs, int outputs) {
    return NamedModel.isSequential(model)
        ? NamedModel.ofText(model, outputs)
        : NamedModel.onImages(model).fit(data, inputs, outputs);
  }

  @Override
  public void load(int from, int to, Chunks shard) {
    Shipment.Load load = shipment.at(from);
    shard.set("x", load.x().values());
    shard.set("y", load.y().values());
  }
}
