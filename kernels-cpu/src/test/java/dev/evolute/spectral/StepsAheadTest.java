package dev.evolute.spectral;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Steps that nothing looks at in between leave the bits of steps one by one. */
final class StepsAheadTest {
  private static final int ALL = Integer.MAX_VALUE;

  private static Device device;

  @BeforeAll
  static void open() {
    device = Device.open("cpu", 1);
  }

  @AfterAll
  static void close() {
    device.close();
  }

  /** Two spaces of one operator: one that looks at every number, one that runs ahead. */
  private static final class Pair implements AutoCloseable {
    final TestOperator looking;
    final TestOperator running;
    final KrylovSpace plain;
    final KrylovSpace ahead;

    Pair(TestOperator a, int limit) {
      this(a, a, limit, null);
    }

    Pair(TestOperator looking, TestOperator running, int limit, Buffer start) {
      this.looking = looking;
      this.running = running.ahead();
      looking.products = 0;
      plain = new KrylovSpace(looking, new Products(looking), 1, limit, 1, List.of());
      ahead = new KrylovSpace(this.running, new Products(this.running), 1, limit, 1, List.of());
      plain.begin(start, 0);
      ahead.begin(start, 0);
    }

    /** Grows both as far as it goes, the second by so many steps at a time. */
    Pair grow(int count) {
      while (!plain.exhausted() && !plain.full()) {
        plain.step(1);
      }
      while (!ahead.exhausted() && !ahead.full()) {
        ahead.steps(count, ALL);
      }
      return this;
    }

    void restart(int low, int high) {
      plain.restart(plain.ritz(), low, high);
      ahead.restart(ahead.ritz(), low, high);
    }

    void assertSame() {
      assertEquals(plain.k, ahead.k);
      assertEquals(plain.width, ahead.width);
      assertArrayEquals(plain.h, ahead.h);
      for (int i = 0; i < plain.k + plain.width; i++) {
        assertArrayEquals(plain.basis.row(i).toArray(), ahead.basis.row(i).toArray(), "row " + i);
      }
      assertEquals(plain.cycles().size(), ahead.cycles().size());
      for (int i = 0; i < plain.cycles().size(); i++) {
        assertTrue(Arrays.deepEquals(plain.cycles().get(i).band(), ahead.cycles().get(i).band()));
      }
    }

    /** Products of the second beyond those of the first. */
    int wasted() {
      // Both share an operator, which counts those of the second too.
      return running.products - (looking.products - running.products);
    }

    @Override
    public void close() {
      plain.close();
      ahead.close();
    }
  }

  /** Spread so widely that every coefficient of the recurrence has a size of its own. */
  private static double[] wide(int n) {
    double[] d = new double[n];
    Arrays.setAll(d, i -> Math.pow(CounterRandom.gaussian(7, 0, i), 3));
    return d;
  }

  /** From the first unit vector Lanczos' method finds this matrix itself, without rounding. */
  private static TestOperator tridiagonal(DType dtype, double[] alpha, double[] beta) {
    int n = alpha.length;
    double[] a = new double[n * n];
    for (int i = 0; i < n; i++) {
      a[i * n + i] = alpha[i];
      if (i + 1 < n) {
        a[i * n + i + 1] = beta[i];
        a[(i + 1) * n + i] = beta[i];
      }
    }
    return TestOperator.dense(device, dtype, n, a);
  }

  private static Buffer first(DType dtype, int n) {
    double[] e = new double[n];
    e[0] = 1;
    Buffer start = device.allocate(dtype, n);
    start.set(e);
    return start;
  }

