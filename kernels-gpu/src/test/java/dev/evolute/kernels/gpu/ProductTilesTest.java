package dev.evolute.kernels.gpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Precision;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every product kernel by itself, also those that small products do not take: all ways to store
 * operands, whole and cut tiles, aligned and not, against sums of products in twice fp64.
 */
class ProductTilesTest {
  /** Rows, columns and inner size: one that fills tiles, and ones that begin others. */
  private static final int[][] SHAPES = {
    {64, 128, 32}, {132, 68, 20}, {131, 130, 37}, {590, 70, 3}, {5, 3, 1}
  };

  /** Two tiles and a bit of each kind, three slices and a bit. */
  private static final int[] RAGGED = {131, 130, 37};

  private final Random random = new Random(7);

  private double[] gaussians(DType dtype, int n) {
    double[] values = new double[n];
    for (int i = 0; i < n; i++) {
      double x = random.nextGaussian();
      values[i] = dtype == DType.F32 ? (float) x : x;
    }
    return values;
  }

  /** How rows follow each other: dense, at places that 16 bytes do not divide, or at such. */
  private enum Gaps {
    NONE(0, 1),
    ODD(3, 1),
    ALIGNED(4, 4);

    private final int before;
    private final int multiple;

    Gaps(int before, int multiple) {
      this.before = before;
      this.multiple = multiple;
    }

    /** From one row to the next. */
    int stride(int cols) {
      return Math.ceilDiv(cols + before, multiple) * multiple;
    }
  }

