package dev.evolute.app.study.gdvsflow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class GradientFlowTest {
  @Test
  void quadraticFlowIsExponential() {
    double[] end =
        GradientFlow.advance(q -> new double[] {-3 * q[0], 0.5 * q[1]}, new double[] {2, 1}, 4);
    assertEquals(2 * Math.exp(-12), end[0], 1e-10);
    assertEquals(Math.exp(2), end[1], 1e-9);
  }

  @Test
  void legsAddUp() {
    // A pendulum, whose energy is a first integral.
    GradientFlow.Field field = q -> new double[] {q[1], -Math.sin(q[0])};
    double[] start = {1, 0.3};
    double[] whole = GradientFlow.advance(field, start, 10);
    double[] half = GradientFlow.advance(field, GradientFlow.advance(field, start, 3), 7);
    assertArrayEquals(whole, half, 1e-9);
    assertEquals(energy(start), energy(whole), 1e-10);
    assertArrayEquals(start, GradientFlow.advance(field, start, 0));
  }

  private static double energy(double[] q) {
    return q[1] * q[1] / 2 - Math.cos(q[0]);
  }
}
