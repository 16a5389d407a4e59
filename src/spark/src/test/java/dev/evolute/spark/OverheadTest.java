package dev.evolute.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.evolute.autodiff.graph.Chunks;
import dev.evolute.autodiff.graph.Objective;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Hessian-vector products over 60,000 digits: two executors of one thread each beside one process
 * of two threads, in turns on the same two cores. Prints both rates and their ratio, which anything
 * else on the machine spoils; asserts nothing of them.
 */
@Tag("slow")
class OverheadTest {
  private static final int TURNS = 15;
  private static final int PRODUCTS = 5;

  @Test
  void productsOfTwoExecutorsBesideThoseOfTwoThreads(@TempDir Path folder) throws Exception {
    Problem problem = new Problem("mnist-mlp", "mnist", 60_000, 4096);
    try (Standalone standalone = new Standalone(folder, 2, 1, "2g");
        Cluster cluster = Cluster.open(new Cluster.Request(standalone.address, 2, 1, "1g"));
        Device device = Device.open("cpu", 2);
        Chunks here = problem.here(device, DType.F32);
        SparkObjective there =
            problem.on(cluster.spark(), problem.sharding(2, DType.F32), device)) {
      here.keep();
      there.keep();
      // Until both are compiled.
      seconds(here, 3 * PRODUCTS);
      seconds(there, 10 * PRODUCTS);
      double[] one = new double[TURNS];
      double[] two = new double[TURNS];
      double[] ratios = new double[TURNS];
      for (int turn = 0; turn < TURNS; turn++) {
        one[turn] = PRODUCTS / seconds(here, PRODUCTS);
        two[turn] = PRODUCTS / seconds(there, PRODUCTS);
        ratios[turn] = two[turn] / one[turn];
      }
      assertEquals(here.loss(), there.loss(), 1e-5 * here.loss());
      System.out.printf(
          "products a second, medians of %d turns: one process %.2f, two executors %.2f; ratio %.3f"
              + " (quartiles %.3f and %.3f)%n",
          TURNS,
          quantile(one, 0.5),
          quantile(two, 0.5),
          quantile(ratios, 0.5),
          quantile(ratios, 0.25),
          quantile(ratios, 0.75));
    }
  }

  private static double seconds(Objective f, int products) {
    f.tangent().set(new SplittableRandom(1).doubles(f.size(), -1, 1).toArray());
    long start = System.nanoTime();
    for (int i = 0; i < products; i++) {
      f.hessianPass();
    }
    return (System.nanoTime() - start) * 1e-9;
  }

  private static double quantile(double[] values, double share) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[(int) Math.round(share * (sorted.length - 1))];
  }
}
