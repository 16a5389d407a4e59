package dev.evolute.kernels.cpu.f32;

import static dev.evolute.kernels.cpu.f32.Lanes.BYTES;
import static dev.evolute.kernels.cpu.f32.Lanes.E;
import static dev.evolute.kernels.cpu.f32.Lanes.L;
import static dev.evolute.kernels.cpu.f32.Lanes.LE;
import static dev.evolute.kernels.cpu.f32.Lanes.S;
import static dev.evolute.kernels.cpu.f32.Lanes.across;
import static dev.evolute.kernels.cpu.f32.Lanes.get;
import static dev.evolute.kernels.cpu.f32.Lanes.put;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;

/**
 * Softmax of the rows of {@code z [n x c]} and its derivatives; the formulas stand in {@link
 * dev.evolute.kernels.LossKernels}. Rows come in blocks whose size depends on c alone.
 *
 * <p>Short rows, ten classes say, are too few for vectors: a block of them is turned on its side in
 * the cache, so that a vector holds one class of many rows and every sum runs down its lanes. Long
 * rows are taken one by one: once for the maximum, once for the exponentials and their sum, once to
 * divide. Sums are in fp64. Bound by exp, short rows as much by turning them.
 */
final class Softmax {
  /** Elements of the operands a block keeps in the cache. */
  private static final int TILE = 8192 / Float.BYTES;

  /** Longest row that goes through tiles. */
  private static final int SHORT = 64;

  /** Elements of a long row whose exponentials are taken together. */
  private static final int CHUNK = TILE;

  /** What a thread needs beside its operands. */
  static final class Room {
    /** Rows as they stand in memory. */
    final float[] rows = new float[TILE];

    /** Operands on their side. */
    final float[] a = new float[TILE];

    final float[] b = new float[TILE];
    final float[] c = new float[TILE];
    final float[] d = new float[TILE];

    /** One number for each row of the block. */
    final float[] largest = new float[TILE];

    final float[] factors = new float[TILE];
    final float[] means = new float[TILE];
    final float[] moves = new float[TILE];
    final double[] sums = new double[TILE];

    final double[] lanes = new double[L];
  }

  static final ThreadLocal<Room> ROOM = ThreadLocal.withInitial(Room::new);

  private Softmax() {}

  /** Rows a block, at most {@link #TILE}; whole vectors of short rows. */
  static int blockRows(int c) {
    return c <= SHORT ? TILE / Math.max(1, c) / L * L : Math.max(1, 8 * TILE / c);
  }

  static int blocks(int n, int c) {
    return (n + blockRows(c) - 1) / blockRows(c);
  }

  /**
   * Rows {@code [from, to)}, at most a block, of {@code p = softmax(z)}; leaves each row's maximum
   * and sum of {@code exp(z - max)} in the room.
   */
  static void forward(MemorySegment z, MemorySegment p, int c, long from, long to, Room room) {
    if (c <= SHORT) {
      int rows = (int) (to - from);
      int width = width(rows);
      lay(z, from * c, rows, c, width, room.rows, room.a);
      shift(room.a, c, width, room.largest);
      Lanes.exp(room.a, c * width);
      sums(room.a, c, width, room.sums);
      reciprocals(room.sums, rows, room.factors);
      scale(room.a, c, width, room.factors);
      raise(room.a, rows, c, width, room.rows);
      MemorySegment.copy(room.rows, 0, p, E, from * c * BYTES, rows * c);
    } else {
      for (long i = from; i < to; i++) {
        int r = (int) (i - from);
        float largest = largest(z, i * c, c, room.a);
        room.largest[r] = largest;
        room.sums[r] = exponentials(z, largest, p, i * c, c, room);
        divide(p, i * c, c, (float) (1 / room.sums[r]));
      }
    }
  }

  /** Whole vectors that hold these rows. */
  private static int width(int rows) {
    return (rows + L - 1) / L * L;
  }

  /**
   * {@code t_jr = x_rj}, through {@code flat}; lanes beyond the rows keep what they had. Four rows
   * at a time, so that four elements share a step of the index.
   */
  private static void lay(
      MemorySegment x, long at, int rows, int c, int width, float[] flat, float[] t) {
    MemorySegment.copy(x, E, at * BYTES, flat, 0, rows * c);
    int r = 0;
    for (; r <= rows - 4; r += 4) {
      int f = r * c;
      int to = r;
      for (int j = 0; j < c; j++) {
        t[to] = flat[f + j];
        t[to + 1] = flat[f + c + j];
        t[to + 2] = flat[f + 2 * c + j];
        t[to + 3] = flat[f + 3 * c + j];
        to += width;
      }
    }
    for (; r < rows; r++) {
      for (int j = 0; j < c; j++) {
        t[j * width + r] = flat[r * c + j];
      }
    }
  }

