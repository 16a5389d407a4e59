package dev.evolute.app.study.twolayer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.evolute.app.UserException;
import dev.evolute.app.study.Progress;
import dev.evolute.app.study.StudySettings;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TwoLayerLinearTest {
  private static final Protocol PROTOCOL =
      new Protocol(
          2,
          List.of(60, 120),
          List.of(0.1, 1.0),
          List.of(30, 60),
          List.of(0.275, 0.475),
          List.of(40, 80),
          60,
          150,
          1,
          30,
          1,
          3);

  @TempDir Path folder;

  private StudySettings settings(String out, int threads, String precision) {
    return new StudySettings(true, "cpu", threads, 3, precision, folder.resolve(out), null, false);
  }

  private JsonNode run(String out, int threads, Progress progress) throws Exception {
    StudySettings settings = settings(out, threads, null);
    new TwoLayerLinear().run(settings, progress, PROTOCOL);
    return new ObjectMapper().readTree(settings.out().resolve("summary.json").toFile());
  }

  private byte[] series(String out) throws Exception {
    return Files.readAllBytes(folder.resolve(out).resolve("series.csv"));
  }

  /** Progress that interrupts itself after a number of runs. */
  private static Progress stoppingAfter(long runs) {
    return new Progress(new PrintStream(PrintStream.nullOutputStream()), false, false, () -> 0) {
      private long seen;

      @Override
      public synchronized void add(long units) {
        seen += units;
        if (seen >= runs) {
          interrupt();
        }
      }
    };
  }

  @Test
  void seriesIsTheSameOnAnyNumberOfThreadsAndAfterInterruptions() throws Exception {
    JsonNode whole = run("one", 1, Progress.silent());
    assertFalse(whole.get("partial").asBoolean());
    run("two", 2, Progress.silent());
    assertArrayEquals(series("one"), series("two"));
    for (int stop : new int[] {3, 20, 15}) {
      JsonNode partial = run("parts", 2, stoppingAfter(stop));
      assertTrue(partial.get("partial").asBoolean(), "stopped after " + stop);
      assertTrue(Files.isDirectory(folder.resolve("parts/checkpoint")));
    }
    JsonNode end = run("parts", 1, Progress.silent());
    assertArrayEquals(series("one"), series("parts"));
    assertEquals(whole.get("claims"), end.get("claims"));
    assertFalse(Files.exists(folder.resolve("parts/checkpoint")), "state is removed at the end");
  }

  @Test
  void everyInequalityHoldsAndEveryPrintedFormFails() throws Exception {
    JsonNode summary = run("out", 2, Progress.silent());
    int printed = 0;
    for (JsonNode claim : summary.get("claims")) {
      String name = claim.get("name").asText();
      if (name.startsWith("printed")) {
        assertTrue(claim.get("violated").asInt() > 0, name);
        printed++;
      } else if (claim.get("paper").asText().contains("equation")
          || claim.get("paper").asText().contains("Theorem")
          || claim.get("paper").asText().contains("Lemma")
          || name.startsWith("corrected")) {
        assertTrue(claim.get("checked").asInt() > 0, name);
        assertEquals(0, claim.get("violated").asInt(), name);
      }
    }
    assertEquals(5, printed);
  }

  @Test
  void singlePrecisionIsRefused() {
    UserException e =
        assertThrows(
            UserException.class,
            () -> new TwoLayerLinear().run(settings("out", 1, "f32"), Progress.silent(), PROTOCOL));
    assertTrue(e.getMessage().contains("--precision"), e.getMessage());
  }

  @Test
  void protocolsHaveThePapersSettings() {
    assertEquals(9, Protocol.full(1).figure1().size());
    assertEquals(9, Protocol.quick(1).figure1().size());
    assertEquals(30, Protocol.full(1).repetitions());
  }
}
