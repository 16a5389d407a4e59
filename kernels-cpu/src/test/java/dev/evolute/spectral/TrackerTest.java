package dev.evolute.spectral;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.util.Arrays;
import java.util.List;
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
          assertHolds(found.max(), Math.max(20, rising), point);
          assertEquals(point == 10, found.max().crossed(), "point " + point);
          // It was among those remembered: nothing to be looked at once more.
          assertEquals(point == 0, found.audited(), "point " + point);
        }
      }
    }
  }

  /** The largest: its value, and where the extreme eigenvalue is said to lie. */
  private static void assertHolds(Tracker.Followed end, double truth, int point) {
    String what = "point " + point + ": " + end + ", truth " + truth;
    double value = end.pair().value();
    assertTrue(end.pair().converged(), what);
    assertEquals(truth, value, 1e-3 * Math.abs(truth), what);
    double noise = end.pair().noise();
    assertTrue(truth - value >= -noise, what);
    assertTrue(end.bound() - truth >= -noise, what);
    assertEquals(value, end.bound(), 1e-3 * Math.abs(truth) + 2 * noise, what);
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void pairThatCrossesBackAndForthCostsNoMore(DType dtype) {
    // The upper two change places every three points, never more than 0.4 % apart.
    int products = 0;
    int crossings = 0;
    int points = 40;
    Tracker.Options options = Tracker.Options.of(max()).withAuditEvery(1000);
    try (Tracker tracker = new Tracker(options)) {
      for (int point = 0; point < points; point++) {
        double second = 20 + 0.08 * Math.sin(point * Math.PI / 3 + 0.5);
        try (TestOperator a = at(dtype, point, 20, second, 15, 9, 4, -2)) {
          Tracker.Point found = tracker.next(a);
          assertHolds(found.max(), Math.max(20, second), point);
          products += point == 0 ? 0 : found.products();
          crossings += found.max().crossed() ? 1 : 0;
          assertEquals(point == 0, found.audited(), "point " + point);
        }
      }
    }
    assertTrue(crossings >= 10, crossings + " crossings");
    assertTrue(products <= 2.5 * points, products + " products");
  }

  @Test
  void companionsAreLookedAtByTurnsAndWhereTheyMayHaveComeNear() {
    // Nothing moves: one product for the outermost, and one every 4 and every 8 points.
    try (TestOperator a = at(DType.F64, 0, 20, 15, 9, 4);
        Tracker tracker = new Tracker(Tracker.Options.of(max()).withAuditEvery(1000))) {
      tracker.next(a);
      tracker.next(a);
      int before = a.products;
      for (int point = 0; point < 16; point++) {
        tracker.next(a);
      }
      assertEquals(16 + 4 + 2, a.products - before);
    }
    // The third rises by ten times what the first does, and is met before it arrives.
    Tracker.Options options = Tracker.Options.of(max()).withAuditEvery(1000).withRefreshEvery(2);
    try (Tracker tracker = new Tracker(options)) {
      for (int point = 0; point < 30; point++) {
        double first = 20 + 0.05 * point;
        double third = 9 + 0.5 * point;
        try (TestOperator a = at(DType.F64, point, first, 15, third, 4, -2)) {
          assertHolds(tracker.next(a).max(), Math.max(first, third), point);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void auditFindsWhatComesOutOfTheBulk(DType dtype) {
    // A new direction jumps from the bulk past the one followed: nothing remembered is near it.
    try (Tracker tracker = new Tracker(Tracker.Options.of(max()).withAuditEvery(5))) {
      for (int point = 0; point < 15; point++) {
        double jumped = point < 6 ? 0.01 : 25;
        try (TestOperator a = at(dtype, point, 20, 12, 9, 4, jumped)) {
          Tracker.Point found = tracker.next(a);
          if (point < 6 || point >= 10) {
            assertHolds(found.max(), Math.max(20, jumped), point);
          }
          assertEquals(point % 5 == 0, found.audited());
          assertEquals(point == 10, found.max().crossed());
        }
      }
    }
  }

  @Test
  void pointThatIsNotSettledWithinItsBudgetIsAudited() {
    Tracker.Options options = Tracker.Options.of(max()).withAuditEvery(1000).withProducts(2);
    try (Tracker tracker = new Tracker(options)) {
      for (int point = 0; point < 6; point++) {
        // Between points 2 and 3 everything turns.
        double turn = 1e-4 * point + (point < 3 ? 0 : 0.5);
        double[] d = Spectra.with(2000, 20, 15, 9, 4);
        try (TestOperator a = TestOperator.withSpectrum(device, DType.F64, d, turn)) {
          Tracker.Point found = tracker.next(a);
          assertHolds(found.max(), 20, point);
          assertEquals(a.products, found.products());
          assertEquals(point == 0 || point == 3, found.audited(), "point " + point);
          assertTrue(found.audited() || found.products() <= 2);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void operatorsSmallerThanWhatIsRememberedAreFollowed(DType dtype) {
    for (double[] d : new double[][] {{3}, {3, -1}, {3, 1, -2}, {0, 0}, {-2, -2, -2, -5}}) {
      Tracker.Options options = Tracker.Options.of(Lanczos.Options.defaults()).withAuditEvery(3);
      try (Tracker tracker = new Tracker(options)) {
        for (int point = 0; point < 7; point++) {
          double[] moved = d.clone();
          for (int i = 0; i < d.length; i++) {
            moved[i] *= 1 + 0.01 * point;
          }
          try (TestOperator a = TestOperator.diagonal(device, dtype, moved)) {
            Tracker.Point found = tracker.next(a);
            assertTrue(found.converged(), found.toString());
            double norm = Math.max(Spectra.max(moved), -Spectra.min(moved));
            assertEquals(Spectra.max(moved), found.max().pair().value(), 1e-3 * norm);
            assertEquals(Spectra.min(moved), found.min().pair().value(), 1e-3 * norm);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void trackerResumedGivesTheSameBits(DType dtype) {
    Tracker.Options options = Tracker.Options.of(Lanczos.Options.defaults()).withAuditEvery(7);
    try (Tracker whole = new Tracker(options)) {
      for (int point = 0; point < 20; point++) {
        // Every point like the last but one, so that the earlier vectors are in use too.
        double top = 20 + (point % 2) + 0.01 * point;
        double turn = 2e-4 * point + 0.01 * (point % 2);
        double[] d = Spectra.with(2000, top, 19, 9, 4, -2, -1);
        try (TestOperator a = TestOperator.withSpectrum(device, dtype, d, turn);
            Tracker resumed = new Tracker(options)) {
          resumed.resume(whole.state());
          Tracker.Point one = whole.next(a);
          Tracker.Point two = resumed.next(a);
          assertEquals(one.products(), two.products());
          assertEquals(one.audited(), two.audited());
          for (List<Tracker.Followed> ends :
              List.of(List.of(one.max(), two.max()), List.of(one.min(), two.min()))) {
            Tracker.Followed first = ends.get(0);
            Tracker.Followed second = ends.get(1);
            assertEquals(first.pair().value(), second.pair().value(), 0);
            assertEquals(first.bound(), second.bound(), 0);
            assertEquals(first.overlap(), second.overlap(), 0);
            assertArrayEquals(first.pair().vector().toArray(), second.pair().vector().toArray(), 0);
          }
          assertArrayEquals(whole.state().numbers(), resumed.state().numbers(), 0);
        }
      }
    }
  }

  /** {@code d} with the eigenvectors i and j turned in their plane, the others along the axes. */
  private static TestOperator turned(double[] d, int i, int j, double angle) {
    int n = d.length;
    double[] a = new double[n * n];
    for (int k = 0; k < n; k++) {
      a[k * n + k] = d[k];
    }
    double c = Math.cos(angle);
    double s = Math.sin(angle);
    a[i * n + i] = c * c * d[i] + s * s * d[j];
    a[j * n + j] = s * s * d[i] + c * c * d[j];
    a[i * n + j] = a[j * n + i] = c * s * (d[i] - d[j]);
    return TestOperator.dense(device, DType.F64, n, a);
  }

  private static double[] tops(double... tops) {
    return Arrays.copyOf(tops, 30);
  }

  @Test
  void oneEndThatIsNotSettledIsAuditedThoughTheOtherIs() {
    Tracker.Options options = Tracker.Options.of(Lanczos.Options.defaults()).withProducts(2);
    try (Tracker tracker = new Tracker(options)) {
      for (int point = 0; point < 2; point++) {
        try (TestOperator a = turned(tops(20, -10, 5, 3), 1, 7, 0.6 * point)) {
          Tracker.Point found = tracker.next(a);
          assertTrue(found.audited());
          assertEquals(20, found.max().pair().value(), 0.02);
          assertEquals(-10, found.min().pair().value(), 0.02);
        }
      }
    }
  }

  @Test
  void companionIsLookedAtWhereItsOwnRateMayBringIt() {
    // The outermost rests; the third passes it two points before its turn.
    try (Tracker tracker = new Tracker(Tracker.Options.of(max()).withAuditEvery(1000))) {
      for (int point = 0; point < 12; point++) {
        double rising = 10.2 + point;
        try (TestOperator a = turned(tops(20, 15, rising, 4), 5, 6, 0)) {
          assertHolds(tracker.next(a).max(), Math.max(20, rising), point);
        }
      }
    }
  }

  @Test
  void endThatRestsForAPointDoesNotMeanThatTheOthersDo() {
    // They move by turns, the outermost at point 2, its companion, looked at there, at point 3.
    Tracker.Options options =
        Tracker.Options.of(max()).withAuditEvery(1000).withFollowed(2).withRefreshEvery(2);
    try (Tracker tracker = new Tracker(options)) {
      for (int point = 0; point < 4; point++) {
        double first = point < 2 ? 19.4 : 20;
        double second = point < 3 ? 18.9 : 20.1;
        try (TestOperator a = turned(tops(first, second, 9, 4), 5, 6, 0)) {
          assertHolds(tracker.next(a).max(), Math.max(first, second), point);
        }
      }
    }
  }

  @Test
  void boundLeavesRoomForWhatWasNeverSeen() {
    // The outermost turns towards the third, of which nothing is remembered.
    Tracker.Options options =
        Tracker.Options.of(max()).withAuditEvery(1000).withFollowed(2).withRefreshEvery(1);
    try (Tracker tracker = new Tracker(options)) {
      for (int point = 0; point < 2; point++) {
        try (TestOperator a = turned(tops(20, 19.5, 19, 4), 0, 2, 0.05 * point)) {
          Tracker.Point found = tracker.next(a);
          assertHolds(found.max(), 20, point);
          assertEquals(point == 0, found.audited());
        }
      }
    }
  }

  @Test
  void companionThatIsNoEigenvectorAnyMoreMayHideAHigherOne() {
    // Half of the second is now along 21, half along 9; its Ritz value is 15 as before.
    Tracker.Options options = Tracker.Options.of(max()).withAuditEvery(1000).withRefreshEvery(1);
    try (Tracker tracker = new Tracker(options)) {
      try (TestOperator a = turned(tops(20, 15, 4, 3), 1, 7, 0)) {
        tracker.next(a);
      }
      double[] d = tops(20, 21, 4, 3);
      d[7] = 9;
      try (TestOperator a = turned(d, 1, 7, Math.PI / 4)) {
        assertHolds(tracker.next(a).max(), 21, 1);
      }
    }
  }

  @Test
  void directionThatTheSpaceHoldsIsNotRememberedTwice() {
    // At point 1 the outermost turns into the second: its residual is the second, which leaves the
    // third its place among three. That one passes them at point 4, where it is its turn.
    Tracker.Options options = Tracker.Options.of(max()).withAuditEvery(1000).withRefreshEvery(2);
    try (Tracker tracker = new Tracker(options)) {
      for (int point = 0; point < 6; point++) {
        double third = point < 2 ? 9 : 20.5 - 4 * Math.max(0, 4 - point);
        try (TestOperator a = turned(tops(20, 10, third, 4), 0, 1, point < 1 ? 0 : 0.1)) {
          Tracker.Point found = tracker.next(a);
          assertHolds(found.max(), Math.max(20, third), point);
          assertEquals(point == 0, found.audited(), "point " + point);
        }
      }
    }
  }

  @Test
  void boundIsTheLargerEigenvalueOfWhatMayBeBeside() {
    // (2 1; 1 0): 1 + sqrt 2.
    assertEquals(1 + Math.sqrt(2), TrackedEnd.coupled(2, 0, 1), 1e-15);
    assertEquals(2, TrackedEnd.coupled(2, 0, 0), 0);
    assertEquals(3, TrackedEnd.coupled(2, 3, 0), 0);
    assertEquals(5, TrackedEnd.coupled(5, Double.NEGATIVE_INFINITY, 1), 0);
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
    Tracker.Options options = Tracker.Options.of(max());
    assertThrows(IllegalArgumentException.class, () -> options.withAuditEvery(0));
    assertThrows(IllegalArgumentException.class, () -> options.withFollowed(0));
    assertThrows(IllegalArgumentException.class, () -> options.withRefreshEvery(0));
    assertThrows(IllegalArgumentException.class, () -> options.withProducts(1));
  }
}