  /** The inverse of {@link #lay}, of what is on its side in t. */
  private static void raise(float[] t, int rows, int c, int width, float[] flat) {
    int r = 0;
    for (; r <= rows - 4; r += 4) {
      int f = r * c;
      int from = r;
      for (int j = 0; j < c; j++) {
        flat[f + j] = t[from];
        flat[f + c + j] = t[from + 1];
        flat[f + 2 * c + j] = t[from + 2];
        flat[f + 3 * c + j] = t[from + 3];
        from += width;
      }
    }
    for (; r < rows; r++) {
      for (int j = 0; j < c; j++) {
        flat[r * c + j] = t[j * width + r];
      }
    }
  }

  /** {@code t_jr -= largest_r = max_j t_jr}. */
  private static void shift(float[] t, int c, int width, float[] largest) {
    for (int r = 0; r < width; r += L) {
      FloatVector most = FloatVector.fromArray(S, t, r);
      for (int j = 1; j < c; j++) {
        most = most.max(FloatVector.fromArray(S, t, j * width + r));
      }
      most.intoArray(largest, r);
      for (int j = 0; j < c; j++) {
        FloatVector.fromArray(S, t, j * width + r).sub(most).intoArray(t, j * width + r);
      }
    }
  }

  /** {@code sums_r = sum_j t_jr}: C2 vectorises it. */
  private static void sums(float[] t, int c, int width, double[] sums) {
    Arrays.fill(sums, 0, width, 0);
    for (int at = 0; at < c * width; at += width) {
      for (int r = 0; r < width; r++) {
        sums[r] += t[at + r];
      }
    }
  }

  private static void reciprocals(double[] sums, int rows, float[] factors) {
    for (int r = 0; r < rows; r++) {
      factors[r] = (float) (1 / sums[r]);
    }
  }

  /** {@code t_jr *= factors_r}. */
  private static void scale(float[] t, int c, int width, float[] factors) {
    for (int r = 0; r < width; r += L) {
      FloatVector factor = FloatVector.fromArray(S, factors, r);
      for (int j = 0; j < c; j++) {
        FloatVector.fromArray(S, t, j * width + r).mul(factor).intoArray(t, j * width + r);
      }
    }
  }

  private static float largest(MemorySegment z, long at, int c, float[] lanes) {
    FloatVector m0 = fromMemorySegment(S, z, at * BYTES, LE);
    FloatVector m1 = m0;
    int j = 0;
    for (; j <= c - 2 * L; j += 2 * L) {
      m0 = m0.max(fromMemorySegment(S, z, (at + j) * BYTES, LE));
      m1 = m1.max(fromMemorySegment(S, z, (at + j + L) * BYTES, LE));
    }
    m0.max(m1).intoArray(lanes, 0);
    float most = lanes[0];
    for (int lane = 1; lane < L; lane++) {
      most = Math.max(most, lanes[lane]);
    }
    for (; j < c; j++) {
      most = Math.max(most, get(z, at + j));
    }
    return most;
  }

  /** {@code p = exp(z - largest)} on one row; returns its sum. */
  private static double exponentials(
      MemorySegment z, float largest, MemorySegment p, long at, int c, Room room) {
    double sum = 0;
    for (int from = 0; from < c; from += CHUNK) {
      int count = Math.min(CHUNK, c - from);
      differences(z, largest, at + from, count, room.a);
      Lanes.exp(room.a, count);
      MemorySegment.copy(room.a, 0, p, E, (at + from) * BYTES, count);
      sum += sum(p, at + from, count, room.lanes);
    }
    return sum;
  }

  private static void differences(MemorySegment z, float shift, long at, int count, float[] x) {
    int j = 0;
    for (; j <= count - L; j += L) {
      FloatVector value = fromMemorySegment(S, z, (at + j) * BYTES, LE);
      value.sub(broadcast(S, shift)).intoArray(x, j);
    }
    for (; j < count; j++) {
      x[j] = get(z, at + j) - shift;
    }
  }

  private static double sum(MemorySegment x, long at, int count, double[] lanes) {
    DoubleVector s0 = DoubleVector.zero(Wide.S);
    DoubleVector s1 = s0;
    int j = 0;
    for (; j <= count - 2 * Wide.L; j += 2 * Wide.L) {
      s0 = s0.add(Wide.load(x, at + j));
      s1 = s1.add(Wide.load(x, at + j + Wide.L));
    }
    double sum = across(s0.add(s1), lanes);
    for (; j < count; j++) {
      sum += get(x, at + j);
    }
    return sum;
  }

  private static void divide(MemorySegment p, long at, int c, float reciprocal) {
    Elementwise.axpby(reciprocal, p, 0, p, at, at + c);
  }

