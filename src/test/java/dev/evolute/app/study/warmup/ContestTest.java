package dev.evolute.app.study.warmup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.app.study.Progress;
import dev.evolute.app.study.warmup.Contest.Entry;
import dev.evolute.autodiff.optim.Schedule;
import dev.evolute.kernels.Device;
import java.util.List;
import org.junit.jupiter.api.Test;

class ContestTest {
  /** Section 5: the peak over max(1, loss / C), a rise over a share of the steps, and the tails. */
  @Test
  void stepsOfTheStrategies() {
    double guess = 5;
    Schedule none = Strategy.NONE.schedule(1e-2, Strategy.Tail.STABLE, 100, guess);
    assertEquals(1e-2, none.eta(0, 9));
    assertEquals(1e-2, none.eta(79, 9));
    assertEquals(1e-5, none.eta(99, 9), 1e-12);
    assertEquals(1e-5 + (1e-2 - 1e-5) / 2, none.eta(89, 9), 1e-9);
    Schedule linear = Strategy.linear(0.1).schedule(1e-2, Strategy.Tail.STABLE, 100, guess);
    assertEquals(1e-3, linear.eta(0, 9), 1e-12);
    assertEquals(1e-2, linear.eta(9, 9), 1e-12);
    assertEquals(1e-2, linear.eta(79, 9), 1e-12);
    assertEquals(1e-5, linear.eta(99, 9), 1e-12);
    Schedule loss = Strategy.loss(0.4).schedule(1e-2, Strategy.Tail.STABLE, 100, guess);
    assertEquals(1e-2 * 2 / 6, loss.eta(0, 6), 1e-12);
    assertEquals(1e-2, loss.eta(50, 1.9), 1e-12);
    Schedule cosine = Strategy.NONE.schedule(1e-2, Strategy.Tail.COSINE, 101, guess);
    assertEquals((1e-2 + 1e-5) / 2, cosine.eta(50, 9), 1e-12);
  }

  private static Contest contest(double clip) {
    Learner learner = SmoothnessRunTest.learner();
    return new Contest(
        learner,
        learner.samples(),
        Strategy.Tail.COSINE,
        0.05,
        clip,
        List.of(Strategy.NONE, Strategy.loss(0.5)),
        List.of(1e-3, 3e-2),
        2,
        45);
  }

  @Test
  void everyStrategyMeetsEveryPeakAndSeed() {
    Contest contest = contest(1);
    List<Entry> entries = contest.entries(7);
    assertEquals(8, entries.size());
    assertEquals(8, entries.stream().map(contest::label).distinct().count());
    assertEquals("contest-tiny-loss50-p30000-s8", contest.label(entries.getLast()));
    assertEquals(45, contest.at(Contest.LOOKS - 1));
    assertEquals(3, contest.at(0));
  }

  /** The network learns, repeats itself to the bit, and reports the step it took. */
  @Test
  void runsLearnAndRepeat() {
    Contest contest = contest(1);
    Entry entry = new Entry(Strategy.loss(0.5), 3e-2, 3);
    try (Device device = Device.open("cpu", 1)) {
      double[][] run = contest.run(device, entry, Progress.silent());
      int last = Contest.LOOKS - 1;
      assertTrue(run[0][last] < contest.guess() - 0.15, "it learns: " + run[0][last]);
      assertTrue(run[2][0] < 3e-2 * 0.6, "its first steps are short");
      assertEquals(1e-5, run[2][last], 1e-5);
      double[][] again = contest.run(device, entry, Progress.silent());
      for (int row = 0; row < 3; row++) {
        assertArrayEquals(run[row], again[row]);
      }
      double[][] other = contest.run(device, new Entry(Strategy.NONE, 3e-2, 3), Progress.silent());
      assertTrue(other[2][0] > run[2][0]);
    }
  }
}
