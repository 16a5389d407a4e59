package dev.evolute.kernels.cpu.f32;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Sums and extremes of the n elements from {@code at} on: one block of a long vector, or one row.
 *
 * <p>Sums are accumulated in fp64 in four chains, which hide the latency of an addition, and lanes
 * are added one by one, since reduceLanes adds them in another order once it is compiled. What has
 * one operand reads it in four places at once, a quarter each: one stream alone leaves a third of
 * the memory's bandwidth unused (17 against 29 GB/s where four streams of plain loads reach 33).
 * Bound by memory bandwidth beyond the caches, by the conversion to fp64 within them.
 *
 * <p>Each loop over vectors stands in a method of its own, {@code ...Whole}, that is called only
 * where the loop has something to do: C2 does not inline {@code load} in a loop that it has never
 * seen run, and a method that was compiled on short rows would then box every vector of a long one
 * for good.
 */
final class Reductions {
  /** Elements a block of two operands: long enough to hide the hand-over, short enough for L2. */
  static final int BLOCK = 32_768;

  /** Elements a block of one operand, which is read in four places at once. */
  static final int LONG_BLOCK = 4 * BLOCK;

  /** Elements that a sum takes as whole vectors are a multiple of this. */
  private static final int UNIT = 8 * Wide.L;

  /** Elements searched for a largest one at a time, and exponentials summed at a time. */
  private static final int CHUNK = 512;

  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();

  /** Elements of one step of a maximum, in four chains; in any order it is the same. */
  private static final int MAX_UNIT = 4 * L;

  private static final ValueLayout.OfFloat E = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final long BYTES = Float.BYTES;

  /** Bytes of the elements that {@link Wide} takes at a time. */
  private static final long W = Wide.L * BYTES;

  /** Room for the lanes of one vector. */
  static final ThreadLocal<double[]> LANES = ThreadLocal.withInitial(() -> new double[Wide.L]);

