package dev.evolute.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Memory that buffers gave back: used again, as zeros, by nobody else, and not without end. */
class MemoryPoolTest {
  private static final long MIB = 1L << 20;

  private final MemoryPool pool = new MemoryPool();

  @AfterEach
  void close() {
    pool.close();
  }

  private long addressOf(long bytes) {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment segment = pool.allocate(bytes, arena);
      assertEquals(bytes, segment.byteSize());
      assertEquals(-1, segment.mismatch(MemorySegment.ofArray(new byte[(int) bytes])));
      segment.fill((byte) 7);
      return segment.address();
    }
  }

  @Test
  void aBlockGoesToTheNextOfAboutItsSizeAsZeros() {
    long first = addressOf(4 * MIB);
    assertEquals(4 * MIB, pool.bytesWaiting());
    assertEquals(first, addressOf(4 * MIB));
    assertEquals(first, addressOf(4 * MIB - 24));
    assertNotEquals(first, addressOf(4 * MIB + 1));
    assertNotEquals(first, addressOf(3 * MIB));
  }

  @Test
  void nobodySharesOrReachesWhatWaits() {
    MemorySegment gone;
    try (Arena one = Arena.ofShared();
        Arena two = Arena.ofShared()) {
      gone = pool.allocate(2 * MIB, one);
      MemorySegment other = pool.allocate(2 * MIB, two);
      assertTrue(gone.asOverlappingSlice(other).isEmpty());
      assertEquals(0, pool.bytesWaiting());
    }
    assertEquals(4 * MIB, pool.bytesWaiting());
    assertThrows(IllegalStateException.class, () -> gone.get(ValueLayout.JAVA_BYTE, 0));
    try (Arena three = Arena.ofShared()) {
      pool.allocate(2 * MIB, three);
      assertThrows(IllegalStateException.class, () -> gone.get(ValueLayout.JAVA_BYTE, 0));
    }
  }

  @Test
  void whatWaitedLongestGoesFirst() {
    long part = MemoryPool.MOST / 2;
    try (Arena one = Arena.ofShared()) {
      pool.allocate(part, one);
    }
    try (Arena two = Arena.ofShared();
        Arena three = Arena.ofShared()) {
      pool.allocate(2 * part, two);
      pool.allocate(MIB, three);
    }
    // Closed in reverse: 1 MiB came, then a block that fills the pool alone.
    assertEquals(2 * part, pool.bytesWaiting());
  }

  @Test
  void whatIsLargerThanThePoolDrivesNothingOut() {
    addressOf(2 * MIB);
    try (Arena arena = Arena.ofShared()) {
      pool.allocate(MemoryPool.MOST + MIB, arena);
    }
    assertEquals(2 * MIB, pool.bytesWaiting());
  }

  @Test
  void smallBlocksAndThoseOfAClosedPoolAreFreedAtOnce() {
    addressOf(MIB - 8);
    assertEquals(0, pool.bytesWaiting());
    try (Arena arena = Arena.ofShared()) {
      pool.allocate(2 * MIB, arena);
      pool.close();
    }
    assertEquals(0, pool.bytesWaiting());
  }
}
