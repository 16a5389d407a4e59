package dev.evolute.kernels.cpu.f32;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Loads f32 elements as doubles and stores doubles rounded to f32: the one place where f32 and f64
 * sums differ (hand-written twin).
 */
final class Wide {
  static final VectorSpecies<Double> S = DoubleVector.SPECIES_PREFERRED;
  static final int L = S.length();

  /** As many floats as S has lanes. */
  private static final VectorSpecies<Float> HALF =
      VectorSpecies.of(float.class, VectorShape.forBitSize(L * Float.SIZE));

  private Wide() {}

  static DoubleVector load(MemorySegment x, long i) {
    return (DoubleVector)
        FloatVector.fromMemorySegment(
                HALF, Memory.of(x), Memory.at(x, i * Float.BYTES), ByteOrder.LITTLE_ENDIAN)
            .convertShape(VectorOperators.F2D, S, 0);
  }

  /** From an address, in memory that is alive: {@link Memory}. */
  static DoubleVector at(long address) {
    return (DoubleVector)
        FloatVector.fromMemorySegment(
                HALF, Memory.ALL, address & Memory.PLACE, ByteOrder.LITTLE_ENDIAN)
            .convertShape(VectorOperators.F2D, S, 0);
  }

  static void store(DoubleVector v, MemorySegment x, long i) {
    ((FloatVector) v.convertShape(VectorOperators.D2F, HALF, 0))
        .intoMemorySegment(Memory.of(x), Memory.at(x, i * Float.BYTES), ByteOrder.LITTLE_ENDIAN);
  }
}
