package dev.evolute.autodiff.graph;

import static dev.evolute.autodiff.Dense.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.autodiff.Dense;
import dev.evolute.autodiff.Network;
import dev.evolute.autodiff.Networks;
import dev.evolute.autodiff.Recording;
import dev.evolute.autodiff.curvature.Point;
import dev.evolute.autodiff.graph.Program.Purpose;
import dev.evolute.autodiff.op.Activate;
import dev.evolute.autodiff.op.MatMul;
import dev.evolute.autodiff.op.SoftmaxCrossEntropy;
import dev.evolute.autodiff.op.SquaredError;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Dead branches, shared memory, new data, threads. */
class ProgramTest {
  private static final Device CPU = Device.open("cpu", 1);

  private static double[] differences(Network network, Program program) {
    return Dense.sharpDifferences(
        theta -> {
          program.theta().set(theta);
          return new double[] {program.value()};
        },
        network.theta(),
        1e-5)[0];
  }

  @Test
  void parametersTheLossDoesNotSeeHaveZeroGradientAndZeroProducts() {
    Recording r = new Recording(1);
    Value x = r.data(4, 3);
    Value unused = r.parameter(2, 2);
    Value z = r.activate(Activation.TANH, r.layer(x, r.parameter(2, 3)));
    Value deadEnd = r.layer(x, r.parameter(5, 3));
    r.activate(Activation.GELU, deadEnd);
    r.squaredError(1, z);
    Network network = r.done("idle parameters");
    try (Program program = network.curvature(CPU)) {
      double[] rubbish = Dense.normal(new Random(1), 25);
      program.gradient().set(rubbish);
      Point point = Point.of(program);
      double[] v = Dense.normal(new Random(3), 25);
      double[][] rows = new double[3][];
      rows[0] = point.gradient().toArray();
      program.product().set(rubbish);
      rows[1] = Dense.apply(point.hessian(), v);
      program.product().set(rubbish);
      rows[2] = Dense.apply(point.gaussNewton(), v);
      assertEquals(0, unused.offset());
      for (double[] row : rows) {
        assertArrayEquals(new double[4], Arrays.copyOfRange(row, 0, 4));
        assertTrue(Dense.norm(Arrays.copyOfRange(row, 4, 10)) > 0);
        assertArrayEquals(new double[15], Arrays.copyOfRange(row, 10, 25));
      }
      double[] other = v.clone();
      Arrays.fill(other, 0, 4, 9);
      Arrays.fill(other, 10, 25, -9);
      assertArrayEquals(rows[1], Dense.apply(point.hessian(), other));
    }
  }

  @Test
  void whatTheLossDoesNotSeeTakesNoMemory() {
    Recording lean = new Recording(1);
    lean.squaredError(1, lean.layer(lean.data(100, 3), lean.parameter(2, 3)));
    Recording burdened = new Recording(1);
    Value x = burdened.data(100, 3);
    Value w = burdened.parameter(2, 3);
    burdened.activate(Activation.TANH, burdened.layer(x, w));
    burdened.squaredError(1, burdened.layer(x, w));
    try (Program small = lean.done("").training(CPU);
        Program large = burdened.done("").training(CPU)) {
      assertEquals(small.bytes(), large.bytes());
    }
  }

  @Test
  void productsLeaveDataAndGradientAsTheyWere() {
    Network network = Networks.random(11);
    try (Program program = network.curvature(CPU)) {
      double[] gradient = Dense.gradient(program);
      Point point = Point.of(program);
      Dense.apply(point.hessian(), network.theta());
      Dense.apply(point.gaussNewton(), network.theta());
      assertArrayEquals(gradient, point.gradient().toArray());
      assertArrayEquals(gradient, Dense.gradient(program));
    }
  }

