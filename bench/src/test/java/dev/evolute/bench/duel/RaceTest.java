package dev.evolute.bench.duel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Whole solves in processes of their own. */
class RaceTest {
  private static final String FAKE = "dev.evolute.bench.duel.FakeSolver";
  private static final long MILLI = 1_000_000;
  private static final Pace PACE = new Pace(MILLI, 3, MILLI, MILLI, MILLI, Long.MAX_VALUE);

  private static Row row(Entrant... peers) {
    try (Race race =
        new Race(
            Entrant.java("evolute", FAKE, true),
            List.of(peers),
            Entrant.java("limit", FAKE, true),
            PACE,
            Opponent::command)) {
      return race.run(List.of(new Case("f32", "first", 1)), BenchProgress.SILENT).get(0);
    }
  }

  @Test
  void aPeersTimeIsThatUntilItIsAsExactAsWe() {
    Row row =
        row(
            Entrant.java("slow", FAKE + "$Slow", true),
            Entrant.java("rough", FAKE + "$Rough", true));
    assertEquals(60, row.ours(), "solves a minute");
    assertEquals(Map.of("slow", 10.0), row.peers(), "6 s; who is never as exact has no rate");
    assertEquals(6, row.ratio());
    assertEquals(
        List.of("truth", "evolute", "slow", "slow", "rough", "rough"),
        row.attempts().stream().map(Attempt::contender).toList());
    assertEquals(List.of(1, 3, 0, 3, 0, 0), row.attempts().stream().map(Attempt::reached).toList());
    assertEquals(5e-4, row.attempts().get(1).maxError(), 1e-12, "1e-3 of 2");
  }

  @Test
  void aTruthThatIsFoundOtherwiseEndsIt() {
    String message =
        assertThrows(
                BenchException.class,
                () -> row(Entrant.java(SpectralBench.ARPACK, FAKE + "$Liar", true)))
            .getMessage();
    assertTrue(message.startsWith("arpack finds -0.999 to 1.999 in f64 first, we find"), message);
  }

  @Test
  void questionsAndAnswersAreReadAsTheyAreWritten() {
    Goal goal = new Goal(7, 1e-4, -1, 2, 1e-9, 2e-9, 30);
    assertEquals(goal, Goal.parse(goal.text()));
    assertTrue(!Goal.parse(Goal.of(1, 1e-4).text()).known());
    List<Solution> solutions =
        List.of(
            new Solution("tol 1e-4", 0.5, 37, -1, 2, 1e-5, 1e-6),
            new Solution("goes on, and on", 1.5, 99, -1, 2, Double.NaN, 1e-6));
    assertEquals(solutions, Solution.parse(Solution.text(solutions)));
  }
}
