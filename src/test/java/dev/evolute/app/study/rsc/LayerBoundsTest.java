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