  @Test
  void valuesOfDataAloneAreComputedInTheForwardPass() {
    Recording r = new Recording(4);
    Value features = r.activate(Activation.SOFTPLUS, r.layer(r.data(6, 3), r.data(4, 3)));
    r.squaredError(0.5, r.layer(features, r.parameter(2, 4)));
    Network network = r.done("fixed features");
    try (Program program = network.training(CPU)) {
      assertEquals(network.reference().loss(), program.value(), 1e-12);
      double[] expected = differences(network, program);
      assertClose(expected, Dense.gradient(program, network.theta()), 1e-8, "gradient");
    }
  }

  @Test
  void aLossTermOfDataAloneOnlyAddsItsValue() {
    Recording r = new Recording(5);
    Value w = r.parameter(2, 3);
    r.penalty(1, w);
    r.squaredError(1, r.activate(Activation.TANH, r.data(2, 3)));
    Network network = r.done("constant term");
    try (Program program = network.curvature(CPU)) {
      Point point = Point.of(program);
      assertEquals(network.reference().loss(), point.loss(), 1e-13);
      assertArrayEquals(network.theta(), point.gradient().toArray());
    }
  }

  /** Targets may be read again in the reverse pass, so their memory must not be given away. */
  @ParameterizedTest
  @CsvSource({"false, 1", "false, 2", "false, 3", "true, 1", "true, 2", "true, 3"})
  void targetsComputedFromDataSurviveUntilTheReversePass(boolean entropy, int layers) {
    Recording r = new Recording(6);
    Value a = r.data(16, 4);
    Value y = r.apply(new MatMul(false, false), r.distributions(16, 4), identity(r));
    for (int j = 0; j < layers; j++) {
      a = r.layer(j == 0 ? a : r.activate(Activation.TANH, a), r.parameter(4, 4));
    }
    r.graph.loss(entropy ? SoftmaxCrossEntropy.mean(16) : SquaredError.mean(16), a, y);
    Network network = r.done("computed targets");
    try (Program training = network.training(CPU);
        Program curvature = network.curvature(CPU)) {
      assertArrayEquals(Dense.gradient(curvature), Dense.gradient(training));
      assertClose(differences(network, training), Dense.gradient(curvature), 1e-8, "gradient");
    }
  }

  private static Value identity(Recording r) {
    double[] eye = new double[16];
    for (int i = 0; i < 4; i++) {
      eye[5 * i] = 1;
    }
    return r.data(4, 4, eye);
  }

  private static Network deep(int layers, int samples, int width) {
    Recording r = new Recording(layers);
    Value a = r.data(samples, width);
    for (int j = 0; j < layers; j++) {
      a = r.bias(r.layer(a, r.parameter(width, width)));
      a = r.activate(j % 2 == 0 ? Activation.TANH : Activation.SILU, a);
    }
    r.crossEntropy(a);
    return r.done("deep");
  }

  @Test
  void sharedMemoryDoesNotCorruptTheGradientOfTwelveLayers() {
    Network network = deep(12, 5, 4);
    try (Program training = network.training(CPU);
        Program curvature = network.curvature(CPU)) {
      double[] gradient = Dense.gradient(training);
      assertArrayEquals(Dense.gradient(curvature), gradient);
      assertArrayEquals(gradient, Dense.gradient(training));
      assertClose(differences(network, training), gradient, 1e-8, "gradient");
    }
  }

  @Test
  void sharedMemoryDoesNotCorruptTheHessianOfTwelveLayers() {
    Network network = deep(12, 3, 2);
    try (Program program = network.curvature(CPU)) {
      double[][] hessian = Dense.materialise(Point.of(program).hessian());
      double[][] expected =
          Dense.sharpDifferences(t -> Dense.gradient(program, t), network.theta(), 1e-4);
      assertClose(expected, hessian, 1e-8, "Hessian");
    }
  }

