package dev.evolute.kernels.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.Matrix;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What a launch costs on the host, shape checks, arguments and JCuda included: the time of a call
 * while the software GPU's driver returns at once and runs nothing. The median and the least of
 * rounds; a driver of a real GPU adds its own microseconds.
 */
@SuppressWarnings("restricted")
@Tag("slow")
class LaunchCostTest {
  private static final int ROUNDS = 21;
  private static final int CALLS = 200_000;

  /** Prints a line a kernel; what is tested is that nothing ran. */
  @Test
  void launchesOfAnIdleDriverRunNothing() throws Throwable {
    try (Device device = Software.open("cuda:software");
        Buffer x = device.allocate(DType.F32, 1024);
        Buffer y = device.allocate(DType.F32, 1024);
        Buffer z = device.allocate(DType.F32, 1024)) {
      Kernels k = device.kernels(DType.F32);
      Matrix a = Matrix.of(x, 32, 32);
      Matrix b = Matrix.of(y, 32, 32);
      Matrix c = Matrix.of(z, 32, 32);
      measure("fill", () -> k.fill(1, x));
      measure("axpby", () -> k.axpby(1, x, 1, y));
      measure("gemm", () -> k.gemm(1, a, b, 1, c));
      // Of all these calls the first of each ran: y = 0 + 1, and Z = 0 + 32 times 1.
      assertEquals(1, y.toArray()[0]);
      assertEquals(32, z.toArray()[0]);
    }
  }

  private static void measure(String name, Runnable launch) throws Throwable {
    launch.run();
    idle(true);
    double[] times = new double[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      long start = System.nanoTime();
      for (int i = 0; i < CALLS; i++) {
        launch.run();
      }
      times[round] = (double) (System.nanoTime() - start) / CALLS;
    }
    idle(false);
    Arrays.sort(times);
    System.out.printf("%s: %.0f ns a launch, at least %.0f%n", name, times[ROUNDS / 2], times[0]);
  }

  private static void idle(boolean yes) throws Throwable {
    SymbolLookup driver = SymbolLookup.libraryLookup(SoftwareGpu.ready().driver(), Arena.global());
    Linker.nativeLinker()
        .downcallHandle(
            driver.find(Cuda.MARK + "_idle").orElseThrow(),
            FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT))
        .invoke(yes ? 1 : 0);
  }
}
