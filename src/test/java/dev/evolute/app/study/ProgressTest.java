package dev.evolute.app.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private static final long MILLI = 1_000_000;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private long now = -50 * MILLI;
  private int columns = 80;

  private Progress progress(boolean live, boolean color, Charset charset) {
    return new Progress(
        new PrintStream(bytes, true, charset), live, color, () -> columns, () -> now);
  }

  private String printed() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  /** Reports one unit a millisecond. */
  private void work(Progress progress, int milliseconds) {
    for (int i = 0; i < milliseconds; i++) {
      now += MILLI;
      progress.add(1);
    }
  }

  @Test
  void elsewhereThanOnATerminalThereAreFewPlainLines() {
    try (Progress progress = progress(false, true, StandardCharsets.UTF_8)) {
      progress.start("training", "steps", 20_000);
      work(progress, 20_000);
    }
    List<String> lines = printed().lines().toList();
    assertEquals(10, lines.size(), lines::toString);
    assertEquals("training: 10 %, 1,000 steps/s, 0:18 left", lines.get(0));
    assertEquals("training: 100 %, 1,000 steps/s, done", lines.get(9));
    assertFalse(printed().contains("\033") || printed().contains("\r"));
  }

  @Test
  void withoutAUnitNoSpeedIsShown() {
    try (Progress progress = progress(false, false, StandardCharsets.UTF_8)) {
      progress.start("warmup", "", 20_000);
      work(progress, 2_000);
    }
    assertEquals("warmup: 10 %, 0:18 left", printed().lines().toList().getFirst());
  }

  @Test
  void slowWorkIsHeardOfEveryFiveSeconds() {
    try (Progress progress = progress(false, false, StandardCharsets.UTF_8)) {
      progress.start("training", "steps", 10_000_000);
      work(progress, 21_000);
      assertEquals(4, printed().lines().count());
    }
  }

  @Test
  void aTerminalLineIsRedrawnTenTimesASecond() {
    try (Progress progress = progress(true, false, StandardCharsets.UTF_8)) {
      progress.start("training", "steps", 2_000);
      work(progress, 1_000);
      assertEquals(10, printed().chars().filter(c -> c == '\r').count());
      assertEquals(0, printed().chars().filter(c -> c == '\n').count());
      String last = printed().substring(printed().lastIndexOf('\r'));
      assertEquals(
          "training  %s%s   50 %%  1,000 steps/s  0:01 left",
          last.replace("\r", "")
              .replace("\033[K", "")
              .replaceFirst("━+", "%s")
              .replaceFirst("╌+", "%s")
              .replace("50 %", "50 %%"));
      assertEquals(79, last.length() - "\r\033[K".length());
    }
    assertTrue(printed().endsWith(System.lineSeparator()));
  }

  /** Ten thousand steps would take ten seconds; two are allowed. */
  @Test
  void whateverEndsFirstIsWhatIsLeft() {
    try (Progress progress = progress(true, false, StandardCharsets.UTF_8)) {
      progress.start("training", "steps", 10_000);
      progress.endsIn(2);
      work(progress, 1_000);
      assertTrue(printed().trim().endsWith(" 50 %  1,000 steps/s  0:01 left\033[K"), printed());
      progress.start("training", "steps", 10_000);
      work(progress, 1_000);
      assertTrue(printed().trim().endsWith(" 10 %  1,000 steps/s  0:09 left\033[K"), printed());
    }
  }

  @Test
  void aBarWithoutUnicodeIsPlainAscii() {
    try (Progress progress = progress(true, false, StandardCharsets.US_ASCII)) {
      progress.start("training", "steps", 1_000);
      work(progress, 500);
    }
    assertTrue(printed().contains("##") && printed().contains(".."), printed());
    assertTrue(printed().chars().allMatch(c -> c < 128));
  }

  @Test
  void onlyWhereAskedForThereIsColor() {
    for (boolean color : new boolean[] {true, false}) {
      bytes.reset();
      try (Progress progress = progress(true, color, StandardCharsets.UTF_8)) {
        progress.start("training", "steps", 1_000);
        work(progress, 500);
      }
      assertEquals(color, printed().contains("\033[36m"));
    }
  }

  @Test
  void aNarrowTerminalGetsAShortLine() {
    columns = 20;
    try (Progress progress = progress(true, false, StandardCharsets.UTF_8)) {
      progress.start("training", "steps", 1_000);
      work(progress, 300);
      for (String line : printed().split("\r")) {
        assertTrue(line.replace("\033[K", "").length() < columns, line);
      }
    }
  }

  @Test
  void resumedWorkCountsAsDoneButNotAsFast() {
    try (Progress progress = progress(false, false, StandardCharsets.UTF_8)) {
      progress.start("training", "steps", 100_000, 90_000);
      work(progress, 5_000);
      assertEquals("training: 95 %, 1,000 steps/s, 0:05 left", printed().strip());
    }
  }

  @Test
  void workThatIsTakenUpOnTheWayCountsAsDoneButNotAsFast() {
    try (Progress progress = progress(false, false, StandardCharsets.UTF_8)) {
      progress.start("training", "steps", 100_000);
      progress.skip(90_000);
      work(progress, 5_000);
      assertEquals("training: 90 %, 1,000 steps/s, 0:10 left", printed().strip());
    }
  }

  /** Two hours in pieces: nineteen of a second, then one of a minute, for as much work each. */
  @Test
  void whatIsLeftOfALongRunDoesNotJump() {
    try (Progress progress = progress(false, false, StandardCharsets.UTF_8)) {
      long total = 2 * 3600 / 79 * 20;
      progress.start("warmup", "", total);
      for (int piece = 0; piece < total / 2; piece++) {
        now += MILLI * (piece % 20 == 19 ? 60_000 : 1_000);
        progress.add(1);
      }
    }
    List<Double> ends =
        printed()
            .lines()
            .skip(1)
            .filter(line -> line.matches("warmup: +(3|4)\\d %.*left"))
            .map(line -> line.replaceAll(".*, | left", "").split(":"))
            .map(t -> t.length == 2 ? minutes("0", t[0]) : minutes(t[0], t[1]))
            .toList();
    assertTrue(ends.size() > 50, ends::toString);
    // Between 84 and 60 minutes are left.
    assertTrue(ends.stream().allMatch(minutes -> minutes > 48 && minutes < 101), ends::toString);
  }

  private static double minutes(String hours, String minutes) {
    return 60 * Double.parseDouble(hours) + Double.parseDouble(minutes);
  }

  @Test
  void aMessageStandsOnALineOfItsOwn() {
    try (Progress progress = progress(true, false, StandardCharsets.UTF_8)) {
      progress.start("training", "steps", 1_000);
      work(progress, 200);
      progress.say("half way");
    }
    assertTrue(printed().contains("\r\033[Khalf way" + System.lineSeparator()), printed());
  }

  @Test
  void everyThreadsWorkIsCounted() throws InterruptedException {
    Progress progress = progress(false, false, StandardCharsets.UTF_8);
    progress.start("training", "steps", 400_000);
    Thread[] threads = new Thread[4];
    for (int t = 0; t < threads.length; t++) {
      threads[t] =
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int i = 0; i < 100_000; i++) {
                      progress.add(1);
                    }
                  });
    }
    for (Thread thread : threads) {
      thread.join();
    }
    now += 1000 * MILLI;
    progress.close();
    assertEquals("training: 100 %, 400,000 steps/s, done", printed().strip());
  }

  @Test
  void aShutdownAsksTheStudyToEndAndWaitsForIt() throws InterruptedException {
    Progress progress = progress(false, false, StandardCharsets.UTF_8);
    Thread hook = progress.shutdownHook(60);
    assertFalse(progress.interrupted());
    hook.start();
    while (!progress.interrupted()) {
      Thread.onSpinWait();
    }
    hook.join(TimeUnit.SECONDS.toMillis(1) / 10);
    assertTrue(hook.isAlive(), "the shutdown did not wait for the study");
    progress.close();
    hook.join();
    assertEquals("evolute: interrupted, writing what was computed so far", printed().strip());
  }

  @Test
  void aShutdownDoesNotWaitForEver() throws InterruptedException {
    Progress progress = progress(false, false, StandardCharsets.UTF_8);
    Thread hook = progress.shutdownHook(0);
    hook.start();
    hook.join();
    assertTrue(printed().contains("its files may be incomplete"), printed());
  }
}