  @Test
  void trainingTakesLessMemoryThanKeepingEverything() {
    int layers = 12;
    int samples = 256;
    int width = 16;
    Network network = deep(layers, samples, width);
    try (Program training = network.training(CPU);
        Program curvature = network.curvature(CPU)) {
      // A layer has two linear results, an activation and its derivative, and three cotangents.
      long everything = (long) layers * 7 * samples * width * Double.BYTES;
      long scratch = training.bytes() - 2 * training.size() * Double.BYTES - dataBytes(network);
      assertTrue(scratch < 0.6 * everything, scratch + " of " + everything);
      assertTrue(training.bytes() < curvature.bytes());
    }
  }

  private static long dataBytes(Network network) {
    return network.data().values().stream().mapToLong(x -> x.length).sum() * Double.BYTES;
  }

  @ParameterizedTest
  @EnumSource(Purpose.class)
  void newDataGiveTheResultsOfAFreshProgram(Purpose purpose) {
    for (int seed = 0; seed < 40; seed++) {
      Network network = Networks.random(seed);
      Random random = new Random(seed);
      Map<Value, double[]> other = new HashMap<>();
      network
          .data()
          .forEach(
              (value, x) -> {
                double[] y = x.clone();
                // Rows of targets must go on summing to 1: two samples change places.
                int cols = value.shape().cols();
                double factor = isTarget(network, value) ? 1 : 0.5 + random.nextDouble();
                for (int i = 0; i < y.length; i++) {
                  y[i] = factor * x[(i + cols) % x.length];
                }
                other.put(value, y);
              });
      Network changed =
          new Network("changed", network.graph(), other, network.theta(), network.convex());
      try (Program used = network.compile(CPU, DType.F64, purpose);
          Program fresh = changed.compile(CPU, DType.F64, purpose)) {
        used.gradientPass();
        other.forEach(used::set);
        assertArrayEquals(Dense.gradient(fresh), Dense.gradient(used), "network " + seed);
        assertEquals(fresh.loss(), used.loss());
        if (purpose == Purpose.CURVATURE) {
          assertArrayEquals(
              Dense.apply(Point.of(fresh).hessian(), network.theta()),
              Dense.apply(Point.of(used).hessian(), network.theta()));
        }
      }
    }
  }

