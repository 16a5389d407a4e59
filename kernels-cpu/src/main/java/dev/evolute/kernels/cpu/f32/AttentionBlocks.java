package dev.evolute.kernels.cpu.f32;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * What {@link Attention} does to its blocks between their products: moves them, and goes from
 * scores to probabilities and derivatives. Whole vectors only: what stands beyond a block's edge is
 * computed and never used.
 */
final class AttentionBlocks {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final ValueLayout.OfFloat E = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final long BYTES = Float.BYTES;

  /** Rows and columns of a block of scores. */
  static final int B = 64;

  /** Calls after which C2 inlines no further. */
  static final int ALONE = 2;

  private AttentionBlocks() {}

  /** {@code block = alpha X} for {@code n} rows of {@code dim} elements, {@code stride} apart. */
  static void read(
      float alpha,
      MemorySegment x,
      long at,
      long stride,
      int n,
      int dim,
      float[] block,
      int width) {
    for (int i = 0; i < n; i++) {
      readRow(alpha, x, at + i * stride, dim, block, i * width);
    }
  }

  private static void readRow(
      float alpha, MemorySegment x, long at, int dim, float[] block, int to) {
    int j = 0;
    for (; j <= dim - L; j += L) {
      FloatVector.fromMemorySegment(S, x, (at + j) * BYTES, LE).mul(alpha).intoArray(block, to + j);
    }
    for (; j < dim; j++) {
      block[to + j] = alpha * x.get(E, (at + j) * BYTES);
    }
  }

  /**
   * {@code X = alpha block + beta X} on {@code n} rows of {@code dim} elements, {@code stride}
   * apart.
   */
  static void write(
      float alpha,
      float[] block,
      int width,
      int n,
      int dim,
      float beta,
      MemorySegment x,
      long at,
      long stride) {
    for (int i = 0; i < n; i++) {
      if (beta == 0) {
        writeRow(alpha, block, i * width, dim, x, at + i * stride);
      } else {
        addRow(alpha, block, i * width, dim, beta, x, at + i * stride);
      }
    }
  }

  private static void writeRow(
      float alpha, float[] block, int from, int dim, MemorySegment x, long at) {
    int j = 0;
    for (; j <= dim - L; j += L) {
      FloatVector.fromArray(S, block, from + j)
          .mul(alpha)
          .intoMemorySegment(x, (at + j) * BYTES, LE);
    }
    for (; j < dim; j++) {
      x.set(E, (at + j) * BYTES, alpha * block[from + j]);
    }
  }

  private static void addRow(
      float alpha, float[] block, int from, int dim, float beta, MemorySegment x, long at) {
    FloatVector keep = FloatVector.broadcast(S, beta);
    int j = 0;
    for (; j <= dim - L; j += L) {
      long place = (at + j) * BYTES;
      FloatVector added = FloatVector.fromArray(S, block, from + j).mul(alpha);
      FloatVector old = FloatVector.fromMemorySegment(S, x, place, LE);
      old.fma(keep, added).intoMemorySegment(x, place, LE);
    }
    for (; j < dim; j++) {
      long place = (at + j) * BYTES;
      x.set(E, place, Math.fma(x.get(E, place), beta, alpha * block[from + j]));
    }
  }

  /** {@code T [dim x B] = X^T} for a block {@code X [B x dim]}. */
  static void transpose(float[] x, int width, int dim, float[] t) {
    for (int k = 0; k < dim; k++) {
      for (int i = 0; i < B; i++) {
        t[k * B + i] = x[i * width + k];
      }
    }
  }

  /**
   * {@code <x, y>} over dim elements: lane by lane, then the lanes in order, then the rest. {@code
   * lanes} is scratch.
   */
  static float dot(MemorySegment x, long xAt, MemorySegment y, long yAt, int dim, float[] lanes) {
    FloatVector sums = FloatVector.zero(S);
    int j = 0;
    for (; j <= dim - L; j += L) {
      FloatVector right = FloatVector.fromMemorySegment(S, y, (yAt + j) * BYTES, LE);
      sums = FloatVector.fromMemorySegment(S, x, (xAt + j) * BYTES, LE).fma(right, sums);
    }
    sums.intoArray(lanes, 0);
    float sum = 0;
    for (int i = 0; i < L; i++) {
      sum += lanes[i];
    }
    for (; j < dim; j++) {
      sum = Math.fma(x.get(E, (xAt + j) * BYTES), y.get(E, (yAt + j) * BYTES), sum);
    }
    return sum;
  }

