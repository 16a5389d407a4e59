package dev.evolute.kernels;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every kernel gives the same bits when called again, and on any number of threads. */
interface RepeatabilityFacts {
  /** One workspace for each thread count and element type. */
  List<Workspace> workspaces();

  @ParameterizedTest
  @EnumSource
  default void everyKernelGivesTheSameBitsAgainAndOnAnyThreads(DType dtype) {
    List<Workspace> sameType = new ArrayList<>(workspaces());
    sameType.removeIf(w -> w.dtype != dtype);
    // Large enough to be shared by threads, and small enough not to be.
    int[][] products = {
      {257, 129, 300},
      {50, 384, 500},
      {2100, 10, 50},
      {3, 700, 2},
      {1, 1, 4001},
      {7, 1999, 77},
      {11, 13, 4001},
      {9, 257, 600}
    };
    int[] lengths = {37, 1013, 200_003};
    int[][] matrices = {{5, 3}, {1000, 50}, {7, 20_001}, {20_001, 7}};
    List<Executable> facts = new ArrayList<>();
    Workspace w = sameType.getFirst();
    KernelCalls.of(w.shapes(products), w.lengths(lengths), w.shapes(matrices))
        .forEach((name, call) -> facts.add(() -> assertSameBits(sameType, name, call)));
    assertAll(facts);
  }

  private static void assertSameBits(
      List<Workspace> workspaces, String name, Function<Workspace, KernelCalls.Prepared> call) {
    double[] expected = null;
    for (Workspace w : workspaces) {
      for (int again = 0; again < 2; again++) {
        double[] actual = w.evaluate(17, call);
        expected = expected == null ? actual : expected;
        assertArrayEquals(expected, actual, w + " " + name + ", call " + again);
      }
    }
  }
}
