package dev.evolute.app.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.app.SourceTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * src/examples as a project of somebody's, far from this one: it knows the repository that the
 * build has published into, and a local repository of its own.
 */
@Tag("scratch")
class ScratchProjectTest {
  private static final String REPOSITORY =
      "<id>%s</id><url>%s</url><snapshots><enabled>false</enabled></snapshots>";

  @TempDir static Path folder;

  private static Path project;
  private static Path settings;

  @BeforeAll
  static void copyTheProject() throws Exception {
    Path examples = SourceTree.root().resolve("src/examples");
    project = Files.createDirectories(folder.resolve("project"));
    try (Stream<Path> files = Files.walk(examples)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path to = project.resolve(examples.relativize(file).toString());
        Files.createDirectories(to.getParent());
        Files.copy(file, to);
      }
    }
    Path published = Path.of(System.getProperty("evolute.repository"));
    Path fetched = Path.of(System.getProperty("user.home"), ".m2", "repository");
    StringBuilder repositories = new StringBuilder();
    for (String kind : List.of("repository", "pluginRepository")) {
      String plural = kind.replaceAll("y$", "ies");
      repositories.append("<").append(plural).append(">");
      // What the build has fetched already need not be fetched again; ours is asked first.
      for (Path place : List.of(published, fetched)) {
        String id = place == published ? "published" : "fetched";
        String body = REPOSITORY.formatted(id, place.toUri());
        repositories.append("<" + kind + ">").append(body).append("</" + kind + ">");
      }
      repositories.append("</").append(plural).append(">");
    }
    settings =
        Files.writeString(
            folder.resolve("settings.xml"),
            """
            <settings>
              <localRepository>%s</localRepository>
              <profiles><profile><id>scratch</id>%s</profile></profiles>
              <activeProfiles><activeProfile>scratch</activeProfile></activeProfiles>
            </settings>
            """
                .formatted(folder.resolve("local"), repositories));
    // The BOM has no parent, and with it no profile that would have published it.
    Path bom = SourceTree.root().resolve("src/bom/pom.xml");
    mvn(
        "-f",
        bom.toString(),
        "deploy:deploy",
        "-DaltDeploymentRepository=published::" + published.toUri());
  }

  private static String mvn(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("maven.home"), "bin", "mvn").toString());
    command.addAll(List.of("-B", "-q", "-ntp", "-s", settings.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder process = new ProcessBuilder(command).directory(project.toFile());
    process.environment().put("JAVA_HOME", System.getProperty("java.home"));
    process.environment().put("PATH", System.getProperty("java.home") + "/bin:/usr/bin:/bin");
    Path out = folder.resolve("out.txt");
    int status = process.redirectErrorStream(true).redirectOutput(out.toFile()).start().waitFor();
    String said = Files.readString(out);
    assertEquals(0, status, said);
    return said;
  }

  private static List<String> run(String example) throws Exception {
    // Warnings of Maven's own on a newer Java stand among what the example says.
    return mvn("compile", "exec:exec", "-Dexample=" + example)
        .lines()
        .filter(line -> line.matches("\\[?[0-9].*"))
        .toList();
  }

  @Test
  void allThreeExamplesRun() throws Exception {
    assertEquals(List.of("[4.0, 5.0, 10.0, 11.0]"), run("OwnMemory"));
    List<String> norm = run("OwnOperator");
    assertTrue(norm.getFirst().startsWith("3.99"), norm.toString());
    List<String> followed = run("OwnTrainer");
    assertEquals(201, followed.size(), followed.toString());
    assertTrue(Files.exists(folder.resolve("local/dev/evolute/evolute-kernels-cpu")));
    assertFalse(
        Files.exists(folder.resolve("local/dev/evolute/evolute-autodiff")),
        "the examples need the kernels alone");
  }
}
