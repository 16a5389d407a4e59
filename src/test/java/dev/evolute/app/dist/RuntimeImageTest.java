package dev.evolute.app.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive of profile {@code dist}, unpacked where there is no Java. */
@Tag("image")
class RuntimeImageTest {
  private static final Map<String, String> NO_PATH = Map.of("PATH", "/nonexistent");
  private static final Map<String, String> SHELL = Map.of("PATH", "/usr/bin:/bin");

  @TempDir static Path folder;

  private static final String ARCHIVE = System.getProperty("evolute.archive");

  private static Path image;
  private static String version;

  /** What a command said, and its status. */
  private record Ended(int status, String output) {}

  private static Ended run(Map<String, String> environment, Object... command) throws Exception {
    List<String> words = new ArrayList<>();
    for (Object word : command) {
      words.add(word.toString());
    }
    ProcessBuilder process = new ProcessBuilder(words).directory(folder.toFile());
    process.environment().clear();
    process.environment().putAll(environment);
    Process started = process.redirectErrorStream(true).start();
    started.getOutputStream().close();
    String output = new String(started.getInputStream().readAllBytes());
    return new Ended(started.waitFor(), output);
  }

  @BeforeAll
  static void unpack() throws Exception {
    Path unpacked = Files.createDirectories(folder.resolve("un packed"));
    Ended tar = run(SHELL, "tar", "xzf", ARCHIVE, "-C", unpacked);
    assertEquals(0, tar.status, tar.output);
    try (Stream<Path> files = Files.list(unpacked)) {
      List<Path> found = files.toList();
      assertEquals(1, found.size(), found.toString());
      image = found.get(0);
      version = image.getFileName().toString().split("-")[1];
    }
  }

  @Test
  void nameHasVersionAndPlatform() {
    String name = image.getFileName().toString();
    assertTrue(name.matches("evolute-[0-9]+\\.[0-9]+\\.[0-9]+-[a-z]+-[a-z0-9_]+"), name);
    assertEquals(name + ".tar.gz", Path.of(ARCHIVE).getFileName().toString());
  }

  @Test
  void itHasLessThan90Megabytes() throws IOException {
    long bytes = 0;
    try (Stream<Path> files = Files.walk(image)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        bytes += Files.size(file);
      }
    }
    assertTrue(bytes < 90_000_000, bytes + " bytes");
  }

  @Test
  void studyRunsWithNothingOnThePath() throws Exception {
    Path out = folder.resolve("out");
    Ended study =
        run(NO_PATH, image.resolve("evolute"), "study", "gd-vs-flow", "--quick", "--out", out);
    assertEquals(0, study.status, study.output);
    assertTrue(Files.size(out.resolve("report.html")) > 10_000);
    String summary = Files.readString(out.resolve("summary.json"));
    assertTrue(summary.contains("\"evolute\" : \"" + version + "\""), summary);
  }

  @Test
  void everyCommandIsThere() throws Exception {
    for (String command : List.of("study", "probe", "train", "doctor", "data")) {
      Ended help = run(NO_PATH, image.resolve("evolute"), command, "--help");
      assertEquals(0, help.status, help.output);
    }
  }

  @Test
  void classesComeFromTheArchiveAlsoElsewhere() throws Exception {
    // "on" refuses to start where the archive does not fit.
    Map<String, String> shared = Map.of("PATH", "/usr/bin:/bin", "EVOLUTE_JAVA_OPTS", "-Xshare:on");
    Ended started = run(shared, image.resolve("evolute"), "--version");
    assertEquals("evolute " + version, started.output.lines().findFirst().orElse(""));
    assertEquals(0, started.status);
  }

  @Test
  void aLinkStartsItToo() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("link"), image.resolve("evolute"));
    Ended started = run(SHELL, link, "--version");
    assertEquals("evolute " + version, started.output.lines().findFirst().orElse(""));
  }

  @Test
  void benchmarksAreRefusedInOneSentence() throws Exception {
    Ended bench = run(NO_PATH, image.resolve("evolute"), "bench", "gemm");
    assertEquals(2, bench.status);
    assertEquals(1, bench.output.lines().count(), bench.output);
    assertTrue(bench.output.startsWith("evolute: benchmarks"), bench.output);
  }

  @Test
  void everyLibraryIsInTheNotice() throws IOException {
    String notice = Files.readString(image.resolve("NOTICE"));
    try (Stream<Path> files = Files.list(image.resolve("lib"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".jar")).toList()) {
        String artifact = file.getFileName().toString().replaceAll("-[0-9].*", "");
        if (!artifact.startsWith("evolute-")) {
          assertTrue(notice.contains(artifact), artifact + " is not named in NOTICE");
        }
      }
    }
    assertTrue(Files.exists(image.resolve("LICENSE")));
    assertTrue(Files.exists(image.resolve("runtime/legal/java.base/LICENSE")));
  }
}
