package dev.evolute.kernels.gpu;

import dev.evolute.kernels.Activation;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Epilogue;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Operand;
import dev.evolute.kernels.PackedMatrix;
import dev.evolute.kernels.Shapes;

/** Matrix products: {@code gemm.cu}, and {@code activations.cu} for what follows one. */
interface ProductsOnCuda extends OnCuda {
  Symbol LARGE = Symbol.of("gemm", "gemmLarge");
  Symbol MEDIUM = Symbol.of("gemm", "gemmMedium");
  Symbol SMALL = Symbol.of("gemm", "gemmSmall");
  Symbol PARTS = Symbol.of("gemm", "gemmParts");
  Symbol AFTER_PRODUCT = Symbol.of("activations", "afterProduct");

  /** Blocks below which k is cut into parts, and the length of k that is worth a part. */
  int FEW_BLOCKS = 128;

  int WORTH_A_PART = 256;

  /** Products of a batch that one launch takes: parts times these are the grid's third extent. */
  int MOST_PRODUCTS = 4096;

  @Override
  default PackedMatrix pack(Matrix b) {
    Shapes.home("pack", this, b.buffer());
    return new CudaPacked(this, b);
  }

  @Override
  default void gemm(double alpha, Operand a, Operand b, double beta, Matrix c) {
    check("gemm", a, b, c);
    product(1, alpha, a, b, null, null, beta, c, 0, 0, 0, null);
  }

  @Override
  default void gemm(double alpha, Operand a, Operand b, double beta, Matrix c, Epilogue epilogue) {
    check("gemm", a, b, c);
    check("gemm", epilogue, c);
    product(1, alpha, a, b, null, null, beta, c, 0, 0, 0, epilogue);
  }

  @Override
  default void gemmPair(
      double alpha,
      Operand a,
      Operand b,
      Operand d,
      Operand e,
      double beta,
      Matrix c,
      Epilogue epilogue) {
    check("gemmPair", a, b, c);
    check("gemmPair", d, e, c);
    if (epilogue != null) {
      check("gemmPair", epilogue, c);
    }
    product(1, alpha, a, b, d, e, beta, c, 0, 0, 0, epilogue);
  }

  @Override
  default void gemmBatch(
      int count,
      double alpha,
      Matrix a,
      long aStep,
      Matrix b,
      long bStep,
      double beta,
      Matrix c,
      long cStep) {
    check("gemmBatch", a, b, c);
    Shapes.batch("gemmBatch", count, a, aStep);
    Shapes.batch("gemmBatch", count, b, bStep);
    Shapes.batch("gemmBatch", count, c, cStep);
    product(count, alpha, a, b, null, null, beta, c, aStep, bStep, cStep, null);
  }

  private void check(String kernel, Operand a, Operand b, Matrix c) {
    Shapes.product(kernel, a, b, c);
    home(kernel, c.buffer(), plain(a).buffer(), plain(b).buffer());
  }

  private void check(String kernel, Epilogue e, Matrix c) {
    Shapes.epilogue(kernel, e, c);
    home(kernel, e.bias(), OnCuda.buffer(e.first()), OnCuda.buffer(e.times()));
    home(kernel, OnCuda.buffer(e.plus()));
  }

  /** What is read: the matrix, or the copy that was packed. */
  private static Matrix plain(Operand x) {
    return x instanceof CudaPacked packed ? packed.copy() : (Matrix) x;
  }

