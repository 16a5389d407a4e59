package dev.evolute.bench.duel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What Linux says of the thread. */
@EnabledOnOs(OS.LINUX)
class ProcessorTest {
  private static String allowed() throws IOException {
    return Files.readAllLines(Path.of("/proc/thread-self/status")).stream()
        .filter(line -> line.startsWith("Cpus_allowed_list:"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aBoundThreadHasOneProcessorUntilItIsReleased() throws IOException {
    String before = allowed();
    // Of a bound thread the JVM says that there is one processor.
    int count = Runtime.getRuntime().availableProcessors();
    try {
      Processor.bind(0);
      String first = allowed();
      assertTrue(first.matches("\\d+"), first);
      Processor.bind(count);
      assertEquals(first, allowed());
      Processor.bind(count - 1);
      assertTrue(before.endsWith(allowed()), allowed());
    } finally {
      Processor.release();
    }
    assertEquals(before, allowed());
  }
}
