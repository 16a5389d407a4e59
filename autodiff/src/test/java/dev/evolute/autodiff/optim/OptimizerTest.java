package dev.evolute.autodiff.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.evolute.autodiff.Dense;
import dev.evolute.autodiff.Network;
import dev.evolute.autodiff.Networks;
import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.op.MatMul;
import dev.evolute.autodiff.op.SquaredError;
import dev.evolute.kernels.Adam;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Sgd;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every optimiser moves theta as its definition says, written out here in double precision. */
class OptimizerTest {
  private static final Device CPU = Device.open("cpu", 1);
  private static final int SIZE = 37;
  private static final int STEPS = 25;

  /** The definitions, element by element. */
  private static final class Naive {
    final double[] theta;
    final double[] m = new double[SIZE];
    final double[] v = new double[SIZE];

    Naive(double[] theta) {
      this.theta = theta.clone();
    }

    void sgd(Sgd how, double eta, double factor, double[] g) {
      for (int i = 0; i < SIZE; i++) {
        double d = factor * g[i] + how.decay() * theta[i];
        v[i] = how.momentum() * v[i] + d;
        theta[i] -= eta * (how.nesterov() ? d + how.momentum() * v[i] : v[i]);
      }
    }

    void adam(Adam how, double eta, int t, double factor, double[] g) {
      for (int i = 0; i < SIZE; i++) {
        double d = factor * g[i] + (how.decoupled() ? 0 : how.decay() * theta[i]);
        m[i] = how.beta1() * m[i] + (1 - how.beta1()) * d;
        v[i] = how.beta2() * v[i] + (1 - how.beta2()) * d * d;
        double unbiased = m[i] / (1 - Math.pow(how.beta1(), t));
        double root = Math.sqrt(v[i] / (1 - Math.pow(how.beta2(), t)));
        theta[i] -= how.decoupled() ? eta * how.decay() * theta[i] : 0;
        theta[i] -= eta * unbiased / (root + how.eps());
      }
    }
  }

  /** An optimiser beside its definition. */
  private interface Reference {
    void step(Naive naive, double eta, int t, double factor, double[] g);
  }

