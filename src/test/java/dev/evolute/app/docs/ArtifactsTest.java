package dev.evolute.app.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.app.SourceTree;
import dev.evolute.autodiff.graph.Graph;
import dev.evolute.kernels.Device;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What others depend on: the BOM's versions, and the modules on a module path. */
class ArtifactsTest {
  private static final Path ROOT = SourceTree.root();

  @TempDir Path folder;

  private static String only(String pattern, String text) {
    List<String> found =
        Pattern.compile(pattern).matcher(text).results().map(match -> match.group(1)).toList();
    assertTrue(!found.isEmpty(), pattern);
    return found.getFirst();
  }

  @Test
  void theBomHasThePublishedArtifactsInTheVersionOfTheRest() throws Exception {
    String parent = Files.readString(ROOT.resolve("pom.xml"));
    String bom = Files.readString(ROOT.resolve("src/bom/pom.xml"));
    String version = only("<artifactId>evolute</artifactId>\\s*<version>(.*)</version>", parent);
    assertEquals(
        version, only("<artifactId>evolute-bom</artifactId>\\s*<version>(.*)</version>", bom));
    Set<String> managed = new TreeSet<>();
    for (MatchResult artifact :
        Pattern.compile("<artifactId>(evolute-.*)</artifactId>\\s*<version>\\$")
            .matcher(bom)
            .results()
            .toList()) {
      managed.add(artifact.group(1));
    }
    assertEquals(
        new TreeSet<>(Set.of("evolute-autodiff", "evolute-kernels-cpu", "evolute-kernels-gpu")),
        managed);
    for (String page : List.of("src/examples/pom.xml", "src/docs/embedding.md")) {
      assertEquals(
          version,
          only(
              "<artifactId>evolute-bom</artifactId>\\s*<version>(.*)</version>",
              Files.readString(ROOT.resolve(page))),
          page);
    }
  }

  /** The places of our modules and of the libraries they require. */
  private static String modulePath() throws Exception {
    List<String> places = new ArrayList<>();
    for (Class<?> inside : List.of(Device.class, Graph.class)) {
      places.add(
          Path.of(inside.getProtectionDomain().getCodeSource().getLocation().toURI()).toString());
    }
    for (String place : System.getProperty("java.class.path").split(File.pathSeparator)) {
      if (place.contains("ejml-core")
          || place.contains("ejml-ddense")
          || place.contains("jackson-core")) {
        places.add(place);
      }
    }
    return String.join(File.pathSeparator, places);
  }

  @Test
  void aModuleOfAUsersRequiresOneOfOursAndRuns() throws Exception {
    Path examples = ROOT.resolve("src/examples/java/examples");
    Path source =
        Files.writeString(
            folder.resolve("module-info.java"), "module user { requires dev.evolute.autodiff; }");
    int compiled =
        ToolProvider.findFirst("javac")
            .orElseThrow()
            .run(
                System.out,
                System.err,
                "--module-path",
                modulePath(),
                "-d",
                folder.resolve("classes").toString(),
                source.toString(),
                examples.resolve("OwnOperator.java").toString());
    assertEquals(0, compiled);
    Process java =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--module-path",
                modulePath() + File.pathSeparator + folder.resolve("classes"),
                "--enable-native-access=dev.evolute.kernels",
                "--module",
                "user/examples.OwnOperator")
            .redirectErrorStream(true)
            .start();
    String said = new String(java.getInputStream().readAllBytes());
    assertEquals(0, java.waitFor(), said);
    List<String> lines = said.strip().lines().filter(l -> !l.startsWith("WARNING: Using")).toList();
    assertEquals(1, lines.size(), said);
    assertTrue(lines.getFirst().matches("3\\.99.* products"), said);
  }
}
