package dev.evolute.kernels.gpu;

import dev.evolute.kernels.Activation;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Shapes;

/** Scalar functions applied to every element: {@code activations.cu}. */
interface ActivationsOnCuda extends OnCuda {
  Symbol ACTIVATION = Symbol.of("activations", "activation");
  Symbol PRODUCT = Symbol.of("activations", "activationProduct");

  @Override
  default void activation(Activation f, Buffer z, Buffer value, Buffer first, Buffer second) {
    alike("activation", z, value, first, second);
    run(f, z.length(), 1, z, null, value, first, second);
  }

  @Override
  default void biasActivation(
      Activation f, Matrix z, Buffer row, Matrix value, Matrix first, Matrix second) {
    alike("biasActivation", z, value, first, second);
    home("biasActivation", row);
    Shapes.row("biasActivation", z, row);
    Buffer v = OnCuda.buffer(value);
    run(f, z.rows(), z.cols(), z.buffer(), row, v, OnCuda.buffer(first), OnCuda.buffer(second));
  }

  private void run(
      Activation f,
      long rows,
      int cols,
      Buffer z,
      Buffer row,
      Buffer value,
      Buffer first,
      Buffer second) {
    Launcher call = launch(ACTIVATION).n(rows).i(cols).i(f.kind().ordinal()).real(f.slope());
    call.at(z).at(row).at(value).at(first).at(second).over(rows * cols);
  }

  @Override
  default void activationProduct(Activation f, Buffer z, Buffer u, double beta, Buffer y) {
    alike("activationProduct", z, u, y);
    product(f, z, u, null, null, beta, y);
  }

  @Override
  default void activationProductTangent(
      Activation f, Buffer z, Buffer u, Buffer dz, Buffer du, double beta, Buffer y) {
    alike("activationProductTangent", z, u, dz, du, y);
    product(f, z, u, dz, du, beta, y);
  }

  private void product(
      Activation f, Buffer z, Buffer u, Buffer dz, Buffer du, double beta, Buffer y) {
    Launcher call = launch(PRODUCT).n(z.length()).i(f.kind().ordinal()).real(f.slope());
    call.at(z).at(u).at(dz).at(du).real(beta).at(y).over(z.length());
  }
}
