package dev.evolute.autodiff.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import org.junit.jupiter.params.provider.CsvSource;

class LinearSamplesTest {
  private static double[] gaussians(int count, long seed) {
    return new Random(seed).doubles(count, -1, 1).toArray();
  }

  /** Loss, gradient, Hessian- and Gauss-Newton-vector product of samples on a network. */
  private static double[][] derivatives(
      Device device, DeepLinear net, int factor, int rows, double[] x, double[] y) {
    Graph graph = new Graph();
    Value inputs = graph.data("x", rows, net.widths().get(0));
    Value targets = graph.data("y", rows, net.widths().get(net.depth()));
    graph.loss(SquaredError.mean(factor), net.record(graph, inputs), targets);
    try (Program program = Program.compile(graph, device, DType.F64, Program.Purpose.CURVATURE)) {
      program.set(inputs, x);
      program.set(targets, y);
      program.theta().set(gaussians((int) program.size(), 5));
      program.tangent().set(gaussians((int) program.size(), 6));
      program.keep();
      double[] loss = {program.loss()};
      double[] gradient = program.gradient().toArray();
      program.hessianPass();
      double[] hessian = program.product().toArray();
      program.gaussNewtonPass();
      return new double[][] {loss, gradient, hessian, program.product().toArray()};
    }
  }

  @ParameterizedTest
  @CsvSource({"40,5,3", "40,5,60", "6,5,3", "5,5,2", "3,5,2", "1,4,1", "200,1,1", "7,6,4"})
  void compressedSamplesHaveTheDerivativesOfAll(int n, int d, int c) {
    DeepLinear net = DeepLinear.of(d, 7, 4, c);
    double[] x = gaussians(n * d, 1);
    double[] y = gaussians(n * c, 2);
    if (d > 2) {
      // Two inputs that are always equal: R is singular, and it must not matter.
      for (int i = 0; i < n; i++) {
        x[i * d + 1] = x[i * d];
      }
    }
    LinearSamples few = LinearSamples.of(n, x, y);
    assertEquals(Math.min(n, d), few.rows());
    try (Device device = Device.open("cpu", 1)) {
      double[][] all = derivatives(device, net, n, n, x, y);
      double[][] less = derivatives(device, net, n, few.rows(), few.inputs(), few.targets());
      less[0][0] += few.constant() / n;
      for (int i = 0; i < all.length; i++) {
        double size = Arrays.stream(all[i]).map(Math::abs).max().orElseThrow();
        assertArrayEquals(all[i], less[i], 1e-12 * Math.max(size, 1));
      }
    }
  }

  @Test
  void lengthsThatDoNotFitAreRefused() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> LinearSamples.of(3, new double[7], new double[3]));
    assertTrue(e.getMessage().contains("3 samples cannot have 7 inputs"), e.getMessage());
  }

  @Test
  void valuesThatAreNotFiniteAreNamed() {
    double[] x = gaussians(12, 1);
    x[7] = Double.NaN;
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> LinearSamples.of(4, x, gaussians(4, 2)));
    assertTrue(e.getMessage().contains("input 1 of sample 2 is NaN"), e.getMessage());
  }
}
