package dev.evolute.kernels.cpu.f32;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Softmax cross-entropy of {@code z [n x c]} against target distributions {@code y [n x c]}.
 *
 * <pre>
 *   forward  p = exp(z - max) / sum,  loss = sum_i (max + log sum - sum_j y z)
 *   vjp      dz = p - y                          (an axpby)
 *   tangent  of softmax, and of the vjp: p (.) u - p sum_j p u
 * </pre>
 *
 * Scalar and in fp64 inside: ten classes a row are too few for vectors.
 */
final class Softmax {
  private static final ValueLayout.OfFloat E = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final long BYTES = Float.BYTES;

  private Softmax() {}

  /** Rows {@code [from, to)}: writes p, returns their loss. */
  static double crossEntropy(
      MemorySegment z, MemorySegment y, MemorySegment p, int c, long from, long to) {
    double loss = 0;
    for (long i = from; i < to; i++) {
      long row = i * c * BYTES;
      double max = Double.NEGATIVE_INFINITY;
      double target = 0;
      for (int j = 0; j < c; j++) {
        max = Math.max(max, z.get(E, row + j * BYTES));
      }
      double sum = 0;
      for (int j = 0; j < c; j++) {
        double shifted = z.get(E, row + j * BYTES) - max;
        double weight = y.get(E, row + j * BYTES);
        if (weight != 0) {
          target += weight * shifted;
        }
        double e = Math.exp(shifted);
        p.set(E, row + j * BYTES, (float) e);
        sum += e;
      }
      for (int j = 0; j < c; j++) {
        p.set(E, row + j * BYTES, (float) (p.get(E, row + j * BYTES) / sum));
      }
      loss += Math.log(sum) - target;
    }
    return loss;
  }

  /** {@code out = scale (p (.) u - p <p, u>) + beta out} on rows {@code [from, to)}. */
  static void tangent(
      double scale,
      MemorySegment p,
      MemorySegment u,
      double beta,
      MemorySegment out,
      int c,
      long from,
      long to) {
    for (long i = from; i < to; i++) {
      long row = i * c * BYTES;
      double mean = 0;
      for (int j = 0; j < c; j++) {
        mean += (double) p.get(E, row + j * BYTES) * u.get(E, row + j * BYTES);
      }
      for (int j = 0; j < c; j++) {
        double x = scale * p.get(E, row + j * BYTES) * (u.get(E, row + j * BYTES) - mean);
        if (beta != 0) {
          x += beta * out.get(E, row + j * BYTES);
        }
        out.set(E, row + j * BYTES, (float) x);
      }
    }
  }
}