  /**
   * Rows {@code [from, to)}, at most a block, of {@code out = factor (p (.) u - p <p, u>) + beta
   * out}, with the room's factors, one a row; where it is 0, p and u are as good as not read.
   */
  static void tangent(
      MemorySegment p,
      MemorySegment u,
      float beta,
      MemorySegment out,
      int c,
      long from,
      long to,
      Room room) {
    if (c <= SHORT) {
      int rows = (int) (to - from);
      int width = width(rows);
      lay(p, from * c, rows, c, width, room.rows, room.a);
      lay(u, from * c, rows, c, width, room.rows, room.b);
      Arrays.fill(room.sums, 0, width, 0);
      products(room.a, room.b, c, width, room.sums);
      round(room.sums, width, room.means);
      tangent(room.a, room.b, room.means, room.factors, c, width);
      raise(room.b, rows, c, width, room.rows);
      clear(room.rows, rows, c, room.factors);
      add(room.rows, beta, out, from * c, rows * c);
    } else {
      for (long i = from; i < to; i++) {
        float factor = room.factors[(int) (i - from)];
        if (factor == 0) {
          Sequences.scale(beta, out, i * c, c);
        } else {
          float mean = (float) dot(p, u, i * c, c, room.lanes);
          tangent(factor, mean, p, u, beta, out, i * c, c);
        }
      }
    }
  }

  /** {@code sums_r += sum_j p_jr u_jr}: C2 vectorises it. */
  private static void products(float[] p, float[] u, int c, int width, double[] sums) {
    for (int at = 0; at < c * width; at += width) {
      for (int r = 0; r < width; r++) {
        sums[r] += (double) p[at + r] * u[at + r];
      }
    }
  }

  private static void round(double[] sums, int width, float[] rounded) {
    for (int r = 0; r < width; r++) {
      rounded[r] = (float) sums[r];
    }
  }

  /** {@code u_jr = factor_r p_jr (u_jr - mean_r)}. */
  private static void tangent(
      float[] p, float[] u, float[] means, float[] factors, int c, int width) {
    for (int r = 0; r < width; r += L) {
      FloatVector mean = FloatVector.fromArray(S, means, r);
      FloatVector factor = FloatVector.fromArray(S, factors, r);
      for (int j = 0; j < c; j++) {
        int at = j * width + r;
        FloatVector slope = FloatVector.fromArray(S, p, at).mul(factor);
        slope.mul(FloatVector.fromArray(S, u, at).sub(mean)).intoArray(u, at);
      }
    }
  }

  /** Rows of factor 0 are 0, even where an operand is NaN. */
  private static void clear(float[] flat, int rows, int c, float[] factors) {
    for (int r = 0; r < rows; r++) {
      if (factors[r] == 0) {
        Arrays.fill(flat, r * c, (r + 1) * c, 0);
      }
    }
  }

  /** {@code out = x + beta out}. */
  private static void add(float[] x, float beta, MemorySegment out, long at, int count) {
    int j = 0;
    for (; j <= count - L; j += L) {
      FloatVector change = FloatVector.fromArray(S, x, j);
      if (beta == 0) {
        change.intoMemorySegment(out, (at + j) * BYTES, LE);
      } else {
        FloatVector old = fromMemorySegment(S, out, (at + j) * BYTES, LE);
        old.fma(broadcast(S, beta), change).intoMemorySegment(out, (at + j) * BYTES, LE);
      }
    }
    for (; j < count; j++) {
      put(x[j], beta, out, at + j);
    }
  }

  private static void tangent(
      float factor,
      float mean,
      MemorySegment p,
      MemorySegment u,
      float beta,
      MemorySegment out,
      long at,
      int c) {
    int j = 0;
    for (; j <= c - L; j += L) {
      FloatVector slope = fromMemorySegment(S, p, (at + j) * BYTES, LE).mul(broadcast(S, factor));
      FloatVector change =
          slope.mul(fromMemorySegment(S, u, (at + j) * BYTES, LE).sub(broadcast(S, mean)));
      if (beta == 0) {
        change.intoMemorySegment(out, (at + j) * BYTES, LE);
      } else {
        FloatVector old = fromMemorySegment(S, out, (at + j) * BYTES, LE);
        old.fma(broadcast(S, beta), change).intoMemorySegment(out, (at + j) * BYTES, LE);
      }
    }
    for (; j < c; j++) {
      put(get(p, at + j) * factor * (get(u, at + j) - mean), beta, out, at + j);
    }
  }

