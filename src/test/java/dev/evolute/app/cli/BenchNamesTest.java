package dev.evolute.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.app.SourceTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The benchmarks that a shell completes are those that the bench module refuses others for. */
class BenchNamesTest {
  @Test
  void theNamesAreThoseOfTheBenchModule() throws IOException {
    Path test =
        SourceTree.root()
            .resolve("bench/src/test/java/dev/evolute/bench/duel/BenchCommandTest.java");
    // Its test has the list of them that users are told, in pieces.
    String source = Files.readString(test).replaceAll("\"\\s*\\+\\s*\"", "");
    Matcher told = Pattern.compile("there is (gemm, [a-z0-9, -]+);").matcher(source);
    assertTrue(told.find(), "no list of benchmarks in " + test);
    TreeSet<String> completed = new TreeSet<>();
    new BenchCommand.Benchmarks().forEach(completed::add);
    assertEquals(
        String.join(", ", new TreeSet<>(Set.of(told.group(1).split(", ")))),
        String.join(", ", completed));
  }
}
