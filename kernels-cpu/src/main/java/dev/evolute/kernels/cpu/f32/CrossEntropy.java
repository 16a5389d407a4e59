package dev.evolute.kernels.cpu.f32;

import static dev.evolute.kernels.cpu.f32.Lanes.BYTES;
import static dev.evolute.kernels.cpu.f32.Lanes.L;
import static dev.evolute.kernels.cpu.f32.Lanes.LE;
import static dev.evolute.kernels.cpu.f32.Lanes.S;
import static dev.evolute.kernels.cpu.f32.Lanes.across;
import static dev.evolute.kernels.cpu.f32.Lanes.get;
import static dev.evolute.kernels.cpu.f32.Lanes.put;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;

/**
 * Softmax cross-entropy on top of {@link Softmax}, block by block of rows; the formulas stand in
 * {@link dev.evolute.kernels.LossKernels}. Targets are distributions {@code y [n x c]} or labels
 * {@code [n]}, the other one being null; weights may be null. Consecutive rows of one weight, all
 * of them without weights, are one run of memory.
 */
final class CrossEntropy {
  /** Sums multiplied up to here before their logarithm is taken: one for about a hundred rows. */
  private static final double LARGE = 1e200;

  private CrossEntropy() {}

  private static double weight(MemorySegment weights, MemorySegment labels, long i) {
    if (labels != null && get(labels, i) < 0) {
      return 0;
    }
    return weights == null ? 1 : get(weights, i);
  }

  /** The end of the run of rows that weigh as much as row i. */
  private static long run(MemorySegment weights, MemorySegment labels, long i, long to) {
    if (weights == null && labels == null) {
      return to;
    }
    double weight = weight(weights, labels, i);
    long end = i + 1;
    while (end < to && weight(weights, labels, end) == weight) {
      end++;
    }
    return end;
  }

  /** {@code factors_r = scale weight_r} for rows {@code [from, to)}. */
  static void factors(
      double scale,
      MemorySegment weights,
      MemorySegment labels,
      long from,
      long to,
      float[] factors) {
    for (long i = from; i < to; i++) {
      factors[(int) (i - from)] = (float) (scale * weight(weights, labels, i));
    }
  }

  /** The loss of rows {@code [from, to)} right after {@link Softmax#forward} took them. */
  static double loss(
      MemorySegment z,
      MemorySegment y,
      MemorySegment labels,
      MemorySegment weights,
      int c,
      long from,
      long to,
      Softmax.Room room) {
    double loss = 0;
    for (long i = from; i < to; ) {
      long end = run(weights, labels, i, to);
      double weight = weight(weights, labels, i);
      if (weight != 0) {
        int first = (int) (i - from);
        int last = (int) (end - from);
        double target =
            labels == null ? expected(z, y, c, i, end, room) : chosen(z, labels, c, i, end);
        loss += weight * (logSums(room.largest, room.sums, first, last) - target);
      }
      i = end;
    }
    return loss;
  }

  /** {@code sum_r (largest_r + log sums_r)}: few logarithms, of products. */
  private static double logSums(float[] largest, double[] sums, int from, int to) {
    double result = 0;
    double product = 1;
    for (int r = from; r < to; r++) {
      result += largest[r];
      product *= sums[r];
      if (product > LARGE) {
        result += Math.log(product);
        product = 1;
      }
    }
    return result + Math.log(product);
  }

  /** {@code sum_i <y_i, z_i>}; a class of probability 0 adds nothing, even at minus infinity. */
  private static double expected(
      MemorySegment z, MemorySegment y, int c, long from, long to, Softmax.Room room) {
    double sum = Softmax.dot(y, z, from * c, Math.toIntExact((to - from) * c), room.lanes);
    return Double.isNaN(sum) ? expectedOfPossible(z, y, from * c, to * c) : sum;
  }

  private static double expectedOfPossible(MemorySegment z, MemorySegment y, long from, long to) {
    double sum = 0;
    for (long i = from; i < to; i++) {
      double probability = get(y, i);
      if (probability != 0) {
        sum += probability * get(z, i);
      }
    }
    return sum;
  }

