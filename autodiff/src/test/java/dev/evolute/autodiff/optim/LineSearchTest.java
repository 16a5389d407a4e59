package dev.evolute.autodiff.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.autodiff.Dense;
import dev.evolute.autodiff.Networks;
import dev.evolute.autodiff.Recording;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.kernels.Device;
import org.junit.jupiter.api.Test;

class LineSearchTest {
  private static final Device CPU = Device.open("cpu", 1);

  /** {@code lambda ||w||^2 / 2}: a step passes exactly if it is at most 2 (1 - gamma) / lambda. */
  @Test
  void quadraticTakesTheFirstStepBelowItsBound() {
    Recording r = new Recording(1);
    r.penalty(3, r.parameter(1, 2, new double[] {3, -2}));
    try (Program program = r.done("quadratic").training(CPU);
        LineSearch search = LineSearch.of(program)) {
      // 2 (1 - 0.9) / 3 = 0.0667: of 1, 0.1, 0.01 the third.
      double eta = search.step(program);
      assertEquals(0.01, eta, 1e-17);
      assertArrayEquals(new double[] {3 * 0.97, -2 * 0.97}, program.theta().toArray(), 1e-15);
      assertEquals(1.5 * 13 * 0.97 * 0.97, program.loss(), 1e-13);
    }
  }

  @Test
  void everyStepDescendsAsArmijoAsks() {
    for (int seed = 0; seed < 10; seed++) {
      try (Program program = Networks.random(seed).training(CPU);
          LineSearch search = new LineSearch(1, 0.5, 0.5, program)) {
        for (int k = 0; k < 5; k++) {
          program.gradientPass();
          double before = program.loss();
          double[] g = Dense.gradient(program);
          double square = 0;
          for (double x : g) {
            square += x * x;
          }
          double eta = search.step(program);
          assertTrue(program.loss() <= before - 0.5 * eta * square * (1 - 1e-12));
        }
      }
    }
  }

  @Test
  void stationaryPointIsLeftAsItIs() {
    Recording r = new Recording(1);
    r.penalty(3, r.parameter(1, 2, new double[] {0, 0}));
    try (Program program = r.done("quadratic").training(CPU);
        LineSearch search = LineSearch.of(program)) {
      assertEquals(0, search.step(program));
      assertArrayEquals(new double[] {0, 0}, program.theta().toArray());
      assertEquals(0, program.loss());
      assertThrows(IllegalArgumentException.class, () -> new LineSearch(1, 1, 0.5, program));
    }
  }
}
