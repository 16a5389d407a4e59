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
 * <p>Whoever passes an address from here on has checked the shape against the buffer and the buffer
 * for being open, and keeps it reachable.
 */
final class Memory {
  @SuppressWarnings("restricted")
  static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  /** Every address that a process can have: 57 bits on today's widest machines. */
  static final long PLACE = (1L << 57) - 1;

  /** Every stride in bytes that a matrix can have. */
  static final long STEP = (1L << 40) - 1;

  private Memory() {}

  /** Whether {@link #ALL} reaches the segment: what is on the heap moves. */
  static boolean reaches(MemorySegment segment) {
    return segment.isNative();
  }

  /** The first byte's address of memory that is open. */
  static long address(String kernel, MemorySegment segment) {
    if (!segment.scope().isAlive()) {
      throw new IllegalStateException(
          kernel + ": a buffer was closed before this call; keep its owner open until then");
    }
    return segment.address();
  }
}
