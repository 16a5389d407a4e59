package dev.evolute.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.autodiff.curvature.DiagonalBlock;
import dev.evolute.autodiff.curvature.LinearMap;
import dev.evolute.autodiff.curvature.NtkSpectrum;
import dev.evolute.autodiff.curvature.OffDiagonalBlock;
import dev.evolute.autodiff.curvature.Point;
import dev.evolute.autodiff.graph.Block;
import dev.evolute.autodiff.graph.Chunks;
import dev.evolute.autodiff.graph.Curvature;
import dev.evolute.autodiff.graph.Objective;
import dev.evolute.autodiff.graph.SampledLoss;
import dev.evolute.autodiff.op.L2Penalty;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Matrix;
import dev.evolute.spectral.Extremes;
import dev.evolute.spectral.Lanczos;
import dev.evolute.spectral.LinearOperator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Passes as Spark jobs, against those of one process; executors are threads of this one. */
class SparkObjectiveTest {
  private Device device;

  @BeforeEach
  void open() {
    device = Device.open("cpu", 1);
  }

  @AfterEach
  void close() {
    device.close();
  }

  private SparkObjective sharded(Problem problem, int shards, DType dtype) {
    return problem.on(Local.spark(), problem.sharding(shards, dtype), device);
  }

  private static double tolerance(DType dtype) {
    return dtype == DType.F32 ? 2e-5 : 1e-13;
  }

  private static void assertClose(double[] expected, double[] actual, double tolerance) {
    double largest = 0;
    for (double e : expected) {
      largest = Math.max(largest, Math.abs(e));
    }
    assertTrue(largest > 0);
    assertArrayEquals(expected, actual, tolerance * largest);
  }

  private static void direction(Objective objective, int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    objective.tangent().set(random.doubles(objective.size(), -1, 1).toArray());
  }

  /** The same of both, at the same place. */
  private static void compare(
      Objective one, Objective other, Function<Objective, Buffer> pass, double tolerance) {
    assertClose(pass.apply(one).toArray(), pass.apply(other).toArray(), tolerance);
  }

