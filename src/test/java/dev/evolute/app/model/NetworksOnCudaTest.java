package dev.evolute.app.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.evolute.autodiff.curvature.Point;
import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.nn.FullyConnected;
import dev.evolute.autodiff.nn.Initialisation;
import dev.evolute.autodiff.op.SoftmaxCrossEntropy;
import dev.evolute.autodiff.optim.Optimizer;
import dev.evolute.autodiff.optim.TrainingStep;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.Adam;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.DeviceUnavailableException;
import dev.evolute.kernels.Sgd;
import dev.evolute.spectral.Extremes;
import dev.evolute.spectral.Lanczos;
import dev.evolute.spectral.LinearOperator;
import dev.evolute.spectral.PowerIteration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Loss, gradient, curvature products and solvers on the software GPU are those of the CPU. */
class NetworksOnCudaTest {
  private static final int SAMPLES = 20;
  private static final int INPUTS = 12;
  private static final int CLASSES = 4;

  /** What is compared, and vectors to compare. */
  private record Found(double loss, double[][] vectors, double max, double min, double norm) {}

  private static Device open(String name) {
    try {
      return Device.open(name, 1);
    } catch (DeviceUnavailableException e) {
      return abort(e.getMessage());
    }
  }

  private static Found on(String name, Activation activation, DType dtype) {
    Graph graph = new Graph();
    Value x = graph.data("x", SAMPLES, INPUTS);
    Value y = graph.data("y", SAMPLES, CLASSES);
    Value z = FullyConnected.of(activation, INPUTS, 9, 7, CLASSES).record(graph, x);
    graph.loss(SoftmaxCrossEntropy.mean(SAMPLES), z, y);
    try (Device device = open(name);
        Program program = Program.compile(graph, device, dtype, Program.Purpose.CURVATURE)) {
      Random random = new Random(1);
      double[] images = random.doubles(SAMPLES * INPUTS, -1.5, 1.5).toArray();
      double[] labels = new double[SAMPLES * CLASSES];
      for (int i = 0; i < SAMPLES; i++) {
        labels[i * CLASSES + random.nextInt(CLASSES)] = 1;
      }
      program.set(x, images);
      program.set(y, labels);
      Initialisation.xavierUniform().fill(program, 1);
      program.gradientPass();
      double[] gradient = program.gradient().toArray();
      Point point = Point.of(program);
      LinearOperator hessian = point.hessian();
      double[] v = random.doubles(hessian.size(), -1, 1).toArray();
      double[][] vectors = {gradient, apply(hessian, v), apply(point.gaussNewton(), v)};
      try (Extremes ends = Lanczos.extremes(hessian, Lanczos.Options.defaults());
          PowerIteration.Result top = PowerIteration.dominant(point.gaussNewton(), 1e-5, 1000, 1)) {
        double norm = top.pair().value();
        return new Found(point.loss(), vectors, ends.max().value(), ends.min().value(), norm);
      }
    }
  }

  private static double[] apply(LinearOperator a, double[] v) {
    try (Buffer in = a.device().allocate(a.dtype(), v.length);
        Buffer out = a.device().allocate(a.dtype(), v.length)) {
      in.set(v);
      a.apply(in, out);
      return out.toArray();
    }
  }

  @ParameterizedTest
  @EnumSource
  void numbersAreThoseOfTheCpu(DType dtype) {
    double error = dtype == DType.F32 ? 1e-5 : 1e-12;
    for (Activation f : new Activation[] {Activation.RELU, Activation.TANH, Activation.GELU}) {
      Found cpu = on("cpu", f, dtype);
      Found cuda = on("cuda:software", f, dtype);
      String what = f.kind() + " " + dtype;
      assertEquals(cpu.loss, cuda.loss, error, what);
      for (int i = 0; i < cpu.vectors.length; i++) {
        for (int j = 0; j < cpu.vectors[i].length; j++) {
          assertEquals(cpu.vectors[i][j], cuda.vectors[i][j], 10 * error, what + " vector " + i);
        }
      }
      // Both stop where their intervals are narrow enough.
      assertEquals(cpu.max, cuda.max, 1e-5 * cpu.max, what);
      assertEquals(cpu.min, cuda.min, 1e-5 * cpu.max, what);
      assertEquals(cpu.norm, cuda.norm, 1e-4 * cpu.norm, what);
    }
  }

