package dev.evolute.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Every kernel is compiled by C1 and comes to be compiled by C2, in each start of the JVM. A method
 * with too many vector operations is skipped by C1, and may then stay in a lower tier for good, 100
 * times slower, in some starts and not in others. Seen in two ways: the JVM's own log says what it
 * skipped, and vectors are objects in code that is not C2's, so that a kernel which allocates
 * nothing has arrived.
 */
final class CompilationTest {
  /** The JIT works beside the kernels, so its bound is a time: the processor's. */
  private static final long PATIENCE_NANOS = 60_000_000_000L;

  private static final int CALLS = 20;
  private static final String KERNELS = "dev.evolute.kernels.cpu.";

  private static final String LATE = "never compiled by C2: ";

  /** C1 compiles whole methods, early. */
  private static final String[] METHODS_BY_C1 = {
    "-XX:TieredStopAtLevel=3",
    "-XX:Tier3InvocationThreshold=10",
    "-XX:Tier3MinInvocationThreshold=10",
    "-XX:Tier3CompileThreshold=10"
  };

  /** C1 compiles loops while they run, early. */
  private static final String[] LOOPS_BY_C1 = {
    "-XX:TieredStopAtLevel=3",
    "-XX:Tier3InvocationThreshold=1000000",
    "-XX:Tier3MinInvocationThreshold=1000000",
    "-XX:Tier3CompileThreshold=1000000",
    "-XX:Tier3BackEdgeThreshold=500"
  };

  private static Map<String, Function<Workspace, KernelCalls.Prepared>> calls() {
    Map<String, Function<Workspace, KernelCalls.Prepared>> calls =
        KernelCalls.of(new int[][] {{61, 67, 40}}, new int[] {1003}, new int[][] {{17, 51}});
    return calls;
  }

  /** Calls every kernel some times. */
  static final class EachSomeTimes {
    public static void main(String[] arguments) {
      try (Device cpu = Device.open("cpu", 1)) {
        for (DType dtype : DType.values()) {
          Workspace w = new Workspace(cpu, dtype);
          for (Function<Workspace, KernelCalls.Prepared> call : calls().values()) {
            w.start(2);
            Runnable kernel = call.apply(w).run();
            for (int i = 0; i < CALLS; i++) {
              kernel.run();
            }
          }
          w.free();
        }
      }
    }
  }

  /** Calls every kernel in turn until none allocates, and prints those that never come to. */
  static final class EachUntilCompiled {
    public static void main(String[] arguments) {
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      try (Device cpu = Device.open("cpu", 1)) {
        Map<String, Runnable> waiting = new LinkedHashMap<>();
        for (DType dtype : DType.values()) {
          // A workspace each: some calls start theirs anew, which frees what others would share.
          calls()
              .forEach(
                  (name, call) -> {
                    if (KernelCalls.HELD.matcher(name).matches()) {
                      Runnable kernel = call.apply(new Workspace(cpu, dtype)).run();
                      waiting.put(dtype + " " + name, kernel);
                    }
                  });
        }
        TilesInVectors.awaitAfter(() -> waiting.values().forEach(Runnable::run));
        long end = AllocationTest.cpuNanos() + PATIENCE_NANOS;
        while (!waiting.isEmpty() && AllocationTest.cpuNanos() < end) {
          waiting
              .values()
              .removeIf(
                  kernel -> {
                    long before = threads.getCurrentThreadAllocatedBytes();
                    for (int i = 0; i < CALLS; i++) {
                      kernel.run();
                    }
                    return threads.getCurrentThreadAllocatedBytes() == before;
                  });
        }
        waiting.keySet().forEach(name -> System.out.println(LATE + name));
      }
    }
  }

  @Test
  void c1SkipsNoKernel() {
    assertNoneIsLeftBehind(METHODS_BY_C1, EachSomeTimes.class);
    assertNoneIsLeftBehind(LOOPS_BY_C1, EachSomeTimes.class);
  }

  @Test
  void everyKernelArrivesAtC2() {
    assertNoneIsLeftBehind(new String[0], EachUntilCompiled.class);
  }

  @Test
  @Tag("slow")
  void everyKernelArrivesAtC2InEachOfTwentyStarts() {
    for (int start = 0; start < 20; start++) {
      assertNoneIsLeftBehind(new String[0], EachUntilCompiled.class);
    }
  }

  private static void assertNoneIsLeftBehind(String[] options, Class<?> main) {
    List<String> all = new ArrayList<>(ForkedJvm.with("-XX:+PrintCompilation"));
    all.addAll(List.of(options));
    ForkedJvm jvm = ForkedJvm.run(all, main);
    List<String> leftBehind =
        jvm.output().lines().filter(CompilationTest::tellsOfAKernelLeftBehind).toList();
    assertEquals(List.of(), leftBehind);
    assertEquals(0, jvm.status(), jvm.output());
    assertTrue(jvm.output().contains(KERNELS), "no kernel was compiled:\n" + jvm.output());
  }

  private static boolean tellsOfAKernelLeftBehind(String line) {
    return line.startsWith(LATE)
        || line.contains(KERNELS)
            && (line.contains("COMPILE SKIPPED") || line.contains("not compilable"));
  }
}
