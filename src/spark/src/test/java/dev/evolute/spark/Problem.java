package dev.evolute.spark;

import dev.evolute.app.data.Images;
import dev.evolute.app.data.Samples;
import dev.evolute.app.model.NamedModel;
import dev.evolute.autodiff.graph.ChunkPlan;
import dev.evolute.autodiff.graph.Chunks;
import dev.evolute.autodiff.graph.Objective;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import org.apache.spark.api.java.JavaSparkContext;

/** A network on images, in one process and on a cluster, at the same parameters. */
record Problem(String model, String data, int count, int rows) {
  static final Problem DIGITS = new Problem("mnist-mlp", "mnist-1k", 1000, 96);

  /** Convolutions and batch norms, whose running statistics travel with theta. */
  static final Problem RESIDUAL = new Problem("resnet:1:2", "mnist-1k", 8, 3);

  Sharding sharding(int shards, DType dtype) {
    return new Sharding(shards, dtype, "cpu", 1, 1L << 30);
  }

  private Images images() {
    return Images.open(data, null);
  }

  NamedModel network() {
    Images images = images();
    return NamedModel.onImages(model).fit(images.name(), images.features(), images.classes());
  }

  ModelRecipe recipe(JavaSparkContext spark, Sharding sharding) {
    Samples samples = images().first(count);
    return ModelRecipe.of(spark, network(), data, samples, count, rows, sharding);
  }

  SparkObjective on(JavaSparkContext spark, Sharding sharding, Device device) {
    SparkObjective objective = SparkObjective.of(spark, recipe(spark, sharding), sharding, device);
    start(objective);
    return objective;
  }

  Chunks here(Device device, DType dtype) {
    NamedModel network = network().evaluation();
    Chunks chunks = ChunkPlan.of(count, rows, network.loss(count)).compile(device, dtype);
    NamedModel.load(images().first(count), count, chunks);
    start(chunks);
    return chunks;
  }

  /** Parameters at random; running statistics that are not those of the start. */
  private void start(Objective objective) {
    network().start().fill(objective, 3);
    objective
        .state()
        .forEach(
            (name, state) -> {
              double[] values = state.toArray();
              for (int i = 0; i < values.length; i++) {
                values[i] += 0.5 / (i + 1);
              }
              state.set(values);
            });
  }
}
