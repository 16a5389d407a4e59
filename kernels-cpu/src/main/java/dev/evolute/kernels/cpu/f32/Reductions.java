package dev.evolute.kernels.cpu.f32;

import dev.evolute.kernels.cpu.Workers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.DoubleVector;

/**
 * Sums accumulated in fp64. A sum is cut into blocks of fixed length whose partial sums are added
 * in order, so that it does not depend on the number of threads, and lanes are added one by one,
 * since reduceLanes adds them in another order once it is compiled. Bound by memory bandwidth.
 */
final class Reductions {
  private static final ValueLayout.OfFloat E = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final long BYTES = Float.BYTES;

  /** Elements a block: long enough to hide the hand-over, short enough to share out. */
  private static final int BLOCK = 32_768;

  /** Elements of y that {@link #combine} keeps in L1 while every row passes over them. */
  private static final int CHUNK = 1024;

  private static final ThreadLocal<double[]> SCRATCH =
      ThreadLocal.withInitial(() -> new double[CHUNK]);

  private Reductions() {}

  /** {@code <x, y>} over n elements. */
  static double dot(Workers workers, MemorySegment x, MemorySegment y, long n) {
    int blocks = (int) ((n + BLOCK - 1) / BLOCK);
    int parts = Math.min(workers.count(), blocks);
    if (parts <= 1) {
      return rowDot(x, 0, y, n);
    }
    double[] partial = new double[blocks];
    workers.run(
        parts,
        part -> {
          for (int b = part; b < blocks; b += parts) {
            long from = (long) b * BLOCK;
            partial[b] = dot(x, from, y, from, Math.min(n, from + BLOCK));
          }
        });
    double sum = 0;
    for (double p : partial) {
      sum += p;
    }
    return sum;
  }

  /** {@code <x[xFrom ..], y[from .. to)>}; four chains hide the latency of the addition. */
  private static double dot(MemorySegment x, long xFrom, MemorySegment y, long from, long to) {
    DoubleVector s0 = DoubleVector.zero(Wide.S);
    DoubleVector s1 = s0;
    DoubleVector s2 = s0;
    DoubleVector s3 = s0;
    int step = Wide.L;
    long shift = xFrom - from;
    long i = from;
    for (; i <= to - 4L * step; i += 4L * step) {
      s0 = Wide.load(x, i + shift).fma(Wide.load(y, i), s0);
      s1 = Wide.load(x, i + shift + step).fma(Wide.load(y, i + step), s1);
      s2 = Wide.load(x, i + shift + 2 * step).fma(Wide.load(y, i + 2 * step), s2);
      s3 = Wide.load(x, i + shift + 3 * step).fma(Wide.load(y, i + 3 * step), s3);
    }
    double[] lanes = SCRATCH.get();
    s0.add(s1).add(s2.add(s3)).intoArray(lanes, 0);
    double sum = 0;
    for (int lane = 0; lane < step; lane++) {
      sum += lanes[lane];
    }
    for (; i < to; i++) {
      sum += (double) x.get(E, (i + shift) * BYTES) * y.get(E, i * BYTES);
    }
    return sum;
  }

  /** {@code c_j = <v_j, x>} over k rows of n elements, {@code stride} apart. */
  static void dots(
      Workers workers, MemorySegment v, int k, long stride, MemorySegment x, long n, double[] c) {
    if (k * n < BLOCK || workers.count() == 1) {
      for (int j = 0; j < k; j++) {
        c[j] = rowDot(v, j * stride, x, n);
      }
      return;
    }
    int parts = Math.min(workers.count(), k);
    workers.run(
        parts,
        part -> {
          for (int j = part; j < k; j += parts) {
            c[j] = rowDot(v, j * stride, x, n);
          }
        });
  }

  private static double rowDot(MemorySegment v, long at, MemorySegment x, long n) {
    double sum = 0;
    for (long from = 0; from < n; from += BLOCK) {
      sum += dot(v, at + from, x, from, Math.min(n, from + BLOCK));
    }
    return sum;
  }

  /** {@code y = y + sum_j c_j v_j} on elements {@code [from, to)}; y is rounded once. */
  static void combine(
      double[] c, MemorySegment v, int k, long stride, MemorySegment y, long from, long to) {
    double[] sums = SCRATCH.get();
    for (long base = from; base < to; base += CHUNK) {
      int count = (int) Math.min(CHUNK, to - base);
      for (int i = 0; i < count; i++) {
        sums[i] = y.get(E, (base + i) * BYTES);
      }
      for (int j = 0; j < k; j++) {
        addRow(c[j], v, j * stride + base, sums, count);
      }
      for (int i = 0; i < count; i++) {
        y.set(E, (base + i) * BYTES, (float) sums[i]);
      }
    }
  }

  private static void addRow(double c, MemorySegment v, long at, double[] sums, int count) {
    DoubleVector factor = DoubleVector.broadcast(Wide.S, c);
    int i = 0;
    for (; i <= count - Wide.L; i += Wide.L) {
      DoubleVector sum = DoubleVector.fromArray(Wide.S, sums, i);
      Wide.load(v, at + i).fma(factor, sum).intoArray(sums, i);
    }
    for (; i < count; i++) {
      sums[i] = Math.fma((double) v.get(E, (at + i) * BYTES), c, sums[i]);
    }
  }

  /** Euclidean norm of n elements whose squares leave the range of fp64. */
  static double scaledNorm(MemorySegment x, long n) {
    double largest = 0;
    for (long i = 0; i < n; i++) {
      largest = Math.max(largest, Math.abs((double) x.get(E, i * BYTES)));
    }
    if (largest == 0 || !Double.isFinite(largest)) {
      return largest;
    }
    double sum = 0;
    for (long i = 0; i < n; i++) {
      double share = x.get(E, i * BYTES) / largest;
      sum += share * share;
    }
    return largest * Math.sqrt(sum);
  }
}
