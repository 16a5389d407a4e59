package dev.evolute.autodiff.curvature;

import static dev.evolute.autodiff.Dense.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.evolute.autodiff.Dense;
import dev.evolute.autodiff.Network;
import dev.evolute.autodiff.Networks;
import dev.evolute.autodiff.Recording;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Program.Purpose;
import dev.evolute.autodiff.graph.Reference;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.op.SquaredError;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Matrix;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Hessian and gradients of weighted outputs, for every value of every network. */
class WeightedOutputTest {
  private static final Device CPU = Device.open("cpu", 1);
  private static final double STEP = 1e-5;
  private static final List<Network> ALL = Networks.all();

  static List<Network> all() {
    return ALL;
  }

  private static WeightedOutput weighted(Point point, Value value, double[] u) {
    Program program = point.program();
    try (Buffer buffer = program.device().allocate(program.dtype(), u.length)) {
      buffer.set(u);
      return point.predictor(value).weighted(buffer);
    }
  }

  /** The gradients of all samples, taken in blocks of the given size. */
  private static double[][] sampleGradients(
      WeightedOutput phi, Program program, int samples, int block) {
    int size = (int) program.size();
    double[][] all = new double[samples][];
    for (int from = 0; from < samples; from += block) {
      int count = Math.min(block, samples - from);
      try (Buffer memory = program.device().allocate(program.dtype(), (long) count * size)) {
        memory.set(Dense.normal(new Random(1), count * size));
        phi.sampleGradients(from, Matrix.of(memory, count, size));
        double[][] rows = Dense.rows(memory.toArray(), count, size);
        System.arraycopy(rows, 0, all, from, count);
      }
    }
    return all;
  }

