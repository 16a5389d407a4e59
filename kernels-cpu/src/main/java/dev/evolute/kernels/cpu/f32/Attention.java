package dev.evolute.kernels.cpu.f32;

import dev.evolute.kernels.AttentionShape;
import dev.evolute.kernels.AttentionShape.Gradients;
import dev.evolute.kernels.AttentionShape.Values;
import dev.evolute.kernels.Matrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Scaled dot-product attention with its derivatives (the math: {@link
 * dev.evolute.kernels.AttentionKernels}), after Dao, FlashAttention-2 (2023): {@code [B x B]}
 * blocks of scores live in the scratch of one thread, are used at once and formed again by each
 * verb.
 *
 * <p>Every block is computed by one thread in a fixed order, so results do not depend on the number
 * of threads. {@link #forward} and {@link #jvp} hold a block of queries and pass over the keys it
 * sees; scores stand key by query, so that the sums of a softmax run down vectors. {@link #vjp} and
 * {@link #vjpTangent} hold a block of keys and pass over the queries that see it, and the query
 * heads that share it; scores stand query by key, so that nothing is transposed in the inner loop.
 * A dot stands for the tangent: {@code qDot} is Q'.
 *
 * <p>Q is multiplied by the scale where it is read, so that every verb forms the scores by the same
 * operations: {@code exp(S - lse)} is then at most 1, however large the scores are.
 */
final class Attention {
  private static final ValueLayout.OfFloat E = ValueLayout.JAVA_FLOAT_UNALIGNED;

  /** Queries and keys of a block: eight blocks of 64 x 64 fit an L2 cache beside their operands. */
  private static final int B = AttentionBlocks.B;

  /** A diagonal beyond every block: nothing is masked. */
  private static final int FULL = 2 * B;

  /** What one thread works in; grows to the largest shape seen. */
  private static final class Scratch {
    final float[] s = new float[B * B];
    final float[] sDot = new float[B * B];
    final float[] t = new float[B * B];
    final float[] tDot = new float[B * B];
    final float[] most = new float[B];
    final float[] sum = new float[B];
    final float[] factor = new float[B];
    float[] q = {};
    float[] qDot;
    float[] k;
    float[] kDot;
    float[] v;
    float[] vDot;
    float[] o;
    float[] oDot;
    float[] qT;
    float[] qDotT;
    float[] kT;
    float[] kDotT;
    float[] vT;
    float[] vDotT;
    float[] dq;
    float[] dk;
    float[] dv;
    float[] lse = {};
    float[] lseDot;
    float[] d;
    float[] dDot;

    /** Room for blocks of {@code width} columns and statistics of {@code queries}. */
    void reserve(int width, int queries) {
      if (q.length < B * width) {
        q = new float[B * width];
        qDot = new float[B * width];
        k = new float[B * width];
        kDot = new float[B * width];
        v = new float[B * width];
        vDot = new float[B * width];
        o = new float[B * width];
        oDot = new float[B * width];
        qT = new float[B * width];
        qDotT = new float[B * width];
        kT = new float[B * width];
        kDotT = new float[B * width];
        vT = new float[B * width];
        vDotT = new float[B * width];
        dq = new float[B * width];
        dk = new float[B * width];
        dv = new float[B * width];
      }
      if (lse.length < queries) {
        lse = new float[queries];
        lseDot = new float[queries];
        d = new float[queries];
        dDot = new float[queries];
      }
    }
  }

  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  private Attention() {}

  /** Blocks that {@code n} queries or keys make. */
  static int blocks(int n) {
    return (n + B - 1) / B;
  }

  /** Columns of a block of heads: whole tiles. */
  private static int width(int dim) {
    return (dim + BlockProducts.NR - 1) / BlockProducts.NR * BlockProducts.NR;
  }

  /**
   * First query of the item-th block: light and heavy blocks of a causal mask take turns, so that
   * equal ranges of items are equal work.
   */
  private static int firstQuery(long item, int blocks) {
    int i = (int) (item % blocks);
    return B * ((i & 1) == 0 ? i / 2 : blocks - 1 - i / 2);
  }

  /** Keys that the query sees. */
  private static int seen(AttentionShape s, int query) {
    return s.causal() ? Math.clamp(query + 1L + s.keys() - s.queries(), 0, s.keys()) : s.keys();
  }

  /** The d such that row r of the block at (i0, j0) sees the columns {@code c <= r + d}. */
  private static int diagonal(AttentionShape s, int i0, int j0) {
    return s.causal() ? Math.clamp((long) i0 + s.keys() - s.queries() - j0, -FULL, FULL) : FULL;
  }

  /** Items {@code [from, to)} of batch x heads x blocks of queries: writes o and lse. */
  static void forward(Values x, long from, long to) {
    AttentionShape s = x.shape();
    int blocks = blocks(s.queries());
    int width = width(s.dim());
    Scratch w = SCRATCH.get();
    w.reserve(width, B);
    for (long item = from; item < to; item++) {
      int b = (int) (item / blocks / s.heads());
      int h = (int) (item / blocks % s.heads());
      int g = h / (s.heads() / s.keyHeads());
      int i0 = firstQuery(item, blocks);
      int nq = Math.min(B, s.queries() - i0);
      read((float) s.scale(), x.q(), b * s.queries() + i0, h, nq, s, w.q, width);
      AttentionBlocks.transpose(w.q, width, s.dim(), w.qT);
      Arrays.fill(w.most, -Float.MAX_VALUE);
      Arrays.fill(w.sum, 0);
      clear(w.dq, width);
      int nk = seen(s, i0 + nq - 1);
      for (int j0 = 0; j0 < nk; j0 += B) {
        int n = Math.min(B, nk - j0);
        int diagonal = diagonal(s, i0, j0);
        read(1, x.k(), b * s.keys() + j0, g, n, s, w.k, width);
        read(1, x.v(), b * s.keys() + j0, g, n, s, w.v, width);
        Arrays.fill(w.s, 0);
        BlockProducts.intoBand(-diagonal, FULL, n, nq, s.dim(), w.k, width, w.qT, B, w.s, B);
        AttentionBlocks.hideQueries(w.s, n, diagonal);
        AttentionBlocks.softmax(w.s, n, nq, w.most, w.sum, w.factor);
        AttentionBlocks.scaleRows(w.factor, w.dq, width, nq);
        BlockProducts.bandTimes(
            -FULL, diagonal, nq, s.dim(), n, w.s, 1, B, w.v, width, w.dq, width);
      }
      AttentionBlocks.normalise(w.sum, w.most, w.factor, nq);
      AttentionBlocks.scaleRows(w.factor, w.dq, width, nq);
      write(1, w.dq, width, s, nq, 0, x.o(), b * s.queries() + i0, h);
      long at = ((long) b * s.heads() + h) * s.queries() + i0;
      MemorySegment.copy(w.most, 0, x.lse().segment(), E, at * Float.BYTES, nq);
    }
  }

  /** Items {@code [from, to)} of batch x heads x blocks of queries: writes o' and lse'. */
  static void jvp(Values x, Values dot, long from, long to) {
    AttentionShape s = x.shape();
    int blocks = blocks(s.queries());
    int width = width(s.dim());
    Scratch w = SCRATCH.get();
    w.reserve(width, B);
    for (long item = from; item < to; item++) {
      int b = (int) (item / blocks / s.heads());
      int h = (int) (item / blocks % s.heads());
      int g = h / (s.heads() / s.keyHeads());
      int i0 = firstQuery(item, blocks);
      int nq = Math.min(B, s.queries() - i0);
      int row = b * s.queries() + i0;
      read((float) s.scale(), x.q(), row, h, nq, s, w.q, width);
      read((float) s.scale(), dot.q(), row, h, nq, s, w.qDot, width);
      AttentionBlocks.transpose(w.q, width, s.dim(), w.qT);
      AttentionBlocks.transpose(w.qDot, width, s.dim(), w.qDotT);
      long at = ((long) b * s.heads() + h) * s.queries() + i0;
      statistics(x, at, nq, w.most);
      Arrays.fill(w.sum, 0);
      clear(w.dq, width);
      int nk = seen(s, i0 + nq - 1);
      for (int j0 = 0; j0 < nk; j0 += B) {
        int n = Math.min(B, nk - j0);
        int diagonal = diagonal(s, i0, j0);
        read(1, x.k(), b * s.keys() + j0, g, n, s, w.k, width);
        read(1, x.v(), b * s.keys() + j0, g, n, s, w.v, width);
        read(1, dot.k(), b * s.keys() + j0, g, n, s, w.kDot, width);
        read(1, dot.v(), b * s.keys() + j0, g, n, s, w.vDot, width);
        Arrays.fill(w.s, 0);
        Arrays.fill(w.sDot, 0);
        BlockProducts.intoBand(-diagonal, FULL, n, nq, s.dim(), w.k, width, w.qT, B, w.s, B);
        BlockProducts.intoBand(-diagonal, FULL, n, nq, s.dim(), w.k, width, w.qDotT, B, w.sDot, B);
        BlockProducts.intoBand(-diagonal, FULL, n, nq, s.dim(), w.kDot, width, w.qT, B, w.sDot, B);
        AttentionBlocks.hideQueries(w.s, n, diagonal);
        AttentionBlocks.expColumns(AttentionBlocks.ALONE, w.s, n, nq, w.most);
        AttentionBlocks.tangent(w.s, w.sDot, n, nq, w.sum);
        BlockProducts.bandTimes(
            -FULL, diagonal, nq, s.dim(), n, w.sDot, 1, B, w.v, width, w.dq, width);
        BlockProducts.bandTimes(
            -FULL, diagonal, nq, s.dim(), n, w.s, 1, B, w.vDot, width, w.dq, width);
      }
      read(1, x.o(), row, h, nq, s, w.o, width);
      AttentionBlocks.subtractRows(w.sum, w.o, w.dq, width, nq);
      write(1, w.dq, width, s, nq, 0, dot.o(), row, h);
      MemorySegment.copy(w.sum, 0, dot.lse().segment(), E, at * Float.BYTES, nq);
    }
  }

  /** Items {@code [from, to)} of batch x key heads: dQ, dK, dV from dO. */
  static void vjp(Values x, Gradients grad, float beta, long from, long to) {
    AttentionShape s = x.shape();
    int group = s.heads() / s.keyHeads();
    int width = width(s.dim());
    Scratch w = SCRATCH.get();
    w.reserve(width, Math.multiplyExact(group, s.queries()));
    for (long item = from; item < to; item++) {
      int b = (int) (item / s.keyHeads());
      int g = (int) (item % s.keyHeads());
      long at = ((long) b * s.heads() + (long) g * group) * s.queries();
      statistics(x, at, group * s.queries(), w.lse);
      for (int i = 0; i < group; i++) {
        int row = b * s.queries();
        dots(grad.o(), x.o(), row, g * group + i, w, s, 0, w.d, i * s.queries());
      }
      // At least one pass, so that every dQ is written even where there is no key.
      for (int j0 = 0; j0 == 0 || j0 < s.keys(); j0 += B) {
        int nk = Math.min(B, s.keys() - j0);
        read(1, x.k(), b * s.keys() + j0, g, nk, s, w.k, width);
        read(1, x.v(), b * s.keys() + j0, g, nk, s, w.v, width);
        AttentionBlocks.transpose(w.k, width, s.dim(), w.kT);
        AttentionBlocks.transpose(w.v, width, s.dim(), w.vT);
        clear(w.dk, width);
        clear(w.dv, width);
        float keep = j0 == 0 ? beta : 1;
        for (int i = 0; i < group; i++) {
          for (int i0 = 0; i0 < s.queries(); i0 += B) {
            int nq = Math.min(B, s.queries() - i0);
            int h = g * group + i;
            int row = b * s.queries() + i0;
            if (seen(s, i0 + nq - 1) > j0) {
              read((float) s.scale(), x.q(), row, h, nq, s, w.q, width);
              read(1, grad.o(), row, h, nq, s, w.o, width);
              pullBack(s, w, i0, nq, i * s.queries() + i0, j0, nk, width);
              write((float) s.scale(), w.dq, width, s, nq, keep, grad.q(), row, h);
            } else if (j0 == 0) {
              clear(w.dq, width);
              write((float) s.scale(), w.dq, width, s, nq, keep, grad.q(), row, h);
            }
          }
        }
        write(1, w.dk, width, s, nk, beta, grad.k(), b * s.keys() + j0, g);
        write(1, w.dv, width, s, nk, beta, grad.v(), b * s.keys() + j0, g);
      }
    }
  }

  /** One block of scores: adds to dk and dv, writes dq. */
  private static void pullBack(
      AttentionShape s, Scratch w, int i0, int nq, int stat, int j0, int nk, int width) {
    int dim = s.dim();
    int diagonal = diagonal(s, i0, j0);
    Arrays.fill(w.s, 0);
    Arrays.fill(w.t, 0);
    BlockProducts.intoBand(-FULL, diagonal, nq, nk, dim, w.q, width, w.kT, B, w.s, B);
    BlockProducts.intoBand(-FULL, diagonal, nq, nk, dim, w.o, width, w.vT, B, w.t, B);
    AttentionBlocks.hideKeys(w.s, nq, diagonal);
    AttentionBlocks.expRows(AttentionBlocks.ALONE, w.s, nq, nk, w.lse, stat);
    AttentionBlocks.pullBack(w.s, w.t, nq, nk, w.d, stat);
    BlockProducts.bandTimes(-diagonal, FULL, nk, dim, nq, w.s, 1, B, w.o, width, w.dv, width);
    BlockProducts.bandTimes(-diagonal, FULL, nk, dim, nq, w.t, 1, B, w.q, width, w.dk, width);
    clear(w.dq, width);
    BlockProducts.bandTimes(-FULL, diagonal, nq, dim, nk, w.t, B, 1, w.k, width, w.dq, width);
  }

  /** Items {@code [from, to)} of batch x key heads: dQ', dK', dV' from all values and tangents. */
  static void vjpTangent(
      Values x, Gradients grad, Values dot, Gradients gradDot, float beta, long from, long to) {
    AttentionShape s = x.shape();
    int group = s.heads() / s.keyHeads();
    int width = width(s.dim());
    Scratch w = SCRATCH.get();
    w.reserve(width, Math.multiplyExact(group, s.queries()));
    for (long item = from; item < to; item++) {
      int b = (int) (item / s.keyHeads());
      int g = (int) (item % s.keyHeads());
      long at = ((long) b * s.heads() + (long) g * group) * s.queries();
      statistics(x, at, group * s.queries(), w.lse);
      MemorySegment.copy(
          dot.lse().segment(), E, at * Float.BYTES, w.lseDot, 0, group * s.queries());
      for (int i = 0; i < group; i++) {
        int row = b * s.queries();
        int h = g * group + i;
        dots(grad.o(), x.o(), row, h, w, s, 0, w.d, i * s.queries());
        dots(gradDot.o(), x.o(), row, h, w, s, 0, w.dDot, i * s.queries());
        dots(grad.o(), dot.o(), row, h, w, s, 1, w.dDot, i * s.queries());
      }
      for (int j0 = 0; j0 == 0 || j0 < s.keys(); j0 += B) {
        int nk = Math.min(B, s.keys() - j0);
        read(1, x.k(), b * s.keys() + j0, g, nk, s, w.k, width);
        read(1, x.v(), b * s.keys() + j0, g, nk, s, w.v, width);
        read(1, dot.k(), b * s.keys() + j0, g, nk, s, w.kDot, width);
        read(1, dot.v(), b * s.keys() + j0, g, nk, s, w.vDot, width);
        AttentionBlocks.transpose(w.k, width, s.dim(), w.kT);
        AttentionBlocks.transpose(w.v, width, s.dim(), w.vT);
        AttentionBlocks.transpose(w.kDot, width, s.dim(), w.kDotT);
        AttentionBlocks.transpose(w.vDot, width, s.dim(), w.vDotT);
        clear(w.dk, width);
        clear(w.dv, width);
        float keep = j0 == 0 ? beta : 1;
        for (int i = 0; i < group; i++) {
          for (int i0 = 0; i0 < s.queries(); i0 += B) {
            int nq = Math.min(B, s.queries() - i0);
            int h = g * group + i;
            int row = b * s.queries() + i0;
            if (seen(s, i0 + nq - 1) > j0) {
              read((float) s.scale(), x.q(), row, h, nq, s, w.q, width);
              read(1, grad.o(), row, h, nq, s, w.o, width);
              read((float) s.scale(), dot.q(), row, h, nq, s, w.qDot, width);
              read(1, gradDot.o(), row, h, nq, s, w.oDot, width);
              pullBackTangent(s, w, i0, nq, i * s.queries() + i0, j0, nk, width);
              write((float) s.scale(), w.dq, width, s, nq, keep, gradDot.q(), row, h);
            } else if (j0 == 0) {
              clear(w.dq, width);
              write((float) s.scale(), w.dq, width, s, nq, keep, gradDot.q(), row, h);
            }
          }
        }
        write(1, w.dk, width, s, nk, beta, gradDot.k(), b * s.keys() + j0, g);
        write(1, w.dv, width, s, nk, beta, gradDot.v(), b * s.keys() + j0, g);
      }
    }
  }

  /** One block of scores and their tangents: adds to dk' and dv', writes dq'. */
  private static void pullBackTangent(
      AttentionShape s, Scratch w, int i0, int nq, int stat, int j0, int nk, int width) {
    int dim = s.dim();
    int diagonal = diagonal(s, i0, j0);
    Arrays.fill(w.s, 0);
    Arrays.fill(w.t, 0);
    Arrays.fill(w.sDot, 0);
    Arrays.fill(w.tDot, 0);
    BlockProducts.intoBand(-FULL, diagonal, nq, nk, dim, w.q, width, w.kT, B, w.s, B);
    BlockProducts.intoBand(-FULL, diagonal, nq, nk, dim, w.qDot, width, w.kT, B, w.sDot, B);
    BlockProducts.intoBand(-FULL, diagonal, nq, nk, dim, w.q, width, w.kDotT, B, w.sDot, B);
    BlockProducts.intoBand(-FULL, diagonal, nq, nk, dim, w.o, width, w.vT, B, w.t, B);
    BlockProducts.intoBand(-FULL, diagonal, nq, nk, dim, w.oDot, width, w.vT, B, w.tDot, B);
    BlockProducts.intoBand(-FULL, diagonal, nq, nk, dim, w.o, width, w.vDotT, B, w.tDot, B);
    AttentionBlocks.hideKeys(w.s, nq, diagonal);
    AttentionBlocks.expRows(AttentionBlocks.ALONE, w.s, nq, nk, w.lse, stat);
    AttentionBlocks.pullBackTangent(w.s, w.sDot, w.t, w.tDot, nq, nk, w.lseDot, w.d, w.dDot, stat);
    BlockProducts.bandTimes(-diagonal, FULL, nk, dim, nq, w.sDot, 1, B, w.o, width, w.dv, width);
    BlockProducts.bandTimes(-diagonal, FULL, nk, dim, nq, w.s, 1, B, w.oDot, width, w.dv, width);
    BlockProducts.bandTimes(-diagonal, FULL, nk, dim, nq, w.tDot, 1, B, w.q, width, w.dk, width);
    BlockProducts.bandTimes(-diagonal, FULL, nk, dim, nq, w.t, 1, B, w.qDot, width, w.dk, width);
    clear(w.dq, width);
    BlockProducts.bandTimes(-FULL, diagonal, nq, dim, nk, w.tDot, B, 1, w.k, width, w.dq, width);
    BlockProducts.bandTimes(-FULL, diagonal, nq, dim, nk, w.t, B, 1, w.kDot, width, w.dq, width);
  }

  private static void clear(float[] block, int width) {
    Arrays.fill(block, 0, B * width, 0);
  }

  /** The lse of {@code n} queries; one that sees nothing gets infinity, hence probabilities 0. */
  private static void statistics(Values x, long at, int n, float[] lse) {
    MemorySegment.copy(x.lse().segment(), E, at * Float.BYTES, lse, 0, n);
    for (int i = 0; i < n; i++) {
      if (lse[i] == Float.NEGATIVE_INFINITY) {
        lse[i] = Float.POSITIVE_INFINITY;
      }
    }
  }

  /** {@code d_i = <x_i, y_i> + beta d_i} over the queries of a sequence and head. */
  private static void dots(
      Matrix x,
      Matrix y,
      int row,
      int head,
      Scratch w,
      AttentionShape s,
      float beta,
      float[] d,
      int at) {
    long xAt = (long) row * x.stride() + (long) head * s.dim();
    long yAt = (long) row * y.stride() + (long) head * s.dim();
    for (int i = 0; i < s.queries(); i++) {
      float dot =
          AttentionBlocks.dot(
              x.buffer().segment(), xAt, y.buffer().segment(), yAt, s.dim(), w.factor);
      d[at + i] = beta == 0 ? dot : dot + beta * d[at + i];
      xAt += x.stride();
      yAt += y.stride();
    }
  }

  /** {@code block = alpha X} on the rows {@code [row, row + n)} of a head. */
  private static void read(
      float alpha, Matrix x, int row, int head, int n, AttentionShape s, float[] block, int width) {
    long at = (long) row * x.stride() + (long) head * s.dim();
    AttentionBlocks.read(alpha, x.buffer().segment(), at, x.stride(), n, s.dim(), block, width);
  }

  /** {@code X = alpha block + beta X} on the rows {@code [row, row + n)} of a head. */
  private static void write(
      float alpha,
      float[] block,
      int width,
      AttentionShape s,
      int n,
      float beta,
      Matrix x,
      int row,
      int head) {
    long at = (long) row * x.stride() + (long) head * s.dim();
    AttentionBlocks.write(
        alpha, block, width, n, s.dim(), beta, x.buffer().segment(), at, x.stride());
  }
}
