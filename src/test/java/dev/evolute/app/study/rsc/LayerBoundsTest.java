package dev.evolute.app.study.rsc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.kernels.Activation;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Matrix;
import dev.evolute.spectral.CounterRandom;
import dev.evolute.spectral.SpectralNorm;
import dev.evolute.spectral.SpectralNorms;
import java.util.List;
import org.junit.jupiter.api.Test;

class LayerBoundsTest {
  /** Values that were computed by hand from equations (6), (7), (9) and (11). */
  @Test
  void goldenConstantsOfThePaperAndOfTheDirectBound() {
    double[][] golden = {
      {2, 0, 53.554410, 3.527275},
      {3, 0, 144.044428, 6.217501},
      {2, 1, 103.108820, 6.248327},
      {3, 1, 282.088856, 11.741649}
    };
    for (double[] row : golden) {
      LayerBounds ball = LayerBounds.ball((int) row[0], 100, 1, row[1]);
      assertEquals(row[2], ball.paperConstant().value(), 1e-6);
      assertEquals(row[3], ball.hessianConstant(), 1e-6);
    }
    LayerBounds ball = LayerBounds.ball(2, 100, 1, 0);
    assertEquals(1.02, ball.gradient() * ball.gradient(), 1e-12);
    double c = 4;
    LayerBounds.Convexity paper =
        new LayerBounds.Convexity(
            2, 2, 1, ball.paperConstant().value() / 10, ball.gradient(), 2 * Math.sqrt(c));
    assertEquals(23.461764, paper.beta(), 1e-6);
    // (10) term by term
    double c2 = 2 * 53.554410 * (2 * Math.sqrt(1.02) * 0.1 + Math.sqrt(c));
    assertEquals(2 * 0.25 * 0.36 - c2 / 10, paper.alpha(0.5, 0.6, 0.1), 1e-5);
    assertEquals(c2 / 0.5 / 10, paper.threshold(0.5, 0.1), 1e-5);
  }

  /** (6), (7), (9) and lemma 4.2 as they are printed, where gamma and phi(0) leave no factor 1. */
  @Test
  void constantsOfThePaperAwayFromOne() {
    int depth = 3;
    double v = 1.7;
    double zero = 0.4;
    for (double gamma : new double[] {0.8, 1.3}) {
      double[] h = new double[depth + 2];
      for (int l = 1; l <= depth + 1; l++) {
        h[l] = Math.pow(gamma, l - 1);
        for (int i = 1; i < l; i++) {
          h[l] += zero * Math.pow(gamma, i - 1);
        }
      }
      double bend = 0.6;
      LayerBounds ball = new LayerBounds(new double[] {gamma, gamma, gamma}, v, 100, bend, zero);
      double psi = bend * h[depth] * h[depth];
      double farthest = 0;
      double highest = 0;
      double square = h[depth + 1] * h[depth + 1];
      for (int l = 1; l <= depth; l++) {
        assertEquals(h[l], ball.h(l), 1e-14);
        for (int k = l + 1; k <= depth; k++) {
          psi = Math.max(psi, bend * h[l] * h[l]);
          psi = Math.max(psi, h[l] * (bend / 2 * (gamma * gamma + h[k] * h[k]) + 1));
          psi = Math.max(psi, bend * gamma * gamma * h[l] * h[k]);
        }
        farthest = Math.max(farthest, Math.pow(gamma, depth - l));
        highest = Math.max(highest, h[l]);
        square += v * v * h[l] * h[l] * Math.pow(gamma, 2 * (depth - l)) / 100;
      }
      double power = Math.pow(gamma, depth);
      double first = 2 * depth * (9 * power * power + 3 * power + 1) * v * psi * farthest;
      assertEquals(first, ball.paperConstant().first(), 1e-12 * first);
      assertEquals(2 * depth * power * highest, ball.paperConstant().second(), 1e-12);
      assertEquals(square, ball.gradient() * ball.gradient(), 1e-12 * square);
      assertEquals(v * h[depth + 1], ball.output(), 1e-12);
      assertEquals(v * power / 5, ball.inputGradient(25), 1e-12);
      double loss = 2 * 0.9 + 2 * 4 * Math.pow(v * h[depth + 1], 2);
      assertEquals(loss, ball.loss(0.9, 4), 1e-12 * loss);
    }
  }

