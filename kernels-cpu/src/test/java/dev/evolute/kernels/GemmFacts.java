package dev.evolute.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;

/**
 * Matrix products. A product of inner size k may differ from the naive one by {@code (k + 6) eps
 * (|alpha| |A| |B| + |beta| |C|)}, element by element: k roundings of the sum, and those of the
 * factors and the update.
 */
interface GemmFacts {
  /** Which operand of a product is packed. */
  enum Packing {
    NONE,
    RIGHT,
    LEFT
  }

  /** One product with everything random but its sizes. */
  private static void check(Workspace w, String name, int m, int n, int k, Packing packing) {
    check(w, name, m, n, k, packing, w.factor(), w.factor(), w.coin(), w.coin(), w.coin());
  }

  private static void check(
      Workspace w,
      String name,
      int m,
      int n,
      int k,
      Packing packing,
      double alpha,
      double beta,
      boolean transposeA,
      boolean transposeB,
      boolean transposeC) {
    double[] a = w.gaussians(m * k);
    double[] b = w.gaussians(k * n);
    double[] c = w.gaussians(m * n);
    if (beta == 0) {
      Arrays.fill(c, Double.NaN);
    }
    Matrix matrixA = w.matrix(m, k, w.coin() ? 0 : w.upTo(9), transposeA, a);
    Matrix matrixB = w.matrix(k, n, w.coin() ? 0 : w.upTo(9), transposeB, b);
    Matrix matrixC = w.matrix(m, n, w.coin() ? 0 : w.upTo(9), transposeC, c);
    String what =
        String.format(
            "%s: %s [%d x %d]%s [%d x %d]%s, C%s, packed %s, alpha %s, beta %s",
            name,
            w,
            m,
            k,
            transposeA ? "^T" : "",
            k,
            n,
            transposeB ? "^T" : "",
            transposeC ? "^T" : "",
            packing,
            alpha,
            beta);
    multiply(w, packing, alpha, matrixA, matrixB, beta, matrixC);
    assertProduct(w, what, m, n, k, alpha, a, b, beta, c, Workspace.values(matrixC));
    w.nothingChangedBut(what, matrixC);
  }

  private static void multiply(
      Workspace w, Packing packing, double alpha, Matrix a, Matrix b, double beta, Matrix c) {
    switch (packing) {
      case NONE -> w.kernels.gemm(alpha, a, b, beta, c);
      case RIGHT -> {
        try (PackedMatrix packed = w.kernels.pack(b)) {
          w.kernels.gemm(alpha, a, packed, beta, c);
        }
      }
      case LEFT -> {
        try (PackedMatrix packed = w.kernels.pack(a.t())) {
          w.kernels.gemm(alpha, packed.t(), b, beta, c);
        }
      }
    }
  }

  private static void assertProduct(
      Workspace w,
      String what,
      int m,
      int n,
      int k,
      double alpha,
      double[] a,
      double[] b,
      double beta,
      double[] c,
      double[] actual) {
    double[] expected = Naive.product(m, n, k, alpha, a, b, beta, c);
    double[] size =
        Naive.product(
            m,
            n,
            k,
            Math.abs(alpha),
            Naive.absolute(a),
            Naive.absolute(b),
            Math.abs(beta),
            Naive.absolute(c));
    Naive.assertClose(what, expected, actual, Naive.scaled((k + 6) * w.eps, size));
  }

  @EveryWorkspace
  default void gemmMatchesNaiveProductOnRandomShapes(Workspace w) {
    for (int seed = 0; seed < w.cases(1000); seed++) {
      w.start(seed);
      int most = seed % 50 == 0 ? 200 : 70;
      Packing packing = Packing.values()[seed % 3];
      check(w, "seed " + seed, w.upTo(most), w.upTo(most), w.upTo(most), packing);
    }
  }

  @EveryWorkspace
  default void gemmMatchesNaiveProductOnEverySmallShape(Workspace w) {
    for (int m = 0; m <= 9; m++) {
      for (int n = 0; n <= 9; n++) {
        for (int k = 0; k <= 4; k++) {
          w.start((m * 10 + n) * 5 + k);
          check(w, "small", m, n, k, Packing.values()[w.upTo(2)]);
        }
      }
    }
  }

