package dev.evolute.kernels.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Iterator;

/**
 * Large blocks that buffers gave back, kept for the next buffers of about their size. Memory fresh
 * from the system costs a page fault every 4 KiB, and more where the machine is a virtual one: the
 * basis of a Lanczos run of 58 products took a fifth of the run's time, each time anew.
 *
 * <p>A buffer's segment still ends with its arena: whoever closes a buffer can no longer reach its
 * memory, also while it waits here.
 */
final class MemoryPool {
  /** Smaller blocks are the allocator's business, which keeps them itself. */
  private static final long LEAST = 1L << 20;

  /** Bytes that wait here at most. */
  static final long MOST = 512L << 20;

  private record Block(MemorySegment memory, Arena arena) {
    static Block of(long bytes) {
      Arena arena = Arena.ofShared();
      try {
        return new Block(arena.allocate(bytes, CpuDevice.ALIGNMENT), arena);
      } catch (OutOfMemoryError e) {
        arena.close();
        throw e;
      }
    }

    long bytes() {
      return memory.byteSize();
    }

    void free() {
      arena.close();
    }
  }

  /** What waits, longest first. */
  private final ArrayDeque<Block> waiting = new ArrayDeque<>();

  private long bytes;
  private boolean closed;

  /** Zeros that live as long as the arena. */
  @SuppressWarnings("restricted")
  MemorySegment allocate(long size, Arena arena) {
    if (size < LEAST) {
      return arena.allocate(size, CpuDevice.ALIGNMENT);
    }
    Block found = take(size);
    if (found != null) {
      found.memory.asSlice(0, size).fill((byte) 0);
    }
    Block block = found == null ? fresh(size) : found;
    return block.memory.asSlice(0, size).reinterpret(arena, segment -> giveBack(block));
  }

  private Block fresh(long size) {
    try {
      return Block.of(size);
    } catch (OutOfMemoryError e) {
      // What waits here may be what is missing.
      releaseAll();
      return Block.of(size);
    }
  }

  /** The smallest block that is large enough and not a quarter larger, or null. */
  private synchronized Block take(long size) {
    Block best = null;
    for (Block block : waiting) {
      if (block.bytes() >= size
          && block.bytes() <= size + size / 4
          && (best == null || block.bytes() < best.bytes())) {
        best = block;
      }
    }
    if (best != null) {
      waiting.remove(best);
      bytes -= best.bytes();
    }
    return best;
  }

  private synchronized void giveBack(Block block) {
    if (closed || block.bytes() > MOST) {
      block.free();
      return;
    }
    waiting.add(block);
    bytes += block.bytes();
    for (Iterator<Block> oldest = waiting.iterator(); bytes > MOST; ) {
      Block out = oldest.next();
      oldest.remove();
      bytes -= out.bytes();
      out.free();
    }
  }

  private synchronized void releaseAll() {
    waiting.forEach(Block::free);
    waiting.clear();
    bytes = 0;
  }

  /** Frees what waits; what buffers still hold is freed when they close. */
  synchronized void close() {
    closed = true;
    releaseAll();
  }

  /** Bytes that wait for a buffer. */
  synchronized long bytesWaiting() {
    return bytes;
  }
}
