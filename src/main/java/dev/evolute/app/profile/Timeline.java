package dev.evolute.app.profile;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/** The calls of kernels and the phases that they are parts of, in the order in which they began. */
public final class Timeline {
  /**
   * Something that calls kernels, such as one Hessian-vector product.
   *
   * @param name what it is
   * @param start in nanoseconds of the timeline's clock
   * @param nanos how long it took, with what the host did between its kernels
   */
  public record Phase(String name, long start, long nanos) {}

  private final LongSupplier clock;
  private final List<KernelCall> calls = new ArrayList<>();
  private final List<Phase> phases = new ArrayList<>();
  private String phase;

  Timeline(LongSupplier clock) {
    this.clock = clock;
  }

  /** Runs something whose kernels are recorded; those outside of phases are not. */
  public void phase(String name, Runnable work) {
    phase = name;
    long start = clock.getAsLong();
    try {
      work.run();
    } finally {
      phase = null;
      phases.add(new Phase(name, start, clock.getAsLong() - start));
    }
  }

  boolean isRecording() {
    return phase != null;
  }

  long now() {
    return clock.getAsLong();
  }

  void add(String kernel, Work work, long start, long end, long launches) {
    calls.add(
        new KernelCall(
            kernel, work.shape(), phase, start, end - start, work.flops(), work.bytes(), launches));
  }

  public List<KernelCall> calls() {
    return List.copyOf(calls);
  }

  public List<Phase> phases() {
    return List.copyOf(phases);
  }
}
