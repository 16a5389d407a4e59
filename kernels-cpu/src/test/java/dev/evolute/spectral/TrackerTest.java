package dev.evolute.spectral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Ends followed while the operator moves, turns and crosses. */
final class TrackerTest {
  private static Device device;

  @BeforeAll
  static void open() {
    device = Device.open("cpu", 1);
  }

  @AfterAll
  static void close() {
    device.close();
  }

  private static Lanczos.Options max() {
    return Lanczos.Options.defaults().withEnd(Lanczos.End.MAX);
  }

  /** The operator at a point: eigenvalues move, eigenvectors turn a little. */
  private static TestOperator at(DType dtype, int point, double... tops) {
    return TestOperator.withSpectrum(device, dtype, Spectra.with(2000, tops), 2e-4 * point);
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void bothEndsAreFollowedInFewerProductsThanCold(DType dtype) {
    int warm = 0;
    int cold = 0;
    Lanczos.Options both = Lanczos.Options.defaults();
    try (Tracker tracker = new Tracker(Tracker.Options.of(both).withAuditEvery(20))) {
      for (int point = 0; point < 40; point++) {
        double top = 20 + 0.1 * point;
        double bottom = -2 - 0.02 * point;
        try (TestOperator a = at(dtype, point, top, 15, 9, 4, bottom, -1)) {
          Tracker.Point found = tracker.next(a);
          assertEquals(a.products, found.products());
          assertTrue(found.converged(), point + ": " + found);
          assertEquals(top, found.max().pair().value(), 1e-3 * top, "point " + point);
          assertEquals(bottom, found.min().pair().value(), 1e-3 * top, "point " + point);
          assertFalse(found.max().crossed() || found.min().crossed());
          assertEquals(point % 20 == 0, found.audited());
          warm += found.products();
          try (Extremes e = Lanczos.extremes(a, both.withSeed(point))) {
            cold += e.products();
          }
        }
      }
    }
    assertTrue(warm < 0.6 * cold, warm + " of " + cold);
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void pairThatCrossesIsSeenWhereItCrosses(DType dtype) {
    // 20 stays; the next one overtakes it between points 9 and 10.
    try (Tracker tracker = new Tracker(Tracker.Options.of(max()).withAuditEvery(1000))) {
      for (int point = 0; point < 20; point++) {
        double rising = 18.1 + 0.2 * point;
        try (TestOperator a = at(dtype, point, 20, rising, 9, 4, -2)) {
          Tracker.Point found = tracker.next(a);
          assertNull(found.min());
          double truth = Math.max(20, rising);
          assertEquals(truth, found.max().pair().value(), 1e-3 * truth, "point " + point);
          assertEquals(point == 10, found.max().crossed(), "point " + point);
          // A crossing is looked at once more.
          assertEquals(point == 0 || point == 11, found.audited(), "point " + point);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void auditFindsWhatComesOutOfTheBulk(DType dtype) {
    // A new direction jumps from the bulk past the one followed: no warm start is near it.
    try (Tracker tracker =
        new Tracker(Tracker.Options.of(max()).withAuditEvery(5).withShares(0.3, 0))) {
      for (int point = 0; point < 15; point++) {
        double jumped = point < 6 ? 0.01 : 25;
        try (TestOperator a = at(dtype, point, 20, 12, 9, 4, jumped)) {
          Tracker.Point found = tracker.next(a);
          if (point >= 10) {
            assertEquals(25, found.max().pair().value(), 0.025, "point " + point);
          }
          assertEquals(point % 5 == 0 || found.max().crossed(), found.audited() || point == 0);
        }
      }
    }
  }

  @Test
  void randomPartSeesItBeforeTheAudit() {
    try (Tracker tracker = new Tracker(Tracker.Options.of(max()).withAuditEvery(1000))) {
      for (int point = 0; point < 40; point++) {
        double jumped = point < 6 ? 0.01 : 25;
        try (TestOperator a = at(DType.F64, point, 20, 12, 9, 4, jumped)) {
          Tracker.Point found = tracker.next(a);
          // The bound knows the risk at every point, also where the value is still the old one.
          double truth = Math.max(20, jumped);
          assertTrue(found.max().pair().extreme().at(1e-3) >= truth, "point " + point);
          // It grows in the companion from point to point, until it is the outermost.
          if (point >= 30) {
            assertEquals(truth, found.max().pair().value(), 1e-3 * truth, "point " + point);
          }
        }
      }
    }
  }

  @Test
  void oneRitzValueShowsNoGapToEstimateFrom() {
    Lanczos.Options both = Lanczos.Options.defaults();
    try (TestOperator a = at(DType.F64, 0, 20, 9, -10);
        Extremes ends = Lanczos.extremes(a, both);
        Buffer mixed = Lanczos.warmStart(ends)) {
      // The first Ritz value is (20 - 10) / 2.
      Lanczos.Options max = max().withStop(Lanczos.Stop.ESTIMATE).withStart(mixed, 0);
      try (Extremes found = Lanczos.extremes(a, max)) {
        assertEquals(20, found.max().value(), 0.02);
      }
    }
  }

  @Test
  void nanAtAPointIsReportedAndTheNextPointGoesOn() {
    try (Tracker tracker = new Tracker(Tracker.Options.of(max()))) {
      try (TestOperator a = at(DType.F64, 0, 20, 12)) {
        tracker.next(a);
      }
      try (TestOperator a = at(DType.F64, 1, 20, 12);
          TestOperator bad = a.failingAt(1, 3)) {
        assertThrows(ArithmeticException.class, () -> tracker.next(bad));
      }
      try (TestOperator a = at(DType.F64, 2, 20, 12)) {
        Tracker.Point found = tracker.next(a);
        assertEquals(20, found.max().pair().value(), 1e-3);
        assertFalse(found.audited());
      }
    }
    assertThrows(IllegalArgumentException.class, () -> Tracker.Options.of(max()).withAuditEvery(0));
    assertThrows(IllegalArgumentException.class, () -> Tracker.Options.of(max()).withShares(-1, 0));
  }
}
