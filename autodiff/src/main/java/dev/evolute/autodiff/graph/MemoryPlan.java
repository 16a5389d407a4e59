package dev.evolute.autodiff.graph;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Places buffers in one block of memory so that two share bytes only if they are never alive at the
 * same step. Largest first, each at the lowest free place: within a few per cent of the peak for
 * networks, and simple enough to be believed.
 */
final class MemoryPlan {
  /** Elements between starts: 64 bytes in f32, 128 in f64, so that vectors never straddle lines. */
  private static final long GRAIN = 16;

  /** A buffer alive from step {@code first} to step {@code last}, both included. */
  static final class Slot {
    final long size;
    int first;
    int last;
    long offset = -1;

    private Slot(long size, int first, int last) {
      this.size = (size + GRAIN - 1) / GRAIN * GRAIN;
      this.first = first;
      this.last = last;
    }

    private boolean meets(Slot other) {
      return first <= other.last && other.first <= last;
    }
  }

  private final List<Slot> slots = new ArrayList<>();

  /** A new buffer; its life may still grow until {@link #place}. */
  Slot slot(long size, int first, int last) {
    Slot slot = new Slot(size, first, last);
    slots.add(slot);
    return slot;
  }

  /** Gives every slot its offset; returns the elements needed in all. */
  long place() {
    List<Slot> order = new ArrayList<>(slots);
    order.sort(Comparator.comparingLong((Slot s) -> s.size).reversed());
    List<Slot> placed = new ArrayList<>();
    long total = 0;
    for (Slot slot : order) {
      long at = 0;
      for (Slot other : placed) {
        if (slot.meets(other) && at < other.offset + other.size && other.offset < at + slot.size) {
          at = other.offset + other.size;
        }
      }
      slot.offset = at;
      total = Math.max(total, at + slot.size);
      int index = 0;
      while (index < placed.size() && placed.get(index).offset <= at) {
        index++;
      }
      placed.add(index, slot);
    }
    return total;
  }

  List<Slot> slots() {
    return slots;
  }
}
