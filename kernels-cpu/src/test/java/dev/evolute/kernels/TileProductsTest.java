package dev.evolute.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.evolute.kernels.cpu.EmulatedDevice;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Products on an interpreted matrix unit, and on the processor's own where it has one, in all
 * forms: six products of BF16 keep what f32 does. Shapes that are too small to be worth it go to
 * the unit, too.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TileProductsTest implements GemmFacts, FusedProductFacts, PrecisionFacts {
  private final List<Workspace> workspaces = new ArrayList<>();

  @BeforeAll
  void open() {
    for (int threads = 1; threads <= 3; threads += 2) {
      for (Device device : EmulatedDevice.all(threads, Precision.BF16X6)) {
        workspaces.add(new Workspace(device, DType.F32, true));
      }
    }
  }

  /** Precisions are tried in between. */
  @BeforeEach
  void sixProducts() {
    workspaces.forEach(w -> w.device.precision(Precision.BF16X6));
  }

  @AfterAll
  void close() {
    for (Workspace w : workspaces) {
      w.free();
      w.device.close();
    }
  }

  /** A product, and one of a batch, to the bit. */
  @Test
  void resultsDoNotDependOnTheNumberOfThreads() {
    int units = workspaces.size() / 2;
    for (int unit = 0; unit < units; unit++) {
      double[] one = product(workspaces.get(unit));
      double[] three = product(workspaces.get(units + unit));
      assertArrayEquals(one, three);
    }
  }

  private static double[] product(Workspace w) {
    w.start(1);
    int n = 70;
    Buffer a = w.vector(w.gaussians(4 * n * n));
    Buffer b = w.vector(w.gaussians(4 * n * n));
    Buffer c = w.vector(new double[5 * n * n]);
    int step = n * n;
    Matrix left = Matrix.of(a, n, n);
    Matrix right = Matrix.of(b, n, n).t();
    w.kernels.gemmBatch(4, 0.5, left, step, right, step, 0, Matrix.of(c, n, n), step);
    Matrix last = Matrix.of(c.view(4L * step, step), n, n);
    w.kernels.gemm(1, Matrix.of(a, n, 2 * n), Matrix.of(b, n, 2 * n).t(), 0, last);
    return c.toArray();
  }

  /** Infinities become NaN here, as {@link SplitErrorTest} has it, so this is no fact. */
  @Override
  public void gemmCarriesNanAndInfinityWhereTheNaiveProductDoes(Workspace w) {}

  /** Nor this, which tries infinities too. */
  @Override
  public void gemmMatchesNaiveProductOnTwentyThousandRandomCases(Workspace w) {}

  /** Read by the facts. */
  List<Workspace> workspaces() {
    return workspaces;
  }
}
