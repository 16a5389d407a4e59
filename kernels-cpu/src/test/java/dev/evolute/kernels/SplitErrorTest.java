package dev.evolute.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.kernels.cpu.EmulatedDevice;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** How exact products of split operands are, beside those of f32 vectors and against fp64. */
final class SplitErrorTest {
  private static final int M = 48;
  private static final int N = 40;

  @Test
  void sixProductsAreAsExactAsVectorsOfF32() {
    try (Device vectors = Device.open("cpu", 1)) {
      for (Device six : EmulatedDevice.all(1, Precision.BF16X6)) {
        for (String kind : ProductProblem.KINDS) {
          for (int k : new int[] {64, 512}) {
            Random random = new Random(k);
            ErrorRatio error = new ErrorRatio();
            for (int draw = 0; draw < 3; draw++) {
              ProductProblem problem = ProductProblem.of(kind, M, N, k, random);
              error.add(problem, problem.on(six), problem.on(vectors));
            }
            error.assertAtMost(1.5, "%s, k %d, beside vectors".formatted(kind, k));
          }
        }
        six.close();
      }
    }
  }

  @Test
  void threeProductsKeepFourteenBits() {
    for (Device three : EmulatedDevice.all(1, Precision.BF16X3)) {
      for (String kind : ProductProblem.KINDS) {
        for (int k : new int[] {1, 600}) {
          ProductProblem problem = ProductProblem.of(kind, M, N, k, new Random(k));
          double error = problem.relative(problem.on(three));
          assertTrue(error <= 0x1p-14, kind + ", k " + k + ": " + error);
        }
      }
      three.close();
    }
  }

  /** What the class says of numbers that BF16 does not have. */
  @Test
  void numbersBeyondBf16AreTreatedAsIsSaid() {
    int k = 3;
    double[] a = new double[M * k];
    double[] b = new double[k * N];
    Arrays.fill(a, 1);
    Arrays.fill(b, 1);
    a[0] = Double.POSITIVE_INFINITY;
    a[k] = Double.NaN;
    a[2 * k] = Float.MAX_VALUE;
    a[3 * k] = 0x1p-127;
    a[3 * k + 1] = a[3 * k + 2] = 0;
    a[4 * k] = 0x1.7p-126;
    a[4 * k + 1] = a[4 * k + 2] = 0;
    a[5 * k] = 0x1.fdp127;
    a[5 * k + 1] = a[5 * k + 2] = 0;
    ProductProblem problem = ProductProblem.of(M, N, k, a, b);
    for (Precision precision :
        new Precision[] {Precision.BF16X6, Precision.BF16X3, Precision.BF16}) {
      for (Device device : EmulatedDevice.all(1, precision)) {
        double[] c = problem.on(device);
        device.close();
        for (int j = 0; j < N; j++) {
          for (int i = 0; i < 3; i++) {
            assertFalse(Double.isFinite(c[i * N + j]), precision + ", row " + i);
            assertTrue(precision == Precision.BF16 || Double.isNaN(c[i * N + j]), "row " + i);
          }
          assertEquals(0, c[3 * N + j], precision + " of a denormal number");
          assertEquals(0x1.7p-126, c[4 * N + j], precision + " of one that is just not");
          assertTrue(Double.isFinite(c[5 * N + j]), precision + " of the largest");
          assertEquals(3, c[6 * N + j]);
        }
      }
    }
  }
}