  /** Forward and reverse are one graph each time, and so is a product of any kind. */
  @Test
  void passesOfAFourLayerNetworkAreOneLaunchEach() {
    Graph graph = new Graph();
    Value x = graph.data("x", SAMPLES, INPUTS);
    Value y = graph.data("y", SAMPLES, CLASSES);
    Value z = FullyConnected.of(Activation.TANH, INPUTS, 9, 8, 7, CLASSES).record(graph, x);
    graph.loss(SoftmaxCrossEntropy.mean(SAMPLES), z, y);
    try (Device device = open("cuda:software");
        Program program = Program.compile(graph, device, DType.F32, Program.Purpose.CURVATURE)) {
      program.set(x, new Random(1).doubles(SAMPLES * INPUTS).toArray());
      Initialisation.xavierUniform().fill(program, 1);
      program.keep();
      program.tangent().set(new Random(2).doubles(program.size()).toArray());
      List<Runnable> passes =
          List.of(
              program::gradientPass,
              program::keep,
              program::hessianPass,
              program::gaussNewtonPass,
              program::residualPass);
      for (Runnable pass : passes) {
        pass.run();
        double[] first = program.product().toArray();
        for (int again = 0; again < 2; again++) {
          long before = device.launches();
          pass.run();
          assertEquals(1, device.launches() - before);
          assertArrayEquals(first, program.product().toArray());
        }
      }
    }
  }

  /** Theta and the optimiser's memory after some steps, losses; pieces of work of the last step. */
  private record Trained(double[] theta, double[] losses, List<double[]> state, long launches) {}

  private static Trained train(String name, boolean adam, boolean asOne) {
    Graph graph = new Graph();
    Value x = graph.data("x", SAMPLES, INPUTS);
    Value y = graph.data("y", SAMPLES, CLASSES);
    Value z = FullyConnected.of(Activation.TANH, INPUTS, 9, 8, 7, CLASSES).record(graph, x);
    graph.loss(SoftmaxCrossEntropy.mean(SAMPLES), z, y);
    try (Device device = open(name);
        Program program = Program.compile(graph, device, DType.F32, Program.Purpose.TRAINING);
        Optimizer optimizer =
            adam ? Optimizer.of(Adam.w(0.1), program) : Optimizer.of(Sgd.nesterov(0.9), program);
        TrainingStep step = new TrainingStep(program, optimizer)) {
      double[] labels = new double[SAMPLES * CLASSES];
      for (int i = 0; i < SAMPLES; i++) {
        labels[i * CLASSES + i % CLASSES] = 1;
      }
      program.set(x, new Random(1).doubles(SAMPLES * INPUTS).toArray());
      program.set(y, labels);
      Initialisation.xavierUniform().fill(program, 1);
      long launches = 0;
      double[] losses = new double[6];
      for (int t = 1; t <= 6; t++) {
        long before = device.launches();
        // Another step size and factor each time, and data that change in between.
        double eta = 0.1 / t;
        double factor = 1 - 0.1 * t;
        if (asOne) {
          step.run(eta, factor);
        } else {
          program.gradientPass();
          optimizer.step(eta, factor, program.gradient(), program.theta());
        }
        launches = device.launches() - before;
        losses[t - 1] = program.loss();
        program.set(x, new Random(t).doubles(SAMPLES * INPUTS).toArray());
      }
      assertEquals(6, optimizer.steps());
      List<double[]> state = optimizer.state().values().stream().map(Buffer::toArray).toList();
      return new Trained(program.theta().toArray(), losses, state, launches);
    }
  }

  /** Forward, reverse and update are one graph, with the bits of passes one by one. */
  @Test
  void aTrainingStepIsOneLaunch() {
    for (boolean adam : new boolean[] {false, true}) {
      Trained plain = train("cuda:software", adam, false);
      Trained asOne = train("cuda:software", adam, true);
      assertArrayEquals(plain.theta, asOne.theta);
      assertArrayEquals(plain.losses, asOne.losses);
      assertArrayEquals(plain.state.toArray(), asOne.state.toArray());
      assertEquals(2, plain.launches);
      assertEquals(1, asOne.launches);
      double[] cpu = train("cpu", adam, true).theta;
      assertArrayEquals(train("cpu", adam, false).theta, cpu);
      assertArrayEquals(cpu, asOne.theta, 1e-4);
    }
  }
}
