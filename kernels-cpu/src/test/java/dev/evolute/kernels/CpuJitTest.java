package dev.evolute.kernels;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/**
 * A kernel gives the same bits interpreted and compiled. Else a run depends on the moment the JIT
 * steps in, and no two runs are alike.
 */
final class CpuJitTest {
  private static final int WARMING = 400;

  /** Small, because a JVM without a JIT runs them too. */
  private static Map<String, Function<Workspace, KernelCalls.Prepared>> calls() {
    return KernelCalls.of(
        new int[][] {{23, 37, 19}}, new int[] {37, 333}, new int[][] {{5, 3}, {7, 41}});
  }

  /** Prints what each call gives, as hexadecimal numbers. */
  static final class Interpreted {
    public static void main(String[] args) {
      each((name, w, call) -> System.out.println(name + "=" + hex(w.evaluate(5, call))));
    }
  }

  private interface Use {
    void accept(String name, Workspace w, Function<Workspace, KernelCalls.Prepared> call);
  }

  private static void each(Use use) {
    try (Device cpu = Device.open("cpu", 1)) {
      for (DType dtype : DType.values()) {
        Workspace w = new Workspace(cpu, dtype);
        calls().forEach((name, call) -> use.accept(dtype + " " + name, w, call));
        w.free();
      }
    }
  }

  private static String hex(double[] values) {
    return String.join(" ", Arrays.stream(values).mapToObj(Double::toHexString).toList());
  }

  @Test
  void compiledKernelsGiveTheBitsOfInterpretedOnes() {
    Map<String, String> interpreted = interpreted();
    List<Executable> facts = new ArrayList<>();
    TilesInVectors.awaitAfter(() -> each((name, w, call) -> w.evaluate(5, call)));
    each(
        (name, w, call) -> {
          double[] last = {};
          for (int i = 0; i < WARMING; i++) {
            last = w.evaluate(5, call);
          }
          String[] compiled = hex(last).split(" ");
          facts.add(() -> assertArrayEquals(interpreted.get(name).split(" "), compiled, name));
        });
    assertAll(facts);
  }

  private static Map<String, String> interpreted() {
    ForkedJvm jvm =
        ForkedJvm.run(ForkedJvm.with("-Xint", "-Devolute.allowSlow=true"), Interpreted.class);
    assertEquals(0, jvm.status(), jvm.output());
    Map<String, String> results = new LinkedHashMap<>();
    jvm.output()
        .lines()
        .map(line -> line.split("=(?=[^=]*$)", 2))
        .filter(parts -> parts.length == 2)
        .forEach(parts -> results.put(parts[0], parts[1]));
    return results;
  }
}