  /** Tall, wide and deep: shapes that cross every block size. */
  @EveryWorkspace
  default void gemmMatchesNaiveProductOnLongShapes(Workspace w) {
    int[][] shapes = {
      {1, 1, 5003},
      {1, 3001, 3},
      {3001, 1, 3},
      {1, 16_411, 21},
      {16_411, 1, 21},
      {45, 1, 2051},
      {7, 9, 2053},
      {5, 1031, 67},
      {1033, 6, 65}
    };
    for (int[] s : w.shapes(shapes)) {
      for (Packing packing : Packing.values()) {
        w.start(s[0] + s[1] + s[2] + packing.ordinal());
        check(w, "long", s[0], s[1], s[2], packing);
        w.start(s[0] + s[1] + s[2] + packing.ordinal() + 10);
        check(w, "long", s[0], s[1], s[2], packing);
      }
    }
  }

  /**
   * Long dot products, narrow results, squares that are transposed in registers: with every tail.
   */
  @EveryWorkspace
  default void gemmMatchesNaiveProductOfFewRowsOrColumns(Workspace w) {
    int seed = 0;
    for (int few : new int[] {2, 5, 11, 16, 17}) {
      for (int many : new int[] {3, 16, 45}) {
        for (int k : w.lengths(10, 64, 517, 1031)) {
          for (int form = 0; form < 4; form++) {
            boolean a = (form & 1) != 0;
            boolean b = (form & 2) != 0;
            w.start(seed++);
            check(w, "few rows", few, many, k, Packing.NONE, 1, 0, a, b, false);
            w.start(seed++);
            check(w, "few columns", many, few, k, Packing.NONE, 1, 1, a, b, w.coin());
          }
        }
      }
    }
  }

  /** The products of a 784-50-50-10 network on 1,000 images: forward, and the weight gradient. */
  @EveryWorkspace
  default void gemmMatchesNaiveProductOnNetworkShapes(Workspace w) {
    w.start(1);
    check(w, "forward", 1000, 50, 784, Packing.NONE, 1, 0, false, false, false);
    w.start(2);
    check(w, "forward", 1000, 50, 784, Packing.LEFT, 1, 0, false, true, false);
    w.start(3);
    check(w, "gradient", 784, 50, 1000, Packing.NONE, 1, 1, true, false, false);
    w.start(4);
    check(w, "gradient", 50, 784, 1000, Packing.RIGHT, 0.001, 0, true, false, false);
    w.start(5);
    check(w, "transposed gradient", 784, 50, 1000, Packing.LEFT, -1, 0, true, false, true);
  }

  @EveryWorkspace
  default void gemmMatchesNaiveProductInEveryForm(Workspace w) {
    double[] factors = {0, 1, -1, 0.375};
    for (int form = 0; form < 8; form++) {
      for (Packing packing : Packing.values()) {
        for (double alpha : factors) {
          for (double beta : factors) {
            w.start(form);
            boolean a = (form & 1) != 0;
            boolean b = (form & 2) != 0;
            boolean c = (form & 4) != 0;
            check(w, "form", 37, 43, 29, packing, alpha, beta, a, b, c);
          }
        }
      }
    }
  }

  @EveryWorkspace
  default void gemmCarriesNanAndInfinityWhereTheNaiveProductDoes(Workspace w) {
    double[] specials = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
    for (int seed = 0; seed < w.cases(300); seed++) {
      w.start(seed);
      int m = 1 + w.upTo(40);
      int n = 1 + w.upTo(40);
      int k = 1 + w.upTo(40);
      double[] a = w.gaussians(m * k);
      double[] b = w.gaussians(k * n);
      double[] c = w.gaussians(m * n);
      double special = specials[w.upTo(2)];
      if (w.coin()) {
        a[w.upTo(a.length - 1)] = special;
      } else {
        b[w.upTo(b.length - 1)] = special;
      }
      Matrix matrixA = w.matrix(m, k, w.upTo(3), w.coin(), a);
      Matrix matrixB = w.matrix(k, n, w.upTo(3), w.coin(), b);
      Matrix matrixC = w.matrix(m, n, w.upTo(3), w.coin(), c);
      String what = "seed " + seed + ": " + w + " " + matrixA + " " + matrixB + " with " + special;
      multiply(w, Packing.values()[seed % 3], 0.5, matrixA, matrixB, 1, matrixC);
      assertProduct(w, what, m, n, k, 0.5, a, b, 1, c, Workspace.values(matrixC));
    }
  }

