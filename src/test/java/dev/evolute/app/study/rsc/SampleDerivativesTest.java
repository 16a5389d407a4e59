package dev.evolute.app.study.rsc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.autodiff.curvature.Point;
import dev.evolute.autodiff.curvature.Predictor;
import dev.evolute.autodiff.curvature.WeightedOutput;
import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.op.SquaredError;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Matrix;
import dev.evolute.spectral.CounterRandom;
import dev.evolute.spectral.LinearOperator;
import dev.evolute.spectral.SpectralNorms;
import java.util.function.Consumer;
import org.ejml.simple.SimpleMatrix;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Outputs, gradients, kernels and Hessians sample by sample, against automatic differentiation. */
class SampleDerivativesTest {
  private static final int N = 4;
  private static final int D = 5;
  private static final Device device = Device.open("cpu", 1);

  @AfterAll
  static void close() {
    device.close();
  }

  private static double[] inputs() {
    double[] x = new double[N * D];
    CounterRandom.fillGaussian(3, 0, 0, x);
    return x;
  }

  /** Runs a check on every kind of network, each with its program at a random theta. */
  private static void everywhere(Consumer<Case> check) {
    for (Parametrisation parametrisation : Parametrisation.values()) {
      for (Activation activation : new Activation[] {Activation.TANH, Activation.SOFTPLUS}) {
        for (int depth = 1; depth <= 3; depth++) {
          for (int outputs : new int[] {1, 3}) {
            Network network = new Network(parametrisation, D, 6, depth, outputs, activation);
            Graph graph = new Graph();
            Value x = graph.data("x", N, D);
            Value y = graph.data("y", N, outputs);
            graph.loss(SquaredError.mean(N), network.model().record(graph, x), y);
            try (Program program =
                    Program.compile(graph, device, DType.F64, Program.Purpose.CURVATURE);
                SampleDerivatives samples = new SampleDerivatives(network, N, device, DType.F64)) {
              program.set(x, inputs());
              program.set(y, new double[N * outputs]);
              CounterRandom.fillGaussian(8, depth, 1.2, program.theta());
              int h = outputs - 1;
              samples.at(program.theta(), inputs(), h);
              check.accept(new Case(network, program, samples, h));
            }
          }
        }
      }
    }
  }

  private record Case(Network network, Program program, SampleDerivatives samples, int h) {
    /** {@code <u, f>} with weight 1 for output h of sample i, all others 0. */
    <T> T output(int i, java.util.function.Function<WeightedOutput, T> use) {
      Predictor predictor = Point.of(program).predictor();
      try (Buffer u = device.allocate(DType.F64, predictor.size())) {
        program.kernels().fill(0, u);
        u.write((long) i * network.outputs() + h, new double[] {1}, 0, 1);
        try (WeightedOutput one = predictor.weighted(u)) {
          return use.apply(one);
        }
      }
    }

    double[] gradient(int i) {
      return output(
          i,
          f -> {
            try (Buffer g = device.allocate(DType.F64, program.size())) {
              f.gradient(g);
              return g.toArray();
            }
          });
    }

