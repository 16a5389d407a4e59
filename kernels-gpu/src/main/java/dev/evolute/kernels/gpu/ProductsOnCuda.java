package dev.evolute.kernels.gpu;

import dev.evolute.kernels.Activation;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Epilogue;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Operand;
import dev.evolute.kernels.PackedMatrix;
import dev.evolute.kernels.Shapes;

/**
 * Matrix products: {@code gemm.cu} or {@link Cublas}, and {@code activations.cu} for what follows
 * one.
 */
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
    product(new Product(1, alpha, plain(a), plain(b), null, null, beta, c, 0, 0, 0, null));
  }

  @Override
  default void gemm(double alpha, Operand a, Operand b, double beta, Matrix c, Epilogue epilogue) {
    check("gemm", a, b, c);
    check("gemm", epilogue, c);
    product(new Product(1, alpha, plain(a), plain(b), null, null, beta, c, 0, 0, 0, epilogue));
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
    Matrix left = plain(d);
    Matrix right = plain(e);
    product(new Product(1, alpha, plain(a), plain(b), left, right, beta, c, 0, 0, 0, epilogue));
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
    product(new Product(count, alpha, a, b, null, null, beta, c, aStep, bStep, cStep, null));
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

  /** Makes a product by whoever is to make it. */
  default void product(Product any) {
    Product p = any.rowMajor();
    if (!p.isEmpty()) {
      GemmChoice choice = ((CudaDevice) device()).gemmChoice();
      if (choice.isCublas(this, p)) {
        choice.cublas().product(this, p);
      } else {
        product(tile(p), p);
      }
    }
  }

  /** A tile that suits the size. */
  default ProductTile tile(Product p) {
    return ProductTile.of(p.m(), p.n(), p.count(), dtype(), ((CudaDevice) device()).precision());
  }

  /** Launches a product that is not empty, with rows of C as they are stored. */
  default void product(ProductTile t, Product p) {
    Matrix a = p.a();
    Matrix b = p.b();
    Matrix c = p.c();
    Epilogue after = p.after();
    Symbol kernel = t.kernel(a.transposed(), b.transposed());
    int rowTiles = Math.ceilDiv(p.m(), t.rows());
    int colTiles = Math.ceilDiv(p.n(), t.cols());
    long blocks = (long) rowTiles * colTiles * p.count();
    int worth = (p.k() + p.k2()) / WORTH_A_PART;
    int parts = blocks >= ProductTile.FEW_BLOCKS ? 1 : Math.clamp(worth, 1, 32);
    long size = (long) p.m() * p.n() * p.count();
    // Doubles hold two floats.
    long shares = parts > 1 ? scratch().shares(Math.ceilDiv(parts * size * dtype().bytes(), 8)) : 0;
    Activation f = after == null ? null : after.activation();
    boolean apart = f != null && !f.piecewiseLinear();
    for (int from = 0, some; from < p.count(); from += some) {
      some = parts > 1 ? p.count() : Math.min(p.count() - from, MOST_PRODUCTS);
      Launcher call = launch(kernel).n(p.m()).n(p.n());
      call.n(p.k());
      place(call, a, false, from * p.aStep(), p.aStep());
      place(call, b, true, from * p.bStep(), p.bStep());
      call.n(p.k2());
      place(call, p.d() == null ? a : p.d(), false, 0, 0);
      place(call, p.e() == null ? b : p.e(), true, 0, 0);
      call.n(p.aStep()).n(p.bStep()).n(p.cStep()).f64(p.alpha()).f64(p.beta());
      result(call, c, from * p.cStep(), p.cStep(), after, apart);
      call.n(some).n(parts).at(shares).on(Math.multiplyExact(rowTiles, colTiles), some * parts, 1);
      if (parts > 1) {
        call.again(PARTS).over(size);
      }
    }
    if (apart) {
      afterProduct(c, null, after);
    }
  }

  /** What follows a product that stands in C, which has had its bias or is given it here. */
  default void afterProduct(Matrix c, Buffer bias, Epilogue after) {
    Activation f = after.activation() == null ? Activation.IDENTITY : after.activation();
    Launcher rest = launch(AFTER_PRODUCT).n(c.rows()).i(c.cols()).i(f.kind().ordinal());
    rest.real(f.slope()).at(bias);
    strided(rest, c);
    strided(rest, after.first());
    strided(rest, after.times());
    strided(rest, after.plus());
    rest.over(OnCuda.size(c));
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
