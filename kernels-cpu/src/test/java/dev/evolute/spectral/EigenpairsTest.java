package dev.evolute.spectral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Matrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Several eigenpairs at both ends: by Lanczos, in blocks, deflated, and by power iteration. */
final class EigenpairsTest {
  private static Device device;

  @BeforeAll
  static void open() {
    device = Device.open("cpu", 2);
  }

  @AfterAll
  static void close() {
    device.close();
  }

  private static Lanczos.Options options(DType dtype) {
    return Lanczos.Options.defaults().withTolerance(dtype == DType.F32 ? 1e-5 : 1e-9);
  }

  private static double[] sorted(double[] d) {
    double[] s = d.clone();
    Arrays.sort(s);
    return s;
  }

  /** Values against the truth, vectors orthonormal, residuals as they are. */
  private static void assertPairs(TestOperator a, double[] d, Eigenpairs pairs, double tolerance) {
    double[] truth = sorted(d);
    assertTrue(pairs.converged(), pairs.toString());
    for (int i = 0; i < pairs.smallest().size(); i++) {
      assertEquals(truth[i], pairs.smallest().get(i).value(), tolerance, "smallest " + i);
    }
    for (int i = 0; i < pairs.largest().size(); i++) {
      double expected = truth[truth.length - 1 - i];
      assertEquals(expected, pairs.largest().get(i).value(), tolerance, "largest " + i);
    }
    List<Eigenpair> all = new ArrayList<>(pairs.smallest());
    all.addAll(pairs.largest());
    for (int i = 0; i < all.size(); i++) {
      Buffer x = all.get(i).vector();
      for (int j = 0; j <= i; j++) {
        double dot = device.kernels(a.dtype()).dot(x, all.get(j).vector());
        assertEquals(i == j ? 1 : 0, dot, a.dtype() == DType.F32 ? 1e-4 : 1e-8, i + " and " + j);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void severalAtEachEndWithVectors(DType dtype) {
    double[] d = Spectra.with(800, 20, 15, 11, 8, -5, -3, -2.5);
    for (int rows : new int[] {0, 20}) {
      try (TestOperator a = TestOperator.withSpectrum(device, dtype, d);
          Eigenpairs pairs = Lanczos.eigenpairs(a, 3, 4, options(dtype).withMaxBasis(rows))) {
        assertEquals(3, pairs.smallest().size());
        assertEquals(4, pairs.largest().size());
        assertPairs(a, d, pairs, 1e-4);
        assertEquals(a.products, pairs.products());
        assertEquals(pairs.products(), pairs.steps() + 7);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void blockFindsEveryCopyOfARepeatedValueOneVectorDoesNot(DType dtype) {
    double[] d = Spectra.with(800, 20, 20, 20, 11, -5);
    try (TestOperator a = TestOperator.withSpectrum(device, dtype, d);
        Eigenpairs block = Lanczos.eigenpairs(a, 1, 4, options(dtype).withBlock(3));
        Eigenpairs blockRestarted =
            Lanczos.eigenpairs(a, 1, 4, options(dtype).withBlock(3).withMaxBasis(20))) {
      assertPairs(a, d, block, 1e-4);
      assertPairs(a, d, blockRestarted, 1e-4);
    }
    try (TestOperator a = TestOperator.withSpectrum(device, DType.F64, d);
        Eigenpairs one = Lanczos.eigenpairs(a, 0, 2, options(DType.F64).withTolerance(1e-6))) {
      assertEquals(20, one.largest().get(0).value(), 1e-6);
      assertEquals(11, one.largest().get(1).value(), 1e-6);
    }
  }

  /** The least basis there is for them holds all that were asked for beyond a restart. */
  @Test
  void manyAtOneEndAndOneAtTheOtherFromTheSmallestBasis() {
    double[] d = Spectra.with(800, 20, -9, -8, -7, -6, -5, 3);
    for (double sign : new double[] {1, -1}) {
      double[] signed = Spectra.scaled(d, sign);
      int low = sign > 0 ? 5 : 1;
      try (TestOperator a = TestOperator.withSpectrum(device, DType.F64, signed);
          Eigenpairs pairs =
              Lanczos.eigenpairs(a, low, 6 - low, options(DType.F64).withMaxBasis(12))) {
        assertPairs(a, signed, pairs, 1e-4);
        assertTrue(pairs.products() <= 60, pairs.toString());
      }
    }
  }

  @Test
  void blocksKeepToTheBudget() {
    try (TestOperator a =
        TestOperator.withSpectrum(device, DType.F64, Spectra.with(400, 20, 20, 15, 11, -5))) {
      for (int most : new int[] {7, 8, 9, 13, 21}) {
        int before = a.products;
        Lanczos.Options o = options(DType.F64).withBlock(5).withMaxProducts(most);
        try (Eigenpairs pairs = Lanczos.eigenpairs(a, 1, 2, o)) {
          assertEquals(a.products - before, pairs.products());
          assertEquals(most, pairs.products());
        }
      }
    }
  }

  @Test
  void residualsOfABlockThatWereNotMeasuredAreTrue() {
    try (TestOperator a =
            TestOperator.withSpectrum(device, DType.F64, Spectra.with(400, 20, 19, 15, 11, -5));
        Buffer y = device.allocate(DType.F64, 400)) {
      for (int most : new int[] {12, 15, 21}) {
        Lanczos.Options o =
            options(DType.F64).withBlock(3).withMaxProducts(most).withMeasured(false);
        try (Eigenpairs pairs = Lanczos.eigenpairs(a, 1, 2, o)) {
          List<Eigenpair> all = new ArrayList<>(pairs.smallest());
          all.addAll(pairs.largest());
          for (Eigenpair pair : all) {
            double residual = new Products(a).measure(pair.vector(), y, 0, 20).residual();
            assertEquals(residual, pair.residual(), 1e-6 * residual + 1e-12, most + " " + pair);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void blocksGoThroughTheOperatorsOwnBlockProduct(DType dtype) {
    int n = 60;
    double[] m = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        m[i * n + j] = m[j * n + i] = CounterRandom.gaussian(8, i, j);
      }
    }
    double[] truth = SymmetricEigen.of(m, n, n).values();
    try (Buffer memory = device.allocate(dtype, (long) n * n)) {
      memory.set(m);
      DenseOperator dense = new DenseOperator(Matrix.of(memory, n, n));
      int[] widths = new int[2];
      LinearOperator counted =
          new LinearOperator() {
            @Override
            public long size() {
              return n;
            }

            @Override
            public Device device() {
              return device;
            }

            @Override
            public DType dtype() {
              return dtype;
            }

            @Override
            public void apply(Buffer x, Buffer y) {
              widths[0]++;
              dense.apply(x, y);
            }

            @Override
            public void apply(Matrix x, Matrix y) {
              widths[1] += x.rows();
              dense.apply(x, y);
            }
          };
      Lanczos.Options o = options(dtype).withBlock(4).withMeasured(false);
      try (Extremes e = Lanczos.extremes(counted, o)) {
        assertEquals(truth[0], e.min().value(), 1e-4);
        assertEquals(truth[n - 1], e.max().value(), 1e-4);
        assertEquals(e.products(), widths[0] + widths[1]);
        assertTrue(widths[0] <= 4, widths[0] + " products one by one");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void deflationFindsTheNextOne(DType dtype) {
    double[] d = Spectra.with(800, 20, 15, -7, -4);
    try (TestOperator a = TestOperator.withSpectrum(device, dtype, d);
        Extremes first = Lanczos.extremes(a, options(dtype));
        Extremes next =
            Lanczos.extremes(
                a,
                options(dtype).withDeflated(List.of(first.min().vector(), first.max().vector())))) {
      assertEquals(15, next.max().value(), 1e-4);
      assertEquals(-4, next.min().value(), 1e-4);
      assertTrue(next.converged(), next.toString());
    }
    try (TestOperator one = TestOperator.withSpectrum(device, dtype, new double[] {3});
        Buffer e = one.eigenvector(0)) {
      String message =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> Lanczos.extremes(one, options(dtype).withDeflated(List.of(e))))
              .getMessage();
      assertTrue(message.contains("none is left"), message);
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void morePairsThanDimensionsAreAllThereAre(DType dtype) {
    double[] d = {5, 4, -3, 2, 1};
    try (TestOperator a = TestOperator.withSpectrum(device, dtype, d)) {
      for (int block : new int[] {1, 2, 9}) {
        Lanczos.Options o = options(dtype).withBlock(block).withTolerance(1e-4);
        try (Eigenpairs pairs = Lanczos.eigenpairs(a, 9, 7, o)) {
          assertEquals(5, pairs.smallest().size());
          assertEquals(5, pairs.largest().size());
          assertTrue(pairs.converged());
          for (int i = 0; i < 5; i++) {
            assertEquals(sorted(d)[i], pairs.smallest().get(i).value(), 1e-5);
            assertEquals(sorted(d)[4 - i], pairs.largest().get(i).value(), 1e-5);
          }
        }
      }
      try (Eigenpairs power = PowerIteration.eigenpairs(a, 0, 9, 1e-4, 3000, 1)) {
        assertEquals(5, power.largest().size());
        assertPairs(a, d, power, 1e-4);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void zeroAndRankTwoHaveAsManyPairsAsAskedFor(DType dtype) {
    double[] rankTwo = new double[300];
    rankTwo[0] = 3;
    rankTwo[1] = -2;
    for (double[] d : List.of(new double[300], rankTwo)) {
      try (TestOperator a = TestOperator.withSpectrum(device, dtype, d);
          Eigenpairs pairs = Lanczos.eigenpairs(a, 2, 3, options(dtype).withTolerance(1e-4))) {
        assertEquals(3, pairs.largest().size());
        for (int i = 0; i < 3; i++) {
          assertEquals(sorted(d)[299 - i], pairs.largest().get(i).value(), 1e-5);
        }
        assertEquals(sorted(d)[1], pairs.smallest().get(1).value(), 1e-5);
        assertTrue(pairs.products() < 30, "took " + pairs.products());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void powerIterationFindsSeveralRepeatedOnesIncluded(DType dtype) {
    double[] d = Spectra.with(300, 20, 20, 11, -9, -6);
    try (TestOperator a = TestOperator.withSpectrum(device, dtype, d);
        Eigenpairs pairs = PowerIteration.eigenpairs(a, 2, 3, 1e-4, 5000, 1)) {
      assertPairs(a, d, pairs, 1e-3);
      assertEquals(a.products, pairs.products());
    }
  }

  @Test
  void spentBudgetsReturnWhatThereIs() {
    double[] d = Spectra.tenOutliers(500);
    try (TestOperator a = TestOperator.withSpectrum(device, DType.F64, d);
        Eigenpairs pairs = Lanczos.eigenpairs(a, 0, 4, options(DType.F64).withMaxProducts(7))) {
      // Three steps, so three pairs, and one product for each.
      assertEquals(6, pairs.products());
      assertFalse(pairs.converged());
      assertEquals(3, pairs.largest().size());
    }
    try (TestOperator a = TestOperator.withSpectrum(device, DType.F64, d)) {
      assertThrows(
          IllegalArgumentException.class, () -> Lanczos.eigenpairs(a, 0, 0, options(DType.F64)));
      assertThrows(
          IllegalArgumentException.class,
          () -> Lanczos.eigenpairs(a, 2, 3, options(DType.F64).withMaxBasis(8)));
      assertThrows(
          IllegalArgumentException.class, () -> PowerIteration.eigenpairs(a, 1, 1, 1e-3, 2, 1));
    }
  }
}
