package dev.evolute.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.evolute.autodiff.graph.Chunks;
import dev.evolute.autodiff.graph.Curvature;
import dev.evolute.autodiff.graph.Objective;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Matrix;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Hessian-vector products over 60,000 digits: two executors of one thread each beside one process
 * of two threads, in turns on the same two cores, one vector at a time and blocks of them. Prints
 * rates and their ratios, which anything else on the machine spoils; asserts nothing of them.
 *
 * <p>Spark's own code is a lot, and for hundreds of passes its JIT compilers take as much of the
 * two cores as all the rest of it: what is seen before is printed apart, and then Spark is warmed
 * up by passes over few samples.
 */
@Tag("slow")
class OverheadTest {
  private static final int TURNS = 9;
  private static final int VECTORS = 6;
  private static final int[] BLOCKS = {1, 2, 4, 8};
  private static final int WARM = 600;

  private static final Problem ALL = new Problem("mnist-mlp", "mnist", 60_000, 4096);
  private static final Problem FEW = new Problem("mnist-mlp", "mnist-1k", 200, 100);

  @Test
  void productsOfTwoExecutorsBesideThoseOfTwoThreads(@TempDir Path folder) throws Exception {
    try (Standalone standalone = new Standalone(folder, 2, 1, "2g");
        Cluster cluster = Cluster.open(new Cluster.Request(standalone.address, 2, 1, "1g"));
        Device device = Device.open("cpu", 2);
        Chunks here = ALL.here(device, DType.F32);
        SparkObjective there = ALL.on(cluster.spark(), ALL.sharding(2, DType.F32), device)) {
      here.keep();
      there.keep();
      seconds(here, 1, 10);
      seconds(there, 1, 10);
      compare("products 11 to 40", here, there, 1, 5);
      warmUp(cluster, device);
      for (int block : BLOCKS) {
        seconds(here, block, 2);
        seconds(there, block, 4);
        compare("blocks of " + block, here, there, block, TURNS);
      }
      assertEquals(here.loss(), there.loss(), 1e-5 * here.loss());
    }
  }

  private static void warmUp(Cluster cluster, Device device) {
    try (SparkObjective few = FEW.on(cluster.spark(), FEW.sharding(2, DType.F32), device)) {
      few.keep();
      double each = seconds(few, 1, WARM) / WARM;
      System.out.printf("a pass over %d samples: %.1f ms%n", FEW.count(), 1e3 * each);
    }
  }

  private static void compare(String what, Objective here, Objective there, int block, int turns) {
    int passes = Math.ceilDiv(VECTORS, block);
    double[] one = new double[turns];
    double[] two = new double[turns];
    double[] ratios = new double[turns];
    for (int turn = 0; turn < turns; turn++) {
      one[turn] = block * passes / seconds(here, block, passes);
      two[turn] = block * passes / seconds(there, block, passes);
      ratios[turn] = two[turn] / one[turn];
    }
    System.out.printf(
        "%s: products a second, medians of %d turns: one process %.2f, two executors %.2f; "
            + "ratio %.3f (quartiles %.3f and %.3f)%n",
        what,
        turns,
        quantile(one, 0.5),
        quantile(two, 0.5),
        quantile(ratios, 0.5),
        quantile(ratios, 0.25),
        quantile(ratios, 0.75));
  }

  /** Of some passes, each with a block of vectors. */
  private static double seconds(Objective f, int block, int passes) {
    int n = Math.toIntExact(f.size());
    double[] values = new SplittableRandom(1).doubles((long) block * n, -1, 1).toArray();
    try (Buffer x = f.device().allocate(f.dtype(), values.length);
        Buffer y = f.device().allocate(f.dtype(), values.length)) {
      x.set(values);
      f.tangent().set(Arrays.copyOf(values, n));
      long start = System.nanoTime();
      for (int i = 0; i < passes; i++) {
        if (block == 1) {
          f.hessianPass();
        } else {
          f.passes(Curvature.HESSIAN, Matrix.of(x, block, n), Matrix.of(y, block, n));
        }
      }
      return (System.nanoTime() - start) * 1e-9;
    }
  }

  static double quantile(double[] values, double share) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[(int) Math.round(share * (sorted.length - 1))];
  }
}
