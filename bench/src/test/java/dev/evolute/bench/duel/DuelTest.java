package dev.evolute.bench.duel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Contenders in processes of their own: what they say, and what is said when they do not. */
class DuelTest {
  private static final String FAKE = "dev.evolute.bench.duel.FakeContender";
  private static final Entrant OURS = Entrant.java("evolute", FAKE, true);
  private static final Entrant PEER = Entrant.java("slow", FAKE + "$Slow", true);
  private static final Entrant LIMIT = Entrant.java("limit", FAKE, true);
  private static final Entrant REFERENCE = Entrant.java("other", FAKE + "$Slow", true);
  private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
  private static final Pace PACE = new Pace(MILLI, 3, MILLI, MILLI, MILLI, Long.MAX_VALUE);

  private static Duel duel(List<Entrant> peers, Duration patience) {
    return new Duel(
        OURS, peers, LIMIT, Optional.of(REFERENCE), List.of(), PACE, Opponent::command, patience);
  }

  private static List<Row> rows(Duel duel, String... what) {
    return duel.run(
        List.of(what).stream().map(w -> new Case("f32", w, 1)).toList(), BenchProgress.SILENT);
  }

  private static String failure(String what, Duration patience) {
    try (Duel duel = duel(List.of(), patience)) {
      return assertThrows(BenchException.class, () -> rows(duel, what)).getMessage();
    }
  }

  @Test
  void everyContenderHasARateInEveryCase() {
    try (Duel duel = duel(List.of(PEER), Duration.ofSeconds(60))) {
      List<Row> rows = rows(duel, "first", "allocates");
      assertEquals(2, rows.size());
      for (Row row : rows) {
        assertTrue(row.ours() > 0 && row.limit() > 0, row::toString);
        assertEquals(List.of("slow"), List.copyOf(row.peers().keySet()));
        assertEquals(row.ours() / row.peers().get("slow"), row.ratio());
        assertTrue(row.figures().get("time/other") > 0, row::toString);
      }
      assertEquals(0, rows.get(0).bytes(), 1);
      assertEquals("a fake", duel.descriptions().get("slow"));
      assertTrue(duel.vectorBits() >= 64);
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void betweenItsTurnsAContenderIsStopped() throws IOException {
    try (Duel duel = duel(List.of(PEER), Duration.ofSeconds(60))) {
      rows(duel, "first");
      List<ProcessHandle> contenders = ProcessHandle.current().children().toList();
      assertEquals(4, contenders.size());
      for (ProcessHandle contender : contenders) {
        String state = Files.readString(Path.of("/proc/" + contender.pid() + "/stat"));
        assertTrue(state.contains(") T "), state);
      }
      assertEquals(1, rows(duel, "first").size());
    }
  }

  @Test
  void aFunctionThatIsNotThereHasNoRow() {
    try (Duel duel = duel(List.of(), Duration.ofSeconds(60))) {
      List<Row> rows = rows(duel, "none", "first");
      assertEquals(List.of("f32 first t1"), rows.stream().map(r -> r.which().toString()).toList());
      assertTrue(Double.isNaN(rows.get(0).ratio()));
    }
  }

  @Test
  void aContenderThatDiesIsNamedWithItsLastWords() {
    assertEquals(
        "evolute ended (3) while preparing f32 dies t1: a reason to die",
        failure("dies", Duration.ofSeconds(60)));
  }

  @Test
  void aContenderThatHangsIsNamed() {
    assertEquals(
        "evolute gave no answer for 5 s while preparing f32 hangs t1",
        failure("hangs", Duration.ofSeconds(5)));
  }

  @Test
  void aContenderThatComputesSomethingElseIsNamed() {
    assertEquals(
        "evolute failed while preparing f32 wrong t1: its result is off",
        failure("wrong", Duration.ofSeconds(60)));
  }

  @Test
  void aPeerWhoseResultIsNotOursIsNamed() {
    try (Duel duel = duel(List.of(PEER), Duration.ofSeconds(60))) {
      String message = assertThrows(BenchException.class, () -> rows(duel, "differs")).getMessage();
      assertTrue(
          message.startsWith("slow computes something else than we do in f32 differs t1: "),
          message);
    }
  }

  @Test
  void aPeerThatCannotStartIsNamedWithTheWayOut() {
    Entrant missing = Entrant.java("missing", "no.such.Contender", true);
    String message =
        assertThrows(BenchException.class, () -> duel(List.of(missing), Duration.ofSeconds(60)))
            .getMessage();
    assertTrue(message.startsWith("missing failed while starting: "), message);
    assertTrue(message.endsWith("; leave it out with --peers"), message);
  }
}
