package dev.evolute.kernels.cpu.f32;

import static dev.evolute.kernels.cpu.f32.Lanes.BYTES;
import static dev.evolute.kernels.cpu.f32.Lanes.L;
import static dev.evolute.kernels.cpu.f32.Lanes.LE;
import static dev.evolute.kernels.cpu.f32.Lanes.S;
import static dev.evolute.kernels.cpu.f32.Lanes.get;
import static dev.evolute.kernels.cpu.f32.Lanes.put;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import dev.evolute.kernels.Rotary;
import dev.evolute.kernels.Shapes;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;

/**
 * Rotary positions and embeddings, on rows {@code stride} elements apart. Bound by memory beyond
 * the caches.
 */
final class Sequences {
  private static final ThreadLocal<int[]> PLACES = ThreadLocal.withInitial(() -> new int[0]);
  private static final ThreadLocal<double[]> ROOM = ThreadLocal.withInitial(() -> new double[0]);

  private Sequences() {}

  /** Room for at least {@code count} numbers, kept between calls. */
  static int[] places(long count) {
    if (PLACES.get().length < count) {
      PLACES.set(new int[Math.toIntExact(count)]);
    }
    return PLACES.get();
  }

  private static double[] room(int count) {
    if (ROOM.get().length < count) {
      ROOM.set(new double[count]);
    }
    return ROOM.get();
  }

  /**
   * Rows {@code [from, to)} of {@code y = R x + beta y}, of {@code R^T} where sign is -1; row i is
   * at position {@code i % length}.
   */
  static void rotate(
      float sign,
      Rotary rotary,
      MemorySegment cos,
      MemorySegment sin,
      int length,
      int heads,
      MemorySegment x,
      int xStride,
      float beta,
      MemorySegment y,
      int yStride,
      long from,
      long to) {
    int width = rotary.width();
    int turned = rotary.turned();
    int half = turned / 2;
    for (long i = from; i < to; i++) {
      long angle = i % length * half;
      for (int head = 0; head < heads; head++) {
        long source = i * xStride + (long) head * width;
        long target = i * yStride + (long) head * width;
        turn(sign, cos, sin, angle, half, x, source, beta, y, target);
        pass(x, source + turned, beta, y, target + turned, width - turned);
      }
    }
  }

  private static void turn(
      float sign,
      MemorySegment cos,
      MemorySegment sin,
      long angle,
      int half,
      MemorySegment x,
      long from,
      float beta,
      MemorySegment y,
      long to) {
    int j = 0;
    for (; j <= half - L; j += L) {
      FloatVector c = fromMemorySegment(S, cos, (angle + j) * BYTES, LE);
      FloatVector s = fromMemorySegment(S, sin, (angle + j) * BYTES, LE).mul(broadcast(S, sign));
      FloatVector u = fromMemorySegment(S, x, (from + j) * BYTES, LE);
      FloatVector v = fromMemorySegment(S, x, (from + half + j) * BYTES, LE);
      FloatVector low = u.mul(c).sub(v.mul(s));
      if (beta == 0) {
        low.intoMemorySegment(y, (to + j) * BYTES, LE);
      } else {
        FloatVector old = fromMemorySegment(S, y, (to + j) * BYTES, LE);
        old.fma(broadcast(S, beta), low).intoMemorySegment(y, (to + j) * BYTES, LE);
      }
      FloatVector high = v.mul(c).add(u.mul(s));
      if (beta == 0) {
        high.intoMemorySegment(y, (to + half + j) * BYTES, LE);
      } else {
        FloatVector old = fromMemorySegment(S, y, (to + half + j) * BYTES, LE);
        old.fma(broadcast(S, beta), high).intoMemorySegment(y, (to + half + j) * BYTES, LE);
      }
    }
    for (; j < half; j++) {
      float c = get(cos, angle + j);
      float s = get(sin, angle + j) * sign;
      float u = get(x, from + j);
      float v = get(x, from + half + j);
      put(u * c - v * s, beta, y, to + j);
      put(v * c + u * s, beta, y, to + half + j);
    }
  }

