package dev.evolute.kernels.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * All kernels compile for six architectures without warnings, those of products, attention and
 * reductions spill nothing, and where there is a {@code registers.csv} of this version of nvcc,
 * registers and shared memory are those that it has. Without nvcc nothing is checked.
 */
@Tag("slow")
class RegistersTest {
  @Test
  void kernelsCompileAndDoNotSpill() throws IOException, InterruptedException {
    Process nvcc = new ProcessBuilder("./nvcc").redirectErrorStream(true).start();
    String said = new String(nvcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, nvcc.waitFor(), said);
    System.out.print(said);
  }
}
