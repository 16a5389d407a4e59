package dev.evolute.autodiff.curvature;

import static dev.evolute.autodiff.Dense.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.evolute.autodiff.Dense;
import dev.evolute.autodiff.Network;
import dev.evolute.autodiff.Networks;
import dev.evolute.autodiff.Recording;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Program.Purpose;
import dev.evolute.autodiff.op.SquaredError;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The Hessian is the Gauss-Newton matrix and the residual part, together or each alone. */
class SplitTest {
  private static final Device CPU = Device.open("cpu", 1);
  private static final List<Network> ALL = Networks.all();

  static List<Network> all() {
    return ALL;
  }

  /** Hessian, Gauss-Newton product and residual part of one tangent pass. */
  private static double[][] split(Point point, double[] v) {
    Program program = point.program();
    Buffer[] buffers = new Buffer[4];
    for (int i = 0; i < buffers.length; i++) {
      buffers[i] = program.device().allocate(program.dtype(), v.length);
    }
    buffers[0].set(v);
    point.split(buffers[0], buffers[1], buffers[2], buffers[3]);
    double[][] parts = new double[3][];
    for (int i = 0; i < 4; i++) {
      if (i > 0) {
        parts[i - 1] = buffers[i].toArray();
      }
      buffers[i].close();
    }
    return parts;
  }

  @ParameterizedTest
  @MethodSource("all")
  void residualPartIsWhatGaussNewtonLeavesOfTheHessian(Network network) {
    try (Program program = network.curvature(CPU)) {
      Point point = Point.of(program);
      double[][] hessian = Dense.materialise(point.hessian());
      double[][] gaussNewton = Dense.materialise(point.gaussNewton());
      double[][] residual = Dense.materialise(point.residualPart());
      double[][] sum = Dense.combine(1, gaussNewton, 1, residual);
      double scale = Dense.norm(Dense.flat(gaussNewton)) + Dense.norm(Dense.flat(residual));
      double[] error = Dense.flat(Dense.combine(1, hessian, -1, sum));
      assertEquals(0, Dense.norm(error), 1e-13 * scale);
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void oneTangentPassGivesAllThree(Network network) {
    double[] v = Dense.normal(new Random(3), network.theta().length);
    for (DType dtype : DType.values()) {
      try (Program program = network.compile(CPU, dtype, Purpose.CURVATURE)) {
        Point point = Point.of(program);
        double[][] parts = split(point, v);
        assertArrayEquals(Dense.apply(point.gaussNewton(), v), parts[1]);
        assertArrayEquals(Dense.apply(point.residualPart(), v), parts[2]);
        double[] hessian = Dense.apply(point.hessian(), v);
        double scale = Dense.norm(parts[1]) + Dense.norm(parts[2]);
        double tolerance = dtype == DType.F64 ? 1e-13 : 1e-5;
        for (int i = 0; i < v.length; i++) {
          assertEquals(hessian[i], parts[0][i], tolerance * scale);
        }
        if (dtype == DType.F64) {
          assertArrayEquals(network.theta(), program.theta().toArray());
        }
      }
    }
  }

  @Test
  void residualPartOfALinearModelIsExactlyZero() {
    Recording r = new Recording(2);
    r.crossEntropy(r.bias(r.layer(r.data(7, 5), r.parameter(3, 5))));
    Network network = r.done("softmax regression");
    double[] v = Dense.normal(new Random(4), network.theta().length);
    try (Program program = network.curvature(CPU)) {
      Point point = Point.of(program);
      assertArrayEquals(new double[v.length], Dense.apply(point.residualPart(), v));
      assertArrayEquals(Dense.apply(point.gaussNewton(), v), Dense.apply(point.hessian(), v));
    }
  }

  /** One layer's output is linear in its weights: blocks aside, only products of layers curve. */
  @Test
  void residualPartOfADeepLinearNetworkMovesWithTheResidual() {
    Recording r = new Recording(5);
    double[] inputs = r.normal(12, 1);
    r.graph.loss(
        SquaredError.halfSum(),
        r.layer(
            r.activate(Activation.IDENTITY, r.layer(r.data(4, 3, inputs), r.parameter(2, 3))),
            r.parameter(2, 2)),
        r.data(4, 2));
    Network network = r.done("two linear layers");
    try (Program program = network.curvature(CPU)) {
      Point point = Point.of(program);
      double[][] residual = Dense.materialise(point.residualPart());
      for (int i = 0; i < 6; i++) {
        for (int j = 0; j < 6; j++) {
          assertEquals(0, residual[i][j], 0, "the first layer's own block");
        }
      }
      assertClose(Dense.transpose(residual), residual, 1e-14, "symmetry");
    }
  }
}
