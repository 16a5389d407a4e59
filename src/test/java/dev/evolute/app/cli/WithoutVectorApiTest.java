package dev.evolute.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Started without the launcher and its flags, the application says which flag is missing. */
class WithoutVectorApiTest {
  private static final String FLAG = "start it with --add-modules jdk.incubator.vector";

  @TempDir Path out;

  private static String run(int status, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    assertEquals(status, process.waitFor(), output);
    return output;
  }

  @Test
  void doctorNamesTheFlag() throws Exception {
    String output = run(0, "doctor");
    assertTrue(output.lines().anyMatch(line -> line.matches("vectors +none")), output);
    assertTrue(
        output.lines().anyMatch(line -> line.startsWith("device cpu ") && line.contains(FLAG)),
        output);
  }

  @Test
  void aStudyEndsInOneSentenceWithTheFlag() throws Exception {
    String output = run(2, "study", "gd-vs-flow", "--quick", "--out", out.toString());
    List<String> lines = output.strip().lines().toList();
    assertEquals(1, lines.size(), output);
    assertTrue(lines.get(0).startsWith("evolute: ") && lines.get(0).contains(FLAG), output);
  }

  @Test
  void aMissingClassOfTheVectorApiIsNoInternalError() {
    String sentence = Errors.failure(new NoClassDefFoundError("jdk/incubator/vector/Vector"));
    assertTrue(sentence.contains(FLAG), sentence);
    assertTrue(Errors.failure(new NoClassDefFoundError("a/B")).startsWith("internal error"));
  }
}
