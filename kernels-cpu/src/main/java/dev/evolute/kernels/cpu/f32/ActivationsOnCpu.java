package dev.evolute.kernels.cpu.f32;

import dev.evolute.kernels.Activation;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Shapes;
import dev.evolute.kernels.cpu.Call;
import java.lang.foreign.MemorySegment;

/** Scalar functions applied to every element: checks, and the split over threads. */
interface ActivationsOnCpu extends OnCpu {
  Call.Part ACTIVATION =
      (c, from, to) -> Activations.run((Activation) c.shape, c.a, c.b, c.c, c.d, from, to);

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
}
