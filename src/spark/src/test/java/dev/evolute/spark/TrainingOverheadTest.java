package dev.evolute.spark;

import dev.evolute.app.data.Images;
import dev.evolute.app.data.Samples;
import dev.evolute.app.engine.BatchLoss;
import dev.evolute.app.engine.TrainingTask;
import dev.evolute.app.model.NamedModel;
import dev.evolute.app.train.LocalBatches;
import dev.evolute.autodiff.optim.Optimizer;
import dev.evolute.kernels.Adam;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Steps of training over 60,000 digits: two executors of one thread each beside one process of two
 * threads, in turns on the same two cores. Prints samples a second and their ratio, which anything
 * else on the machine spoils; asserts nothing of them.
 */
@Tag("slow")
class TrainingOverheadTest {
  private static final int TURNS = 9;
  private static final double SECONDS = 0.5;

  /** Until Spark's own code is compiled. */
  private static final double WARM_SECONDS = 12;

  @Test
  void samplesOfTwoExecutorsBesideThoseOfTwoThreads(@TempDir Path folder) throws Exception {
    Images images = Images.open("mnist", null);
    Samples train = images.first(60_000);
    Samples none = images.only(new int[0]);
    Sharding sharding = new Sharding(2, DType.F32, "cpu", 1, 1L << 30);
    try (Standalone standalone = new Standalone(folder, 2, 1, "2g");
        Cluster cluster = Cluster.open(new Cluster.Request(standalone.address, 2, 1, "1g"));
        Device device = Device.open("cpu", 2)) {
      for (int batch : new int[] {512, 16_384}) {
        NamedModel model = NamedModel.of("mnist-mlp");
        TrainingTask task =
            new TrainingTask(model, "mnist", train, none, batch, batch, DType.F32, 1);
        try (BatchLoss here = new LocalBatches(task, device);
            BatchLoss there = ShardedBatches.of(cluster.spark(), task, sharding, device);
            Optimizer moveHere = adam(here);
            Optimizer moveThere = adam(there)) {
          model.start().fill(here.objective(), 1);
          model.start().fill(there.objective(), 1);
          rate(here, moveHere, SECONDS);
          rate(there, moveThere, batch == 512 ? WARM_SECONDS : 2 * SECONDS);
          double[] one = new double[TURNS];
          double[] two = new double[TURNS];
          double[] ratios = new double[TURNS];
          for (int turn = 0; turn < TURNS; turn++) {
            one[turn] = rate(here, moveHere, SECONDS);
            two[turn] = rate(there, moveThere, SECONDS);
            ratios[turn] = two[turn] / one[turn];
          }
          System.out.printf(
              "samples a second in batches of %d, medians of %d turns: one process %.0f, two"
                  + " executors %.0f; ratio %.3f (quartiles %.3f and %.3f)%n",
              batch,
              TURNS,
              OverheadTest.quantile(one, 0.5),
              OverheadTest.quantile(two, 0.5),
              OverheadTest.quantile(ratios, 0.5),
              OverheadTest.quantile(ratios, 0.25),
              OverheadTest.quantile(ratios, 0.75));
        }
      }
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
}
