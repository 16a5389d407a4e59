package dev.evolute.app.study;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.app.UserException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class JobTest {
  private static final long PATIENCE_NANOS = 10_000_000_000L;

  private static final StudySettings SETTINGS =
      new StudySettings(true, "cpu", 2, 1, null, Path.of("unused"), null, false);

  @Test
  void theLongestComeFirst() {
    List<Long> order = Collections.synchronizedList(new ArrayList<>());
    List<Job> jobs = new ArrayList<>();
    for (long cost : new long[] {2, 9, 5}) {
      jobs.add(new Job(cost, device -> order.add(cost)));
    }
    StudySettings alone =
        new StudySettings(true, "cpu", 1, 1, null, Path.of("unused"), null, false);
    Job.runAll(jobs, alone, Progress.silent());
    assertTrue(order.equals(List.of(9L, 5L, 2L)), order::toString);
  }

  /** What a command says depends on what went wrong, and not on where. */
  @Test
  void aFailureComesOutAsItIsAndEndsTheOthers() {
    for (Throwable failure :
        new Throwable[] {new UserException("told"), new OutOfMemoryError("Java heap space")}) {
      Progress progress = Progress.silent();
      assertFalse(progress.interrupted());
      Job failing =
          new Job(
              1,
              device -> {
                if (failure instanceof Error error) {
                  throw error;
                }
                throw (RuntimeException) failure;
              });
      long end = System.nanoTime() + PATIENCE_NANOS;
      Job waiting =
          new Job(
              2,
              device -> {
                while (!progress.interrupted() && System.nanoTime() < end) {
                  Thread.onSpinWait();
                }
              });
      Throwable thrown =
          assertThrows(
              Throwable.class, () -> Job.runAll(List.of(failing, waiting), SETTINGS, progress));
      assertSame(failure, thrown);
      assertTrue(System.nanoTime() < end, "the other job was not asked to end");
    }
  }
}