  private static boolean isTarget(Network network, Value value) {
    return network.graph().terms().stream().anyMatch(t -> t.inputs().indexOf(value) == 1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void newDataReachEveryProductTheyAreIn(boolean onTheRight) {
    Recording r = new Recording(8);
    Value x = r.data(5, 4);
    if (onTheRight) {
      r.squaredError(1, r.apply(new MatMul(false, true), r.parameter(3, 4), x));
      r.squaredError(1, r.apply(new MatMul(false, false), r.parameter(3, 5), x));
    } else {
      r.squaredError(1, r.layer(x, r.parameter(3, 4)));
      r.squaredError(1, r.apply(new MatMul(true, false), x, r.parameter(5, 2)));
    }
    Network network = r.done("two products");
    double[] first = network.data().get(x);
    double[] second = r.normal(20, 1);
    Map<Value, double[]> data = new HashMap<>(network.data());
    data.put(x, second);
    try (Program program = network.training(CPU)) {
      double[] before = Dense.gradient(program);
      program.set(x, second);
      double[] after = Dense.gradient(program);
      assertEquals(
          Reference.of(network.graph(), data, network.theta()).loss(), program.loss(), 1e-11);
      assertClose(differences(network, program), after, 1e-8, "gradient at the new data");
      program.theta().set(network.theta());
      program.set(x, first);
      assertArrayEquals(before, Dense.gradient(program));
    }
  }

  private static Network wide() {
    Recording r = new Recording(12);
    Value x = r.data(301, 70);
    Value a = r.activate(Activation.GELU, r.bias(r.layer(x, r.parameter(53, 70))));
    a = r.activate(Activation.leakyRelu(0.2), r.bias(r.layer(a, r.parameter(47, 53))));
    Value w = r.parameter(10, 47);
    r.crossEntropy(r.bias(r.layer(a, w)));
    r.penalty(0.01, w);
    return r.done("wide");
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void threadsDoNotChangeABit(DType dtype) {
    try (Device two = Device.open("cpu", 2)) {
      for (Network network :
          List.of(wide(), Networks.random(1), Networks.random(2), Networks.random(3))) {
        double[] v = Dense.normal(new Random(1), network.theta().length);
        try (Program alone = network.compile(CPU, dtype, Purpose.CURVATURE);
            Program shared = network.compile(two, dtype, Purpose.CURVATURE)) {
          Point a = Point.of(alone);
          Point b = Point.of(shared);
          assertEquals(a.loss(), b.loss());
          assertArrayEquals(a.gradient().toArray(), b.gradient().toArray());
          assertArrayEquals(Dense.apply(a.hessian(), v), Dense.apply(b.hessian(), v));
          assertArrayEquals(Dense.apply(a.gaussNewton(), v), Dense.apply(b.gaussNewton(), v));
        }
      }
    }
  }

  @Test
  void networkOfManySamplesMatchesPlainLoopsAndItsTrainingProgram() {
    Network network = wide();
    double[] v = Dense.normal(new Random(2), network.theta().length);
    try (Program program = network.curvature(CPU);
        Program training = network.training(CPU)) {
      Point point = Point.of(program);
      assertEquals(network.reference().loss(), point.loss(), 1e-12);
      assertArrayEquals(Dense.gradient(training), point.gradient().toArray());
      assertEquals(
          slope(network, training, v),
          Dense.dot(v, point.gradient().toArray()),
          1e-7 * Dense.norm(v));
    }
  }

  private static double slope(Network network, Program program, double[] v) {
    double h = 1e-6;
    double[][] theta = {network.theta()};
    double[][] direction = {v};
    program.theta().set(Dense.combine(1, theta, h, direction)[0]);
    double above = program.value();
    program.theta().set(Dense.combine(1, theta, -h, direction)[0]);
    return (above - program.value()) / (2 * h);
  }

  @Test
  void lossIsTheSumOfItsTermsInAnyOrderOfRecording() {
    Recording r = new Recording(13);
    Value w = r.parameter(2, 3);
    r.penalty(0.5, w);
    Value z = r.layer(r.data(4, 3), w);
    r.squaredError(1, z);
    r.penalty(0.25, r.activate(Activation.SIGMOID, z));
    Network network = r.done("three terms");
    try (Program program = network.training(CPU)) {
      assertEquals(network.reference().loss(), program.value(), 1e-13);
      assertEquals(program.value(), program.loss());
    }
  }

  @Test
  void parameterViewsAreThoseOfTheta() {
    Recording r = new Recording(14);
    r.penalty(1, r.parameter(2, 3));
    Value second = r.parameter(4, 1);
    r.penalty(1, second);
    Network network = r.done("two parameters");
    try (Program program = network.training(CPU)) {
      assertArrayEquals(
          Arrays.copyOfRange(network.theta(), 6, 10), program.parameter(second).buffer().toArray());
      program.parameter(second).buffer().set(1, 2, 3, 4);
      assertArrayEquals(
          new double[] {1, 2, 3, 4}, Arrays.copyOfRange(program.theta().toArray(), 6, 10));
    }
  }

  @Test
  void onlyWhatDependsOnAParameterIsDifferentiable() {
    Graph graph = new Graph();
    Value x = graph.data("x", 2, 3);
    Value w = graph.parameter("w", 4, 3);
    Value features = graph.apply(new Activate(Activation.TANH), x);
    assertTrue(w.differentiable());
    assertTrue(graph.apply(MatMul.LAYER, features, w).differentiable());
    assertEquals(List.of(false, false), List.of(x.differentiable(), features.differentiable()));
    assertEquals(List.of(true, false, false), List.of(x.isData(), w.isData(), features.isData()));
  }
}
