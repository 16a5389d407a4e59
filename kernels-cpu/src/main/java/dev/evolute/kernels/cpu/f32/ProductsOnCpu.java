package dev.evolute.kernels.cpu.f32;

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

  @Override
  default void gemm(double alpha, Operand a, Operand b, double beta, Matrix c) {
    Shapes.product("gemm", a, b, c);
    Shapes.home("gemm", this, c.buffer());
    home("gemm", a);
    home("gemm", b);
    Gemm.run(workers(), alpha, a, b, beta, c);
  }

  private void home(String kernel, Operand x) {
    Matrix plain = x instanceof PackedMatrix packed ? packed.source() : (Matrix) x;
    Shapes.home(kernel, this, plain.buffer());
  }
}
