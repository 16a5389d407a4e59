package dev.evolute.kernels.cpu.f32;

import dev.evolute.kernels.Activation;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Shapes;
import dev.evolute.kernels.cpu.Call;
import java.lang.foreign.MemorySegment;

/** Scalar functions applied to every element: checks, and the split over threads. */
interface ActivationsOnCpu extends OnCpu {
  Call.Part ACTIVATION =
      (c, from, to) ->
          Activations.run((Activation) c.shape, c.a, from, c.b, c.c, c.d, from, to - from);

  Call.Part BIAS_ACTIVATION =
      (c, from, to) ->
          Activations.biased((Activation) c.shape, c.a, c.b, c.c, c.d, c.e, c.n, from, to);

  Call.Part PRODUCT =
      (c, from, to) ->
          Activations.product((Activation) c.shape, c.a, c.b, (float) c.alpha, c.c, from, to);

  Call.Part PRODUCT_TANGENT =
      (c, from, to) ->
          Activations.productTangent(
              (Activation) c.shape, c.a, c.b, c.c, c.d, (float) c.alpha, c.e, from, to);

  @Override
  default void activation(Activation f, Buffer z, Buffer value, Buffer first, Buffer second) {
    Shapes.home("activation", this, z);
    Call call = call().memory(z.segment(), output(z, value), output(z, first), output(z, second));
    call.shape = f;
    call.split(z.length(), 1, ACTIVATION);
  }

  private MemorySegment output(Buffer z, Buffer out) {
    if (out == null) {
      return null;
    }
    Shapes.home("activation", this, out);
    Shapes.sameLength("activation", z, out);
    return out.segment();
  }

  @Override
  default void biasActivation(
      Activation f, Matrix z, Buffer row, Matrix value, Matrix first, Matrix second) {
    Shapes.home("biasActivation", this, z.buffer());
    Shapes.home("biasActivation", this, row);
    Shapes.row("biasActivation", z, row);
    Shapes.dense("biasActivation", z);
    MemorySegment v = output(z, value);
    MemorySegment d1 = output(z, first);
    MemorySegment d2 = output(z, second);
    Call call = call().memory(z.buffer().segment(), row.segment(), v, d1, d2);
    call.shape = f;
    call.sizes(z.rows(), z.cols()).split(z.rows(), z.cols(), BIAS_ACTIVATION);
  }

  private MemorySegment output(Matrix z, Matrix out) {
    if (out == null) {
      return null;
    }
    Shapes.home("biasActivation", this, out.buffer());
    Shapes.sameShape("biasActivation", z, out);
    Shapes.dense("biasActivation", out);
    return out.buffer().segment();
  }

  @Override
  default void activationProduct(Activation f, Buffer z, Buffer u, double beta, Buffer y) {
    operand("activationProduct", z, z);
    operand("activationProduct", z, u);
    operand("activationProduct", z, y);
    Call call = call().memory(z.segment(), u.segment(), y.segment()).scalars(beta);
    call.shape = f;
    call.split(z.length(), 1, PRODUCT);
  }

  @Override
  default void activationProductTangent(
      Activation f, Buffer z, Buffer u, Buffer dz, Buffer du, double beta, Buffer y) {
    operand("activationProductTangent", z, z);
    operand("activationProductTangent", z, u);
    operand("activationProductTangent", z, dz);
    operand("activationProductTangent", z, du);
    operand("activationProductTangent", z, y);
    Call call =
        call()
            .memory(z.segment(), u.segment(), dz.segment(), du.segment(), y.segment())
            .scalars(beta);
    call.shape = f;
    call.split(z.length(), 1, PRODUCT_TANGENT);
  }

  private void operand(String kernel, Buffer z, Buffer x) {
    Shapes.home(kernel, this, x);
    Shapes.sameLength(kernel, z, x);
  }
}
