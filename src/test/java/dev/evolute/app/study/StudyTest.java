package dev.evolute.app.study;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What holds for every study, on a small protocol of its own; and how its tests run it. */
public abstract class StudyTest {
  @TempDir protected Path folder;

  /** Runs the study on its small protocol. */
  protected abstract void study(StudySettings settings, Progress progress) throws Exception;

  /** Units of progress at which to interrupt it, one run after the other: none of them ends it. */
  protected abstract long[] stops();

  /** A run of which something is saved after the stops. */
  protected abstract String saved();

  protected StudySettings settings(String out, int threads) {
    return new StudySettings(true, "cpu", threads, 3, null, folder.resolve(out), null, false);
  }

  protected JsonNode run(String out, int threads, Progress progress) throws Exception {
    study(settings(out, threads), progress);
    return summary(out);
  }

  protected JsonNode summary(String out) throws Exception {
    return new ObjectMapper().readTree(folder.resolve(out).resolve("summary.json").toFile());
  }

  protected byte[] series(String out) throws Exception {
    return Files.readAllBytes(folder.resolve(out).resolve("series.csv"));
  }

  /** Progress that interrupts itself after some work. */
  protected static Progress stoppingAfter(long units) {
    return new Progress(new PrintStream(PrintStream.nullOutputStream()), false, false, () -> 0) {
      private long seen;

      @Override
      public synchronized void add(long more) {
        seen += more;
        if (seen >= units) {
          interrupt();
        }
      }
    };
  }

  /** Whatever happens on the way, the numbers at the end are those of one run on one thread. */
  @Test
  void threadsInterruptionsAndDamageChangeNoNumber() throws Exception {
    JsonNode whole = run("one", 1, Progress.silent());
    assertFalse(whole.get("partial").asBoolean());
    run("three", 3, Progress.silent());
    assertArrayEquals(series("one"), series("three"));
    double seconds = 0;
    for (long stop : stops()) {
      JsonNode partial = run("parts", 2, stoppingAfter(stop));
      assertTrue(partial.get("partial").asBoolean(), "stopped after " + stop);
      assertTrue(Files.isDirectory(folder.resolve("parts/checkpoint")));
      assertTrue(partial.get("seconds").asDouble() > seconds, "seconds add up");
      seconds = partial.get("seconds").asDouble();
    }
    Path damaged = folder.resolve("parts/checkpoint/" + saved() + ".safetensors");
    byte[] bytes = Files.readAllBytes(damaged);
    bytes[bytes.length - 9] ^= 1;
    Files.write(damaged, bytes);
    ByteArrayOutputStream shown = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(shown, true, StandardCharsets.UTF_8);
    JsonNode end;
    try (Progress progress = new Progress(out, false, false, () -> 80)) {
      end = run("parts", 1, progress);
    }
    String said = shown.toString(StandardCharsets.UTF_8);
    assertTrue(
        said.lines().anyMatch(l -> l.contains(damaged + ": ") && l.endsWith("starts over")), said);
    assertFalse(end.get("partial").asBoolean());
    assertArrayEquals(series("one"), series("parts"));
    assertEquals(whole.get("claims"), end.get("claims"));
    assertFalse(Files.exists(folder.resolve("parts/checkpoint")), "state is removed at the end");
  }
}
