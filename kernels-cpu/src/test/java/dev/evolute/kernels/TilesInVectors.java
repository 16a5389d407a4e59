package dev.evolute.kernels;

import java.time.Duration;
import java.time.Instant;

/** Products start with plain tiles, which neither box nor need C2; tests of the others wait. */
final class TilesInVectors {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private TilesInVectors() {}

  /**
   * Runs products, and waits for the tiles that were asked for; the warm-up's thread ends with
   * them.
   */
  static void awaitAfter(Runnable products) {
    products.run();
    Instant end = Instant.now().plus(PATIENCE);
    while (warmingUp()) {
      if (Instant.now().isAfter(end)) {
        throw new AssertionError("tiles are still being warmed after " + PATIENCE);
      }
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError(e);
      }
    }
  }

  private static boolean warmingUp() {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().equals("evolute-warmup"));
  }
}