  private static Buffer product(Objective objective, Consumer<Objective> pass) {
    direction(objective, 5);
    pass.accept(objective);
    return objective.product();
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void passesAreThoseOfOneProcess(DType dtype) {
    for (Problem problem :
        dtype == DType.F32 ? List.of(Problem.DIGITS) : List.of(Problem.DIGITS, Problem.RESIDUAL)) {
      try (Chunks here = problem.here(device, dtype);
          SparkObjective there = sharded(problem, 3, dtype)) {
        double close = tolerance(dtype);
        assertEquals(here.value(), there.value(), close * here.loss());
        here.gradientPass();
        there.gradientPass();
        assertEquals(here.loss(), there.loss(), close * here.loss());
        assertClose(here.gradient().toArray(), there.gradient().toArray(), close);
        here.keep();
        there.keep();
        assertClose(here.gradient().toArray(), there.gradient().toArray(), close);
        compare(here, there, f -> product(f, Objective::hessianPass), close);
        compare(here, there, f -> product(f, Objective::gaussNewtonPass), close);
        compare(here, there, f -> product(f, Objective::residualPass), 20 * close);
      }
    }
  }

  @Test
  void splitProductsAndSeveralVectorsAreThoseOfOneProcess() {
    Problem problem = Problem.DIGITS;
    try (Chunks here = problem.here(device, DType.F64);
        SparkObjective there = sharded(problem, 3, DType.F64)) {
      int n = (int) here.size();
      int k = 3;
      double[] v = new SplittableRandom(9).doubles((long) k * n, -1, 1).toArray();
      double[][] split = new double[2][];
      double[][] together = new double[2][];
      int i = 0;
      for (Objective f : List.of(here, there)) {
        try (Buffer a = device.allocate(DType.F64, (long) k * n);
            Buffer b = device.allocate(DType.F64, (long) k * n)) {
          f.keep();
          direction(f, 2);
          f.splitPass(a.view(0, n), b.view(0, n));
          split[i] = f.product().toArray();
          double[] sum = a.view(0, n).toArray();
          double[] residual = b.view(0, n).toArray();
          for (int j = 0; j < n; j++) {
            sum[j] += residual[j];
          }
          assertArrayEquals(split[i], sum);
          a.set(v);
          f.passes(Curvature.GAUSS_NEWTON, Matrix.of(a, k, n), Matrix.of(b, k, n));
          together[i++] = b.toArray();
        }
      }
      assertClose(split[0], split[1], 1e-13);
      assertClose(together[0], together[1], 1e-13);
    }
  }

  /** Shards of 333, 333 and 334 samples, with what each of them has to send and to be sent. */
  @ParameterizedTest
  @EnumSource(DType.class)
  void theJacobianOfTheOutputsIsThatOfOneProcess(DType dtype) {
    Problem problem = Problem.DIGITS;
    double close = tolerance(dtype);
    try (Chunks here = problem.here(device, dtype);
        SparkObjective there = sharded(problem, 3, dtype);
        Buffer v = device.allocate(dtype, here.size());
        Buffer u = device.allocate(dtype, 10_000);
        Buffer outputs = device.allocate(dtype, 10_000);
        Buffer back = device.allocate(dtype, here.size())) {
      v.set(new SplittableRandom(5).doubles(v.length(), -1, 1).toArray());
      u.set(new SplittableRandom(6).doubles(u.length(), -1, 1).toArray());
      double[][] found = new double[6][];
      int i = 0;
      for (Objective f : List.of(here, there)) {
        Point point = Point.of(f);
        LinearMap jacobian = point.jacobian();
        assertEquals(10_000, jacobian.rows());
        jacobian.apply(v, outputs);
        found[i++] = outputs.toArray();
        jacobian.applyTransposed(u, back);
        found[i++] = back.toArray();
        point.ntk().apply(u, outputs);
        found[i++] = outputs.toArray();
      }
      for (int k = 0; k < 3; k++) {
        assertClose(found[k], found[k + 3], close);
      }
    }
  }

  @Test
  void blocksAreThoseOfOneProcess() {
    Problem problem = Problem.DIGITS;
    try (Chunks here = problem.here(device, DType.F64);
        SparkObjective there = sharded(problem, 2, DType.F64)) {
      double[][] products = new double[2][];
      double[][] mixed = new double[2][];
      int i = 0;
      for (Objective f : List.of(here, there)) {
        Block first = Block.of(f.parameters().getFirst());
        Block ends = Block.of(f.parameters().getFirst(), f.parameters().getLast());
        Point point = Point.of(f);
        try (DiagonalBlock diagonal = point.block(ends);
            OffDiagonalBlock off = point.block(first, ends);
            Buffer x = device.allocate(DType.F64, ends.size());
            Buffer y = device.allocate(DType.F64, ends.size());
            Buffer z = device.allocate(DType.F64, first.size())) {
          x.set(new SplittableRandom(4).doubles(ends.size(), -1, 1).toArray());
          diagonal.gaussNewton().apply(x, y);
          products[i] = y.toArray();
          off.hessian().apply(x, z);
          mixed[i++] = z.toArray();
        }
      }
      assertClose(products[0], products[1], 1e-13);
      assertClose(mixed[0], mixed[1], 1e-13);
    }
  }

  @Test
  void bitsDoNotDependOnWhoAddsWhat() {
    Problem problem = Problem.DIGITS;
    Sharding sharding = problem.sharding(11, DType.F32);
    double[][] gradients = new double[3][];
    int i = 0;
    for (int fan : new int[] {2, 4, 16}) {
      try (SparkObjective f =
          SparkObjective.of(
              Local.spark(), problem.recipe(Local.spark(), sharding), sharding, device, fan)) {
        problem.network().start().fill(f, 3);
        f.gradientPass();
        gradients[i++] = f.gradient().toArray();
      }
    }
    assertArrayEquals(gradients[0], gradients[1]);
    assertArrayEquals(gradients[0], gradients[2]);
  }

  @Test
  void solversRunUnchanged() {
    Problem problem = Problem.DIGITS;
    try (Chunks here = problem.here(device, DType.F64);
        SparkObjective there = sharded(problem, 3, DType.F64)) {
      Lanczos.Options options = Lanczos.Options.defaults().withTolerance(1e-7).withVectors(false);
      LinearOperator one = Point.of(here).hessian();
      LinearOperator many = Point.of(there).hessian();
      try (Extremes expected = Lanczos.extremes(one, options);
          Extremes ends = Lanczos.extremes(many, options)) {
        double max = expected.max().value();
        double min = expected.min().value();
        assertEquals(max, ends.max().value(), 1e-12 * max);
        assertEquals(min, ends.min().value(), 1e-12 * Math.abs(min));
      }
      // The lower end of this kernel takes thousands of products.
      Lanczos.Options few = options.withMaxProducts(40);
      NtkSpectrum kernel = NtkSpectrum.of(Point.of(here), few);
      NtkSpectrum sharded = NtkSpectrum.of(Point.of(there), few);
      double max = kernel.max().value();
      assertEquals(max, sharded.max().value(), 1e-12 * max);
      assertEquals(kernel.products(), sharded.products());
    }
  }

  @Test
  void aProductNeedsAPointThatIsKept() {
    try (SparkObjective f = sharded(Problem.DIGITS, 2, DType.F32)) {
      f.keep();
      f.value();
      assertTrue(
          assertThrows(IllegalStateException.class, f::hessianPass)
              .getMessage()
              .contains("call keep()"));
    }
  }

  @Test
  void termsWithoutSamplesAreRefused() {
    Problem problem = Problem.DIGITS;
    Sharding sharding = problem.sharding(2, DType.F32);
    Recipe plain = problem.recipe(Local.spark(), sharding);
    Recipe penalised = new Penalised(plain);
    assertTrue(
        assertThrows(
                IllegalArgumentException.class,
                () -> SparkObjective.of(Local.spark(), penalised, sharding, device))
            .getMessage()
            .contains("terms without samples"));
  }

  private record Penalised(Recipe plain) implements Recipe {
    @Override
    public int samples() {
      return plain.samples();
    }

    @Override
    public int rows() {
      return plain.rows();
    }

    @Override
    public SampledLoss loss() {
      SampledLoss loss = plain.loss();
      return (graph, rows) -> {
        loss.record(graph, rows);
        graph.loss(new L2Penalty(0.1), graph.parameters().getFirst());
      };
    }

    @Override
    public void load(int from, int to, Chunks shard) {
      plain.load(from, to, shard);
    }
  }

  @Test
  void shardsAreClosedWithTheirObjective() {
    long before = Shards.all();
    try (SparkObjective f = sharded(Problem.DIGITS, 3, DType.F32)) {
      f.value();
      assertEquals(before + 3, Shards.all());
    }
    assertEquals(before, Shards.all());
  }
}