  /** By differences of {@code J^T u}, which {@link PredictorTest} holds against plain loops. */
  @ParameterizedTest
  @MethodSource("all")
  void hessianMatchesDifferencesOfTheWeightedGradient(Network network) {
    Random random = new Random(2);
    try (Program program = network.curvature(CPU)) {
      for (Value value : Reference.differentiated(network.graph())) {
        double[] u = Dense.normal(random, (int) value.shape().size());
        double[][] differences =
            Dense.sharpDifferences(
                theta -> {
                  program.theta().set(theta);
                  LinearMap jacobian = Point.of(program).predictor(value).jacobian();
                  return Dense.applyTransposed(jacobian, u);
                },
                network.theta(),
                STEP);
        program.theta().set(network.theta());
        try (WeightedOutput phi = weighted(Point.of(program), value, u)) {
          double[][] hessian = Dense.materialise(phi.hessian());
          double scale = 1e-3 + Dense.norm(Dense.flat(differences));
          double[] error = Dense.flat(Dense.combine(1, hessian, -1, differences));
          assertEquals(0, Dense.norm(error), 1e-6 * scale, "Hessian of " + value);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void sampleGradientsAreRowsOfTheWeightedJacobian(Network network) {
    Random random = new Random(3);
    try (Program program = network.curvature(CPU)) {
      Point point = Point.of(program);
      for (Value value : Reference.differentiated(network.graph())) {
        int n = value.shape().rows();
        int c = value.shape().cols();
        double[] u = Dense.normal(random, n * c);
        double[][] jacobian = Dense.materialise(point.predictor(value).jacobian());
        double[][] expected = new double[n][network.theta().length];
        for (int k = 0; k < n * c; k++) {
          for (int p = 0; p < network.theta().length; p++) {
            expected[k / c][p] += u[k] * jacobian[k][p];
          }
        }
        try (WeightedOutput phi = weighted(point, value, u);
            Buffer y = CPU.allocate(DType.F64, network.theta().length)) {
          for (int block = 1; block <= n; block++) {
            double[][] rows = sampleGradients(phi, program, n, block);
            assertClose(expected, rows, 1e-13, "gradients of samples of " + value);
          }
          double[] sum = Dense.applyTransposed(point.predictor(value).jacobian(), u);
          phi.gradient(y);
          assertArrayEquals(sum, y.toArray());
          phi.meanGradient(y);
          for (int p = 0; p < sum.length; p++) {
            assertEquals(sum[p] / n, y.get(p), 1e-15 * Math.abs(sum[p]));
          }
        }
      }
      assertArrayEquals(network.theta(), program.theta().toArray());
    }
  }

  /** The loss has cotangents of its own, and goes on having them. */
  @ParameterizedTest
  @MethodSource("all")
  void theLossKeepsItsPoint(Network network) {
    Random random = new Random(4);
    double[] v = Dense.normal(random, network.theta().length);
    try (Program program = network.curvature(CPU)) {
      Point point = Point.of(program);
      double[] gradient = point.gradient().toArray();
      double[] hessian = Dense.apply(point.hessian(), v);
      for (Value value : Reference.differentiated(network.graph())) {
        double[] u = Dense.normal(random, (int) value.shape().size());
        try (WeightedOutput phi = weighted(point, value, u)) {
          double[] first = Dense.apply(phi.hessian(), v);
          assertArrayEquals(hessian, Dense.apply(point.hessian(), v));
          assertArrayEquals(first, Dense.apply(phi.hessian(), v));
        }
      }
      assertArrayEquals(gradient, point.gradient().toArray());
      assertArrayEquals(network.theta(), program.theta().toArray());
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void singlePrecisionAgreesWithDouble(Network network) {
    Random random = new Random(5);
    try (Program wide = network.curvature(CPU);
        Program narrow = network.compile(CPU, DType.F32, Purpose.CURVATURE)) {
      Point exact = Point.of(wide);
      Point rounded = Point.of(narrow);
      for (Value value : Reference.differentiated(network.graph())) {
        double[] v = Dense.normal(random, network.theta().length);
        double[] u = Dense.normal(random, (int) value.shape().size());
        try (WeightedOutput a = weighted(exact, value, u);
            WeightedOutput b = weighted(rounded, value, u)) {
          double[] expected = Dense.apply(a.hessian(), v);
          double scale = Dense.norm(u) * Dense.norm(v) * 1e-3 + Dense.norm(expected);
          double[][] difference = {Dense.apply(b.hessian(), v)};
          difference = Dense.combine(1, difference, -1, new double[][] {expected});
          assertEquals(0, Dense.norm(difference[0]), 2e-4 * scale, "(Hess phi) v in f32");
          int n = value.shape().rows();
          assertClose(
              sampleGradients(a, wide, n, n),
              sampleGradients(b, narrow, n, n),
              2e-4,
              "sample gradients in f32");
        }
      }
    }
  }

  private static Network classifier() {
    Recording r = new Recording(8);
    Value a = r.activate(Activation.TANH, r.bias(r.layer(r.data(7, 4), r.parameter(5, 4))));
    Value w = r.parameter(3, 5);
    r.crossEntropy(r.bias(r.layer(a, w)));
    return r.done("classifier");
  }

  @Test
  void gradientsOfTheSamplesOfALossSumUpToItsGradient() {
    try (Program program = classifier().curvature(CPU)) {
      Point point = Point.of(program);
      double[] sum = new double[(int) program.size()];
      try (WeightedOutput phi = point.predictor().weightedByLoss()) {
        for (double[] row : sampleGradients(phi, program, 7, 3)) {
          for (int p = 0; p < sum.length; p++) {
            sum[p] += row[p];
          }
        }
        assertClose(point.gradient().toArray(), sum, 1e-13, "sum of the samples' gradients");
        double[] v = Dense.normal(new Random(6), sum.length);
        assertClose(
            Dense.apply(point.residualPart(), v), Dense.apply(phi.hessian(), v), 1e-13, "R v");
      }
    }
  }

  @Test
  void oneSampleOfALossIsTheLossOfThatSample() {
    Recording r = new Recording(9);
    double[] x = r.normal(5 * 3, 1);
    double[] y = r.normal(5 * 2, 1);
    double[] first = r.normal(4 * 3, 1);
    double[] second = r.normal(2 * 4, 1);
    try (Program all = squares(x, y, first, second, 5).curvature(CPU)) {
      Point point = Point.of(all);
      try (WeightedOutput phi = point.predictor().weightedByLoss()) {
        double[][] rows = sampleGradients(phi, all, 5, 5);
        for (int i = 0; i < 5; i++) {
          double[] xi = Arrays.copyOfRange(x, 3 * i, 3 * i + 3);
          double[] yi = Arrays.copyOfRange(y, 2 * i, 2 * i + 2);
          try (Program one = squares(xi, yi, first, second, 1).training(CPU)) {
            assertClose(Dense.gradient(one), rows[i], 1e-13, "sample " + i);
          }
        }
      }
    }
  }

  private static Network squares(double[] x, double[] y, double[] first, double[] second, int n) {
    Recording r = new Recording(0);
    Value a = r.activate(Activation.GELU, r.layer(r.data(n, 3, x), r.parameter(4, 3, first)));
    Value z = r.layer(a, r.parameter(2, 4, second));
    r.graph.loss(SquaredError.halfSum(), z, r.data(n, 2, y));
    return r.done("squares");
  }

  @Test
  void blocksBeyondTheSamplesAreRefused() {
    try (Program program = classifier().curvature(CPU);
        WeightedOutput phi = Point.of(program).predictor().weightedByLoss();
        Buffer memory = CPU.allocate(DType.F64, 3 * program.size())) {
      Matrix rows = Matrix.of(memory, 3, (int) program.size());
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> phi.sampleGradients(5, rows));
      assertEquals(
          "sample gradients: [3 x 43] from sample 5 on; there are 7 samples with 43 parameters",
          e.getMessage());
    }
  }
}
