package dev.evolute.app.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ClaimCheckTest {
  private final ClaimCheck check = new ClaimCheck("a >= b", "002, eq. (13)");

  @Test
  void tightestIsTheSmallestRelativeSlack() {
    check.check(2, 1);
    check.check(-1, -1.25);
    check.check(10, 0);
    Claim claim = check.claim();
    assertEquals(3, claim.checked());
    assertEquals(0, claim.violated());
    assertEquals(0.2, claim.tightest(), 1e-15);
    assertTrue(claim.holds());
  }

  @Test
  void equalityHoldsAndTheLeastExcessFails() {
    assertTrue(check.check(0, 0));
    assertTrue(check.check(1, 1));
    assertFalse(check.check(1, Math.nextUp(1.0)));
    assertEquals(1, check.claim().violated());
    assertTrue(check.claim().tightest() < 0);
    assertFalse(check.claim().holds());
  }

  @Test
  void divergedPointsCountAsViolated() {
    check.check(Double.POSITIVE_INFINITY, 1);
    check.check(Double.NaN, 1);
    assertEquals(2, check.claim().violated());
    assertTrue(Double.isNaN(check.claim().tightest()));
  }

  @Test
  void hugeValuesOfOppositeSignKeepAFiniteSlack() {
    check.check(Double.MAX_VALUE, -Double.MAX_VALUE);
    assertEquals(2, check.claim().tightest());
  }

  @Test
  void aClaimCheckedNowhereDoesNotHold() {
    assertFalse(check.claim().holds());
  }

  @Test
  void findingsWithoutSlackAreCounted() {
    check.check(true);
    check.check(false);
    assertEquals(2, check.claim().checked());
    assertEquals(1, check.claim().violated());
  }
}
