package dev.evolute.spectral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SymmetricEigenTest {
  @ParameterizedTest
  @CsvSource({"1, 1", "2, 1", "3, 1e-200", "17, 1e200", "64, 1e-10", "128, 1"})
  void pairsAreOrthonormalAscendingAndSolveTheProblem(int k, double unit) {
    int stride = k + 3;
    double[] h = new double[k * stride];
    for (int i = 0; i < k; i++) {
      for (int j = 0; j <= i; j++) {
        double v = unit * CounterRandom.gaussian(k, i, j);
        h[i * stride + j] = v;
        h[j * stride + i] = v;
      }
    }
    SymmetricEigen eigen = SymmetricEigen.of(h, k, stride);
    for (int a = 0; a < k; a++) {
      assertTrue(a == 0 || eigen.values()[a - 1] <= eigen.values()[a]);
      for (int i = 0; i < k; i++) {
        double hv = 0;
        for (int j = 0; j < k; j++) {
          hv += h[i * stride + j] * eigen.vectors()[a][j];
        }
        assertEquals(eigen.values()[a] * eigen.vectors()[a][i], hv, 1e-13 * k * unit);
      }
      for (int b = 0; b <= a; b++) {
        double dot = 0;
        for (int i = 0; i < k; i++) {
          dot += eigen.vectors()[a][i] * eigen.vectors()[b][i];
        }
        assertEquals(a == b ? 1 : 0, dot, 1e-13 * k);
      }
    }
  }

  @Test
  void zeroAndRankOneMatricesEnd() {
    assertEquals(0, SymmetricEigen.of(new double[25], 5, 5).values()[4]);
    double[] ones = new double[25];
    Arrays.fill(ones, 1e-12);
    SymmetricEigen eigen = SymmetricEigen.of(ones, 5, 5);
    assertEquals(5e-12, eigen.values()[4], 1e-26);
    assertEquals(0, eigen.values()[0], 1e-26);
  }
}
