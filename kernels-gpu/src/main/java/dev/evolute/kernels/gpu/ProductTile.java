package dev.evolute.kernels.gpu;

import dev.evolute.kernels.DType;
import dev.evolute.kernels.Precision;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The part of a product that a block computes, and the kernels that do so, by how the operands are
 * stored: NN, NT, TN, TT, where T stands for a transposed view.
 *
 * @param kernels four, or one for all
 * @param rows of the result
 * @param cols of the result
 */
record ProductTile(List<Symbol> kernels, int rows, int cols) {
  private static final ProductTile LARGE_F32 = of("gemm", "gemmLarge", 128, 128);
  private static final ProductTile LARGE_F64 = of("gemm", "gemmLarge", 128, 64);
  private static final ProductTile MEDIUM = of("gemm", "gemmMedium", 64, 64);
  private static final ProductTile SMALL =
      new ProductTile(List.of(Symbol.of("gemm", "gemmSmall")), 32, 32);

  /** On tensor cores, by {@link Precision}. */
  private static final List<ProductTile> LARGE_TENSOR = onTensorCores("Large", 128);

  private static final List<ProductTile> MEDIUM_TENSOR = onTensorCores("Medium", 64);

  /** Blocks below which a device is not full. */
  static final int FEW_BLOCKS = 128;

  private static ProductTile of(String family, String name, int rows, int cols) {
    List<Symbol> kernels = new ArrayList<>();
    for (String stored : List.of("NN", "NT", "TN", "TT")) {
      kernels.add(Symbol.of(family, name + stored));
    }
    return new ProductTile(kernels, rows, cols);
  }

  private static List<ProductTile> onTensorCores(String size, int edge) {
    List<ProductTile> tiles = new ArrayList<>();
    for (Precision precision : Precision.values()) {
      // As exact with half of the products.
      Precision own = precision == Precision.BF16X6 ? Precision.TF32X3 : precision;
      String family = own.name().toLowerCase(Locale.ROOT);
      tiles.add(precision == Precision.F32 ? null : of(family, family + size, edge, edge));
    }
    return tiles;
  }

  /** All that there are for a type and precision, the largest first. */
  static List<ProductTile> all(DType dtype, Precision precision) {
    int p = precision.ordinal();
    if (dtype == DType.F32 && precision != Precision.F32) {
      return List.of(LARGE_TENSOR.get(p), MEDIUM_TENSOR.get(p));
    }
    return List.of(dtype == DType.F32 ? LARGE_F32 : LARGE_F64, MEDIUM, SMALL);
  }

  /**
   * Large tiles where there are enough of them, small ones where others would stand empty; these
   * are on ordinary cores whatever the precision.
   */
  static ProductTile of(int m, int n, int count, DType dtype, Precision precision) {
    if (Math.min(m, n) <= SMALL.rows) {
      return SMALL;
    }
    boolean tensor = dtype == DType.F32 && precision != Precision.F32;
    int p = precision.ordinal();
    ProductTile large = tensor ? LARGE_TENSOR.get(p) : dtype == DType.F32 ? LARGE_F32 : LARGE_F64;
    long tiles = (long) count * (m / large.rows) * (n / large.cols);
    return tiles >= FEW_BLOCKS ? large : tensor ? MEDIUM_TENSOR.get(p) : MEDIUM;
  }

  Symbol kernel(boolean leftTransposed, boolean rightTransposed) {
    return kernels.size() == 1
        ? kernels.getFirst()
        : kernels.get((leftTransposed ? 2 : 0) + (rightTransposed ? 1 : 0));
  }
}