  private static double noise(DType dtype) {
    return dtype == DType.F32 ? 0x1p-21 : 0x1p-50;
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void asManyStepsAsThereIsRoomForAndAcrossRestarts(DType dtype) {
    for (double[] d : List.of(Spectra.tenOutliers(300), wide(203))) {
      for (int count : new int[] {1, 7, StepsAhead.MOST, 40}) {
        try (TestOperator a = TestOperator.withSpectrum(device, dtype, d);
            Pair both = new Pair(a, 45)) {
          both.grow(count).assertSame();
          // Of all but one kept, the next product has much along each.
          for (int keep : new int[] {20, 1, 44, 44, 44, 44, 44, 44}) {
            both.restart(keep / 2, keep - keep / 2);
            both.grow(count).assertSame();
          }
          assertEquals(0, both.wasted(), "of " + count + " steps at a time");
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void aThirdProjectionIsMadeWhereTwoDoNotSuffice(DType dtype) {
    // Three eigenvalues: each third remainder is the product's rounding, which lies in the few rows
    // that are left as much as in those before.
    int wasted = 0;
    for (int n = 12; n < 24; n++) {
      double[] d = new double[n];
      Arrays.setAll(d, i -> i % 3 - 0.8);
      try (TestOperator exact = TestOperator.withSpectrum(device, dtype, d);
          Pair both = new Pair(exact.coarse(8), exact.coarse(8), n, null)) {
        both.grow(n).assertSame();
        assertEquals(n, both.ahead.size());
        wasted += both.running.products - n;
      }
    }
    assertTrue(wasted > 0, "no step was taken again");
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void aRemainderThatVanishesEndsTheSpace(DType dtype) {
    for (double last : new double[] {noise(dtype) / 10, 1e-20, 0}) {
      for (int ends = 1; ends < 19; ends += 3) {
        double[] alpha = new double[30];
        double[] beta = new double[30];
        Arrays.setAll(alpha, i -> i % 3 / 8.0);
        Arrays.fill(beta, 0.5);
        beta[ends] = last;
        try (TestOperator a = tridiagonal(dtype, alpha, beta);
            Buffer start = first(dtype, 30);
            Pair both = new Pair(a, a, 25, start)) {
          both.grow(25).assertSame();
          assertTrue(both.ahead.exhausted());
          assertEquals(ends + 1, both.ahead.size());
          int before = both.running.products;
          both.ahead.steps(ALL, ALL);
          assertEquals(before, both.running.products, "there is nothing to multiply");
          both.plain.reseed();
          both.ahead.reseed();
          both.grow(25).assertSame();
        }
      }
    }
  }

  /** One large entry among small ones decides for all steps after it. */
  @ParameterizedTest
  @EnumSource(DType.class)
  void theNormThatARemainderIsComparedWithIsThatOfAllSteps(DType dtype) {
    double small = 1e3 * noise(dtype);
    double[] alpha = new double[30];
    double[] beta = new double[30];
    Arrays.fill(alpha, small);
    Arrays.fill(beta, small);
    beta[9] = noise(dtype) / 2;
    // Among small ones it is large enough, and so it stays where there is no large entry.
    for (int large : new int[] {3, 9, 29}) {
      double[] one = alpha.clone();
      one[large] = 1;
      try (TestOperator a = tridiagonal(dtype, one, beta);
          Buffer start = first(dtype, 30);
          Pair both = new Pair(a, a, 20, start)) {
        both.grow(3).assertSame();
        assertEquals(large < 20, both.ahead.exhausted());
        assertEquals(large < 20 ? 10 : 20, both.ahead.size());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void noMoreProductsAreTakenThanAskedForOrThanThereIsRoomFor(DType dtype) {
    try (TestOperator a = TestOperator.withSpectrum(device, dtype, wide(203));
        Pair both = new Pair(a, 30)) {
      KrylovSpace space = both.ahead;
      space.steps(ALL, ALL);
      space.steps(ALL, ALL);
      assertEquals(2, space.size(), "the first two are looked at");
      int[][] asked = {{3, ALL, 3}, {ALL, 2, 2}, {1, 1, 1}, {ALL, ALL, StepsAhead.MOST}};
      for (int[] one : asked) {
        int before = both.running.products;
        int size = space.size();
        space.steps(one[0], one[1]);
        assertEquals(one[2], both.running.products - before);
        assertEquals(one[2], space.size() - size);
      }
      space.steps(ALL, ALL);
      assertEquals(30, space.size());
      assertTrue(space.full());
      assertEquals(30, both.running.products);
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void theWholeSpaceIsAProductForEachDimension(DType dtype) {
    double[] d = {1, -2, 3, -4, 5, -6, 7};
    try (TestOperator a = TestOperator.withSpectrum(device, dtype, d);
        Pair both = new Pair(a, 100)) {
      both.grow(100).assertSame();
      assertTrue(both.ahead.exhausted());
      assertEquals(7, both.running.products);
    }
  }

  /** The step that has to be taken again may be one too many. */
  @ParameterizedTest
  @EnumSource(DType.class)
  void aBudgetHoldsWhereAStepWouldBeTakenAgain(DType dtype) {
    double[] alpha = new double[30];
    double[] beta = new double[30];
    Arrays.fill(beta, 0.5);
    beta[5] = 0;
    for (int most = 2; most < 8; most++) {
      try (TestOperator a = tridiagonal(dtype, alpha, beta);
          Buffer start = first(dtype, 30);
          Pair both = new Pair(a, a, 25, start)) {
        both.ahead.step(1);
        both.ahead.step(1);
        int before = both.running.products;
        both.ahead.steps(ALL, most);
        assertEquals(most, both.running.products - before);
        assertEquals(Math.min(2 + most, 5), both.ahead.size());
        assertFalse(both.ahead.exhausted(), "nobody has looked");
        both.ahead.steps(ALL, 1);
        both.ahead.steps(1, 2);
        both.grow(1).assertSame();
        assertTrue(both.ahead.exhausted());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void aProductThatIsNoNumberIsToldAndNothingOfItKept(DType dtype) {
    for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
      for (int from : new int[] {1, 3, 9}) {
        try (TestOperator a = TestOperator.withSpectrum(device, dtype, wide(100));
            Pair both = new Pair(a.failingFrom(from, bad), a.failingFrom(from, bad), 40, null)) {
          for (KrylovSpace space : List.of(both.plain, both.ahead)) {
            String said =
                assertThrows(
                        ArithmeticException.class,
                        () -> {
                          while (!space.full()) {
                            space.steps(40, ALL);
                          }
                        })
                    .getMessage();
            assertTrue(said.matches("operator: product \\d+ has 1 NaN or infinite .*"), said);
          }
          assertEquals(from - 1, both.ahead.size());
          both.assertSame();
        }
      }
    }
  }

  private static void assertSame(double[] d, DType dtype, Lanczos.Options options, boolean exact) {
    try (TestOperator a = TestOperator.withSpectrum(device, dtype, d);
        Extremes plain = Lanczos.extremes(a, options);
        Extremes ahead = Lanczos.extremes(a.ahead(), options)) {
      assertEquals(plain.min().value(), ahead.min().value());
      assertEquals(plain.max().value(), ahead.max().value());
      assertEquals(plain.min().residual(), ahead.min().residual());
      assertEquals(plain.max().residual(), ahead.max().residual());
      assertArrayEquals(plain.max().vector().toArray(), ahead.max().vector().toArray());
      assertTrue(ahead.products() <= options.maxProducts());
      if (exact) {
        assertEquals(plain.products(), ahead.products());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void aSolverHasTheSameBitsWhateverEndsIt(DType dtype) {
    Lanczos.Options tight = Lanczos.Options.defaults().withTolerance(1e-9);
    assertSame(Spectra.tenOutliers(500), dtype, Lanczos.Options.defaults(), true);
    assertSame(wide(203), dtype, tight.withMaxBasis(12).withMaxProducts(90), true);
    for (int budget = 3; budget < 24; budget++) {
      assertSame(wide(203), dtype, tight.withMaxProducts(budget), true);
    }
    // Identity, nothing, few eigenvalues, low rank: each space ends early.
    for (int distinct : new int[] {1, 2, 3, 5, 9}) {
      double[] d = new double[150];
      Arrays.setAll(d, i -> i % distinct + 1.0);
      assertSame(d, dtype, tight, false);
      Arrays.setAll(d, i -> i < distinct - 1 ? i + 1.0 : 0);
      assertSame(d, dtype, tight, false);
    }
  }
}
