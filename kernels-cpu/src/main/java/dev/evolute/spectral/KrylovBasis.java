package dev.evolute.spectral;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.Matrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Rows of length n on a device, as many as are used: memory grows by doubling up to the capacity,
 * so that a run of ten steps does not pay for a hundred rows, and a projection stays a handful of
 * matrix-vector products.
 */
final class KrylovBasis implements AutoCloseable {
  private static final int FIRST_ROWS = 16;
  // Columns rotated at a time: the panel of a restart stays in cache.
  private static final int PANEL = 2048;

  /** A projection that leaves less of a vector is made once more. */
  static final double ETA = Math.sqrt(0.5);

  private static final int PASSES = 3;

  private record Block(Buffer memory, int first, int rows) {
    /** So many of its rows, of length n, as a matrix. */
    Matrix matrix(int from, int count, int n, int stride) {
      return Matrix.of(
          memory.view((long) from * stride, (count - 1L) * stride + n), count, n, stride);
    }
  }

  private final Device device;
  private final DType dtype;
  private final Kernels kernels;
  private final int n;
  private final int stride;
  private final int capacity;
  private final Buffer[] rows;
  private final double[] part;
  private final double[] correction;
  private final List<Block> blocks = new ArrayList<>();
  private int allocated;

  KrylovBasis(Device device, DType dtype, int n, int capacity) {
    this.device = device;
    this.dtype = dtype;
    this.kernels = device.kernels(dtype);
    this.n = n;
    // Every row starts on a cache line.
    int line = 64 / dtype.bytes();
    this.stride = Math.multiplyExact(Math.ceilDiv(n, line), line);
    this.capacity = capacity;
    this.rows = new Buffer[capacity];
    this.part = new double[capacity];
    this.correction = new double[capacity];
  }

  /** Row i, a view; its content is undefined until written. */
  Buffer row(int i) {
    while (i >= allocated) {
      int more = Math.min(Math.max(FIRST_ROWS, allocated), capacity - allocated);
      Buffer memory = device.allocate(dtype, (long) more * stride);
      blocks.add(new Block(memory, allocated, more));
      for (int r = 0; r < more; r++) {
        rows[allocated + r] = memory.view((long) r * stride, n);
      }
      allocated += more;
    }
    return rows[i];
  }

  /** {@code c_j = <v_j, w>} for the first k rows. */
  void dots(int k, Buffer w, double[] c) {
    dots(0, k, w, c);
  }

  /** The same from row {@code from} on, as if w had nothing of those before. */
  void dots(int from, int k, Buffer w, double[] c) {
    Arrays.fill(c, 0, from, 0);
    for (Block block : blocks) {
      int first = Math.max(from - block.first, 0);
      int used = Math.min(block.rows, k - block.first) - first;
      if (used > 0) {
        kernels.dots(block.matrix(first, used, n, stride), w, part);
        System.arraycopy(part, 0, c, block.first + first, used);
      }
    }
  }

  /** Those of rows {@code from} to {@code k - 1}, left on the device. */
  void dots(int from, int k, Buffer w, Buffer c) {
    for (Block block : blocks) {
      int first = Math.max(from - block.first, 0);
      int used = Math.min(block.rows, k - block.first) - first;
      if (used > 0) {
        Buffer part = c.view(block.first + first - from, used);
        kernels.dots(block.matrix(first, used, n, stride), w, part);
      }
    }
  }

  /** {@code w = w - sum_j c_j v_j} over rows {@code from} to {@code k - 1}. */
  void subtract(int from, int k, Buffer c, Buffer w) {
    for (Block block : blocks) {
      int first = Math.max(from - block.first, 0);
      int used = Math.min(block.rows, k - block.first) - first;
      if (used > 0) {
        Buffer part = c.view(block.first + first - from, used);
        kernels.combine(-1, part, block.matrix(first, used, n, stride), w);
      }
    }
  }

  /** {@code y = y + scale sum_j c_j v_j} over the first k rows. */
  void combine(int k, double scale, double[] c, Buffer y) {
    combine(0, k, scale, c, y);
  }

  private void combine(int from, int k, double scale, double[] c, Buffer y) {
    for (Block block : blocks) {
      int first = Math.max(from - block.first, 0);
      int used = Math.min(block.rows, k - block.first) - first;
      if (used > 0) {
        for (int j = 0; j < used; j++) {
          part[j] = scale * c[block.first + first + j];
        }
        kernels.combine(part, block.matrix(first, used, n, stride), y);
      }
    }
  }

  /**
   * {@code w = w - sum_j c_j v_j} for {@code c = V w} of the first k rows, which are orthonormal,
   * as {@link #dots} left it. Where subtraction cancels, rounding leaves parts of the basis behind:
   * w is projected once more, c receives what came off, and a third time only if what remains is
   * rounding itself (Daniel, Gragg, Kaufman, Stewart 1976).
   *
   * <p>Of a product with the newest vector cancels nearly all, and all of it along the last few
   * rows: taken off first, they leave one pass over the basis where two would read it twice.
   *
   * @param from the first row that {@link #dots} looked at
   * @return {@code ||w||} of what remains
   */
  double subtract(int from, int k, Buffer w, double[] c) {
    combine(from, k, -1, c, w);
    double left = kernels.nrm2(w);
    // Of the rows before nothing is known yet.
    double before = from > 0 ? Double.POSITIVE_INFINITY : Math.hypot(norm(c, k), left);
    for (int pass = 1; pass < PASSES && left < ETA * before; pass++) {
      dots(k, w, correction);
      combine(k, -1, correction, w);
      for (int j = 0; j < k; j++) {
        c[j] += correction[j];
      }
      before = left;
      left = kernels.nrm2(w);
    }
    return left;
  }

  double subtract(int k, Buffer w, double[] c) {
    return subtract(0, k, w, c);
  }

  /** Euclidean norm of the first {@code count} coefficients. */
  static double norm(double[] c, int count) {
    double square = 0;
    for (int j = 0; j < count; j++) {
      square += c[j] * c[j];
    }
    return Math.sqrt(square);
  }

  /** {@code v_i = sum_j s_ij v_j} in place, the first k rows into the first {@code s.length}. */
  void rotate(int k, double[][] s) {
    int kept = s.length;
    int width = Math.min(PANEL, n);
    try (Buffer coefficients = device.allocate(dtype, (long) kept * k);
        Buffer panel = device.allocate(dtype, (long) kept * width)) {
      for (int i = 0; i < kept; i++) {
        coefficients.write((long) i * k, s[i], 0, k);
      }
      for (int column = 0; column < n; column += width) {
        int w = Math.min(width, n - column);
        Matrix rotated = Matrix.of(panel, kept, w);
        for (Block block : blocks) {
          int used = Math.min(block.rows, k - block.first);
          if (used > 0) {
            Matrix left =
                Matrix.of(coefficients.view(block.first, (kept - 1L) * k + used), kept, used, k);
            Matrix right =
                Matrix.of(block.memory.view(column, (used - 1L) * stride + w), used, w, stride);
            kernels.gemm(1, left, right, block.first == 0 ? 0 : 1, rotated);
          }
        }
        for (int i = 0; i < kept; i++) {
          kernels.copy(panel.view((long) i * w, w), rows[i].view(column, w));
        }
      }
    }
  }

  @Override
  public void close() {
    blocks.forEach(block -> block.memory.close());
  }
}
