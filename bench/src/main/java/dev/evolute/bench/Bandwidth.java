package dev.evolute.bench;

import dev.evolute.bench.duel.Case;
import dev.evolute.bench.duel.Contender;
import dev.evolute.kernels.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.IntConsumer;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The physical limit of memory, beyond the caches: as much as a case of {@link VectorProblem} or
 * {@link FunctionProblem} reads is read and combined by the cheapest operation there is, and what
 * writes is held against a copy. A copy counts what it reads and what it writes, not what the
 * processor reads before it overwrites it.
 */
public final class Bandwidth implements Contender {
  /** Shorter vectors may be in a cache. */
  private static final int SHORTEST = 4_000_000;

  private static final int TRIES = 3;
  private static final VectorSpecies<Long> S = LongVector.SPECIES_PREFERRED;
  private static final int WIDTH = S.vectorByteSize();
  private static final int BLOCK = 8 * WIDTH;

  private Arena arena;
  private MemorySegment x;
  private MemorySegment y;
  private int threads;
  private Together together;
  private double work;

  /** Read by nobody; keeps the reading alive. */
  private volatile long seen;

  @Override
  public String describe() {
    return "reading and copying beyond the caches";
  }

  @Override
  public boolean take(Case which) {
    String[] words = which.what().split(" ");
    int length = Integer.parseInt(words[1]);
    if (length < SHORTEST) {
      return false;
    }
    int bytes = DType.valueOf(which.dtype().toUpperCase(Locale.ROOT)).bytes();
    String name = words[0].toUpperCase(Locale.ROOT);
    VectorProblem.Operation operation =
        Arrays.stream(VectorProblem.Operation.values())
            .filter(value -> value.name().equals(name))
            .findFirst()
            .orElse(null);
    boolean reads = operation != null && operation != VectorProblem.Operation.AXPY;
    boolean two = !reads || operation == VectorProblem.Operation.DOT;
    long size = (long) length * bytes / BLOCK * BLOCK;
    threads = which.threads();
    arena = Arena.ofShared();
    x = arena.allocate(size, 64).fill((byte) 1);
    y = arena.allocate(two ? size : 0, 64).fill((byte) 1);
    together = new Together(threads, reads ? this::read : fasterCopy());
    work = operation == null ? 1e-9 * length : 1e-9 * size * (two ? 2 : 1);
    return true;
  }

  /** The library's copy may write past the caches, or not; a plain loop does not. */
  private IntConsumer fasterCopy() {
    return seconds(this::libraryCopy) < seconds(this::loopCopy)
        ? this::libraryCopy
        : this::loopCopy;
  }

  private double seconds(IntConsumer task) {
    double best = Double.MAX_VALUE;
    try (Together both = new Together(threads, task)) {
      for (int i = 0; i < TRIES; i++) {
        long start = System.nanoTime();
        both.run();
        best = Math.min(best, 1e-9 * (System.nanoTime() - start));
      }
    }
    return best;
  }

  @Override
  public void call() {
    together.run();
  }

  @Override
  public double work() {
    return work;
  }

  @Override
  public void release() {
    together.close();
    arena.close();
  }

  /** Where part {@code number} starts. */
  private long start(int number) {
    return x.byteSize() / BLOCK * number / threads * BLOCK;
  }

  private void libraryCopy(int number) {
    long from = start(number);
    MemorySegment.copy(x, from, y, from, start(number + 1) - from);
  }

  private void loopCopy(int number) {
    copy(x, y, start(number), start(number + 1));
  }

  private void read(int number) {
    long sum = read(x, start(number), start(number + 1));
    if (y.byteSize() > 0) {
      sum ^= read(y, start(number), start(number + 1));
    }
    seen = sum;
  }

  private static void copy(MemorySegment x, MemorySegment y, long from, long to) {
    for (long i = from; i < to; i += WIDTH) {
      load(x, i).intoMemorySegment(y, i, ByteOrder.nativeOrder());
    }
  }

  private static long read(MemorySegment x, long from, long to) {
    LongVector a = LongVector.zero(S);
    LongVector b = a;
    LongVector c = a;
    LongVector d = a;
    LongVector e = a;
    LongVector f = a;
    LongVector g = a;
    LongVector h = a;
    for (long i = from; i < to; i += BLOCK) {
      a = a.or(load(x, i));
      b = b.or(load(x, i + WIDTH));
      c = c.or(load(x, i + 2L * WIDTH));
      d = d.or(load(x, i + 3L * WIDTH));
      e = e.or(load(x, i + 4L * WIDTH));
      f = f.or(load(x, i + 5L * WIDTH));
      g = g.or(load(x, i + 6L * WIDTH));
      h = h.or(load(x, i + 7L * WIDTH));
    }
    return a.or(b).or(c).or(d).or(e).or(f).or(g).or(h).reduceLanes(VectorOperators.OR);
  }

  private static LongVector load(MemorySegment x, long at) {
    return LongVector.fromMemorySegment(S, x, at, ByteOrder.nativeOrder());
  }
}
