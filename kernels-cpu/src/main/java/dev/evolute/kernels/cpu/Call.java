package dev.evolute.kernels.cpu;

import java.lang.foreign.MemorySegment;

/**
 * The operands of one kernel call on their way to the workers. A device has one such object for
 * each element type and uses it again for every call, so that a call allocates nothing: a closure
 * over the operands would be an object each time. What the slots mean is said where they are
 * filled, beside the {@link Part} that reads them.
 */
public final class Call implements Workers.Task {
  /** Elements (or work of that size) worth waking a second thread for. */
  private static final long PARALLEL = 131_072;

  /** The kernel on a range of elements, rows or blocks. */
  public interface Part {
    /** Does {@code [from, to)}, reading its operands from the call. */
    void run(Call call, long from, long to);
  }

  public MemorySegment a;
  public MemorySegment b;
  public MemorySegment c;
  public MemorySegment d;
  public MemorySegment e;
  public MemorySegment f;
  public MemorySegment g;
  public MemorySegment h;
  public double alpha;
  public double beta;
  public double gamma;
  public double delta;
  public int m;
  public int n;
  public int k;
  public long stride;

  /** A description the caller made: an activation, the geometry of a convolution. */
  public Object shape;

  /** What {@link #sums} gave. */
  public double[] sums = {};

  /** Further descriptions, for kernels with more operands than there are slots. */
  public final Object[] others = new Object[3];

  private final Workers workers;
  private Part kernel;
  private long count;
  private int parts;

  public Call(Workers workers) {
    this.workers = workers;
  }

  public Call memory(MemorySegment a) {
    this.a = a;
    return this;
  }

  public Call memory(MemorySegment a, MemorySegment b) {
    this.b = b;
    return memory(a);
  }

  public Call memory(MemorySegment a, MemorySegment b, MemorySegment c) {
    this.c = c;
    return memory(a, b);
  }

  public Call memory(MemorySegment a, MemorySegment b, MemorySegment c, MemorySegment d) {
    this.d = d;
    return memory(a, b, c);
  }

  public Call memory(
      MemorySegment a, MemorySegment b, MemorySegment c, MemorySegment d, MemorySegment e) {
    this.e = e;
    return memory(a, b, c, d);
  }

  public Call scalars(double alpha) {
    this.alpha = alpha;
    return this;
  }

  public Call scalars(double alpha, double beta) {
    this.beta = beta;
    return scalars(alpha);
  }

  public Call sizes(int m, int n) {
    this.m = m;
    this.n = n;
    return this;
  }

  /**
   * Room for the partial sums of at least {@code count} blocks, which the caller adds up in order;
   * kept between calls, with what the last one left in it.
   */
  public double[] sums(long count) {
    if (sums.length < count) {
      sums = new double[Math.toIntExact(count)];
    }
    return sums;
  }

  /**
   * Runs a kernel on {@code [0, count)}, in parallel if {@code count * width} elements are many.
   * The ranges depend on the number of threads, so a kernel must not let results depend on them.
   */
  public void split(long count, long width, Part kernel) {
    int wanted = count * width < PARALLEL ? 1 : (int) Math.min(workers.count(), count);
    this.kernel = kernel;
    this.count = count;
    this.parts = Math.max(1, wanted);
    workers.run(wanted, this);
  }

  @Override
  public void run(int part) {
    kernel.run(this, count * part / parts, count * (part + 1) / parts);
  }
}
