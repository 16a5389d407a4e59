package dev.evolute.app.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Both ends against all eigenvalues by EJML, and where they are known. */
class SpectrumEndsTest {
  private static double[] of(int n, double[] matrix) {
    SpectrumEnds ends = new SpectrumEnds(n);
    ends.of(matrix, 0, n);
    return new double[] {ends.min(), ends.max()};
  }

  /** Full, graded, diagonal with repeated entries, and all but a multiple of the identity. */
  @Test
  void endsAreThoseOfAllEigenvalues() {
    Random random = new Random(1);
    for (int trial = 0; trial < 4000; trial++) {
      int n = 1 + random.nextInt(12);
      double scale = Math.pow(10, random.nextInt(400) - 200);
      double[] a = new double[n * n];
      for (int i = 0; i < n; i++) {
        for (int j = 0; j <= i; j++) {
          double value =
              switch (trial % 4) {
                case 0 -> random.nextGaussian();
                case 1 -> random.nextGaussian() * Math.pow(10, -random.nextInt(9));
                case 2 -> i == j ? random.nextInt(3) : 0;
                default -> (i == j ? 1 : 0) + 1e-13 * random.nextGaussian();
              };
          a[i * n + j] = value * scale;
          a[j * n + i] = value * scale;
        }
      }
      double[] all = Dense.eigenvalues(n, a);
      double[] ends = of(n, a);
      double norm = Math.max(Math.abs(all[0]), Math.abs(all[n - 1]));
      assertEquals(all[0], ends[0], 1e-14 * norm, "trial " + trial);
      assertEquals(all[n - 1], ends[1], 1e-14 * norm, "trial " + trial);
    }
  }

  /** {@code 2 - 2 cos(k pi / (n + 1))} of the second difference, however large. */
  @Test
  void endsOfTheSecondDifference() {
    for (int n : new int[] {2, 3, 50, 300}) {
      double[] a = new double[n * n];
      for (int i = 0; i < n; i++) {
        a[i * n + i] = 2;
        if (i > 0) {
          a[i * n + i - 1] = -1;
          a[(i - 1) * n + i] = -1;
        }
      }
      double[] ends = of(n, a);
      assertEquals(2 - 2 * Math.cos(Math.PI / (n + 1)), ends[0], 1e-14);
      assertEquals(2 - 2 * Math.cos(n * Math.PI / (n + 1)), ends[1], 1e-14);
    }
  }

  @Test
  void oneAfterTheOtherFromWithinAnArray() {
    double[] a = {9, 9, 9, 9, 9, 2, 1, 9, 9, 1, 2, 9, 9, 9, 9, 9};
    SpectrumEnds ends = new SpectrumEnds(2);
    ends.of(new double[4], 0, 2);
    assertEquals(0, ends.min());
    assertEquals(0, ends.max());
    ends.of(a, 5, 4);
    assertEquals(1, ends.min(), 1e-15);
    assertEquals(3, ends.max(), 1e-15);
  }

  @Test
  void whatIsNotFiniteIsRefused() {
    double[] a = {1, 0, 0, Double.NaN};
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> of(2, a))
            .getMessage()
            .contains("[2 x 2]"));
  }
}
