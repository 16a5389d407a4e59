package dev.evolute.spark;

import dev.evolute.app.data.Images;
import dev.evolute.app.engine.BatchLoss;
import dev.evolute.app.engine.TrainingTask;
import dev.evolute.app.model.NamedModel;
import dev.evolute.app.train.LocalBatches;
import dev.evolute.autodiff.optim.Optimizer;
import dev.evolute.kernels.Adam;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Steps of training over 60,000 digits: two executors of one thread each beside one process of two
 * threads, in turns on the same two cores. Prints samples a second and their ratio, which anything
 * else on the machine spoils; asserts nothing of them.
 */
@Tag("slow")
class TrainingOverheadTest {
  private static final int TURNS = 9;
  private static final double SECONDS = 0.5;

  @ParameterizedTest
  @ValueSource(ints = {512, 16_384})
  void samplesOfTwoExecutorsBesideThoseOfTwoThreads(int batch, @TempDir Path folder)
      throws Exception {
    Images images = Images.open("mnist", null);
    TrainingTask task =
        new TrainingTask(
            NamedModel.of("mnist-mlp"),
            "mnist",
            images.first(60_000),
            images.only(IntStream.empty().toArray()),
            batch,
            batch,
            DType.F32,
            1);
    Sharding sharding = new Sharding(2, DType.F32, "cpu", 1, 1L << 30);
    try (Standalone standalone = new Standalone(folder, 2, 1, "2g");
        Cluster cluster = Cluster.open(new Cluster.Request(standalone.address, 2, 1, "1g"));
        Device device = Device.open("cpu", 2);
        BatchLoss here = new LocalBatches(task, device);
        BatchLoss there = ShardedBatches.of(cluster.spark(), task, sharding, device);
        Optimizer moveHere = adam(here);
        Optimizer moveThere = adam(there)) {
      task.model().start().fill(here.objective(), 1);
      task.model().start().fill(there.objective(), 1);
      // Until both are compiled.
      rate(here, moveHere, 4 * SECONDS);
      rate(there, moveThere, 10 * SECONDS);
      double[] one = new double[TURNS];
      double[] two = new double[TURNS];
      double[] ratios = new double[TURNS];
      for (int turn = 0; turn < TURNS; turn++) {
        one[turn] = rate(here, moveHere, SECONDS);
        two[turn] = rate(there, moveThere, SECONDS);
        ratios[turn] = two[turn] / one[turn];
      }
      System.out.printf(
          "samples a second in batches of %d, medians of %d turns: one process %.0f, two executors"
              + " %.0f; ratio %.3f%n",
          batch, TURNS, median(one), median(two), median(ratios));
    }
  }

  private static Optimizer adam(BatchLoss batches) {
    return Optimizer.of(new Adam(0.9, 0.999, 1e-8, 0, false), batches.objective());
  }

  /** Samples a second, for some seconds. */
  private static double rate(BatchLoss batches, Optimizer optimizer, double seconds) {
    long samples = 0;
    long start = System.nanoTime();
    double elapsed = 0;
    while (elapsed < seconds) {
      long step = optimizer.steps();
      batches.gradient(step);
      optimizer.step(1e-3, 1, batches.gradient(), batches.objective().theta());
      samples += batches.count(step);
      elapsed = (System.nanoTime() - start) * 1e-9;
    }
    return samples / elapsed;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
