package dev.evolute.kernels.cpu.f64;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Loads and stores f64 elements as doubles: the one place where f32 and f64 sums differ
 * (hand-written twin).
 */
final class Wide {
  static final VectorSpecies<Double> S = DoubleVector.SPECIES_PREFERRED;
  static final int L = S.length();

  private Wide() {}

  static DoubleVector load(MemorySegment x, long i) {
    return DoubleVector.fromMemorySegment(
        S, Memory.of(x), Memory.at(x, i * Double.BYTES), ByteOrder.LITTLE_ENDIAN);
  }

  /** From an address, in memory that is alive: {@link Memory}. */
  static DoubleVector at(long address) {
    return DoubleVector.fromMemorySegment(
        S, Memory.ALL, address & Memory.PLACE, ByteOrder.LITTLE_ENDIAN);
  }

  static void store(DoubleVector v, MemorySegment x, long i) {
    v.intoMemorySegment(Memory.of(x), Memory.at(x, i * Double.BYTES), ByteOrder.LITTLE_ENDIAN);
  }
}