  /** A matrix with NaN before its rows. */
  private static Matrix matrix(
      Device device, DType dtype, int rows, int cols, boolean t, Gaps gaps, double[] values) {
    int storedRows = t ? cols : rows;
    int storedCols = t ? rows : cols;
    int stride = gaps.stride(storedCols);
    double[] stored = new double[gaps.before + storedRows * stride];
    Arrays.fill(stored, Double.NaN);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < cols; j++) {
        stored[gaps.before + (t ? j * stride + i : i * stride + j)] = values[i * cols + j];
      }
    }
    Buffer buffer = device.allocate(dtype, stored.length);
    buffer.set(stored);
    Buffer rest = buffer.view(gaps.before, (long) (storedRows - 1) * stride + storedCols);
    Matrix x = Matrix.of(rest, storedRows, storedCols, stride);
    return t ? x.t() : x;
  }

  /** Who makes a product, by name. */
  private record Maker(String name, BiConsumer<ProductsOnCuda, Product> product) {
    static Maker of(ProductTile tile) {
      return new Maker(tile.kernels() + "", (kernels, p) -> kernels.product(tile, p));
    }
  }

  /** Returns the result as it stands, gaps and all. */
  private double[] check(
      Device device, DType dtype, Precision precision, Maker maker, int[] shape, int form) {
    int m = shape[0];
    int n = shape[1];
    int k = shape[2];
    boolean leftTransposed = (form & 1) != 0;
    boolean rightTransposed = (form & 2) != 0;
    Gaps gap = Gaps.values()[form / 4];
    double[] a = gaussians(dtype, m * k);
    double[] b = gaussians(dtype, k * n);
    double[] c = gaussians(dtype, m * n);
    Matrix left = matrix(device, dtype, m, k, leftTransposed, gap, a);
    Matrix right = matrix(device, dtype, k, n, rightTransposed, gap, b);
    Matrix result = matrix(device, dtype, m, n, false, gap, c);
    ProductsOnCuda kernels = (ProductsOnCuda) device.kernels(dtype);
    // The second product is stored the other way round.
    Matrix again = matrix(device, dtype, m, k, !leftTransposed, gap, a);
    maker.product.accept(
        kernels, new Product(1, 0.5, left, right, again, right, 1, result, 0, 0, 0, null));
    double[] actual = result.buffer().toArray();
    double unit = dtype == DType.F32 ? 1 : 0x1p-29;
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        double sum = c[i * n + j];
        double lost = 0;
        double size = 0;
        for (int l = 0; l < k; l++) {
          double product = a[i * k + l] * b[l * n + j];
          double next = sum + product;
          double added = next - sum;
          // What the two roundings take away: Knuth's sum of two, and a fused multiply-add.
          lost += sum - (next - added) + (product - added);
          lost += Math.fma(a[i * k + l], b[l * n + j], -product);
          sum = next;
          size += Math.abs(a[i * k + l] * b[l * n + j]);
        }
        double error = precision.bound(2 * k) * size + 3 * 0x1p-24 * Math.abs(c[i * n + j]);
        String what = maker.name + " " + dtype + " form " + form + " (" + i + ", " + j + ")";
        assertEquals(sum + lost, actual[i * result.stride() + j], error * unit, what);
      }
    }
    return actual;
  }

  private void check(String name, DType dtype, Precision precision) {
    try (Device device = Software.open(name)) {
      for (ProductTile tile : ProductTile.all(dtype, precision)) {
        check(device, dtype, precision, Maker.of(tile));
      }
    }
  }

  private void check(Device device, DType dtype, Precision precision, Maker maker) {
    for (int form = 0; form < 4 * Gaps.values().length; form++) {
      for (int[] shape : SHAPES) {
        check(device, dtype, precision, maker, shape, form);
      }
    }
  }

  /** A grid is at most 65,535 blocks high, and this result 65,537 tiles. */
  @Test
  @Tag("slow")
  void aResultMayHaveMoreTilesThanAGridHasRows() {
    int m = 65_536 * 32 + 1;
    try (Device device = Software.open("cuda:software");
        Buffer x = device.allocate(DType.F32, m);
        Buffer y = device.allocate(DType.F32, m);
        Buffer one = device.allocate(DType.F32, 1)) {
      one.set(new double[] {3});
      device.kernels(DType.F32).fill(2, x);
      Matrix scale = Matrix.of(one, 1, 1);
      device.kernels(DType.F32).gemm(1, Matrix.of(x, m, 1), scale, 0, Matrix.of(y, m, 1));
      assertEquals(6.0 * m, device.kernels(DType.F32).sum(y));
    }
  }

  @Test
  void thePrecisionMayFollowTheNameOfADevice() {
    try (Device device = Software.open("cuda:software:shuffled:bf16x3")) {
      assertEquals(Precision.BF16X3, ((CudaDevice) device).precision());
      assertEquals("cuda:software:shuffled:bf16x3", device.name());
    }
  }

  @ParameterizedTest
  @EnumSource
  void productsOfCublas(Precision precision) {
    try (CudaDevice device = (CudaDevice) Software.open("cuda:software")) {
      device.gemm(GemmChoice.By.CUBLAS);
      device.precision(precision);
      Cublas cublas = device.gemmChoice().cublas();
      check(device, DType.F32, precision, new Maker("cuBLAS", cublas::product));
      if (precision == Precision.F32) {
        check(device, DType.F64, precision, new Maker("cuBLAS", cublas::product));
      }
    }
  }

  /** A ragged shape in each orientation; on two of the devices indices are checked, too. */
  @ParameterizedTest
  @EnumSource
  void everyOrderOfThreadsGivesTheSameBits(Precision precision) {
    List<double[]> first = new ArrayList<>();
    for (String name : CudaDeviceProvider.SOFTWARE) {
      random.setSeed(7);
      int next = 0;
      try (Device device = Software.open(name)) {
        for (ProductTile tile : ProductTile.all(DType.F32, precision)) {
          for (int form = 0; form < 4; form++) {
            int gaps = 4 * (form % Gaps.values().length);
            double[] bits =
                check(device, DType.F32, precision, Maker.of(tile), RAGGED, form + gaps);
            if (name.equals(CudaDeviceProvider.SOFTWARE.getFirst())) {
              first.add(bits);
            }
            assertArrayEquals(first.get(next++), bits, name + " " + tile.kernels());
          }
        }
      }
    }
  }

  @Test
  void productsInF32() {
    check("cuda:software", DType.F32, Precision.F32);
  }

  @Test
  void productsInF64() {
    check("cuda:software", DType.F64, Precision.F32);
  }

  @Test
  void productsOfTf32() {
    check("cuda:software", DType.F32, Precision.TF32);
  }

  @Test
  void productsOfTf32InTwoTerms() {
    check("cuda:software", DType.F32, Precision.TF32X3);
  }

  @Test
  void productsOfBf16() {
    check("cuda:software", DType.F32, Precision.BF16);
  }

  @Test
  void productsOfBf16InTwoTerms() {
    check("cuda:software", DType.F32, Precision.BF16X3);
  }
}