  private void product(
      int count,
      double alpha,
      Operand a,
      Operand b,
      Operand d,
      Operand e,
      double beta,
      Matrix c,
      long aStep,
      long bStep,
      long cStep,
      Epilogue after) {
    if (c.transposed()) {
      // C^T = B^T A^T, and E^T D^T
      product(count, alpha, b.t(), a.t(), t(e), t(d), beta, c.t(), bStep, aStep, cStep, after);
      return;
    }
    int m = c.rows();
    int n = c.cols();
    if (m == 0 || n == 0 || count == 0) {
      return;
    }
    // With alpha 0 the operands are not read.
    int k = alpha == 0 ? 0 : a.cols();
    int k2 = alpha == 0 || d == null ? 0 : d.cols();
    Tile tile = Tile.of(m, n, count, dtype());
    int rowTiles = Math.ceilDiv(m, tile.rows());
    int colTiles = Math.ceilDiv(n, tile.cols());
    long blocks = (long) rowTiles * colTiles * count;
    int parts = blocks >= FEW_BLOCKS ? 1 : Math.clamp((k + k2) / WORTH_A_PART, 1, 32);
    long shares = 0;
    if (parts > 1) {
      // Doubles hold two floats.
      shares = scratch().shares(Math.ceilDiv((long) parts * count * m * n * dtype().bytes(), 8));
    }
    Activation f = after == null ? null : after.activation();
    boolean apart = f != null && !f.piecewiseLinear();
    for (int from = 0, some; from < count; from += some) {
      some = parts > 1 ? count : Math.min(count - from, MOST_PRODUCTS);
      Launcher call = launch(tile.kernel()).n(m).n(n);
      operands(call, k, a, b, from * aStep, from * bStep);
      operands(call, k2, d == null ? a : d, e == null ? b : e, 0, 0);
      call.n(aStep).n(bStep).n(cStep).f64(alpha).f64(beta);
      result(call, c, from * cStep, after, apart);
      call.n(some).n(parts).at(shares).on(colTiles, rowTiles, some * parts);
      if (parts > 1) {
        call.again(PARTS).over((long) m * n * count);
      }
    }
    if (apart) {
      Launcher rest = launch(AFTER_PRODUCT).n(m).i(n).i(f.kind().ordinal()).real(f.slope());
      strided(rest, c);
      strided(rest, after.first());
      strided(rest, after.times());
      strided(rest, after.plus());
      rest.over((long) m * n);
    }
  }

  private static Operand t(Operand x) {
    return x == null ? null : x.t();
  }

  private void operands(Launcher call, int k, Operand a, Operand b, long skipA, long skipB) {
    Matrix left = plain(a);
    Matrix right = plain(b);
    call.n(k);
    place(call, left, skipA);
    place(call, right, skipB);
  }

  /** The address of a matrix, and the steps to the next row and column. */
  private void place(Launcher call, Matrix x, long skip) {
    call.at(((CudaBuffer) x.buffer()).address() + skip * dtype().bytes());
    call.n(x.transposed() ? 1 : x.stride()).n(x.transposed() ? x.stride() : 1);
  }

  /** C and what follows; where the function is curved all after the bias comes later. */
  private void result(Launcher call, Matrix c, long skip, Epilogue after, boolean apart) {
    call.at(((CudaBuffer) c.buffer()).address() + skip * dtype().bytes()).n(c.stride());
    call.at(after == null ? null : after.bias());
    boolean here = after != null && !apart;
    Activation f = here ? after.activation() : null;
    call.n(f == null ? 0 : 1);
    call.f64(f == null ? 0 : slope(f));
    strided(call, here ? after.first() : null);
    strided(call, here ? after.times() : null);
    strided(call, here ? after.plus() : null);
  }

  /** Left of 0, of a piecewise linear function. */
  private static double slope(Activation f) {
    return f.kind() == Activation.Kind.IDENTITY ? 1 : f.slope();
  }

  private static void strided(Launcher call, Matrix x) {
    call.at(OnCuda.buffer(x)).n(x == null ? 0 : x.stride());
  }

  /** Which kernel, and the part of the result that a block of it computes. */
  record Tile(Symbol kernel, int rows, int cols) {
    private static final Tile SINGLE = new Tile(LARGE, 128, 128);
    private static final Tile DOUBLE = new Tile(LARGE, 128, 64);
    private static final Tile OF_64 = new Tile(MEDIUM, 64, 64);
    private static final Tile OF_32 = new Tile(SMALL, 32, 32);

    /** Large tiles where there are enough of them, small ones where others would stand empty. */
    static Tile of(int m, int n, int count, DType dtype) {
      Tile large = dtype == DType.F32 ? SINGLE : DOUBLE;
      long tiles = (long) count * (m / large.rows) * (n / large.cols);
      if (tiles >= FEW_BLOCKS) {
        return large;
      }
      return Math.min(m, n) > 32 ? OF_64 : OF_32;
    }
  }
}
