package dev.evolute.autodiff.curvature;

import static dev.evolute.autodiff.Dense.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.autodiff.Dense;
import dev.evolute.autodiff.Eigenvalues;
import dev.evolute.autodiff.Network;
import dev.evolute.autodiff.Networks;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Program.Purpose;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.spectral.Extremes;
import dev.evolute.spectral.Lanczos;
import dev.evolute.spectral.LinearOperator;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PreconditionedTest {
  private static final Device CPU = Device.open("cpu", 1);

  @ParameterizedTest
  @EnumSource(DType.class)
  void elementsAreDividedByRootsOfTheDiagonal(DType dtype) {
    Random random = new Random(1);
    double tolerance = dtype == DType.F64 ? 1e-14 : 1e-6;
    for (int seed = 0; seed < 20; seed++) {
      Network network = Networks.random(seed);
      int n = network.theta().length;
      double[] d = random.doubles(n, 0.1, 10).toArray();
      try (Program program = network.compile(CPU, dtype, Purpose.CURVATURE);
          Buffer diagonal = CPU.allocate(dtype, n)) {
        diagonal.set(d);
        Point point = Point.of(program);
        double[][] expected = Dense.materialise(point.hessian());
        for (int i = 0; i < n; i++) {
          for (int j = 0; j < n; j++) {
            expected[i][j] /= Math.sqrt(d[i]) * Math.sqrt(d[j]);
          }
        }
        try (Preconditioned a = Preconditioned.of(point.hessian(), diagonal)) {
          assertClose(expected, Dense.materialise(a), tolerance, "D^-1/2 H D^-1/2");
        }
      }
    }
  }

  /** {@code A v = lambda D v} against the dense solver, and its own residual. */
  @ParameterizedTest
  @EnumSource(DType.class)
  void bothEndsOfTheGeneralisedProblem(DType dtype) {
    double tolerance = dtype == DType.F64 ? 1e-9 : 1e-4;
    Random random = new Random(2);
    for (int seed = 0; seed < 6; seed++) {
      Network network = Networks.random(seed);
      int n = network.theta().length;
      double[] d = random.doubles(n, 0.1, 10).toArray();
      try (Program wide = network.curvature(CPU);
          Program program = network.compile(CPU, dtype, Purpose.CURVATURE);
          Buffer diagonal = CPU.allocate(dtype, n)) {
        diagonal.set(d);
        LinearOperator hessian = Point.of(program).hessian();
        double[][] a = Dense.materialise(Point.of(wide).hessian());
        double[][] scaled = new double[n][n];
        for (int i = 0; i < n; i++) {
          for (int j = 0; j < n; j++) {
            scaled[i][j] = a[i][j] / Math.sqrt(d[i] * d[j]);
          }
        }
        double[] truth = Eigenvalues.of(scaled);
        double norm = Math.max(Math.abs(truth[0]), Math.abs(truth[n - 1]));
        Lanczos.Options options = Lanczos.Options.defaults().withTolerance(tolerance / 10);
        try (Extremes found = Preconditioned.extremes(hessian, diagonal, options)) {
          assertEquals(truth[0], found.min().value(), tolerance * norm);
          assertEquals(truth[n - 1], found.max().value(), tolerance * norm);
          double[] v = found.max().vector().toArray();
          double[] av = Dense.flat(Dense.times(a, Dense.transpose(new double[][] {v})));
          double length = 0;
          double residual = 0;
          for (int i = 0; i < n; i++) {
            length += d[i] * v[i] * v[i];
            residual += Math.pow(av[i] - found.max().value() * d[i] * v[i], 2) / d[i];
          }
          assertEquals(1, length, tolerance);
          assertEquals(found.max().residual(), Math.sqrt(residual), tolerance * norm);
          try (Preconditioned b = Preconditioned.of(hessian, diagonal);
              Buffer y = CPU.allocate(dtype, n);
              Buffer product = CPU.allocate(dtype, n)) {
            b.symmetric(found.max().vector(), y);
            b.apply(y, product);
            CPU.kernels(dtype).axpby(-found.max().value(), y, 1, product);
            assertEquals(0, CPU.kernels(dtype).nrm2(product), tolerance * norm);
          }
        }
      }
    }
  }

  @Test
  void diagonalThatIsNotPositiveIsRefused() {
    Network network = Networks.random(1);
    int n = network.theta().length;
    try (Program program = network.curvature(CPU);
        Buffer diagonal = CPU.allocate(DType.F64, n)) {
      for (double bad : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
        CPU.kernels(DType.F64).fill(1, diagonal);
        diagonal.write(n / 2, new double[] {bad}, 0, 1);
        Point point = Point.of(program);
        IllegalArgumentException e =
            assertThrows(
                IllegalArgumentException.class, () -> Preconditioned.of(point.hessian(), diagonal));
        assertTrue(e.getMessage().endsWith("they must be positive and finite"), e.getMessage());
      }
    }
  }
}
