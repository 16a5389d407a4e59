package dev.evolute.bench.duel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Wrong command lines end with one sentence and status 2; what the help shows runs. */
class BenchCommandTest {
  private static String refused(String... arguments) {
    StringWriter said = new StringWriter();
    CommandLine line = BenchCommand.commandLine();
    line.setErr(new PrintWriter(said));
    assertEquals(2, line.execute(arguments));
    String text = said.toString();
    assertEquals(1, text.lines().count(), text);
    assertTrue(text.startsWith("evolute: "), text);
    return text;
  }

  @Test
  void anUnknownNameIsAnsweredWithTheKnownOnes() {
    assertTrue(
        refused("gem")
            .startsWith(
                "evolute: unknown benchmark 'gem', there is gemm, elementwise, blas1, starts,"
                    + " gradient, hvp, gradient-blocks, hvp-blocks, train, spectral, split,"
                    + " hvp-split;"));
    assertTrue(refused().contains("missing: gemm, elementwise"));
  }

  @Test
  void unusableOptionsAreNamed() {
    assertTrue(refused("gemm", "--threads", "0").contains("--threads: 0 given"));
    assertTrue(refused("gemm", "--peers", "none", "--only", "(").contains("no regular expression"));
    assertTrue(refused("gemm", "--peers", "none", "--only", "zz").contains("in none of the cases"));
    assertTrue(refused("gemm", "--peers", "lapack").contains("there is openblas, onemkl"));
    assertTrue(refused("gemm", "--jsn", "x").contains("--jsn"));
  }

  @Test
  void withoutAMatrixUnitThereIsNothingToSplitFor() {
    Assumptions.assumeTrue(new SplitBench().trouble().isPresent(), "this machine has one");
    for (String bench : List.of("split", "hvp-split")) {
      String text = refused(bench, "--quick", "--json", "none.json");
      assertTrue(text.contains(bench + ": nothing to measure here"), text);
      assertTrue(text.contains("AMX"), text);
    }
  }

  @Test
  void everyBenchHasAGridAndASmallerOne() {
    for (Bench bench : Bench.ALL) {
      List<Case> full = bench.cases(false, List.of(1, 2));
      List<Case> quick = bench.cases(true, List.of(1, 2));
      assertTrue(!quick.isEmpty() && quick.size() <= full.size(), bench.name());
      assertEquals(full.size(), full.stream().distinct().count(), bench.name());
      full.forEach(which -> assertEquals(which, Case.parse(which.toString())));
      assertTrue(bench.ours().present() && bench.limit().present(), bench.name());
    }
  }

  /** Each on its smallest case, with nobody beside. */
  @Test
  @Tag("slow")
  void everyExampleOfTheHelpRuns(@TempDir Path folder) throws IOException {
    CommandLine line = BenchCommand.commandLine();
    line.setOut(new PrintWriter(new StringWriter()));
    StringWriter said = new StringWriter();
    line.setErr(new PrintWriter(said));
    List<String> examples =
        Arrays.stream(line.getCommandSpec().usageMessage().footer())
            .map(String::strip)
            .filter(text -> text.startsWith("evolute bench "))
            .toList();
    assertEquals(3, examples.size());
    for (String example : examples) {
      List<String> typed = new ArrayList<>();
      Matcher words = Pattern.compile("'([^']*)'|(\\S+)").matcher(example);
      while (words.find()) {
        typed.add(words.group(1) == null ? words.group(2) : words.group(1).replace("1024", "16x"));
      }
      List<String> small = new ArrayList<>(typed.subList(2, typed.size()));
      replace(small, "--json", folder.resolve("bench.json").toString());
      replace(small, "--peers", "none");
      if (!small.contains("--peers")) {
        small.addAll(List.of("--peers", "none"));
      }
      if (!small.contains("--only")) {
        Bench bench =
            Bench.ALL.stream().filter(b -> b.name().equals(small.get(0))).findFirst().orElseThrow();
        String first = bench.cases(true, List.of(1)).get(0).toString();
        small.addAll(List.of("--only", Pattern.quote(first), "--threads", "1"));
      }
      if (!small.contains("--quick")) {
        small.add("--quick");
      }
      small.addAll(List.of("--out", folder.resolve("report").toString()));
      assertEquals(0, line.execute(small.toArray(String[]::new)), example + ": " + said);
    }
    assertTrue(Files.readString(folder.resolve("bench.json")).contains("\"bench\" : \"gemm\""));
    assertTrue(Files.exists(folder.resolve("report/bench-elementwise.md")));
  }

  private static void replace(List<String> words, String option, String value) {
    int at = words.indexOf(option);
    if (at >= 0) {
      words.set(at + 1, value);
    }
  }
}
