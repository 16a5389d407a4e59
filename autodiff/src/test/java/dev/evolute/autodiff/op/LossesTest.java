package dev.evolute.autodiff.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.evolute.autodiff.Dense;
import dev.evolute.autodiff.Recording;
import dev.evolute.autodiff.curvature.Point;
import dev.evolute.autodiff.graph.Op;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.Device;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Factors, weights and labels of the losses in closed form. */
class LossesTest {
  private static final Device CPU = Device.open("cpu", 1);

  private static double value(Op op, double[] z, double[] y, int rows) {
    Recording r = new Recording(1);
    int cols = z.length / rows;
    r.graph.loss(op, r.parameter(rows, cols, z), r.data(rows, cols, y));
    try (Program program = r.done("loss of a parameter").training(CPU)) {
      return program.value();
    }
  }

  @Test
  void squaredErrorsDifferByTheirFactorOnly() {
    double[] z = {1, 2, 3, 4, 5, 6};
    double[] y = {0, 2, 5, 3, 5, 2};
    assertEquals(22, value(SquaredError.sum(), z, y, 3));
    assertEquals(11, value(SquaredError.halfSum(), z, y, 3));
    assertEquals(22 / 3.0, value(SquaredError.mean(3), z, y, 3), 1e-14);
    assertEquals(22 / 6.0, value(SquaredError.halfMean(3), z, y, 3), 1e-14);
  }

  @Test
  void binaryCrossEntropyIsTheLogisticLossOfLabelsPlusAndMinusOne() {
    double[] z = {0.5, -3, 40, -40, 1e4, -1e4};
    double[] labels = {1, 1, 1, -1, -1, 1};
    double[] y = Arrays.stream(labels).map(label -> (label + 1) / 2).toArray();
    double sum = 2e4 + 2 * Math.log1p(Math.exp(-40));
    sum += Math.log1p(Math.exp(-0.5)) + Math.log1p(Math.exp(3));
    assertEquals(sum, value(BinaryCrossEntropy.sum(), z, y, 6), 1e-14 * sum);
    assertEquals(sum / 6, value(BinaryCrossEntropy.mean(6), z, y, 6), 1e-14 * sum);
  }

  private static Op[] weighted() {
    return new Op[] {
      SquaredError.halfMean(6).withWeights(),
      SoftmaxCrossEntropy.mean(6).withWeights(),
      BinaryCrossEntropy.mean(6).withWeights()
    };
  }

  private static Op unweighted(Op op) {
    if (op instanceof SquaredError error) {
      return new SquaredError(error.scale());
    }
    return op instanceof SoftmaxCrossEntropy entropy
        ? new SoftmaxCrossEntropy(entropy.scale())
        : new BinaryCrossEntropy(((BinaryCrossEntropy) op).scale(), false);
  }

  /** Loss, gradient and Hessian of a linear model on these samples. */
  private static double[][] linearModel(Op op, int[] samples, double[] weights) {
    Random random = new Random(5);
    double[] x = Dense.normal(random, 24);
    double[] w = Dense.normal(random, 12);
    int n = samples.length;
    double[] rows = new double[4 * n];
    double[] targets = new double[3 * n];
    for (int i = 0; i < n; i++) {
      System.arraycopy(x, 4 * samples[i], rows, 4 * i, 4);
      targets[3 * i + samples[i] % 3] = 1;
    }
    Recording r = new Recording(1);
    Value z = r.layer(r.data(n, 4, rows), r.parameter(3, 4, w));
    Value y = r.data(n, 3, targets);
    if (weights == null) {
      r.graph.loss(op, z, y);
    } else {
      r.graph.loss(op, z, y, r.data(n, 1, weights));
    }
    try (Program program = r.done("linear model").curvature(CPU)) {
      Point point = Point.of(program);
      return new double[][] {
        {point.loss()}, point.gradient().toArray(), Dense.flat(Dense.materialise(point.hessian()))
      };
    }
  }

  @ParameterizedTest
  @MethodSource("weighted")
  void wholeWeightsCountSamplesSeveralTimes(Op op) {
    int[] samples = IntStream.range(0, 6).toArray();
    double[][] once = linearModel(op, samples, new double[] {2, 1, 0, 3, 0, 1});
    double[][] several = linearModel(unweighted(op), new int[] {0, 0, 1, 3, 3, 3, 5}, null);
    for (int i = 0; i < 3; i++) {
      Dense.assertClose(several[i], once[i], 1e-14, op.name());
    }
  }

  @ParameterizedTest
  @MethodSource("weighted")
  void weightsOfOneChangeNothing(Op op) {
    int[] samples = IntStream.range(0, 6).toArray();
    double[][] ones = linearModel(op, samples, new double[] {1, 1, 1, 1, 1, 1});
    double[][] none = linearModel(unweighted(op), samples, null);
    for (int i = 0; i < 3; i++) {
      Dense.assertClose(none[i], ones[i], 1e-15, op.name());
    }
  }

  /** A penalty a layer, each with its own factor: the Hessian gains a multiple of the identity. */
  @Test
  void penaltiesAddTheirFactorToTheirLayersDiagonal() {
    double[] factors = {0.3, 0.02};
    double[][][] hessians = new double[2][][];
    for (int penalised = 0; penalised < 2; penalised++) {
      Recording r = new Recording(3);
      Value w1 = r.parameter(2, 3);
      Value w2 = r.parameter(1, 2);
      Value a = r.activate(Activation.TANH, r.layer(r.data(5, 3), w1));
      r.binaryCrossEntropy(BinaryCrossEntropy.sum(), r.layer(a, w2));
      if (penalised == 1) {
        r.penalty(factors[0], w1);
        r.penalty(factors[1], w2);
      }
      try (Program program = r.done("logistic").curvature(CPU)) {
        hessians[penalised] = Dense.materialise(Point.of(program).hessian());
      }
    }
    for (int i = 0; i < 8; i++) {
      hessians[0][i][i] += factors[i < 6 ? 0 : 1];
      assertArrayEquals(hessians[0][i], hessians[1][i], 1e-14);
    }
  }
}