    /** Spectral norm of the dense Hessian, column by column. */
    double hessianNorm(int i) {
      return output(
          i,
          f -> {
            LinearOperator hessian = f.hessian();
            int p = (int) hessian.size();
            SimpleMatrix dense = new SimpleMatrix(p, p);
            try (Buffer x = device.allocate(DType.F64, p);
                Buffer y = device.allocate(DType.F64, p)) {
              for (int j = 0; j < p; j++) {
                double[] unit = new double[p];
                unit[j] = 1;
                x.set(unit);
                hessian.apply(x, y);
                dense.setColumn(j, 0, y.toArray());
              }
            }
            return dense.eig().getEigenvalues().stream()
                .mapToDouble(e -> Math.abs(e.getReal()))
                .max()
                .orElseThrow();
          });
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  @Test
  void hessianNormsAreThoseOfTheDenseHessians() {
    everywhere(
        c -> {
          SpectralNorms norms = SpectralNorms.of(c.samples, 1e-9, 400, 1);
          assertTrue(norms.converged(), c.network.toString());
          for (int i = 0; i < N; i++) {
            double truth = c.hessianNorm(i);
            assertEquals(truth, Math.abs(norms.values()[i]), 1e-8 * truth, c.network.toString());
          }
        });
  }

  @Test
  void gradientsAndKernelAreThoseOfAutomaticDifferentiation() {
    everywhere(
        c -> {
          double[] norms = c.samples.gradientNorms();
          double[][] gradients = new double[N][];
          for (int i = 0; i < N; i++) {
            gradients[i] = c.gradient(i);
            assertEquals(Math.sqrt(dot(gradients[i], gradients[i])), norms[i], 1e-12);
          }
          try (Buffer memory = device.allocate(DType.F64, N * N)) {
            c.samples.tangentKernel(Matrix.of(memory, N, N));
            double[] kernel = memory.toArray();
            for (int i = 0; i < N; i++) {
              for (int j = 0; j < N; j++) {
                double truth = dot(gradients[i], gradients[j]);
                assertEquals(truth, kernel[i * N + j], 1e-11 * (1 + Math.abs(truth)));
              }
            }
          }
        });
  }

  @Test
  void outputsAndInputGradientsFollowDifferences() {
    everywhere(
        c -> {
          double[] x = inputs();
          double[] norms = c.samples.inputGradientNorms();
          double[] squares = new double[N];
          double step = 1e-5;
          for (int j = 0; j < D; j++) {
            double[] up = x.clone();
            double[] down = x.clone();
            for (int i = 0; i < N; i++) {
              up[i * D + j] += step;
              down[i * D + j] -= step;
            }
            c.samples.at(c.program.theta(), up, c.h);
            double[] fUp = c.samples.outputs();
            c.samples.at(c.program.theta(), down, c.h);
            double[] fDown = c.samples.outputs();
            for (int i = 0; i < N; i++) {
              double slope = (fUp[i] - fDown[i]) / (2 * step);
              squares[i] += slope * slope;
            }
          }
          for (int i = 0; i < N; i++) {
            assertEquals(Math.sqrt(squares[i]), norms[i], 1e-7 * (1 + norms[i]));
          }
        });
  }

  /**
   * One hidden layer: neuron j is the 2 x 2 matrix (v_j f'', f'; f', 0) / sqrt(m), |x| = sqrt(d).
   */
  @Test
  void oneHiddenLayerHasItsClosedForm() {
    int m = 7;
    Network network = Network.tanh(Parametrisation.SCALED, D, m, 1);
    double[] theta = new double[m * D + m];
    CounterRandom.fillGaussian(5, 1, 0, theta);
    double[] x = new double[D];
    java.util.Arrays.fill(x, 1);
    double truth = 0;
    for (int j = 0; j < m; j++) {
      double z = 0;
      for (int i = 0; i < D; i++) {
        z += theta[j * D + i] / Math.sqrt(D);
      }
      double first = 1 - Math.tanh(z) * Math.tanh(z);
      double bend = theta[m * D + j] * -2 * Math.tanh(z) * first;
      double root = Math.sqrt(bend * bend / 4 + first * first);
      truth = Math.max(truth, (Math.abs(bend) / 2 + root) / Math.sqrt(m));
    }
    try (Buffer buffer = device.allocate(DType.F64, theta.length);
        SampleDerivatives samples = new SampleDerivatives(network, 1, device, DType.F64)) {
      buffer.set(theta);
      samples.at(buffer, x, 0);
      SpectralNorms norms = SpectralNorms.of(samples, 1e-10, 100, 1);
      assertArrayEquals(
          new double[] {truth}, new double[] {Math.abs(norms.values()[0])}, 1e-9 * truth);
    }
  }
}