  @EveryWorkspace
  default void gemmOfAMatrixWithItsOwnTransposeIsSymmetric(Workspace w) {
    w.start(7);
    double[] a = w.gaussians(41 * 23);
    Matrix x = w.dense(41, 23, a);
    Matrix gram = w.dense(41, 41, new double[41 * 41]);
    w.kernels.gemm(1, x, x.t(), 0, gram);
    double[] g = Workspace.values(gram);
    for (int i = 0; i < 41; i++) {
      for (int j = 0; j < 41; j++) {
        Naive.assertClose("gram", i, g[i * 41 + j], g[j * 41 + i], 23 * 8 * 10 * w.eps);
      }
    }
    assertProduct(w, "gram", 41, 41, 23, 1, a, Workspace.values(x.t()), 0, g, g);
  }

  @EveryWorkspace
  default void onePackServesOnTheRightAndTransposedOnTheLeft(Workspace w) {
    for (int seed = 0; seed < w.cases(60); seed++) {
      w.start(seed);
      int k = w.upTo(70);
      int n = w.upTo(70);
      int m = w.upTo(70);
      double[] b = w.gaussians(k * n);
      double[] right = w.gaussians(m * k);
      double[] left = w.gaussians(k * m);
      Matrix matrixB = w.matrix(k, n, w.upTo(3), w.coin(), b);
      Matrix c = w.dense(m, n, new double[m * n]);
      Matrix d = w.dense(n, m, new double[n * m]);
      Matrix a = w.dense(m, k, right);
      Matrix e = w.dense(k, m, left);
      try (PackedMatrix packed = w.kernels.pack(matrixB)) {
        w.kernels.gemm(1, a, packed, 0, c);
        w.kernels.gemm(1, packed.t(), e, 0, d);
      }
      double[] bt = Workspace.values(matrixB.t());
      String what = "seed " + seed + ": " + w + " " + m + ", " + n + ", " + k;
      assertProduct(w, what, m, n, k, 1, right, b, 0, right, Workspace.values(c));
      assertProduct(w, what, n, m, k, 1, bt, left, 0, left, Workspace.values(d));
    }
  }

  @EveryWorkspace
  default void packKeepsTheOldSourceUntilRefreshed(Workspace w) {
    for (boolean leftSide : new boolean[] {false, true}) {
      w.start(11);
      int m = 33;
      int n = 45;
      int k = 27;
      double[] a = w.gaussians(m * k);
      double[] b = w.gaussians(k * n);
      Matrix matrixA = w.matrix(m, k, 2, true, a);
      Matrix matrixB = w.matrix(k, n, 3, false, b);
      Matrix c = w.dense(m, n, new double[m * n]);
      Matrix packedFrom = leftSide ? matrixA : matrixB;
      try (PackedMatrix packed = w.kernels.pack(leftSide ? matrixA.t() : matrixB)) {
        w.kernels.fill(2, packedFrom.buffer());
        product(w, leftSide, packed, matrixA, matrixB, c);
        assertProduct(w, "before refresh", m, n, k, 1, a, b, 0, a, Workspace.values(c));
        packed.refresh();
        Arrays.fill(leftSide ? a : b, 2);
        product(w, leftSide, packed, matrixA, matrixB, c);
        assertProduct(w, "after refresh", m, n, k, 1, a, b, 0, a, Workspace.values(c));
        w.kernels.fill(-3, packedFrom.buffer());
        packed.t().refresh();
        Arrays.fill(leftSide ? a : b, -3);
        product(w, leftSide, packed, matrixA, matrixB, c);
        assertProduct(w, "refreshed by t()", m, n, k, 1, a, b, 0, a, Workspace.values(c));
      }
    }
  }

  private static void product(
      Workspace w, boolean leftSide, PackedMatrix packed, Matrix a, Matrix b, Matrix c) {
    w.kernels.gemm(1, leftSide ? packed.t() : a, leftSide ? b : packed, 0, c);
  }

  @EveryWorkspace
  default void packedMatrixKnowsItsSourceAndItsTranspose(Workspace w) {
    w.start(3);
    Matrix b = w.dense(5, 7, w.gaussians(35));
    PackedMatrix packed = w.kernels.pack(b);
    assertSame(b, packed.source());
    assertEquals(5, packed.rows());
    assertEquals(7, packed.cols());
    assertFalse(packed.transposed());
    assertSame(b.t(), packed.t().source());
    assertEquals(7, packed.t().rows());
    assertEquals(5, packed.t().cols());
    assertTrue(packed.t().transposed());
    assertSame(packed, packed.t().t());
    assertEquals("[5 x 7]", packed.toString());
    assertTrue(packed.bytes() >= 0);
    packed.close();
    packed.close();
    assertEquals(35, b.buffer().length());
    w.nothingChangedBut("pack");
  }
}
