package dev.evolute.spectral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code A V = V H + W R} and {@code V'V = I}, whatever the space is grown from. */
final class KrylovSpaceTest {
  private static Device device;

  @BeforeAll
  static void open() {
    device = Device.open("cpu", 2);
  }

  @AfterAll
  static void close() {
    device.close();
  }

  private static KrylovSpace space(TestOperator a, int limit, int block, Buffer... deflated) {
    KrylovSpace space = new KrylovSpace(a, new Products(a), 1, limit, block, List.of(deflated));
    space.begin(null, 0);
    return space;
  }

  private static double eps(DType dtype) {
    return dtype == DType.F32 ? 2e-6 : 4e-15;
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void relationHoldsAtEveryDepthAndAcrossARestart(DType dtype) {
    double eps = eps(dtype);
    // 403 is no multiple of a cache line: rows are padded.
    try (TestOperator a = TestOperator.withSpectrum(device, dtype, Spectra.tenOutliers(403))) {
      for (int block : new int[] {1, 2, 5}) {
        for (int depth : new int[] {1, 5, 30}) {
          try (KrylovSpace space = space(a, 30, block)) {
            while (space.size() < depth && !space.full()) {
              space.step(Integer.MAX_VALUE);
            }
            assertRelation(a, space, 20 * eps, eps);
            if (space.full()) {
              space.restart(space.ritz(), 6, 9);
              assertEquals(15, space.size());
              assertRelation(a, space, 40 * eps, eps);
              space.step(Integer.MAX_VALUE);
              assertRelation(a, space, 40 * eps, eps);
              space.step(Integer.MAX_VALUE);
              assertRelation(a, space, 40 * eps, eps);
            }
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void blockGoesOnNarrowerWhereDirectionsVanishAndEndsWithTheSpace(DType dtype) {
    double[] d = new double[100];
    d[0] = 3;
    d[1] = -2;
    try (TestOperator a = TestOperator.withSpectrum(device, dtype, d);
        KrylovSpace space = space(a, 60, 4)) {
      assertEquals(4, space.width);
      space.step(4);
      // A V spans two dimensions beyond the start, whatever its width.
      assertEquals(2, space.width);
      space.step(4);
      assertTrue(space.exhausted());
      assertEquals(6, space.size());
      assertRelation(a, space, 20 * eps(dtype), eps(dtype));
      space.reseed();
      space.step(4);
      assertEquals(7, space.size());
      assertRelation(a, space, 20 * eps(dtype), eps(dtype));
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void wholeSpaceIsExhaustedAtItsDimension(DType dtype) {
    double[] d = {1, 2, 3, 4, 5, 6, 7};
    for (int block : new int[] {1, 2, 3, 7, 9}) {
      try (TestOperator a = TestOperator.withSpectrum(device, dtype, d);
          KrylovSpace space = space(a, 100, block)) {
        while (!space.exhausted()) {
          space.step(block);
        }
        assertEquals(7, space.size());
        double[] theta = space.ritz().values();
        for (int i = 0; i < 7; i++) {
          assertEquals(d[i], theta[i], 10 * eps(dtype));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void whatCameBeforeARandomVectorSaysNothingOfWhatItSees(DType dtype) {
    double[] d = new double[300];
    for (int i = 0; i < 7; i++) {
      d[i] = 3 + i;
    }
    try (TestOperator a = TestOperator.withSpectrum(device, dtype, d);
        KrylovSpace space = space(a, 6, 1)) {
      while (!space.full()) {
        space.step(1);
      }
      space.restart(space.ritz(), 1, 2);
      while (!space.exhausted() && !space.full()) {
        space.step(1);
      }
      assertEquals(2, space.cycles().size());
      space.reseed();
      space.restart(space.ritz(), 1, 1);
      assertEquals(1, space.cycles().getFirst().width());
      assertEquals(2, space.cycles().size());
      assertEquals(0, space.cycles().getFirst().band().length);
    }
    // A block of which the caller gives one vector.
    try (TestOperator a = TestOperator.withSpectrum(device, dtype, d);
        Buffer start = a.eigenvector(0);
        KrylovSpace space = new KrylovSpace(a, new Products(a), 1, 12, 3, List.of())) {
      space.begin(start, 0.1);
      assertEquals(2, space.randomVectors());
      assertEquals(1, space.randomShare());
      space.begin(null, 0);
      assertEquals(3, space.randomVectors());
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void deflatedDirectionsStayOut(DType dtype) {
    double[] d = Spectra.with(200, 20, 15, -7);
    try (TestOperator a = TestOperator.withSpectrum(device, dtype, d);
        Buffer top = a.eigenvector(0);
        Buffer bottom = a.eigenvector(2);
        KrylovSpace space = space(a, 40, 2, top, bottom)) {
      for (int i = 0; i < 10; i++) {
        space.step(2);
      }
      for (int i = 0; i < space.size(); i++) {
        double up = device.kernels(dtype).dot(space.basis.row(i), top);
        double down = device.kernels(dtype).dot(space.basis.row(i), bottom);
        assertEquals(0, Math.hypot(up, down), eps(dtype), "row " + i);
      }
      double[] theta = space.ritz().values();
      assertEquals(15, theta[theta.length - 1], 20 * eps(dtype));
      String message =
          assertThrows(IllegalArgumentException.class, () -> space(a, 40, 1, top, top))
              .getMessage();
      assertTrue(message.contains("vector 1 to deflate"), message);
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void basisStaysOrthogonalWhereDirectionsNearlyVanish(DType dtype) {
    // One huge eigenvalue: every product is almost parallel to its vector.
    double[] d = new double[300];
    for (int i = 0; i < 300; i++) {
      d[i] = 1000 + (i == 0 ? 1000 : i / 300.0);
    }
    try (TestOperator a = TestOperator.withSpectrum(device, dtype, d);
        KrylovSpace space = space(a, 20, 1)) {
      for (int j = 0; j < 12; j++) {
        space.step(1);
      }
      double eps = dtype == DType.F32 ? 1e-6 : 1e-14;
      assertRelation(a, space, 3000 * eps, eps);
    }
  }

  private static void assertRelation(
      TestOperator a, KrylovSpace space, double relation, double orthogonality) {
    int n = (int) a.size();
    int k = space.size();
    int rows = k + space.width;
    List<double[]> v = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      v.add(space.basis.row(i).toArray());
    }
    try (Buffer y = device.allocate(a.dtype(), n)) {
      for (int j = 0; j < k; j++) {
        a.apply(space.basis.row(j), y);
        double[] r = y.toArray();
        for (int i = 0; i < rows; i++) {
          double hij = space.h[i * space.stride + j];
          for (int c = 0; c < n; c++) {
            r[c] -= hij * v.get(i)[c];
          }
        }
        double square = 0;
        for (double value : r) {
          square += value * value;
        }
        assertEquals(0, Math.sqrt(square), relation, "column " + j + " of " + k);
      }
    }
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j <= i; j++) {
        double dot = 0;
        for (int c = 0; c < n; c++) {
          dot += v.get(i)[c] * v.get(j)[c];
        }
        assertEquals(i == j ? 1 : 0, dot, orthogonality, "rows " + i + " and " + j);
      }
    }
  }
}
