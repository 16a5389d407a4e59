package dev.evolute.autodiff.curvature;

import static dev.evolute.autodiff.Dense.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.autodiff.Dense;
import dev.evolute.autodiff.Network;
import dev.evolute.autodiff.Networks;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Program.Purpose;
import dev.evolute.autodiff.graph.Reference;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.spectral.LinearOperator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every network: each fact runs over all cases of {@link Networks}. */
class DerivativesTest {
  private static final Device CPU = Device.open("cpu", 1);

  /** Small enough that no ReLU of a case is moved across its kink. */
  private static final double STEP = 1e-5;

  private static final List<Network> ALL = Networks.all();

  static List<Network> all() {
    return ALL;
  }

  @ParameterizedTest
  @MethodSource("all")
  void valueMatchesPlainLoops(Network network) {
    double expected = network.reference().loss();
    try (Program curvature = network.curvature(CPU);
        Program training = network.training(CPU)) {
      assertEquals(expected, curvature.value(), 1e-13 * Math.max(1, Math.abs(expected)));
      assertEquals(expected, training.value(), 1e-13 * Math.max(1, Math.abs(expected)));
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void gradientMatchesDifferencesOfTheValue(Network network) {
    try (Program program = network.training(CPU)) {
      double[] gradient = Dense.gradient(program);
      double[][] differences =
          Dense.sharpDifferences(
              theta -> {
                program.theta().set(theta);
                return new double[] {program.value()};
              },
              network.theta(),
              STEP);
      assertClose(differences[0], gradient, 1e-6, "gradient");
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void hessianMatchesDifferencesOfTheGradient(Network network) {
    try (Program program = network.curvature(CPU)) {
      double[][] hessian = Dense.materialise(Point.of(program).hessian());
      double[][] differences =
          Dense.sharpDifferences(theta -> Dense.gradient(program, theta), network.theta(), STEP);
      assertClose(differences, hessian, 1e-6, "Hessian");
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void gaussNewtonMatchesJacobiansByDifferences(Network network) {
    try (Program program = network.curvature(CPU)) {
      double[][] gaussNewton = Dense.materialise(Point.of(program).gaussNewton());
      double[][] jacobian =
          Dense.sharpDifferences(
              theta -> Reference.outputs(network.graph(), network.data(), theta),
              network.theta(),
              STEP);
      double[][] inner = network.reference().lossHessian(network.graph());
      double[][] expected = Dense.times(Dense.transpose(jacobian), Dense.times(inner, jacobian));
      assertClose(expected, gaussNewton, 1e-6, "Gauss-Newton matrix");
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void bothProductsAreSymmetricAndLinear(Network network) {
    Random random = new Random(7);
    try (Program program = network.curvature(CPU)) {
      Point point = Point.of(program);
      for (LinearOperator a : List.of(point.hessian(), point.gaussNewton())) {
        int n = (int) a.size();
        double[] u = Dense.normal(random, n);
        double[] v = Dense.normal(random, n);
        double[] au = Dense.apply(a, u);
        double[] av = Dense.apply(a, v);
        double scale = Dense.norm(u) * Dense.norm(av) + Dense.norm(v) * Dense.norm(au);
        assertEquals(Dense.dot(u, av), Dense.dot(au, v), 1e-12 * scale);
        double[][] sum = Dense.combine(3, new double[][] {u}, -2, new double[][] {v});
        double[][] expected = Dense.combine(3, new double[][] {au}, -2, new double[][] {av});
        assertClose(expected[0], Dense.apply(a, sum[0]), 1e-12, "A (3u - 2v)");
        assertEquals(0, Dense.norm(Dense.apply(a, new double[n])), "A 0");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void gaussNewtonOfConvexLossesIsPositiveSemidefinite(Network network) {
    if (!network.convex()) {
      return;
    }
    Random random = new Random(8);
    try (Program program = network.curvature(CPU)) {
      LinearOperator a = Point.of(program).gaussNewton();
      for (int k = 0; k < 10; k++) {
        double[] u = Dense.normal(random, (int) a.size());
        double[] au = Dense.apply(a, u);
        assertTrue(Dense.dot(u, au) >= -1e-14 * Dense.norm(u) * Dense.norm(au));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void singlePrecisionAgreesWithDouble(Network network) {
    double[] v = Dense.normal(new Random(9), network.theta().length);
    try (Program wide = network.curvature(CPU);
        Program narrow = network.compile(CPU, DType.F32, Purpose.CURVATURE)) {
      Point exact = Point.of(wide);
      Point rounded = Point.of(narrow);
      assertEquals(exact.loss(), rounded.loss(), 2e-5 * Math.max(1, Math.abs(exact.loss())));
      assertClose(
          exact.gradient().toArray(), rounded.gradient().toArray(), 2e-4, "gradient in f32");
      assertClose(
          Dense.apply(exact.hessian(), v), Dense.apply(rounded.hessian(), v), 2e-4, "H v in f32");
      assertClose(
          Dense.apply(exact.gaussNewton(), v),
          Dense.apply(rounded.gaussNewton(), v),
          2e-4,
          "G v in f32");
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void productsRepeatBitwiseAndLeaveThetaAlone(Network network) {
    double[] v = Dense.normal(new Random(10), network.theta().length);
    try (Program program = network.curvature(CPU)) {
      Point point = Point.of(program);
      double[] hessian = Dense.apply(point.hessian(), v);
      double[] gaussNewton = Dense.apply(point.gaussNewton(), v);
      double[] gradient = point.gradient().toArray();
      assertArrayEquals(hessian, Dense.apply(point.hessian(), v));
      assertArrayEquals(gaussNewton, Dense.apply(point.gaussNewton(), v));
      assertArrayEquals(network.theta(), program.theta().toArray());
      assertArrayEquals(gradient, point.gradient().toArray());
      assertArrayEquals(hessian, Dense.apply(Point.of(program).hessian(), v));
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void trainingAndCurvatureProgramsHaveTheSameGradientBitwise(Network network) {
    try (Program training = network.training(CPU);
        Program curvature = network.curvature(CPU)) {
      assertArrayEquals(Dense.gradient(training), Dense.gradient(curvature));
      assertEquals(training.loss(), curvature.loss());
      assertArrayEquals(Dense.gradient(training), Point.of(curvature).gradient().toArray());
    }
  }
}
