package dev.evolute.app.study;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class LinearFitTest {
  @Test
  void lineThroughPointsHasItsSlopeAndError() {
    double[] x = {0, 1, 2, 3};
    LinearFit exact = LinearFit.of(x, new double[] {1, 0.5, 0, -0.5});
    assertEquals(-0.5, exact.slope(), 1e-15);
    assertEquals(1, exact.intercept(), 1e-15);
    assertEquals(0, exact.error(), 1e-15);
    assertEquals(1, exact.r2(), 1e-15);
    // Residuals 0.1, -0.1, -0.1, 0.1 about slope 1: s^2 = 0.04 / 2, sum of squares of x is 5.
    LinearFit rough = LinearFit.of(x, new double[] {0.1, 0.9, 1.9, 3.1});
    assertEquals(1, rough.slope(), 1e-12);
    assertEquals(Math.sqrt(0.02 / 5), rough.error(), 1e-12);
    // The line takes slope^2 * 5 = 5 of 5 + 0.04.
    assertEquals(5 / 5.04, rough.r2(), 1e-12);
  }
}
