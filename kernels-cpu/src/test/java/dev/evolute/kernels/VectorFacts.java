package dev.evolute.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Element-wise kernels at every short length and some long ones. A sum of t terms may differ from
 * the exact one by {@code (t + 2) eps} times the sum of their sizes.
 */
interface VectorFacts {
  /** Every length up to 70, so that each tail occurs, and long odd ones that threads share. */
  static int[] lengths() {
    return IntStream.concat(
            IntStream.rangeClosed(0, 70), IntStream.of(127, 128, 129, 1000, 4099, 150_001))
        .toArray();
  }

  double[] FACTORS = {0, 1, -1, 0.7};

  private static double[] filled(int n, double value) {
    double[] x = new double[n];
    Arrays.fill(x, value);
    return x;
  }

  @EveryWorkspace
  default void fillSetsEveryElement(Workspace w) {
    for (int n : w.lengths(lengths())) {
      for (double value : new double[] {0, -0.0, 1.0 / 3, Double.NaN, Double.NEGATIVE_INFINITY}) {
        w.start(n);
        Buffer x = w.vector(w.gaussians(n));
        w.kernels.fill(value, x);
        assertArrayEquals(filled(n, w.round(value)), x.toArray(), w + " fill " + n);
        w.nothingChangedBut(w + " fill " + n, x);
      }
    }
  }

  @EveryWorkspace
  default void copyIsExact(Workspace w) {
    for (int n : w.lengths(lengths())) {
      w.start(n);
      double[] x = w.gaussians(n);
      if (n > 3) {
        x[n - 1] = Double.NaN;
        x[n - 2] = -0.0;
        x[n - 3] = Double.POSITIVE_INFINITY;
      }
      Buffer source = w.vector(x);
      Buffer target = w.vector(filled(n, Double.NaN));
      w.kernels.copy(source, target);
      assertArrayEquals(x, target.toArray(), w + " copy " + n);
      w.nothingChangedBut(w + " copy " + n, target);
    }
  }

  @EveryWorkspace
  default void axpbyAddsScaledVectors(Workspace w) {
    for (int n : w.lengths(lengths())) {
      for (double alpha : FACTORS) {
        for (double beta : FACTORS) {
          w.start(n);
          double[] x = w.gaussians(n);
          double[] y = beta == 0 ? filled(n, Double.NaN) : w.gaussians(n);
          Buffer bufferX = w.vector(x);
          Buffer bufferY = w.vector(y);
          w.kernels.axpby(alpha, bufferX, beta, bufferY);
          String what = w + " axpby " + n + ", alpha " + alpha + ", beta " + beta;
          double[] actual = bufferY.toArray();
          for (int i = 0; i < n; i++) {
            double kept = beta == 0 ? 0 : beta * y[i];
            double size = Math.abs(alpha * x[i]) + Math.abs(kept);
            Naive.assertClose(what, i, alpha * x[i] + kept, actual[i], 4 * w.eps * size);
          }
          w.nothingChangedBut(what, bufferY);
        }
      }
    }
  }

  @EveryWorkspace
  default void axpbyWorksInPlace(Workspace w) {
    for (int n : w.lengths(lengths())) {
      for (double alpha : FACTORS) {
        for (double beta : FACTORS) {
          w.start(n);
          double[] x = w.gaussians(n);
          Buffer buffer = w.vector(x);
          w.kernels.axpby(alpha, buffer, beta, buffer);
          String what = w + " axpby in place " + n + ", alpha " + alpha + ", beta " + beta;
          double[] actual = buffer.toArray();
          for (int i = 0; i < n; i++) {
            double size = (Math.abs(alpha) + Math.abs(beta)) * Math.abs(x[i]);
            Naive.assertClose(what, i, (alpha + beta) * x[i], actual[i], 4 * w.eps * size);
          }
          w.nothingChangedBut(what, buffer);
        }
      }
    }
  }

  @EveryWorkspace
  default void mulMultipliesElements(Workspace w) {
    for (int n : w.lengths(lengths())) {
      for (double beta : FACTORS) {
        w.start(n);
        double[] a = w.gaussians(n);
        double[] b = w.gaussians(n);
        double[] y = beta == 0 ? filled(n, Double.NaN) : w.gaussians(n);
        Buffer bufferA = w.vector(a);
        Buffer bufferB = w.vector(b);
        Buffer bufferY = w.vector(y);
        w.kernels.mul(bufferA, bufferB, beta, bufferY);
        String what = w + " mul " + n + ", beta " + beta;
        double[] actual = bufferY.toArray();
        for (int i = 0; i < n; i++) {
          double kept = beta == 0 ? 0 : beta * y[i];
          double size = Math.abs(a[i] * b[i]) + Math.abs(kept);
          Naive.assertClose(what, i, a[i] * b[i] + kept, actual[i], 4 * w.eps * size);
        }
        w.nothingChangedBut(what, bufferY);
      }
    }
  }

  @EveryWorkspace
  default void mulOfAVectorWithItselfSquaresIt(Workspace w) {
    w.start(5);
    Buffer x = w.vector(1, -2, 3, -4, 5);
    Buffer y = w.vector(1, 1, 1, 1, 1);
    w.kernels.mul(x, x, -1, y);
    assertArrayEquals(new double[] {0, 3, 8, 15, 24}, y.toArray());
  }

  @EveryWorkspace
  default void mulAddAddsTwoProducts(Workspace w) {
    for (int n : w.lengths(lengths())) {
      for (double beta : FACTORS) {
        w.start(n);
        double[] a = w.gaussians(n);
        double[] b = w.gaussians(n);
        double[] c = w.gaussians(n);
        double[] d = w.gaussians(n);
        double[] y = beta == 0 ? filled(n, Double.NaN) : w.gaussians(n);
        Buffer out = w.vector(y);
        w.kernels.mulAdd(w.vector(a), w.vector(b), w.vector(c), w.vector(d), beta, out);
        String what = w + " mulAdd " + n + ", beta " + beta;
        double[] actual = out.toArray();
        for (int i = 0; i < n; i++) {
          double kept = beta == 0 ? 0 : beta * y[i];
          double expected = a[i] * b[i] + c[i] * d[i] + kept;
          double size = Math.abs(a[i] * b[i]) + Math.abs(c[i] * d[i]) + Math.abs(kept);
          Naive.assertClose(what, i, expected, actual[i], 5 * w.eps * size);
        }
        w.nothingChangedBut(what, out);
      }
    }
  }

  @EveryWorkspace
  default void multiplyAddsAreCountedByTheirRounds(Workspace w) {
    double one = w.kernels.multiplyAdds(1);
    assertTrue(one >= 2, w + " " + one);
    assertEquals(3 * one, w.kernels.multiplyAdds(3));
    String said =
        assertThrows(IllegalArgumentException.class, () -> w.kernels.multiplyAdds(0)).getMessage();
    assertEquals("multiplyAdds: 0 rounds; at least 1 is needed", said);
  }
}