  /** Scores key by query: key c is hidden from the queries {@code r < c - diagonal}. */
  static void hideQueries(float[] s, int keys, int diagonal) {
    for (int c = Math.max(0, diagonal + 1); c < keys; c++) {
      Arrays.fill(s, c * B, c * B + Math.min(B, c - diagonal), Float.NEGATIVE_INFINITY);
    }
  }

  /** Scores query by key: the keys {@code c > r + diagonal} are hidden from query r. */
  static void hideKeys(float[] s, int queries, int diagonal) {
    for (int r = 0; r < Math.min(queries, B - 1 - diagonal); r++) {
      Arrays.fill(s, r * B + Math.max(0, r + diagonal + 1), (r + 1) * B, Float.NEGATIVE_INFINITY);
    }
  }

  /**
   * {@code S = exp(S - shift)}, one shift a column.
   *
   * @param calls how often this calls itself before it computes: {@link #ALONE}. C2 inlines a
   *     method into itself once, so what computes is compiled on its own; inlined into a large
   *     caller, it would run out of C2's budget of nodes amid {@link VectorMath#exp}, whose vectors
   *     would then be objects. For the same reason the call comes after the loop
   */
  static void expColumns(int calls, float[] s, int rows, int cols, float[] shift) {
    for (int r = 0; r < cols && calls == 0; r += L) {
      FloatVector x = FloatVector.fromArray(S, shift, r);
      for (int at = r; at < rows * B; at += B) {
        VectorMath.exp(FloatVector.fromArray(S, s, at).sub(x)).intoArray(s, at);
      }
    }
    if (calls > 0) {
      expColumns(calls - 1, s, rows, cols, shift);
    }
  }

  /** {@code S = exp(S - shift)}, one shift a row; calls as for {@link #expColumns}. */
  static void expRows(int calls, float[] s, int rows, int cols, float[] shift, int from) {
    for (int r = 0; r < rows && calls == 0; r++) {
      FloatVector x = FloatVector.broadcast(S, shift[from + r]);
      for (int at = r * B; at < r * B + cols; at += L) {
        VectorMath.exp(FloatVector.fromArray(S, s, at).sub(x)).intoArray(s, at);
      }
    }
    if (calls > 0) {
      expRows(calls - 1, s, rows, cols, shift, from);
    }
  }

  /**
   * One step of the softmax over keys that come block by block (Milakov and Gimelshein, 2018).
   * Scores {@code [keys x queries]} become {@code exp(score - most)}, for the largest score of each
   * query so far; {@code factor} is what earlier sums shrink by. {@code most} starts at the lowest
   * number, not at -infinity: so scores of -infinity give 0 and not NaN.
   */
  static void softmax(float[] s, int keys, int queries, float[] most, float[] sum, float[] factor) {
    System.arraycopy(most, 0, factor, 0, B);
    columnMax(s, keys, queries, most);
    expColumns(ALONE, factor, 1, queries, most);
    expColumns(ALONE, s, keys, queries, most);
    columnSums(s, keys, queries, factor, sum);
  }

  private static void columnMax(float[] s, int rows, int cols, float[] most) {
    for (int r = 0; r < cols; r += L) {
      FloatVector x = FloatVector.fromArray(S, most, r);
      for (int at = r; at < rows * B; at += B) {
        x = x.max(FloatVector.fromArray(S, s, at));
      }
      x.intoArray(most, r);
    }
  }

  private static void columnSums(float[] s, int rows, int cols, float[] factor, float[] sum) {
    for (int r = 0; r < cols; r += L) {
      FloatVector x = FloatVector.fromArray(S, sum, r).mul(FloatVector.fromArray(S, factor, r));
      for (int at = r; at < rows * B; at += B) {
        x = x.add(FloatVector.fromArray(S, s, at));
      }
      x.intoArray(sum, r);
    }
  }

