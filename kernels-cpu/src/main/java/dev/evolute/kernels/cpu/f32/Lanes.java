package dev.evolute.kernels.cpu.f32;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * What the loops over rows share. A loop takes whole vectors first, then the rest one by one with
 * the same operations, so that an element's bits do not depend on where a range ends. Its vector
 * part calls nothing but the Vector API, which C2 always inlines: a vector handed to another method
 * becomes an object wherever C2 decides not to inline that one.
 */
final class Lanes {
  static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  static final int L = S.length();
  static final ValueLayout.OfFloat E = ValueLayout.JAVA_FLOAT_UNALIGNED;
  static final long BYTES = Float.BYTES;
  static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

  /**
   * Deliberately not final: C2 cannot inline what is called through it. So the loop over exp is
   * always compiled by itself, with room for all of it; inlined behind other vector code it passes
   * C2's limit of 18,000 nodes half-way, and every vector becomes an object.
   */
  private static MethodHandle exp = handle();

  private Lanes() {}

  private static MethodHandle handle() {
    try {
      MethodType type = MethodType.methodType(void.class, float[].class, int.class);
      return MethodHandles.lookup().findStatic(Lanes.class, "exponentials", type);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  static float get(MemorySegment x, long i) {
    return x.get(E, i * BYTES);
  }

  static void put(float value, MemorySegment x, long i) {
    x.set(E, i * BYTES, value);
  }

  /** {@code x_i = value + beta x_i}; with {@code beta = 0}, x is never read. */
  static void put(float value, float beta, MemorySegment x, long i) {
    put(beta == 0 ? value : Math.fma(get(x, i), beta, value), x, i);
  }

  /**
   * The sum of the lanes, one by one: reduceLanes adds them in another order once it is compiled.
   *
   * @param room at least as long as the vector
   */
  static double across(DoubleVector x, double[] room) {
    x.intoArray(room, 0);
    double sum = 0;
    for (int lane = 0; lane < Wide.L; lane++) {
      sum += room[lane];
    }
    return sum;
  }

  /** {@code x = exp(x)} on whole vectors that hold the first {@code count} elements. */
  static void exp(float[] x, int count) {
    try {
      exp.invokeExact(x, count);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static void exponentials(float[] x, int count) {
    for (int i = 0; i < count; i += L) {
      VectorMath.exp(FloatVector.fromArray(S, x, i)).intoArray(x, i);
    }
  }
}
