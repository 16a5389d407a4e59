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

  /** A run of which something is saved, on one thread, at the first stop. */
  protected abstract String savedFirst();

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

  @Test
  void seriesAndClaimsAreTheSameOnAnyNumberOfThreadsAndAfterInterruptions() throws Exception {
    JsonNode whole = run("one", 1, Progress.silent());
    assertFalse(whole.get("partial").asBoolean());
    for (int threads : new int[] {2, 5}) {
      run("more", threads, Progress.silent());
      assertArrayEquals(series("one"), series("more"));
    }
    double seconds = 0;
    for (long stop : stops()) {
      JsonNode partial = run("parts", 2, stoppingAfter(stop));
      assertTrue(partial.get("partial").asBoolean(), "stopped after " + stop);
      assertTrue(Files.isDirectory(folder.resolve("parts/checkpoint")));
      assertTrue(partial.get("seconds").asDouble() > seconds, "seconds add up");
      seconds = partial.get("seconds").asDouble();
    }
    JsonNode end = run("parts", 1, Progress.silent());
    assertFalse(end.get("partial").asBoolean());
    assertArrayEquals(series("one"), series("parts"));
    assertEquals(whole.get("claims"), end.get("claims"));
    assertFalse(Files.exists(folder.resolve("parts/checkpoint")), "state is removed at the end");
  }

  @Test
  void damagedStateIsSetAsideWithALineThatSaysSo() throws Exception {
    run("whole", 1, Progress.silent());
    run("parts", 1, stoppingAfter(stops()[0]));
    Path state = folder.resolve("parts/checkpoint/" + savedFirst() + ".safetensors");
    byte[] bytes = Files.readAllBytes(state);
    bytes[bytes.length - 9] ^= 1;
    Files.write(state, bytes);
    ByteArrayOutputStream shown = new ByteArrayOutputStream();
    try (Progress progress =
        new Progress(
            new PrintStream(shown, true, StandardCharsets.UTF_8), false, false, () -> 80)) {
      run("parts", 1, progress);
    }
    String line =
        shown
            .toString(StandardCharsets.UTF_8)
            .lines()
            .filter(l -> l.contains("damaged"))
            .toList()
            .toString();
    assertTrue(line.contains(state.toString()) && line.contains("starts over"), line);
    assertArrayEquals(series("whole"), series("parts"));
  }
}
