package dev.evolute.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.autodiff.curvature.NtkSpectrum;
import dev.evolute.autodiff.curvature.Point;
import dev.evolute.autodiff.graph.Chunks;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.spectral.Extremes;
import dev.evolute.spectral.Lanczos;
import dev.evolute.spectral.LinearOperator;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Both ends of Hessians by a standalone cluster of two workers on loopback. */
class StandaloneTest {
  @TempDir static Path folder;
  private static Standalone standalone;
  private static Cluster cluster;
  private static Device device;

  @BeforeAll
  static void start() throws Exception {
    standalone = new Standalone(folder, 2, 1, "2g");
    System.setProperty("spark.locality.wait", "500ms");
    cluster = Cluster.open(new Cluster.Request(standalone.address, 2, 1, "1g"));
    device = Device.open("cpu", 2);
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
      device.close();
    }
    if (standalone != null) {
      standalone.close();
    }
    System.clearProperty("spark.locality.wait");
  }

  private static Extremes ends(LinearOperator hessian, double tolerance) {
    return Lanczos.extremes(
        hessian, Lanczos.Options.defaults().withTolerance(tolerance).withVectors(false));
  }

  private static void assertSame(Extremes expected, Extremes ends) {
    assertEquals(expected.max().value(), ends.max().value());
    assertEquals(expected.min().value(), ends.min().value());
    assertEquals(expected.products(), ends.products());
  }

  @Test
  void anExecutorThatIsKilledAndTheOneThatComesForItChangeNoBit() {
    Problem problem = Problem.DIGITS;
    try (SparkObjective f = problem.on(cluster.spark(), problem.sharding(4, DType.F32), device)) {
      LinearOperator hessian = Point.of(f).hessian();
      try (Extremes whole = ends(hessian, 1e-2)) {
        ProcessHandle victim = Standalone.executors(cluster.spark(), 2).getFirst();
        try (Extremes wounded = ends(new Killing(hessian, 5, victim), 1e-2)) {
          assertSame(whole, wounded);
        }
        assertFalse(victim.isAlive());
        awaitTwoExecutors();
        try (Extremes healed = ends(hessian, 1e-2)) {
          assertSame(whole, healed);
        }
        assertEquals(2, f.executors());
      }
    }
  }

  /** Until another one has come for the one that was killed. */
  private static void awaitTwoExecutors() {
    Executors executors = new Executors(cluster.spark().sc());
    assertEquals(2, executors.await(2, 60).size());
    executors.close();
  }

  /** Kills a process while a product is under way. */
  private record Killing(LinearOperator operator, int[] left, ProcessHandle victim)
      implements LinearOperator {
    Killing(LinearOperator operator, int after, ProcessHandle victim) {
      this(operator, new int[] {after}, victim);
    }

    @Override
    public long size() {
      return operator.size();
    }

    @Override
    public Device device() {
      return operator.device();
    }

    @Override
    public DType dtype() {
      return operator.dtype();
    }

    @Override
    public void apply(Buffer x, Buffer y) {
      if (left[0]-- == 0) {
        Thread.ofVirtual().start(victim::destroyForcibly);
      }
      operator.apply(x, y);
    }
  }

  @Test
  void anExecutorThatIsKilledChangesNoBitOfTheTangentKernel() {
    Problem problem = Problem.DIGITS;
    try (SparkObjective f = problem.on(cluster.spark(), problem.sharding(4, DType.F32), device)) {
      LinearOperator kernel = Point.of(f).ntk();
      Lanczos.Options options =
          Lanczos.Options.defaults().withEnd(Lanczos.End.MAX).withVectors(false);
      try (Extremes whole = Lanczos.extremes(kernel, options)) {
        ProcessHandle victim = Standalone.executors(cluster.spark(), 2).getFirst();
        try (Extremes wounded = Lanczos.extremes(new Killing(kernel, 2, victim), options)) {
          assertEquals(whole.max().value(), wounded.max().value());
          assertEquals(whole.products(), wounded.products());
        }
        assertFalse(victim.isAlive());
      }
    }
    awaitTwoExecutors();
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource(DType.class)
  void theTangentKernelOfAllDigitsIsThatOfOneProcess(DType dtype) {
    Problem problem = new Problem("mnist-mlp", "mnist", 60_000, 4096);
    double close = dtype == DType.F32 ? 1e-6 : 1e-12;
    Lanczos.Options options =
        Lanczos.Options.defaults()
            .withTolerance(dtype == DType.F32 ? 1e-4 : 1e-8)
            .withVectors(false);
    try (Chunks here = problem.here(device, dtype);
        SparkObjective there = problem.on(cluster.spark(), problem.sharding(2, dtype), device)) {
      NtkSpectrum expected = NtkSpectrum.of(Point.of(here), options);
      NtkSpectrum first = NtkSpectrum.of(Point.of(there), options);
      assertEquals(first, NtkSpectrum.of(Point.of(there), options));
      double max = Math.abs(first.max().value() / expected.max().value() - 1);
      System.out.printf(
          "%s: lambda_max of the tangent kernel %.9g, relative difference %.2g; %d products%n",
          dtype, expected.max().value(), max, first.products());
      assertTrue(max <= close, "lambda_max differs by " + max);
    }
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource(DType.class)
  void endsOfAllDigitsAreThoseOfOneProcess(DType dtype) {
    Problem problem = new Problem("mnist-mlp", "mnist", 60_000, 4096);
    double tolerance = dtype == DType.F32 ? 1e-4 : 1e-8;
    double close = dtype == DType.F32 ? 1e-6 : 1e-12;
    try (Chunks here = problem.here(device, dtype);
        SparkObjective there = problem.on(cluster.spark(), problem.sharding(2, dtype), device);
        Extremes expected = ends(Point.of(here).hessian(), tolerance);
        Extremes first = ends(Point.of(there).hessian(), tolerance);
        Extremes second = ends(Point.of(there).hessian(), tolerance)) {
      assertSame(first, second);
      double max = Math.abs(first.max().value() / expected.max().value() - 1);
      double min = Math.abs(first.min().value() / expected.min().value() - 1);
      System.out.printf(
          "%s: lambda_max %.9g, relative difference %.2g; lambda_min %.9g, %.2g; %d products%n",
          dtype, expected.max().value(), max, expected.min().value(), min, first.products());
      assertTrue(max <= close, "lambda_max differs by " + max);
      assertTrue(min <= close, "lambda_min differs by " + min);
    }
  }
}
