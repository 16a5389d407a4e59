package dev.evolute.autodiff.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.autodiff.Dense;
import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.op.SquaredError;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Paper 002's procedure 13, equation 19 and what they imply. */
class DeepLinearTest {
  private static final Device CPU = Device.open("cpu", 1);

  private static Program program(DeepLinear model, DType dtype) {
    Graph graph = new Graph();
    Value z = model.record(graph, graph.data("x", 2, model.widths().get(0)));
    graph.loss(SquaredError.halfMean(2), z, graph.data("y", 2, z.shape().cols()));
    return Program.compile(graph, CPU, dtype, Program.Purpose.TRAINING);
  }

  private static DeepLinear model(String widths) {
    return DeepLinear.of(Arrays.stream(widths.split("-")).mapToInt(Integer::parseInt).toArray());
  }

  private static double[][] weights(Program program, int layer) {
    Value w = program.graph().parameter("W" + layer);
    double[] values = program.parameter(w).buffer().toArray();
    return Dense.rows(values, w.shape().rows(), w.shape().cols());
  }

  /** Largest entry of {@code W_{j+1}^T W_{j+1} - W_j W_j^T} over j, by plain loops. */
  private static double difference(Program program, int depth) {
    double most = 0;
    for (int j = 1; j < depth; j++) {
      double[][] above = weights(program, j + 1);
      double[][] below = weights(program, j);
      double[][] left = Dense.times(Dense.transpose(above), above);
      double[][] right = Dense.times(below, Dense.transpose(below));
      double[] difference = Dense.flat(Dense.combine(1, left, -1, right));
      most = Math.max(most, Arrays.stream(difference).map(Math::abs).max().orElseThrow());
    }
    return most;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"4-3", "5-5-5", "6-4-3", "3-4-6-5", "7-5-6-5-6-5", "8-4-1", "1-3-2", "1-1"})
  void balancedWeightsMultiplyToTheMatrixAndAreBalanced(String widths) {
    DeepLinear model = model(widths);
    int inputs = model.widths().get(0);
    int outputs = model.widths().get(model.depth());
    double[] a = Dense.normal(new Random(3), inputs * outputs);
    try (Program program = program(model, DType.F64)) {
      program.theta().set(Dense.normal(new Random(4), (int) program.size()));
      model.balanced(program, a);
      double[][] product = weights(program, 1);
      for (int j = 2; j <= model.depth(); j++) {
        product = Dense.times(weights(program, j), product);
      }
      Dense.assertClose(a, Dense.flat(product), 1e-12, "W_n ... W_1");
      Dense.assertClose(a, model.endToEnd(program), 1e-12, "end-to-end matrix");
      assertEquals(0, difference(program, model.depth()), 1e-12);
      assertEquals(0, model.imbalance(program), 1e-12);
    }
  }

  /** Beyond the corner of the rank, procedure 13 pads with zeros. */
  @Test
  void balancedWeightsArePaddedWithZeros() {
    DeepLinear model = DeepLinear.of(3, 5, 6, 2);
    try (Program program = program(model, DType.F64)) {
      model.balanced(program, 9, 1);
      double[][][] w = {weights(program, 1), weights(program, 2), weights(program, 3)};
      for (int i = 2; i < 5; i++) {
        assertArrayEquals(new double[3], w[0][i]);
      }
      for (int i = 0; i < 6; i++) {
        for (int j = 0; j < 5; j++) {
          assertTrue(i == j && i < 2 ? w[1][i][j] > 0 : w[1][i][j] == 0);
        }
      }
      for (double[] row : w[2]) {
        assertArrayEquals(new double[4], Arrays.copyOfRange(row, 2, 6));
      }
    }
  }

  /** One output: {@code ||W_j||_F = ||A||_F^{1/n}}. */
  @Test
  void layersOfOneOutputShareTheNorm() {
    DeepLinear model = DeepLinear.of(6, 4, 5, 3, 1);
    double[] a = Dense.normal(new Random(8), 6);
    try (Program program = program(model, DType.F64)) {
      model.balanced(program, a);
      for (int j = 1; j <= 4; j++) {
        double norm = Dense.norm(Dense.flat(weights(program, j)));
        assertEquals(Math.pow(Dense.norm(a), 0.25), norm, 1e-14);
      }
    }
  }

  /** A bottleneck keeps the largest singular values: what is lost is the rest's Frobenius norm. */
  @Test
  void bottleneckKeepsTheLargestSingularValues() {
    DeepLinear model = DeepLinear.of(3, 2, 3);
    double[] a = {0, 5, 0, 0, 0, -7, 2, 0, 0};
    try (Program program = program(model, DType.F64)) {
      model.balanced(program, a);
      assertArrayEquals(new double[] {0, 5, 0, 0, 0, -7, 0, 0, 0}, model.endToEnd(program), 1e-14);
      assertEquals(0, difference(program, 2), 1e-12);
    }
  }

  @Test
  void imbalanceIsTheLargestFrobeniusNormOfTheDifferences() {
    DeepLinear model = DeepLinear.of(2, 1, 1);
    try (Program program = program(model, DType.F64)) {
      program.theta().set(3, 4, 2);
      assertEquals(21, model.imbalance(program), 1e-13);
    }
  }

  @Test
  void randomBalancedStartHasEntriesOfItsDeviationAndDependsOnItsSeed() {
    DeepLinear model = DeepLinear.of(60, 50, 40);
    try (Program program = program(model, DType.F64)) {
      model.balanced(program, 1, 0.3);
      double[] one = model.endToEnd(program);
      InitialisationTest.assertNormal(0.3, one);
      model.balanced(program, 1, 0.3);
      assertArrayEquals(one, model.endToEnd(program));
      model.balanced(program, 2, 0.3);
      assertTrue(one[0] != model.endToEnd(program)[0]);
    }
    try (Program program = program(model, DType.F32)) {
      model.balanced(program, 1, 0.3);
      assertEquals(0, model.imbalance(program), 1e-5);
    }
  }

  @Test
  void matrixOfAnotherShapeIsRefused() {
    DeepLinear model = DeepLinear.of(3, 2, 3);
    try (Program program = program(model, DType.F64)) {
      Exception e =
          assertThrows(
              IllegalArgumentException.class, () -> model.balanced(program, new double[6]));
      assertEquals("balanced: the end-to-end matrix is [3 x 3], 6 values given", e.getMessage());
    }
  }
}