  private static void pass(
      MemorySegment x, long from, float beta, MemorySegment y, long to, int count) {
    if (beta == 0) {
      MemorySegment.copy(x, from * BYTES, y, to * BYTES, count * BYTES);
      return;
    }
    int j = 0;
    for (; j <= count - L; j += L) {
      FloatVector value = fromMemorySegment(S, x, (from + j) * BYTES, LE);
      FloatVector old = fromMemorySegment(S, y, (to + j) * BYTES, LE);
      old.fma(broadcast(S, beta), value).intoMemorySegment(y, (to + j) * BYTES, LE);
    }
    for (; j < count; j++) {
      put(get(x, from + j), beta, y, to + j);
    }
  }

  /** Whole numbers in {@code [from, to)}, or a sentence that names the first that is none. */
  static void check(String kernel, String what, MemorySegment index, long n, int from, int to) {
    for (long i = 0; i < n; i++) {
      float value = get(index, i);
      if (!(value >= from && value < to && value == (int) value)) {
        throw Shapes.notWhole(kernel, what, i, value, from, to);
      }
    }
  }

  /** {@code y_i = table_{index_i}} for rows {@code [from, to)} of d elements. */
  static void gather(
      MemorySegment table,
      int tableStride,
      MemorySegment index,
      MemorySegment y,
      int yStride,
      int d,
      long from,
      long to) {
    for (long i = from; i < to; i++) {
      long source = (long) get(index, i) * tableStride;
      pass(table, source, 0, y, i * yStride, d);
    }
  }

  /**
   * The rows of each index in order: those of k are {@code order[starts[k] .. starts[k + 1])}, a
   * counting sort.
   *
   * @param places room for v + 1 starts, then n rows
   */
  static void sort(MemorySegment index, int n, int v, int[] places) {
    Arrays.fill(places, 0, v + 1, 0);
    for (int i = 0; i < n; i++) {
      places[(int) get(index, i) + 1]++;
    }
    for (int k = 0; k < v; k++) {
      places[k + 1] += places[k];
    }
    // Each start moves to its end as its rows come in, which is the start of the next.
    for (int i = 0; i < n; i++) {
      places[v + 1 + places[(int) get(index, i)]++] = i;
    }
  }

  /**
   * Columns {@code [from, to)} of {@code dtable_k = sum of dy_i over index_i = k, + beta dtable_k}.
   *
   * @param places as {@link #sort} left it
   */
  static void scatterAdd(
      int[] places,
      int v,
      MemorySegment dy,
      int dyStride,
      float beta,
      MemorySegment dtable,
      int tableStride,
      int from,
      int to) {
    double[] room = room(to - from);
    int count = to - from;
    int start = 0;
    for (int k = 0; k < v; k++) {
      int end = places[k];
      long at = (long) k * tableStride + from;
      if (start == end) {
        scale(beta, dtable, at, count);
      } else if (end == start + 1) {
        pass(dy, (long) places[v + 1 + start] * dyStride + from, beta, dtable, at, count);
      } else {
        Arrays.fill(room, 0, count, 0);
        for (int place = start; place < end; place++) {
          add(dy, (long) places[v + 1 + place] * dyStride + from, room, count);
        }
        for (int j = 0; j < count; j++) {
          put((float) room[j], beta, dtable, at + j);
        }
      }
      start = end;
    }
  }

  /** {@code x = beta x}. */
  static void scale(float beta, MemorySegment x, long at, int count) {
    if (beta == 0) {
      Elementwise.fill(0, x, at, at + count);
    } else if (beta != 1) {
      Elementwise.axpby(beta, x, 0, x, at, at + count);
    }
  }

  private static void add(MemorySegment x, long at, double[] sums, int count) {
    int j = 0;
    for (; j <= count - Wide.L; j += Wide.L) {
      Wide.load(x, at + j).add(DoubleVector.fromArray(Wide.S, sums, j)).intoArray(sums, j);
    }
    for (; j < count; j++) {
      sums[j] += get(x, at + j);
    }
  }
}
