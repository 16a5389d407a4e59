package dev.evolute.autodiff.curvature;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.autodiff.Dense;
import dev.evolute.autodiff.Eigenvalues;
import dev.evolute.autodiff.Recording;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Program.Purpose;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.nn.FullyConnected;
import dev.evolute.autodiff.nn.Initialisation;
import dev.evolute.autodiff.op.SoftmaxCrossEntropy;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.spectral.Extremes;
import dev.evolute.spectral.Lanczos;
import dev.evolute.spectral.LinearOperator;
import dev.evolute.spectral.PowerIteration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ends of the spectrum of a network with 300 parameters, against a dense eigensolver. */
class SpectrumTest {
  private static final Device CPU = Device.open("cpu", 1);
  private static final double TOLERANCE = 1e-9;

  /** 8-12-12-5 on 30 samples: 96 + 144 + 60 weights. */
  private static Program program(Activation f) {
    FullyConnected model = FullyConnected.of(f, 8, 12, 12, 5);
    assertEquals(300, model.size());
    Recording r = new Recording(21);
    Value z = model.record(r.graph, r.data(30, 8));
    r.graph.loss(SoftmaxCrossEntropy.mean(30), z, r.labels(30, 5));
    Program program = Program.compile(r.graph, CPU, DType.F64, Purpose.CURVATURE);
    r.done("").data().forEach(program::set);
    Initialisation.xavierUniform().fill(program, 4);
    return program;
  }

  private static void assertEnds(LinearOperator a, Extremes found) {
    double[] eigenvalues = Eigenvalues.of(Dense.materialise(a));
    double min = eigenvalues[0];
    double max = eigenvalues[eigenvalues.length - 1];
    double norm = Math.max(Math.abs(min), Math.abs(max));
    assertTrue(found.converged());
    assertEquals(max, found.max().value(), TOLERANCE * norm, "lambda_max");
    assertEquals(min, found.min().value(), TOLERANCE * norm, "lambda_min");
    assertTrue(found.max().lower() <= max + 1e-12 && max - 1e-12 <= found.max().upper());
    assertTrue(found.min().lower() <= min + 1e-12 && min - 1e-12 <= found.min().upper());
  }

  static List<Activation> activations() {
    return List.of(Activation.IDENTITY, Activation.TANH, Activation.RELU, Activation.GELU);
  }

  @ParameterizedTest
  @MethodSource("activations")
  void lanczosFindsBothEndsOfTheHessian(Activation f) {
    try (Program program = program(f)) {
      LinearOperator hessian = Point.of(program).hessian();
      Lanczos.Options options = Lanczos.Options.defaults().withTolerance(1e-8);
      try (Extremes found = Lanczos.extremes(hessian, options)) {
        assertEnds(hessian, found);
        assertTrue(found.min().value() < 0 && found.max().value() > 0);
        assertTrue(found.products() < 300, "products: " + found.products());
      }
    }
  }

  @Test
  void lanczosFindsTheLargestEigenvalueOfTheGaussNewtonMatrix() {
    try (Program program = program(Activation.TANH)) {
      LinearOperator gaussNewton = Point.of(program).gaussNewton();
      double[] eigenvalues = Eigenvalues.of(Dense.materialise(gaussNewton));
      Lanczos.Options options =
          Lanczos.Options.defaults().withEnd(Lanczos.End.MAX).withTolerance(1e-8);
      try (Extremes found = Lanczos.extremes(gaussNewton, options)) {
        assertTrue(found.converged());
        assertEquals(eigenvalues[299], found.max().value(), TOLERANCE * eigenvalues[299]);
        assertTrue(eigenvalues[0] > -1e-14 * eigenvalues[299]);
      }
    }
  }

  @Test
  void powerIterationFindsTheLargestEigenvalueToo() {
    try (Program program = program(Activation.TANH)) {
      LinearOperator hessian = Point.of(program).hessian();
      double[] eigenvalues = Eigenvalues.of(Dense.materialise(hessian));
      try (var found = PowerIteration.dominant(hessian, 1e-6, 20_000, 1)) {
        assertTrue(found.pair().converged());
        assertEquals(eigenvalues[299], found.pair().value(), TOLERANCE * eigenvalues[299]);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 5})
  void solversLeaveTheProgramWhereItWas(int seed) {
    try (Program program = program(Activation.SILU)) {
      Point point = Point.of(program);
      double[] theta = program.theta().toArray();
      double[] gradient = point.gradient().toArray();
      Lanczos.Options options = Lanczos.Options.defaults().withSeed(seed);
      Lanczos.extremes(point.hessian(), options).close();
      assertArrayEquals(theta, program.theta().toArray());
      assertArrayEquals(gradient, point.gradient().toArray());
    }
  }

  @Test
  void twoRunsGiveTheSameBits() {
    try (Program program = program(Activation.SOFTPLUS)) {
      LinearOperator hessian = Point.of(program).hessian();
      Lanczos.Options options = Lanczos.Options.defaults();
      try (Extremes first = Lanczos.extremes(hessian, options);
          Extremes second = Lanczos.extremes(hessian, options)) {
        assertEquals(first.max().value(), second.max().value());
        assertEquals(first.min().value(), second.min().value());
        assertArrayEquals(first.max().vector().toArray(), second.max().vector().toArray());
      }
    }
  }
}
