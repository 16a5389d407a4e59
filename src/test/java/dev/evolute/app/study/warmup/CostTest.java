package dev.evolute.app.study.warmup;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

class CostTest {
  private long now;
  private int passes;

  /** Passes that take as many nanoseconds as the one of this number, on a clock of their own. */
  private double settled(LongUnaryOperator nanos) {
    now = 0;
    passes = 0;
    return Cost.settled(
        () -> {
          long pass = nanos.applyAsLong(passes++);
          now += pass;
          return pass;
        },
        () -> now);
  }

  @Test
  void aNetworkThatIsCompiledLateIsTimedAsItRunsThen() {
    // 20 ms a pass for two seconds, less bit by bit, and 1 ms in the end.
    assertEquals(1e-3, settled(n -> Math.max(1_000_000, 20_000_000 - 100_000 * n)), 1e-12);
  }

  @Test
  void aNetworkWhosePassesTakeLongIsTimedByThree() {
    assertEquals(4.6, settled(n -> 5_000_000_000L - Math.min(n, 2) * 200_000_000L), 1e-12);
    assertEquals(3, passes);
  }

  @Test
  void otherProgramsThatInterfereDoNotCount() {
    assertEquals(1e-3, settled(n -> n % 3 == 0 ? 1_000_000 : 7_000_000), 1e-12);
  }
}
