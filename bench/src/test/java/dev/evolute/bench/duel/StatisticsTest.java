package dev.evolute.bench.duel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The arithmetic of a table. */
class StatisticsTest {
  @Test
  void mediansStandBetweenTheTwoInTheMiddle() {
    assertEquals(2, Statistics.median(List.of(3.0, 1.0, 2.0)));
    assertEquals(2.5, Statistics.median(List.of(4.0, 1.0, 2.0, 3.0)));
    assertTrue(Double.isNaN(Statistics.median(List.of())));
  }

  @Test
  void spreadIsTheDistanceOfTheQuartilesOverTheMedian() {
    assertEquals(2.0 / 3, Statistics.spread(List.of(1.0, 2.0, 3.0, 4.0, 5.0)), 1e-15);
    assertEquals(0, Statistics.spread(List.of(7.0)));
  }

  @Test
  void theGeometricMeanOfReciprocalsIsOne() {
    assertEquals(1, Statistics.geometricMean(List.of(0.25, 4.0, 2.0, 0.5)), 1e-15);
    assertTrue(Double.isNaN(Statistics.geometricMean(List.of())));
  }

  @Test
  void aCaseIsReadAsItIsWritten() {
    Case which = new Case("f32", "64*128x128x64 tn", 2);
    assertEquals("f32 64*128x128x64 tn t2", which.toString());
    assertEquals(which, Case.parse(which.toString()));
    assertThrows(IllegalArgumentException.class, () -> Case.parse("f32"));
  }

  @Test
  void theBudgetIsSharedByTheCasesThatAreLeft() {
    long second = TimeUnit.SECONDS.toNanos(1);
    Pace pace = new Pace(1, 1, 1, 1, 1, 10 * second);
    assertEquals(2 * second, pace.allowance(2 * second, 4));
    assertEquals(Long.MAX_VALUE, Pace.FULL.allowance(second, 4));
  }
}
