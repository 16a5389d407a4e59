package dev.evolute.kernels.cpu.f32;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Epilogue;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Operand;
import dev.evolute.kernels.PackedMatrix;
import dev.evolute.kernels.Shapes;

/** Matrix products: checks, and the split over threads. */
interface ProductsOnCpu extends OnCpu {
  @Override
  default PackedMatrix pack(Matrix b) {
    Shapes.home("pack", this, b.buffer());
    return new Packed(b);
  }

  /** The product that is running; a device is used by one thread at a time. */
  Gemm product();

  @Override
  default void gemm(double alpha, Operand a, Operand b, double beta, Matrix c) {
    check("gemm", a, b, c);
    product().run(alpha, a, b, null, null, beta, c, null);
  }

  @Override
  default void gemm(double alpha, Operand a, Operand b, double beta, Matrix c, Epilogue epilogue) {
    check("gemm", a, b, c);
    check("gemm", epilogue, c);
    product().run(alpha, a, b, null, null, beta, c, epilogue);
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
    product().run(alpha, a, b, d, e, beta, c, epilogue);
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
    product().batch(count, alpha, a, aStep, b, bStep, beta, c, cStep);
  }

  private void check(String kernel, Operand a, Operand b, Matrix c) {
    Shapes.product(kernel, a, b, c);
    Shapes.home(kernel, this, c.buffer());
    home(kernel, a);
    home(kernel, b);
  }

  private void home(String kernel, Operand x) {
    Matrix plain = x instanceof PackedMatrix packed ? packed.source() : (Matrix) x;
    Shapes.home(kernel, this, plain.buffer());
  }

  private void check(String kernel, Epilogue e, Matrix c) {
    Shapes.epilogue(kernel, e, c);
    home(kernel, e.bias());
    home(kernel, e.first());
    home(kernel, e.times());
    home(kernel, e.plus());
  }

  private void home(String kernel, Matrix x) {
    home(kernel, x == null ? null : x.buffer());
  }

  private void home(String kernel, Buffer x) {
    if (x != null) {
      Shapes.home(kernel, this, x);
    }
  }
}
