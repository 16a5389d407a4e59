package dev.evolute.app.study.rsc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.app.data.Cifar10;
import dev.evolute.app.data.Dataset;
import dev.evolute.app.report.Claim;
import dev.evolute.kernels.DType;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is read from curves that are known. */
class MeanGradientsTest {
  private static final Protocol PROTOCOL =
      new Protocol(
          4, 2, List.of(4, 16), 2, 7, 1, 0, DType.F64, List.of(4), 1, 1, List.of(4), 1, 2, 1);

  private static final Dataset SET = Cifar10.standIn(10, 1);

  private static Curve curve(Parametrisation scaling, int width, int seed, double... gbar) {
    Curve curve = new Curve(SET.name(), scaling, width, seed, 8);
    for (int i = 0; i < gbar.length; i++) {
      curve.gbar[i] = gbar[i];
      curve.loss[i] = 1;
    }
    curve.finished = true;
    return curve;
  }

  @Test
  void smallestAndUnrestAreThoseOfWhatWasRecorded() {
    Curve curve = curve(Parametrisation.SCALED, 4, 1, 5, 3, 4, 4, 4, 4, 4, 4.2);
    assertEquals(8, curve.recorded());
    assertEquals(3, curve.smallest());
    assertEquals(0.05, curve.unrest(), 1e-12);
    Curve cut = curve(Parametrisation.SCALED, 4, 1, 5, 6);
    assertEquals(2, cut.recorded());
    assertEquals(5, cut.smallest());
    assertEquals(0, cut.unrest());
    Curve none = curve(Parametrisation.SCALED, 4, 1);
    assertTrue(Double.isNaN(none.smallest()));
  }

  @Test
  void curvesGoOnFromTheirState() {
    Curve curve = curve(Parametrisation.LIBRARY, 4, 2, 5, 3);
    curve.done = 1;
    curve.finished = false;
    Curve other = new Curve(SET.name(), Parametrisation.LIBRARY, 4, 2, 8);
    assertNull(other.restore(null));
    assertArrayEquals(new double[] {7, 8}, other.restore(curve.state(new double[] {7, 8})));
    assertEquals(1, other.done);
    assertEquals(false, other.finished);
    assertArrayEquals(curve.gbar, other.gbar);
    assertArrayEquals(curve.loss, other.loss);
    assertEquals("synthetic-cifar-10-library-m4-s2", other.label());
  }

  /** Means over seeds of smallest values, wide over narrow; and the verdicts that follow. */
  @Test
  void growthIsOfTheWidestOverTheNarrowest() {
    MeanGradients gradients = new MeanGradients(PROTOCOL, List.of(SET));
    gradients.curves.add(curve(Parametrisation.LIBRARY, 4, 1, 9, 1, 1, 1, 1, 1, 1, 1));
    assertTrue(Double.isNaN(gradients.growth(SET.name(), Parametrisation.LIBRARY)));
    gradients.curves.add(curve(Parametrisation.LIBRARY, 4, 2, 3, 4, 4, 4, 4, 4, 4, 4));
    gradients.curves.add(curve(Parametrisation.LIBRARY, 16, 1, 5, 5, 5, 5, 5, 5, 5, 5));
    gradients.curves.add(curve(Parametrisation.LIBRARY, 16, 2, 3, 4, 4, 4, 4, 4, 4, 8));
    for (int seed = 1; seed <= 2; seed++) {
      gradients.curves.add(curve(Parametrisation.SCALED, 4, seed, 1, 1, 1, 1, 1, 1, 1, 1));
      gradients.curves.add(curve(Parametrisation.SCALED, 16, seed, 1, 0.6, 1, 1, 1, 1, 1, 1));
    }
    assertEquals(2, gradients.growth(SET.name(), Parametrisation.LIBRARY), 1e-12);
    assertEquals(0.6, gradients.growth(SET.name(), Parametrisation.SCALED), 1e-12);
    List<Claim> claims = gradients.claims();
    boolean[] holds = new boolean[claims.size()];
    for (int i = 0; i < holds.length; i++) {
      holds[i] = claims.get(i).holds();
    }
    // Growth in each scaling; 0.36 sqrt(16) is below sqrt(4); settled in each: one curve moves.
    assertArrayEquals(new boolean[] {true, false, false, false, true}, holds);
    assertEquals(1, claims.get(3).violated());
  }
}