  /** Off the heap like the operands, so that loops see one kind of memory. */
  private static final ThreadLocal<MemorySegment> EXPS =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(CHUNK * BYTES, 64));

  /** Of operands on the heap. */
  private static final ThreadLocal<MemorySegment[]> COPIES =
      ThreadLocal.withInitial(() -> new MemorySegment[] {MemorySegment.NULL, MemorySegment.NULL});

  private Reductions() {}

  private static double get(MemorySegment x, long i) {
    return x.get(E, i * BYTES);
  }

  private static FloatVector load(MemorySegment x, long i) {
    return FloatVector.fromMemorySegment(S, x, i * BYTES, ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * The address of n elements from {@code at} on: where they stand, or of a copy if that is on the
   * heap. The sums read by address, so that a load costs no question about the kind of memory.
   */
  private static long near(MemorySegment x, long at, int n, int operand) {
    if (Memory.reaches(x)) {
      return x.address() + at * BYTES;
    }
    MemorySegment[] copies = COPIES.get();
    if (copies[operand].byteSize() < n * BYTES) {
      copies[operand] = Arena.ofAuto().allocate(n * BYTES, 64);
    }
    MemorySegment.copy(x, at * BYTES, copies[operand], 0, n * BYTES);
    return copies[operand].address();
  }

  /** {@code <x, y>}. */
  static double dot(MemorySegment x, MemorySegment y, long at, int n) {
    int whole = n - n % UNIT;
    double sum = whole == 0 ? 0 : dotWhole(near(x, at, whole, 0), near(y, at, whole, 1), whole);
    for (int i = whole; i < n; i++) {
      sum = Math.fma(get(x, at + i), get(y, at + i), sum);
    }
    return sum;
  }

  /** As all sums here, four chains: of eight, C2 makes the last ones of objects in some starts. */
  private static double dotWhole(long x, long y, int n) {
    DoubleVector s0 = DoubleVector.zero(Wide.S);
    DoubleVector s1 = s0;
    DoubleVector s2 = s0;
    DoubleVector s3 = s0;
    int next = Memory.unknown(4 * Wide.L);
    for (int i = 0; i < n; i += next) {
      long p = x + i * BYTES;
      long q = y + i * BYTES;
      s0 = Wide.at(p).fma(Wide.at(q), s0);
      s1 = Wide.at(p + W).fma(Wide.at(q + W), s1);
      s2 = Wide.at(p + 2 * W).fma(Wide.at(q + 2 * W), s2);
      s3 = Wide.at(p + 3 * W).fma(Wide.at(q + 3 * W), s3);
    }
    double[] lanes = LANES.get();
    s0.add(s1).add(s2.add(s3)).intoArray(lanes, 0);
    return total(lanes);
  }

  /** {@code sum_i (scale x_i)^2}. */
  static double squares(double scale, MemorySegment x, long at, int n) {
    int whole = n - n % UNIT;
    double sum = whole == 0 ? 0 : squaresWhole(scale, near(x, at, whole, 0), whole);
    for (int i = whole; i < n; i++) {
      double share = get(x, at + i) * scale;
      sum = Math.fma(share, share, sum);
    }
    return sum;
  }

  private static double squaresWhole(double scale, long x, int n) {
    DoubleVector factor = DoubleVector.broadcast(Wide.S, scale);
    DoubleVector s0 = DoubleVector.zero(Wide.S);
    DoubleVector s1 = s0;
    DoubleVector s2 = s0;
    DoubleVector s3 = s0;
    int quarter = n / 4;
    long step = quarter * BYTES;
    for (int i = 0; i < quarter; i += Wide.L) {
      long p = x + i * BYTES;
      long q = p + step;
      long r = q + step;
      long t = r + step;
      DoubleVector x0 = Wide.at(p).mul(factor);
      DoubleVector x1 = Wide.at(q).mul(factor);
      DoubleVector x2 = Wide.at(r).mul(factor);
      DoubleVector x3 = Wide.at(t).mul(factor);
      s0 = x0.fma(x0, s0);
      s1 = x1.fma(x1, s1);
      s2 = x2.fma(x2, s2);
      s3 = x3.fma(x3, s3);
    }
    double[] lanes = LANES.get();
    s0.add(s1).add(s2.add(s3)).intoArray(lanes, 0);
    return total(lanes);
  }

  /** {@code sum_i x_i}. */
  static double sum(MemorySegment x, long at, int n) {
    int whole = n - n % UNIT;
    double sum = whole == 0 ? 0 : sumWhole(near(x, at, whole, 0), whole);
    for (int i = whole; i < n; i++) {
      sum += get(x, at + i);
    }
    return sum;
  }

  private static double sumWhole(long x, int n) {
    DoubleVector s0 = DoubleVector.zero(Wide.S);
    DoubleVector s1 = s0;
    DoubleVector s2 = s0;
    DoubleVector s3 = s0;
    int quarter = n / 4;
    long step = quarter * BYTES;
    for (int i = 0; i < quarter; i += Wide.L) {
      long p = x + i * BYTES;
      long q = p + step;
      long r = q + step;
      long t = r + step;
      s0 = s0.add(Wide.at(p));
      s1 = s1.add(Wide.at(q));
      s2 = s2.add(Wide.at(r));
      s3 = s3.add(Wide.at(t));
    }
    double[] lanes = LANES.get();
    s0.add(s1).add(s2.add(s3)).intoArray(lanes, 0);
    return total(lanes);
  }

  /** {@code sum_i |x_i|}. */
  static double asum(MemorySegment x, long at, int n) {
    int whole = n - n % UNIT;
    double sum = whole == 0 ? 0 : asumWhole(near(x, at, whole, 0), whole);
    for (int i = whole; i < n; i++) {
      sum += Math.abs(get(x, at + i));
    }
    return sum;
  }

  private static double asumWhole(long x, int n) {
    DoubleVector s0 = DoubleVector.zero(Wide.S);
    DoubleVector s1 = s0;
    DoubleVector s2 = s0;
    DoubleVector s3 = s0;
    int quarter = n / 4;
    long step = quarter * BYTES;
    for (int i = 0; i < quarter; i += Wide.L) {
      long p = x + i * BYTES;
      long q = p + step;
      long r = q + step;
      long t = r + step;
      s0 = s0.add(Wide.at(p).abs());
      s1 = s1.add(Wide.at(q).abs());
      s2 = s2.add(Wide.at(r).abs());
      s3 = s3.add(Wide.at(t).abs());
    }
    double[] lanes = LANES.get();
    s0.add(s1).add(s2.add(s3)).intoArray(lanes, 0);
    return total(lanes);
  }

  /** The lanes of a sum, added one by one; they come as an array, since C2 may box a vector. */
  static double total(double[] lanes) {
    double sum = 0;
    for (double lane : lanes) {
      sum += lane;
    }
    return sum;
  }

  /** {@code max_i sign x_i}, NaN if one is; a sign of -1 makes it minus the smallest. */
  static double max(float sign, MemorySegment x, long at, int n) {
    int whole = n - n % MAX_UNIT;
    double max = whole == 0 ? Double.NEGATIVE_INFINITY : maxWhole(sign, x, at, whole);
    for (int i = whole; i < n; i++) {
      max = Math.max(max, sign * get(x, at + i));
    }
    return max;
  }

  private static double maxWhole(float sign, MemorySegment x, long at, int n) {
    FloatVector factor = FloatVector.broadcast(S, sign);
    FloatVector m0 = FloatVector.broadcast(S, Float.NEGATIVE_INFINITY);
    FloatVector m1 = m0;
    FloatVector m2 = m0;
    FloatVector m3 = m0;
    int quarter = n / 4;
    for (int i = 0; i < quarter; i += L) {
      long p = at + i;
      long q = p + quarter;
      long r = q + quarter;
      long t = r + quarter;
      m0 = m0.max(load(x, p).mul(factor));
      m1 = m1.max(load(x, q).mul(factor));
      m2 = m2.max(load(x, r).mul(factor));
      m3 = m3.max(load(x, t).mul(factor));
    }
    return m0.max(m1).max(m2.max(m3)).reduceLanes(VectorOperators.MAX);
  }

  /** {@code max_i |x_i|}, NaN if one is, 0 if there is none. */
  static double maxAbs(MemorySegment x, long at, int n) {
    int whole = n - n % MAX_UNIT;
    double max = whole == 0 ? 0 : maxAbsWhole(x, at, whole);
    for (int i = whole; i < n; i++) {
      max = Math.max(max, Math.abs(get(x, at + i)));
    }
    return max;
  }

  private static double maxAbsWhole(MemorySegment x, long at, int n) {
    FloatVector m0 = FloatVector.broadcast(S, 0);
    FloatVector m1 = m0;
    FloatVector m2 = m0;
    FloatVector m3 = m0;
    int quarter = n / 4;
    for (int i = 0; i < quarter; i += L) {
      long p = at + i;
      long q = p + quarter;
      long r = q + quarter;
      long t = r + quarter;
      m0 = m0.max(load(x, p).abs());
      m1 = m1.max(load(x, q).abs());
      m2 = m2.max(load(x, r).abs());
      m3 = m3.max(load(x, t).abs());
    }
    return m0.max(m1).max(m2.max(m3)).reduceLanes(VectorOperators.MAX);
  }

  /** Index from {@code at} of the first {@code sign x_i} that is {@code max}, which one of n is. */
  static int first(double max, float sign, MemorySegment x, long at, int n) {
    int i = 0;
    while (!same(max, max(sign, x, at + i, Math.min(CHUNK, n - i)))) {
      i += CHUNK;
    }
    while (!same(max, sign * get(x, at + i))) {
      i++;
    }
    return i;
  }

  /** Equal, or both NaN; 0 and -0 are equal. */
  static boolean same(double a, double b) {
    return a == b || (a != a && b != b);
  }

  /** {@code log sum_i exp x_i}. */
  static double logSumExp(MemorySegment x, long at, int n) {
    double max = max(1, x, at, n);
    return Double.isFinite(max) ? max + Math.log(exps(max, x, at, n)) : max;
  }

  /** {@code sum_i exp(x_i - max)}. */
  static double exps(double max, MemorySegment x, long at, int n) {
    MemorySegment exps = EXPS.get();
    double sum = 0;
    for (int from = 0; from < n; from += CHUNK) {
      int count = Math.min(CHUNK, n - from);
      exps((float) max, x, at + from, count, exps);
      sum += sum(exps, 0, count);
    }
    return sum;
  }

  /** {@code exps_i = exp(x_i - max)}; the last vector is filled up, so that all go the same way. */
  private static void exps(float max, MemorySegment x, long at, int n, MemorySegment exps) {
    int whole = n - n % L;
    if (whole > 0) {
      expsWhole(max, x, at, whole, exps, 0);
    }
    if (whole < n) {
      for (int i = whole; i < whole + L; i++) {
        exps.set(E, i * BYTES, i < n ? (float) get(x, at + i) : max);
      }
      expsWhole(max, exps, whole, L, exps, whole);
    }
  }

  private static void expsWhole(
      float max, MemorySegment x, long at, int n, MemorySegment exps, int to) {
    FloatVector shift = FloatVector.broadcast(S, max);
    for (int i = 0; i < n; i += L) {
      VectorMath.exp(load(x, at + i).sub(shift))
          .intoMemorySegment(exps, (to + i) * BYTES, ByteOrder.LITTLE_ENDIAN);
    }
  }
}
