package dev.evolute.bench.duel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Wrong command lines end with one sentence and status 2. */
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
}
