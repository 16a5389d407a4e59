package dev.evolute.kernels.cpu.f32;

import java.lang.foreign.MemorySegment;

/**
 * All memory of the process as one segment, for loops whose bounds are proven outside.
 *
 * <p>C2 removes the bounds check of an access only where the stride is a constant. With strides
 * that come from the caller, a tile of 4 x 4 vectors spent 24 of its 60 instructions a step on
 * checks, and ran out of integer registers for the lengths and bases. An address masked by {@link
 * #PLACE}, plus a few strides masked by {@link #STEP}, is provably inside this segment, so that
 * nothing is left to check.
 *
 * <p>It is a constant, too: what C2 makes of an access through it does not depend on the kinds of
 * segments and vectors that other code in the JVM used before. With the segments themselves a loop
 * that was fast alone could exceed C2's budget of nodes after others had run; then vectors become
 * objects, and the loop a hundred times slower.
 *
 * <p>Whoever uses it has checked the shape against the buffer and the buffer for being open (all
 * kernels do, in {@code Shapes.home}), and keeps it reachable.
 */
final class Memory {
  @SuppressWarnings("restricted")
  static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  /** Every address that a process can have: 57 bits on today's widest machines. */
  static final long PLACE = (1L << 57) - 1;

  /** Every stride in bytes that a matrix can have. */
  static final long STEP = (1L << 40) - 1;

  /** Not final, so that no compiler takes it for a constant. */
  private static int one = 1;

  private Memory() {}

  /**
   * A loop's step that C2 does not know, and so does not unroll by. Unrolled, a loop of several
   * chains loads chain by chain: a kilobyte of memory in strides of 128 bytes, which the processor
   * does not foresee. A dot product beyond the caches then ran at half of the memory's bandwidth.
   */
  static int unknown(int step) {
    return step * one;
  }

  /** Whether {@link #ALL} reaches the segment: what is on the heap moves. */
  static boolean reaches(MemorySegment segment) {
    return segment.isNative();
  }

  /** The segment to access instead of this one, at {@link #at}. */
  static MemorySegment of(MemorySegment segment) {
    return segment.isNative() ? ALL : segment;
  }

  /** Where byte {@code offset} of the segment stands in {@link #of} it. */
  static long at(MemorySegment segment, long offset) {
    return segment.isNative() ? segment.address() + offset & PLACE : offset;
  }
}