  /** {@code sum_i z_i,label_i}. */
  private static double chosen(MemorySegment z, MemorySegment labels, int c, long from, long to) {
    double sum = 0;
    for (long i = from; i < to; i++) {
      sum += get(z, i * c + (long) get(labels, i));
    }
    return sum;
  }

  /** Rows {@code [from, to)} of {@code dz = scale w (p - y) + beta dz}. */
  static void vjp(
      double scale,
      MemorySegment p,
      MemorySegment y,
      MemorySegment labels,
      MemorySegment weights,
      float beta,
      MemorySegment dz,
      int c,
      long from,
      long to) {
    for (long i = from; i < to; ) {
      long end = run(weights, labels, i, to);
      float factor = (float) (scale * weight(weights, labels, i));
      int count = Math.toIntExact((end - i) * c);
      if (factor == 0) {
        Sequences.scale(beta, dz, i * c, count);
      } else if (labels == null) {
        difference(factor, p, y, beta, dz, i * c, count);
      } else {
        Elementwise.axpby(factor, p, beta, dz, i * c, i * c + count);
        choose(factor, labels, dz, c, i, end);
      }
      i = end;
    }
  }

  private static void difference(
      float factor,
      MemorySegment p,
      MemorySegment y,
      float beta,
      MemorySegment dz,
      long at,
      int count) {
    int j = 0;
    for (; j <= count - L; j += L) {
      FloatVector d =
          fromMemorySegment(S, p, (at + j) * BYTES, LE)
              .sub(fromMemorySegment(S, y, (at + j) * BYTES, LE));
      FloatVector result = d.mul(broadcast(S, factor));
      if (beta == 0) {
        result.intoMemorySegment(dz, (at + j) * BYTES, LE);
      } else {
        FloatVector old = fromMemorySegment(S, dz, (at + j) * BYTES, LE);
        old.fma(broadcast(S, beta), result).intoMemorySegment(dz, (at + j) * BYTES, LE);
      }
    }
    for (; j < count; j++) {
      put((get(p, at + j) - get(y, at + j)) * factor, beta, dz, at + j);
    }
  }

  private static void choose(
      float factor, MemorySegment labels, MemorySegment dz, int c, long from, long to) {
    for (long i = from; i < to; i++) {
      long at = i * c + (long) get(labels, i);
      put(get(dz, at) - factor, dz, at);
    }
  }

  /** {@code sum_i w_i <p_i - y_i, u_i>} over rows {@code [from, to)}. */
  static double jvp(
      MemorySegment p,
      MemorySegment y,
      MemorySegment labels,
      MemorySegment weights,
      MemorySegment u,
      int c,
      long from,
      long to,
      Softmax.Room room) {
    double sum = 0;
    for (long i = from; i < to; ) {
      long end = run(weights, labels, i, to);
      double weight = weight(weights, labels, i);
      if (weight != 0) {
        int count = Math.toIntExact((end - i) * c);
        double change =
            labels == null
                ? excess(p, y, u, i * c, count, room.lanes)
                : Softmax.dot(p, u, i * c, count, room.lanes) - chosen(u, labels, c, i, end);
        sum += weight * change;
      }
      i = end;
    }
    return sum;
  }

  /** {@code <p - y, u>}. */
  private static double excess(
      MemorySegment p, MemorySegment y, MemorySegment u, long at, int count, double[] lanes) {
    DoubleVector s0 = DoubleVector.zero(Wide.S);
    DoubleVector s1 = s0;
    int step = Wide.L;
    int j = 0;
    for (; j <= count - 2 * step; j += 2 * step) {
      DoubleVector d0 = Wide.load(p, at + j).sub(Wide.load(y, at + j));
      DoubleVector d1 = Wide.load(p, at + j + step).sub(Wide.load(y, at + j + step));
      s0 = d0.fma(Wide.load(u, at + j), s0);
      s1 = d1.fma(Wide.load(u, at + j + step), s1);
    }
    double sum = across(s0.add(s1), lanes);
    for (; j < count; j++) {
      sum += ((double) get(p, at + j) - get(y, at + j)) * get(u, at + j);
    }
    return sum;
  }
}
