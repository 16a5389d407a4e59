package dev.evolute.app.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.app.data.DataSets;
import dev.evolute.app.data.Dataset;
import dev.evolute.autodiff.curvature.Point;
import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.nn.FullyConnected;
import dev.evolute.autodiff.nn.Initialisation;
import dev.evolute.autodiff.op.SoftmaxCrossEntropy;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.spectral.Extremes;
import dev.evolute.spectral.Lanczos;
import dev.evolute.spectral.LinearOperator;
import java.util.Locale;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Products that lambda_max of a tanh network of 3,512 parameters takes, on 1,000 digits of 7 x 7
 * pixels, at the start, soon after it, and trained. The truth is Lanczos' own at a risk of a
 * millionth; at the start, a dense solver finds the same.
 */
final class DigitsSpectrumTest {
  private static final int[] WIDTHS = {49, 48, 20, 10};
  private static final int[] STAGES = {0, 30, 300, 2000};
  private static final double ETA = 0.2;
  private static final int SEEDS = 10;
  private static final Lanczos.Options MAX =
      Lanczos.Options.defaults().withEnd(Lanczos.End.MAX).withMeasured(false);

  @Test
  @Tag("slow")
  void lambdaMaxTakesTwelveProductsColdAndThreeWarm() {
    try (Device device = Device.open("cpu", 2);
        Program program = program(device)) {
      int done = 0;
      for (int stage : STAGES) {
        for (; done < stage; done++) {
          descend(program, Point.of(program));
        }
        assertProducts(program, stage);
        done++;
      }
    }
  }

  @Test
  @Tag("slow")
  void truthIsThatOfADenseSolver() {
    try (Device device = Device.open("cpu", 2);
        Program program = program(device)) {
      LinearOperator hessian = Point.of(program).hessian();
      double truth = dense(hessian);
      assertEquals(truth, fine(hessian), 1e-9 * truth);
    }
  }

  private static Program program(Device device) {
    Dataset digits = DataSets.open("mnist-1k", null);
    int n = digits.samples();
    Graph graph = new Graph();
    Value x = graph.data("x", n, WIDTHS[0]);
    Value y = graph.data("y", n, 10);
    Value z = FullyConnected.of(Activation.TANH, WIDTHS).record(graph, x);
    graph.loss(SoftmaxCrossEntropy.mean(n), z, y);
    Program program = Program.compile(graph, device, DType.F64, Program.Purpose.CURVATURE);
    program.set(x, small(digits.inputs(), n));
    program.set(y, digits.oneHot());
    Initialisation.xavierUniform().fill(program, 4);
    return program;
  }

  private static void descend(Program program, Point at) {
    program.kernels().axpby(-ETA, at.gradient(), 1, program.theta());
  }

  /** Means over 4 x 4 pixels. */
  private static double[] small(double[] images, int n) {
    double[] means = new double[n * 49];
    for (int i = 0; i < n * 784; i++) {
      int row = i % 784 / 28;
      int column = i % 28;
      means[i / 784 * 49 + row / 4 * 7 + column / 4] += images[i] / 16;
    }
    return means;
  }

  /** Leaves the program a step further. */
  private static void assertProducts(Program program, int stage) {
    Point point = Point.of(program);
    LinearOperator hessian = point.hessian();
    double truth = fine(hessian);
    int[] needed = new int[SEEDS];
    int[] sure = new int[SEEDS];
    int[] warm = new int[SEEDS];
    Extremes[] cold = new Extremes[SEEDS];
    for (int seed = 0; seed < SEEDS; seed++) {
      Lanczos.Options start = MAX.withSeed(seed + 1);
      needed[seed] = needed(hessian, start, truth);
      cold[seed] = Lanczos.extremes(hessian, start.withFailure(0.01));
      sure[seed] = cold[seed].products();
      assertEquals(truth, cold[seed].max().value(), 1e-3 * truth);
    }
    descend(program, point);
    LinearOperator moved = Point.of(program).hessian();
    double movedTruth = fine(moved);
    for (int seed = 0; seed < SEEDS; seed++) {
      Lanczos.Options start = MAX.withStop(Lanczos.Stop.ESTIMATE).withSeed(seed + 101);
      try (Extremes before = cold[seed];
          Extremes after = Lanczos.extremes(moved, start.withStart(before.max().vector(), 0.02))) {
        assertEquals(movedTruth, after.max().value(), 1e-3 * movedTruth);
        warm[seed] = after.products();
      }
    }
    System.out.printf(
        Locale.ROOT,
        "step %d, lambda_max %.6g, products until it is within 1e-3, %d seeds: %s cold, %s"
            + " until that is known, %s a step later%n",
        stage,
        truth,
        SEEDS,
        range(needed),
        range(sure),
        range(warm));
    for (int seed = 0; seed < SEEDS; seed++) {
      assertTrue(needed[seed] <= 12, "seed " + seed);
      assertTrue(sure[seed] <= 16 && warm[seed] <= 3, "seed " + seed);
    }
  }

  private static String range(int[] counts) {
    int[] sorted = IntStream.of(counts).sorted().toArray();
    return sorted[0] + " to " + sorted[SEEDS - 1];
  }

  /**
   * Products until the largest Ritz value is within 1e-3 of the truth: fewer take no method that
   * knows the operator by its products from there, since no vector of their span has a larger one.
   */
  private static int needed(LinearOperator hessian, Lanczos.Options start, double truth) {
    Lanczos.Options options = start.withTolerance(0).withVectors(false);
    int products = 1;
    double value = 0;
    while (value < (1 - 1e-3) * truth) {
      products++;
      try (Extremes best = Lanczos.extremes(hessian, options.withMaxProducts(products))) {
        value = best.max().value();
      }
    }
    return products;
  }

  /** The largest eigenvalue, at a risk of a millionth that it is not. */
  private static double fine(LinearOperator a) {
    try (Extremes ends = Lanczos.extremes(a, MAX.withFailure(1e-6).withTolerance(1e-9))) {
      assertTrue(ends.converged());
      return ends.max().value();
    }
  }

  /** By all of its products, and a dense solver. */
  private static double dense(LinearOperator a) {
    int n = (int) a.size();
    DMatrixRMaj dense = new DMatrixRMaj(n, n);
    try (Buffer e = a.device().allocate(DType.F64, n);
        Buffer column = a.device().allocate(DType.F64, n)) {
      for (int j = 0; j < n; j++) {
        e.write(j, new double[] {1}, 0, 1);
        a.apply(e, column);
        e.write(j, new double[] {0}, 0, 1);
        column.read(0, dense.data, j * n, n);
      }
    }
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < i; j++) {
        double mean = (dense.get(i, j) + dense.get(j, i)) / 2;
        dense.set(i, j, mean);
        dense.set(j, i, mean);
      }
    }
    EigenDecomposition_F64<DMatrixRMaj> solver = DecompositionFactory_DDRM.eig(n, false, true);
    assertTrue(solver.decompose(dense));
    return IntStream.range(0, n)
        .mapToDouble(i -> solver.getEigenvalue(i).getReal())
        .max()
        .orElseThrow();
  }
}