  /** Theorems B.1, B.2, C.2 and C.3, with sqrt(k) in the second term. */
  @Test
  void convexityOfSeveralOutputsAndOfGeneralLosses() {
    double a = 0.5;
    double b = 0.8;
    LayerBounds.Convexity c = new LayerBounds.Convexity(a, b, 4, 0.03, 1.2, 0.7);
    double expected = a * 0.25 * 4 * 0.36 - 0.03 * (2 * a * 4 * 1.2 * 0.1 + 2 * 0.7);
    assertEquals(expected, c.alpha(0.5, 0.6, 0.1), 1e-15);
    assertEquals(b * 4 * 1.44 + 2 * 0.03 * 0.7, c.beta(), 1e-15);
    assertEquals(0, c.alpha(0.5, Math.sqrt(c.threshold(0.5, 0.1)), 0.1), 1e-15);
  }

  @Test
  void measuredNormsBoundEverythingForRandomWeightsOfAnyScale() {
    int n = 5;
    int d = 4;
    int m = 9;
    double tightest = 0;
    try (Device device = Device.open("cpu", 1)) {
      for (Activation activation : List.of(Activation.TANH, Activation.IDENTITY)) {
        for (int depth = 1; depth <= 4; depth++) {
          for (double scale : new double[] {0.1, 0.5, 1, 2}) {
            Network network = new Network(Parametrisation.SCALED, d, m, depth, 1, activation);
            try (Buffer theta = device.allocate(DType.F64, network.model().size());
                SampleDerivatives samples = new SampleDerivatives(network, n, device, DType.F64)) {
              CounterRandom.fillGaussian(depth, 1, scale, theta);
              double[] x = new double[n * d];
              CounterRandom.fillGaussian(depth, 2, 0, x);
              for (int i = 0; i < n; i++) {
                double square = 0;
                for (int j = 0; j < d; j++) {
                  square += x[i * d + j] * x[i * d + j];
                }
                for (int j = 0; j < d; j++) {
                  x[i * d + j] *= Math.sqrt(d / square);
                }
              }
              samples.at(theta, x, 0);
              List<Matrix> weights = network.weights(theta);
              double[] gamma = new double[depth];
              for (int l = 0; l < depth; l++) {
                SpectralNorm norm = SpectralNorm.of(weights.get(l), 1e-6, 20_000, 1);
                gamma[l] = (norm.value() + norm.residual()) / Math.sqrt(m);
              }
              double v = device.kernels(DType.F64).nrm2(weights.get(depth).buffer());
              double bend = activation == Activation.TANH ? LayerBounds.TANH_BEND : 0;
              LayerBounds bounds = new LayerBounds(gamma, v, m, bend, 0);
              double[] hessians = SpectralNorms.of(samples, 1e-8, 300, 1).values();
              for (int i = 0; i < n; i++) {
                String where = network + " scale " + scale;
                assertTrue(Math.abs(samples.outputs()[i]) <= bounds.output(), where);
                assertTrue(samples.gradientNorms()[i] <= bounds.gradient(), where);
                assertTrue(samples.inputGradientNorms()[i] <= bounds.inputGradient(d), where);
                double norm = Math.abs(hessians[i]);
                assertTrue(norm <= bounds.hessian() * (1 + 1e-9), where);
                tightest = Math.max(tightest, norm / bounds.hessian());
                // Every theta within a distance of zero has layers no larger than that distance.
                LayerBounds origin = new LayerBounds(new double[depth], 0, m, bend, 0);
                double radius = device.kernels(DType.F64).nrm2(theta);
                assertTrue(norm <= origin.grown(radius).hessian() * (1 + 1e-9), where);
              }
            }
          }
        }
      }
    }
    assertTrue(tightest > 0.5, "the bound is near where it can be: " + tightest);
  }
}
