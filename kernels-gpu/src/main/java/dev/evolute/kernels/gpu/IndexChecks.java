package dev.evolute.kernels.gpu;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Shapes;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.stream.IntStream;
import jcuda.Pointer;
import jcuda.driver.JCudaDriver;

/**
 * Whether labels and indices are whole numbers in their range. A kernel finds the first that is
 * not. Inside a recording nobody can wait for it: it leaves what it found in pinned memory, which
 * has one address for host and device, and the host looks there whenever it waits anyway.
 */
final class IndexChecks implements AutoCloseable {
  /** What a check finds where all is well. */
  private static final double NONE = Double.NEGATIVE_INFINITY;

  private static final int PLACES = 4096;

  /** One check: elements of {@code index} belong into {@code [from, to)}. */
  record Check(String kernel, String what, Buffer index, int from, int to) {
    /** Throws where the kernel's finding is an element's place, negated. */
    void verdict(double found) {
      if (found == NONE) {
        return;
      }
      long at = (long) -found;
      throw Shapes.notWhole(kernel, what, at, index.get(at), from, to);
    }
  }

  private final Check[] checks = new Check[PLACES];
  private final Deque<Integer> free = new ArrayDeque<>();
  private final Pointer pinned = new Pointer();
  private final MemorySegment found;
  private int beyond;

  IndexChecks() {
    long bytes = PLACES * JAVA_DOUBLE.byteSize();
    Cuda.check("cuMemHostAlloc", JCudaDriver.cuMemHostAlloc(pinned, bytes, 0));
    found = MemorySegment.ofBuffer(pinned.getByteBuffer(0, bytes));
    IntStream.range(0, PLACES).forEach(free::add);
  }

  /** A place for what the check finds whenever it is made. */
  int take(Check check) {
    Integer place = free.poll();
    if (place == null) {
      throw new Recording.Impossible("there are " + PLACES + " checks of indices already");
    }
    checks[place] = check;
    found.setAtIndex(JAVA_DOUBLE, place, NONE);
    beyond = Math.max(beyond, place + 1);
    return place;
  }

  long address(int place) {
    return found.address() + place * JAVA_DOUBLE.byteSize();
  }

  void give(int place) {
    checks[place] = null;
    free.push(place);
  }

  /** Tells what was found since the last look, the device being done. */
  void look() {
    for (int i = 0; i < beyond; i++) {
      double first = found.getAtIndex(JAVA_DOUBLE, i);
      if (first != NONE && checks[i] != null) {
        found.setAtIndex(JAVA_DOUBLE, i, NONE);
        checks[i].verdict(first);
      }
    }
  }

  @Override
  public void close() {
    JCudaDriver.cuMemFreeHost(pinned);
  }
}
