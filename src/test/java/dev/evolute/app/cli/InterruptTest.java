package dev.evolute.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.app.UserException;
import dev.evolute.app.study.Progress;
import dev.evolute.app.study.StudySettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A study that is told to end writes what it has before the process ends. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "has no signals")
class InterruptTest {
  private static final String READY = "ready";

  @TempDir Path out;

  /** What runs in the other process: one study that works until it is told to end. */
  public static final class Process {
    private Process() {}

    /**
     * @param arguments the command line of evolute
     */
    public static void main(String[] arguments) {
      FakeStudy endless =
          new FakeStudy(
              "endless",
              (settings, progress) -> {
                System.out.println(READY);
                work(settings, progress);
              });
      System.exit(
          Main.commandLine(
                  type -> type == StudyCommand.class ? new StudyCommand(List.of(endless)) : null)
              .execute(arguments));
    }

    private static void work(StudySettings settings, Progress progress) {
      progress.start("waiting", "steps", 1_000_000);
      try {
        while (!progress.interrupted()) {
          Thread.sleep(1);
          progress.add(1);
        }
        // Longer than a JVM takes to end if nobody holds it.
        Thread.sleep(500);
        Files.writeString(settings.out().resolve("partial"), "all of it");
      } catch (InterruptedException e) {
        throw new UserException("the sleep was interrupted", e);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** SIGTERM takes the same way as Ctrl-C and, unlike it, reaches children of background jobs. */
  @Test
  void aTerminatedStudyWritesItsPartialResults() throws Exception {
    java.lang.Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Process.class.getName(),
                "study",
                "endless",
                "--out",
                out.toString())
            .start();
    try (BufferedReader said = process.inputReader();
        BufferedReader complained = process.errorReader()) {
      assertEquals(READY, said.readLine());
      // Not destroy(), which would close the streams that are read below.
      process.toHandle().destroy();
      assertTrue(process.waitFor(30, TimeUnit.SECONDS), "the process did not end");
      List<String> lines = complained.lines().toList();
      assertEquals(128 + 15, process.exitValue(), lines::toString);
      assertTrue(
          lines.contains("evolute: interrupted, writing what was computed so far"),
          lines::toString);
      assertTrue(lines.contains("evolute: partial results are in " + out), lines::toString);
      assertEquals("all of it", Files.readString(out.resolve("partial")));
    } finally {
      process.destroyForcibly();
    }
  }
}