  private static void follows(DType dtype, Optimizer optimizer, Reference reference) {
    Random random = new Random(5);
    try (optimizer;
        Buffer theta = CPU.allocate(dtype, SIZE);
        Buffer g = CPU.allocate(dtype, SIZE)) {
      theta.set(Dense.normal(random, SIZE));
      Naive naive = new Naive(theta.toArray());
      for (int t = 1; t <= STEPS; t++) {
        g.set(Dense.normal(random, SIZE));
        double eta = 0.01 * (1 + t % 3);
        double factor = t % 2 == 0 ? 1 : 0.3;
        optimizer.step(eta, factor, g, theta);
        reference.step(naive, eta, t, factor, g.toArray());
      }
      assertEquals(STEPS, optimizer.steps());
      assertArrayEquals(naive.theta, theta.toArray(), dtype == DType.F64 ? 1e-14 : 1e-5);
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void gradientDescentWithAndWithoutMomentum(DType dtype) {
    for (Sgd how :
        new Sgd[] {
          Sgd.PLAIN,
          Sgd.PLAIN.withDecay(0.1),
          Sgd.heavyBall(0.9),
          Sgd.heavyBall(0.9).withDecay(0.1),
          Sgd.nesterov(0.8).withDecay(0.01)
        }) {
      follows(
          dtype,
          Optimizer.of(how, CPU, dtype, SIZE),
          (naive, eta, t, factor, g) -> naive.sgd(how, eta, factor, g));
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void adamAndAdamW(DType dtype) {
    for (Adam how :
        new Adam[] {
          Adam.standard(), new Adam(0.9, 0.95, 1e-8, 0.1, false), Adam.w(0.1), Adam.w(0)
        }) {
      follows(
          dtype,
          Optimizer.of(how, CPU, dtype, SIZE),
          (naive, eta, t, factor, g) -> naive.adam(how, eta, t, factor, g));
    }
  }

  @Test
  void stateIsAllThereIs() {
    Network network = Networks.random(3);
    try (Program program = network.training(CPU);
        Optimizer whole = Optimizer.of(Adam.w(0.1), program);
        Optimizer second = Optimizer.of(Adam.w(0.1), program)) {
      for (int k = 0; k < 3; k++) {
        program.gradientPass();
        whole.step(0.01, program);
      }
      double[] theta = program.theta().toArray();
      for (Map.Entry<String, Buffer> vector : whole.state().entrySet()) {
        second.state().get(vector.getKey()).set(vector.getValue().toArray());
      }
      second.resume(whole.steps());
      program.gradientPass();
      whole.step(0.01, program);
      double[] expected = program.theta().toArray();
      program.theta().set(theta);
      program.gradientPass();
      second.step(0.01, program);
      assertArrayEquals(expected, program.theta().toArray());
    }
  }

  @Test
  void unusableStepsAreRefused() {
    try (Optimizer optimizer = Optimizer.of(Sgd.PLAIN, CPU, DType.F64, 1);
        Buffer x = CPU.allocate(DType.F64, 1)) {
      assertEquals(
          "optimizer: step size NaN given, it must be finite and not negative",
          assertThrows(IllegalArgumentException.class, () -> optimizer.step(Double.NaN, 1, x, x))
              .getMessage());
      assertEquals(0, optimizer.steps());
      assertThrows(IllegalArgumentException.class, () -> optimizer.resume(-1));
    }
  }

  @Test
  void clippingScalesTheNormDownAndNeverUp() {
    try (Buffer g = CPU.allocate(DType.F64, 2)) {
      g.set(3, 4);
      assertEquals(0.2, new Clipping(1).factor(CPU.kernels(DType.F64), g), 1e-16);
      assertEquals(1, new Clipping(5).factor(CPU.kernels(DType.F64), g));
      assertEquals(1, Clipping.NONE.factor(CPU.kernels(DType.F64), g));
      g.set(Double.NaN, 4);
      assertThrows(
          ArithmeticException.class, () -> new Clipping(1).factor(CPU.kernels(DType.F64), g));
      assertThrows(IllegalArgumentException.class, () -> new Clipping(0));
    }
  }

  /** A mean over rows of a linear model's squared error. */
  private static Graph regression(int rows) {
    Graph graph = new Graph();
    Value x = graph.data("x", rows, 5);
    Value z = graph.apply(MatMul.LAYER, x, graph.parameter("W", 3, 5));
    graph.loss(SquaredError.mean(rows), z, graph.data("y", rows, 3));
    return graph;
  }

  private static void set(Program program, double[] x, double[] y, int from, int rows) {
    Graph graph = program.graph();
    program.set(graph.data().get(0), Arrays.copyOfRange(x, 5 * from, 5 * (from + rows)));
    program.set(graph.data().get(1), Arrays.copyOfRange(y, 3 * from, 3 * (from + rows)));
  }

  @Test
  void accumulatedGradientIsThatOfTheBatch() {
    Random random = new Random(2);
    double[] x = Dense.normal(random, 50);
    double[] y = Dense.normal(random, 30);
    try (Program whole = Program.compile(regression(10), CPU, DType.F64, Program.Purpose.TRAINING);
        Program four = Program.compile(regression(4), whole);
        Program two = Program.compile(regression(2), whole);
        GradientSum sum = new GradientSum(whole)) {
      whole.theta().set(Dense.normal(random, 15));
      set(whole, x, y, 0, 10);
      whole.gradientPass();
      double[] expected = whole.gradient().toArray();
      double loss = whole.loss();
      assertThrows(IllegalStateException.class, sum::loss);
      for (int twice = 0; twice < 2; twice++) {
        sum.clear();
        for (int from = 0; from < 10; from += 4) {
          Program part = from < 8 ? four : two;
          set(part, x, y, from, from < 8 ? 4 : 2);
          part.gradientPass();
          sum.add(from < 8 ? 0.4 : 0.2, part);
        }
        assertArrayEquals(expected, sum.gradient().toArray(), 1e-14);
        assertEquals(loss, sum.loss(), 1e-14);
      }
    }
  }

  @Test
  void programOfOtherParametersSharesNothing() {
    Graph other = new Graph();
    Value z = other.apply(MatMul.LAYER, other.data("x", 2, 5), other.parameter("W", 2, 5));
    other.loss(SquaredError.mean(2), z, other.data("y", 2, 2));
    try (Program program =
        Program.compile(regression(2), CPU, DType.F64, Program.Purpose.TRAINING)) {
      assertEquals(
          "compile: the graph has 1 terms of the loss and the parameters [W [2 x 5]], the other"
              + " program [W [3 x 5]]; give a loss of the same parameters",
          assertThrows(IllegalArgumentException.class, () -> Program.compile(other, program))
              .getMessage());
    }
  }

  /** Until the JIT has compiled the kernels, vectors are objects: batches until one is free. */
  @Test
  void warmTrainingStepAllocatesNextToNothing() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Random random = new Random(4);
    double[] all = Dense.normal(random, 5 * 20);
    double[] x = new double[5 * 4];
    double[] y = new double[3 * 4];
    int[] batch = new int[4];
    Sampler sampler = new Sampler(20, 4, true, 1);
    Schedule schedule = Schedule.warmup(10, Schedule.cosine(1e-3, 1e-4, 1000));
    Clipping clipping = new Clipping(1);
    try (Program program =
            Program.compile(regression(4), CPU, DType.F32, Program.Purpose.TRAINING);
        GradientSum sum = new GradientSum(program);
        Optimizer optimizer = Optimizer.of(Adam.w(0.1), program)) {
      Value dataX = program.graph().data().get(0);
      Value dataY = program.graph().data().get(1);
      Runnable step =
          () -> {
            int rows = sampler.next(batch);
            for (int i = 0; i < rows; i++) {
              System.arraycopy(all, 5 * batch[i], x, 5 * i, 5);
            }
            program.set(dataX, x);
            program.set(dataY, y);
            program.gradientPass();
            sum.clear();
            sum.add(1, program);
            double eta = schedule.eta(optimizer.steps(), sum.loss());
            double factor = clipping.factor(program.kernels(), sum.gradient());
            optimizer.step(eta, factor, sum.gradient(), program.theta());
          };
      long least = Long.MAX_VALUE;
      long end = System.nanoTime() + 30_000_000_000L;
      while (least >= 50 * 1024L && System.nanoTime() < end) {
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int k = 0; k < 50; k++) {
          step.run();
        }
        least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
      }
      assertTrue(least < 50 * 1024L, "a step allocates " + least / 50 + " bytes");
    }
  }
}