  /** {@code <x, y>} over {@code [at, at + count)}; four chains hide the latency. */
  static double dot(MemorySegment x, MemorySegment y, long at, int count, double[] lanes) {
    DoubleVector s0 = DoubleVector.zero(Wide.S);
    DoubleVector s1 = s0;
    DoubleVector s2 = s0;
    DoubleVector s3 = s0;
    int step = Wide.L;
    int j = 0;
    for (; j <= count - 4 * step; j += 4 * step) {
      s0 = Wide.load(x, at + j).fma(Wide.load(y, at + j), s0);
      s1 = Wide.load(x, at + j + step).fma(Wide.load(y, at + j + step), s1);
      s2 = Wide.load(x, at + j + 2 * step).fma(Wide.load(y, at + j + 2 * step), s2);
      s3 = Wide.load(x, at + j + 3 * step).fma(Wide.load(y, at + j + 3 * step), s3);
    }
    double sum = across(s0.add(s1).add(s2.add(s3)), lanes);
    for (; j < count; j++) {
      sum += (double) get(x, at + j) * get(y, at + j);
    }
    return sum;
  }

  /**
   * Rows {@code [from, to)}, at most a block, of {@code out = p' (.) (dp - <p, dp>) + p (.) (dp' -
   * <p', dp> - <p, dp'>) + beta out}.
   */
  static void vjpTangent(
      MemorySegment p,
      MemorySegment dp,
      MemorySegment pt,
      MemorySegment dpt,
      float beta,
      MemorySegment out,
      int c,
      long from,
      long to,
      Room room) {
    if (c <= SHORT) {
      int rows = (int) (to - from);
      int width = width(rows);
      lay(p, from * c, rows, c, width, room.rows, room.a);
      lay(dp, from * c, rows, c, width, room.rows, room.b);
      lay(pt, from * c, rows, c, width, room.rows, room.c);
      lay(dpt, from * c, rows, c, width, room.rows, room.d);
      Arrays.fill(room.sums, 0, width, 0);
      products(room.a, room.b, c, width, room.sums);
      round(room.sums, width, room.means);
      Arrays.fill(room.sums, 0, width, 0);
      products(room.c, room.b, c, width, room.sums);
      products(room.a, room.d, c, width, room.sums);
      round(room.sums, width, room.moves);
      vjpTangent(room.means, room.moves, room.a, room.b, room.c, room.d, c, width);
      raise(room.d, rows, c, width, room.rows);
      add(room.rows, beta, out, from * c, rows * c);
    } else {
      for (long i = from; i < to; i++) {
        float mean = (float) dot(p, dp, i * c, c, room.lanes);
        double moved = dot(pt, dp, i * c, c, room.lanes) + dot(p, dpt, i * c, c, room.lanes);
        vjpTangent(mean, (float) moved, p, dp, pt, dpt, beta, out, i * c, c);
      }
    }
  }

  private static void vjpTangent(
      float[] means,
      float[] moves,
      float[] p,
      float[] dp,
      float[] pt,
      float[] dpt,
      int c,
      int width) {
    for (int r = 0; r < width; r += L) {
      FloatVector mean = FloatVector.fromArray(S, means, r);
      FloatVector move = FloatVector.fromArray(S, moves, r);
      for (int j = 0; j < c; j++) {
        int at = j * width + r;
        FloatVector turned = FloatVector.fromArray(S, dp, at).sub(mean);
        FloatVector moved = FloatVector.fromArray(S, dpt, at).sub(move);
        moved = moved.mul(FloatVector.fromArray(S, p, at));
        turned.fma(FloatVector.fromArray(S, pt, at), moved).intoArray(dpt, at);
      }
    }
  }

  private static void vjpTangent(
      float mean,
      float move,
      MemorySegment p,
      MemorySegment dp,
      MemorySegment pt,
      MemorySegment dpt,
      float beta,
      MemorySegment out,
      long at,
      int c) {
    int j = 0;
    for (; j <= c - L; j += L) {
      FloatVector moved =
          fromMemorySegment(S, dpt, (at + j) * BYTES, LE)
              .sub(broadcast(S, move))
              .mul(fromMemorySegment(S, p, (at + j) * BYTES, LE));
      FloatVector change =
          fromMemorySegment(S, dp, (at + j) * BYTES, LE)
              .sub(broadcast(S, mean))
              .fma(fromMemorySegment(S, pt, (at + j) * BYTES, LE), moved);
      if (beta == 0) {
        change.intoMemorySegment(out, (at + j) * BYTES, LE);
      } else {
        FloatVector old = fromMemorySegment(S, out, (at + j) * BYTES, LE);
        old.fma(broadcast(S, beta), change).intoMemorySegment(out, (at + j) * BYTES, LE);
      }
    }
    for (; j < c; j++) {
      float moved = (get(dpt, at + j) - move) * get(p, at + j);
      put(Math.fma(get(dp, at + j) - mean, get(pt, at + j), moved), beta, out, at + j);
    }
  }
}
