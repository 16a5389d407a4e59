package dev.evolute.kernels.cpu.amx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Which products go to the unit, by the estimate. */
final class ChoiceTest {
  private static boolean pays(Scheme scheme, int m, int n, int k) {
    assertEquals(Choice.pays(scheme, m, n, k), Choice.pays(scheme, n, m, k), "transposed");
    return Choice.pays(scheme, m, n, k);
  }

  @Test
  void largeProductsPayInEveryPrecision() {
    for (Scheme scheme : Scheme.values()) {
      for (int side = 256; side <= 4096; side *= 2) {
        assertTrue(pays(scheme, side, side, side), scheme + " " + side);
      }
      assertTrue(pays(scheme, 2048, 512, 1024), "" + scheme);
    }
  }

  @Test
  void thinProductsDoNot() {
    for (Scheme scheme : Scheme.values()) {
      assertFalse(pays(scheme, 1, 4096, 4096), "a vector, " + scheme);
      assertFalse(pays(scheme, 32, 4096, 4096), "solvers' few vectors, " + scheme);
      assertFalse(pays(scheme, 4096, 4096, 1), "an outer product, " + scheme);
    }
  }

  /** 33 columns take as many tiles as 48. */
  @Test
  void whatIsMostlyPaddingDoesNotPayInFullAccuracy() {
    assertTrue(pays(Scheme.BF16, 40, 40, 512));
    assertFalse(pays(Scheme.BF16X6, 33, 33, 33));
  }

  @Test
  void whatPaysInSixProductsPaysInFewer() {
    for (int m = 8; m <= 512; m *= 2) {
      for (int n = 33; n <= 512; n += 37) {
        for (int k = 4; k <= 512; k *= 2) {
          boolean six = pays(Scheme.BF16X6, m, n, k);
          assertTrue(!six || pays(Scheme.BF16X3, m, n, k), m + " " + n + " " + k);
          assertTrue(!six || pays(Scheme.BF16, m, n, k), m + " " + n + " " + k);
        }
      }
    }
  }
}