  /**
   * The end of the softmax: {@code most} becomes the log-sum-exp, {@code factor} what makes the sum
   * 1; a query that saw nothing keeps its output 0 and gets -infinity.
   */
  static void normalise(float[] sum, float[] most, float[] factor, int queries) {
    for (int r = 0; r < queries; r++) {
      factor[r] = sum[r] == 0 ? 0 : 1 / sum[r];
      most[r] = sum[r] == 0 ? Float.NEGATIVE_INFINITY : (float) (most[r] + Math.log(sum[r]));
    }
  }

  /** {@code x_i = factor_i x_i} on rows. */
  static void scaleRows(float[] factor, float[] x, int width, int rows) {
    for (int i = 0; i < rows; i++) {
      scaleRow(factor[i], x, i * width, width);
    }
  }

  private static void scaleRow(float factor, float[] x, int at, int width) {
    for (int j = at; j < at + width; j += L) {
      FloatVector.fromArray(S, x, j).mul(factor).intoArray(x, j);
    }
  }

  /** {@code y_i -= factor_i x_i} on rows. */
  static void subtractRows(float[] factor, float[] x, float[] y, int width, int rows) {
    for (int i = 0; i < rows; i++) {
      addRow(-factor[i], x, y, i * width, width);
    }
  }

  private static void addRow(float factor, float[] x, float[] y, int at, int width) {
    FloatVector all = FloatVector.broadcast(S, factor);
    for (int j = at; j < at + width; j += L) {
      FloatVector.fromArray(S, x, j).fma(all, FloatVector.fromArray(S, y, j)).intoArray(y, j);
    }
  }

  /** Key by query: {@code S' = P (.) S'}, added to the sum of each query. */
  static void tangent(float[] p, float[] sDot, int keys, int queries, float[] sum) {
    for (int r = 0; r < queries; r += L) {
      FloatVector x = FloatVector.fromArray(S, sum, r);
      for (int at = r; at < keys * B; at += B) {
        FloatVector product =
            FloatVector.fromArray(S, p, at).mul(FloatVector.fromArray(S, sDot, at));
        product.intoArray(sDot, at);
        x = x.add(product);
      }
      x.intoArray(sum, r);
    }
  }

  /** Query by key: dP becomes {@code dS = P (.) (dP - D)}. */
  static void pullBack(float[] p, float[] t, int queries, int keys, float[] d, int from) {
    for (int r = 0; r < queries; r++) {
      FloatVector mean = FloatVector.broadcast(S, d[from + r]);
      for (int at = r * B; at < r * B + keys; at += L) {
        FloatVector centred = FloatVector.fromArray(S, t, at).sub(mean);
        centred.mul(FloatVector.fromArray(S, p, at)).intoArray(t, at);
      }
    }
  }

  /**
   * Query by key: S' becomes {@code P' = P (.) (S' - lse')}, dP becomes dS, dP' becomes {@code dS'
   * = P' (.) (dP - D) + P (.) (dP' - D')}.
   */
  static void pullBackTangent(
      float[] p,
      float[] sDot,
      float[] t,
      float[] tDot,
      int queries,
      int keys,
      float[] lseDot,
      float[] d,
      float[] dDot,
      int from) {
    for (int r = 0; r < queries; r++) {
      FloatVector shift = FloatVector.broadcast(S, lseDot[from + r]);
      FloatVector mean = FloatVector.broadcast(S, d[from + r]);
      FloatVector meanDot = FloatVector.broadcast(S, dDot[from + r]);
      for (int at = r * B; at < r * B + keys; at += L) {
        FloatVector weight = FloatVector.fromArray(S, p, at);
        FloatVector weightDot = FloatVector.fromArray(S, sDot, at).sub(shift).mul(weight);
        FloatVector centred = FloatVector.fromArray(S, t, at).sub(mean);
        FloatVector centredDot = FloatVector.fromArray(S, tDot, at).sub(meanDot);
        weightDot.intoArray(sDot, at);
        centred.mul(weight).intoArray(t, at);
        centred.fma(weightDot, centredDot.mul(weight)).intoArray(tDot, at);
      }
    }
  }
}
