package dev.evolute.kernels.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The table of registers, shared memory and spills is that of the sources and without a spill. What
 * takes nvcc is not checked where there is none.
 */
class RegistersTest {
  private static void nvcc(String... options) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("./nvcc"));
    command.addAll(List.of(options));
    Process nvcc = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(nvcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, nvcc.waitFor(), said);
    System.out.print(said);
  }

  @Test
  void theTableIsThatOfTheSources() throws IOException, InterruptedException {
    nvcc("--stale");
  }

  /** On six architectures; on sm_75, where products copy without cp.async, some spill. */
  @Test
  void noKernelSpillsAndFamiliesAreWhole() throws IOException, ClassNotFoundException {
    Map<String, Set<String>> architectures = new TreeMap<>();
    Set<String> kernels = new TreeSet<>();
    for (String line : Files.readAllLines(Path.of("registers.csv"))) {
      if (!line.startsWith("#") && !line.startsWith("family,")) {
        String[] cells = line.split(",");
        architectures.computeIfAbsent(cells[0], family -> new TreeSet<>()).add(cells[2]);
        kernels.add(cells[0] + "." + cells[3]);
        assertTrue(cells[6].equals("0") || cells[2].equals("sm_75"), line);
        assertTrue(Integer.parseInt(cells[4]) <= 255 && Integer.parseInt(cells[5]) <= 48 * 1024);
      }
    }
    assertTrue(architectures.get("gemm").remove("sm_75"));
    Set<String> six = Set.of("sm_80", "sm_86", "sm_89", "sm_90", "sm_100", "sm_120");
    architectures.forEach((family, found) -> assertEquals(six, found, family));
    assertTrue(architectures.keySet().containsAll(Set.of("attention", "reductions")));
    // Kernels get their names when the classes that launch them are initialised.
    Class.forName(CudaKernels.class.getName());
    Class.forName(ProductTile.class.getName());
    Set<String> missing = new TreeSet<>();
    for (Symbol symbol : Symbol.all()) {
      if (!kernels.contains(symbol.toString())) {
        missing.add(symbol.toString());
      }
    }
    assertEquals(Set.of(), missing, "kernels that the table has not");
  }

  @Test
  @Tag("slow")
  void kernelsCompileWithoutWarningsToTheNumbersOfTheTable()
      throws IOException, InterruptedException {
    nvcc();
  }
}
