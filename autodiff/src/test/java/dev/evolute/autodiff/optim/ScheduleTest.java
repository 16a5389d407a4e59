package dev.evolute.autodiff.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Step sizes are those of their formulas. */
class ScheduleTest {
  @Test
  void warmupRisesLinearlyToAllOfWhatFollows() {
    Schedule schedule = Schedule.warmup(4, Schedule.constant(0.8));
    double[] expected = {0.2, 0.4, 0.6, 0.8, 0.8, 0.8};
    for (int k = 0; k < expected.length; k++) {
      assertEquals(expected[k], schedule.eta(k, 1), 1e-15);
    }
    assertEquals(0.8, Schedule.warmup(0, Schedule.constant(0.8)).eta(0, 1));
  }

  @Test
  void cosineFallsFromPeakToEnd() {
    Schedule schedule = Schedule.cosine(1, 0.1, 5);
    double[] expected = {
      1, 0.1 + 0.45 * (1 + Math.sqrt(0.5)), 0.55, 0.1 + 0.45 * (1 - Math.sqrt(0.5)), 0.1, 0.1
    };
    for (int k = 0; k < expected.length; k++) {
      assertEquals(expected[k], schedule.eta(k, 1), 1e-15);
    }
    assertEquals(0.1, Schedule.cosine(1, 0.1, 1).eta(0, 1));
  }

  @Test
  void stableDecayStaysAndThenFallsLinearly() {
    Schedule schedule = Schedule.stableDecay(1, 0.2, 10, 4);
    double[] expected = {1, 1, 1, 1, 1, 1, 0.8, 0.6, 0.4, 0.2, 0.2};
    for (int k = 0; k < expected.length; k++) {
      assertEquals(expected[k], schedule.eta(k, 1), 1e-15);
    }
    assertEquals(1, Schedule.stableDecay(1, 0, 3, 0).eta(2, 1));
  }

  /** Paper 000: peak below C, peak C / loss above. */
  @Test
  void lossWarmupIsThePeakBelowCAndNeverAboveIt() {
    Schedule schedule = Schedule.lossWarmup(4, Schedule.constant(0.01));
    assertEquals(0.01, schedule.eta(0, 3.9));
    assertEquals(0.01, schedule.eta(9, 4));
    assertEquals(0.004, schedule.eta(0, 10), 1e-18);
  }

  /**
   * Gradient descent with step (1) on paper 000's lower-bound function {@code F_exp} with H0 = H1,
   * f* = 1/2: it converges where a constant step of the same safety takes a hundred times longer,
   * and never rises.
   */
  @ParameterizedTest
  @CsvSource({"4, 100, 138", "4, 10000, 230", "1, 1000, 184"})
  void adaptiveStepCrossesExponentialCurvature(double h1, double start, int iterations) {
    double root = Math.sqrt(h1);
    Schedule schedule = Schedule.adaptive(h1, h1, 0.5, 1);
    double w = (Math.log(start) + 1) / root;
    double last = 0;
    int k = 0;
    double loss = start;
    while (loss - 0.5 > 1e-4) {
      double eta = schedule.eta(k, loss);
      assertTrue(eta >= last);
      last = eta;
      double slope = root * w > 1 ? root * Math.exp(root * w - 1) : h1 * w;
      w -= eta * slope;
      double next = root * w > 1 ? Math.exp(root * w - 1) : h1 * w * w / 2 + 0.5;
      assertTrue(next <= loss - eta * slope * slope / 2, "at step " + k);
      loss = next;
      k++;
    }
    assertEquals(iterations, k);
  }

  /** Paper 003 with scalar weights, whose values are known in closed form. */
  @Test
  void localSmoothnessOfTheScalarCaseIsKnown() {
    double eta = GrowingStep.inverseSmoothness(1, 5, 2, 0.5);
    assertEquals(0.1253891477, eta, 1e-10);
    assertEquals(7.9751718448, 1 / eta, 1e-9);
  }

  @Test
  void growingStepGrowsUntilTheLocalBound() {
    GrowingStep rule = new GrowingStep(0.05, 1.01, 1, () -> 5, () -> 2);
    assertEquals(0.05, rule.eta(0, 0.5), 1e-17);
    double growth = Math.sqrt(1 + Math.pow(0.05, 1.01));
    assertEquals(0.05 * Math.pow(growth, 7), rule.eta(7, 0.5), 1e-15);
    assertEquals(0.1253891477, rule.eta(1000, 0.5), 1e-10);
    assertEquals(0.2, rule.eta(1000, 0), 1e-15);
    assertThrows(ArithmeticException.class, () -> rule.eta(0, Double.NaN));
  }

  @Test
  void inverseSmoothnessSolvesItsCubic() {
    for (double k : new double[] {0.1, 1, 30}) {
      for (double loss : new double[] {1e-12, 0.3, 50, 1e6}) {
        double s = 3 * k;
        double w = 2;
        double eta = GrowingStep.inverseSmoothness(k, s, w, loss);
        double r = Math.sqrt(2 * k * loss);
        double atEta = k * s + r + 3 * k * s * r * eta + 6 * k * k * w * loss * eta * eta;
        assertEquals(1, eta * atEta, 1e-13);
      }
    }
  }

  @Test
  void unusableNumbersAreRefused() {
    assertEquals(
        "eta is NaN, it must be finite and positive",
        assertThrows(IllegalArgumentException.class, () -> Schedule.constant(Double.NaN))
            .getMessage());
    assertEquals(
        "cosine: end is 2.0, it must be from 0 to the peak, 1.0",
        assertThrows(IllegalArgumentException.class, () -> Schedule.cosine(1, 2, 3)).getMessage());
    assertThrows(IllegalArgumentException.class, () -> Schedule.cosine(1, 0, 0));
    assertThrows(IllegalArgumentException.class, () -> Schedule.stableDecay(1, 0, 5, 6));
    assertThrows(IllegalArgumentException.class, () -> Schedule.adaptive(0, 0, 0, 1));
    assertThrows(IllegalArgumentException.class, () -> Schedule.lossWarmup(0, (k, loss) -> 1));
    assertThrows(
        IllegalArgumentException.class, () -> new GrowingStep(0.1, 1, 1, () -> 1, () -> 1));
  }
}
