package dev.evolute.autodiff.optim;

import static dev.evolute.autodiff.Dense.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.autodiff.Dense;
import dev.evolute.autodiff.Network;
import dev.evolute.autodiff.Networks;
import dev.evolute.autodiff.Recording;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.kernels.Device;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GradientDescentTest {
  private static final Device CPU = Device.open("cpu", 1);

  @ParameterizedTest
  @ValueSource(doubles = {0, -0.1, Double.NaN, Double.POSITIVE_INFINITY})
  void unusableStepIsRefused(double eta) {
    Exception e = assertThrows(IllegalArgumentException.class, () -> new GradientDescent(eta));
    assertEquals("eta: " + eta + " given, it must be finite and positive", e.getMessage());
  }

  @Test
  void stepMovesThetaByMinusEtaTimesTheGradient() {
    Network network = Networks.random(3);
    try (Program program = network.training(CPU)) {
      double loss = program.value();
      double[] gradient = Dense.gradient(program);
      new GradientDescent(0.125).step(program);
      double[][] expected =
          Dense.combine(1, new double[][] {network.theta()}, -0.125, new double[][] {gradient});
      assertClose(expected[0], program.theta().toArray(), 1e-15, "theta");
      assertEquals(loss, program.loss());
    }
  }

  @Test
  void quadraticShrinksByTheSameFactorEveryStep() {
    Recording r = new Recording(1);
    double[] w = {3, -2};
    r.penalty(0.5, r.parameter(1, 2, w));
    try (Program program = r.done("quadratic").training(CPU)) {
      GradientDescent descent = new GradientDescent(0.4);
      for (int k = 0; k < 10; k++) {
        descent.step(program);
      }
      double factor = Math.pow(1 - 0.4 * 0.5, 10);
      assertArrayEquals(new double[] {3 * factor, -2 * factor}, program.theta().toArray(), 1e-14);
    }
  }

  @Test
  void smallStepsDescend() {
    try (Program program = Networks.random(5).training(CPU)) {
      GradientDescent descent = new GradientDescent(1e-4);
      double before = Double.POSITIVE_INFINITY;
      for (int k = 0; k < 20; k++) {
        descent.step(program);
        assertTrue(program.loss() < before);
        before = program.loss();
      }
    }
  }
}
