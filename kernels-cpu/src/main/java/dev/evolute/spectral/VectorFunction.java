package dev.evolute.spectral;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.function.BiConsumer;

/**
 * A function {@code y = f(x)} from R^n to R^n that a caller brings: a gradient, a Hessian-vector
 * product. x is read, y is written whole; both are the library's and must not be kept. It runs on
 * the thread that asked for it, and what it throws arrives there.
 *
 * <p>{@link #onSegments} and {@link #onFloatBuffers} see the device's own memory where the host can
 * reach it, else a copy; arrays are copies always.
 */
@FunctionalInterface
public interface VectorFunction {
  /** Writes {@code f(x)} to y; both {@code [n]}, on one device and of one type. */
  void apply(Buffer x, Buffer y);

  /** A function on memory: n elements of the buffers' type, in native order; x is read-only. */
  static VectorFunction onSegments(BiConsumer<MemorySegment, MemorySegment> f) {
    return (x, y) -> {
      try (HostMemory in = HostMemory.of(x);
          HostMemory out = HostMemory.of(y)) {
        in.fetch();
        f.accept(in.segment().asReadOnly(), out.segment());
        out.store();
      }
    };
  }

  /** A function on NIO buffers from 0 to n, for {@link DType#F32} only; x is read-only. */
  static VectorFunction onFloatBuffers(BiConsumer<FloatBuffer, FloatBuffer> f) {
    return (x, y) -> {
      requireSingle("onFloatBuffers", x);
      onSegments((in, out) -> f.accept(floats(in), floats(out))).apply(x, y);
    };
  }

  private static FloatBuffer floats(MemorySegment memory) {
    return memory.asByteBuffer().order(ByteOrder.nativeOrder()).asFloatBuffer();
  }

  /** A function on arrays of length n, for {@link DType#F32} only; x may be changed. */
  static VectorFunction onFloats(BiConsumer<float[], float[]> f) {
    return new VectorFunction() {
      private float[] in = {};
      private float[] out = {};

      @Override
      public void apply(Buffer x, Buffer y) {
        requireSingle("onFloats", x);
        int n = Math.toIntExact(x.length());
        if (in.length != n) {
          in = new float[n];
          out = new float[n];
        }
        onSegments(
                (from, to) -> {
                  MemorySegment.copy(from, ValueLayout.JAVA_FLOAT_UNALIGNED, 0, in, 0, n);
                  f.accept(in, out);
                  MemorySegment.copy(out, 0, to, ValueLayout.JAVA_FLOAT_UNALIGNED, 0, n);
                })
            .apply(x, y);
      }
    };
  }

  /**
   * A function on arrays of length n, for either type: with {@link DType#F32} the result is
   * rounded. x may be changed.
   */
  static VectorFunction onDoubles(BiConsumer<double[], double[]> f) {
    return new VectorFunction() {
      private double[] in = {};
      private double[] out = {};

      @Override
      public void apply(Buffer x, Buffer y) {
        int n = Math.toIntExact(x.length());
        if (in.length != n) {
          in = new double[n];
          out = new double[n];
        }
        x.read(0, in, 0, n);
        f.accept(in, out);
        y.write(0, out, 0, n);
      }
    };
  }

  private static void requireSingle(String what, Buffer x) {
    if (x.dtype() != DType.F32) {
      throw new IllegalArgumentException(
          what + ": the operator is of " + x.dtype() + "; use onDoubles or onSegments with it");
    }
  }
}
