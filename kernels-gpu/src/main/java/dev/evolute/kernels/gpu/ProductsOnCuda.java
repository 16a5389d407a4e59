package dev.evolute.kernels.gpu;

import dev.evolute.kernels.Activation;
import dev.evolute.kernels.Epilogue;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Operand;
import dev.evolute.kernels.PackedMatrix;
import dev.evolute.kernels.Shapes;

/** Matrix products: {@code gemm.cu}, and {@code activations.cu} for what follows one. */
interface ProductsOnCuda extends OnCuda {
  Symbol PARTS = Symbol.of("gemm", "gemmParts");
  Symbol AFTER_PRODUCT = Symbol.of("activations", "afterProduct");

  /** Bytes that a kernel brings at once from where they are so aligned. */
  int PACK = 16;

  /** Where there are few blocks: the length of k that is worth a part. */
  int WORTH_A_PART = 256;

  /** Products of a batch that one launch takes: parts times these are the grid's second extent. */
  int MOST_PRODUCTS = 4096;

  @Override
  default PackedMatrix pack(Matrix b) {
    Shapes.home("pack", this, b.buffer());
    return new CudaPacked(this, b);
  }

  @Override
  default void gemm(double alpha, Operand a, Operand b, double beta, Matrix c) {
    check("gemm", a, b, c);
    product(null, 1, alpha, a, b, null, null, beta, c, 0, 0, 0, null);
  }

  @Override
  default void gemm(double alpha, Operand a, Operand b, double beta, Matrix c, Epilogue epilogue) {
    check("gemm", a, b, c);
    check("gemm", epilogue, c);
    product(null, 1, alpha, a, b, null, null, beta, c, 0, 0, 0, epilogue);
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
    product(null, 1, alpha, a, b, d, e, beta, c, 0, 0, 0, epilogue);
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
    product(null, count, alpha, a, b, null, null, beta, c, aStep, bStep, cStep, null);
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

  /**
   * Launches a product.
   *
   * @param tile null for one that suits its size
   */
  default void product(
      ProductTile tile,
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
      product(
          tile, count, alpha, b.t(), a.t(), t(e), t(d), beta, c.t(), bStep, aStep, cStep, after);
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
    ProductTile t = tile;
    if (t == null) {
      t = ProductTile.of(m, n, count, dtype(), ((CudaDevice) device()).precision());
    }
    Symbol kernel = t.kernel(plain(a).transposed(), plain(b).transposed());
    int rowTiles = Math.ceilDiv(m, t.rows());
    int colTiles = Math.ceilDiv(n, t.cols());
    long blocks = (long) rowTiles * colTiles * count;
    int parts = blocks >= ProductTile.FEW_BLOCKS ? 1 : Math.clamp((k + k2) / WORTH_A_PART, 1, 32);
    long shares = 0;
    if (parts > 1) {
      // Doubles hold two floats.
      shares = scratch().shares(Math.ceilDiv((long) parts * count * m * n * dtype().bytes(), 8));
    }
    Activation f = after == null ? null : after.activation();
    boolean apart = f != null && !f.piecewiseLinear();
    for (int from = 0, some; from < count; from += some) {
      some = parts > 1 ? count : Math.min(count - from, MOST_PRODUCTS);
      Launcher call = launch(kernel).n(m).n(n);
      call.n(k);
      place(call, plain(a), false, from * aStep, aStep);
      place(call, plain(b), true, from * bStep, bStep);
      call.n(k2);
      place(call, plain(d == null ? a : d), false, 0, 0);
      place(call, plain(e == null ? b : e), true, 0, 0);
      call.n(aStep).n(bStep).n(cStep).f64(alpha).f64(beta);
      result(call, c, from * cStep, cStep, after, apart);
      call.n(some).n(parts).at(shares).on(Math.multiplyExact(rowTiles, colTiles), some * parts, 1);
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

  /**
   * An operand: its address, the steps to its next row (of the right one, column) and along k, and
   * whether packs of neighbours are aligned in all products of a batch.
   */
  private void place(Launcher call, Matrix x, boolean isRight, long skip, long step) {
    long address = ((CudaBuffer) x.buffer()).address() + skip * dtype().bytes();
    boolean alongK = x.transposed() == isRight;
    call.at(address).n(alongK ? x.stride() : 1).n(alongK ? 1 : x.stride());
    call.n(aligned(address, x.stride(), step));
  }

  private long aligned(long address, long stride, long step) {
    long bytes = dtype().bytes();
    return address % PACK == 0 && stride * bytes % PACK == 0 && step * bytes % PACK == 0 ? 1 : 0;
  }

  /** C and what follows; where the function is curved all after the bias comes later. */
  private void result(
      Launcher call, Matrix c, long skip, long step, Epilogue after, boolean apart) {
    long address = ((CudaBuffer) c.buffer()).address() + skip * dtype().bytes();
    call.at(address).n(c.stride()).n(aligned(address, c.stride(), step));
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
}
