package dev.evolute.kernels.cpu.f32;

import dev.evolute.kernels.Matrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * {@code y = alpha M x + beta y} where y is short and M's columns stand without gaps: cut by
 * columns of M into pieces, each of which adds up a row of sums of its own, so that threads read
 * long stretches of M. Cut by elements of y, two threads would read half a page each of every page.
 * The pieces depend on the sizes alone and are added in their order, so that the number of threads
 * changes no bit.
 */
final class SplitSum {
  private static final long BYTES = Float.BYTES;

  /** Elements of y up to which it is short: half of it is less than a page. */
  private static final int SHORT = (int) (8192 / BYTES);

  /** Elements of M in a piece, and columns of it, at least; and pieces at most. */
  private static final long PIECE = 250_000;

  private static final int COLUMNS = 64;

  private static final int PIECES = 8;

  private MemorySegment sums = MemorySegment.NULL;

  /** How many pieces a product with n elements of y and k columns of M is cut into; 1: none. */
  static int pieces(int n, int k) {
    if (n > SHORT) {
      return 1;
    }
    return (int) Math.clamp(Math.min(k / COLUMNS, (long) n * k / PIECE), 1, PIECES);
  }

  /** Makes room for the sums of so many pieces of n elements each. */
  void reserve(int pieces, int n) {
    long bytes = pieces * row(n);
    if (sums.byteSize() < bytes) {
      sums = Arena.ofAuto().allocate(bytes, 64);
    }
  }

  /** Address of the n sums of a piece. */
  long piece(int piece, int n) {
    return sums.address() + piece * row(n);
  }

  /** Adds the pieces to y, a single row or column. */
  void merge(int pieces, int n, float alpha, float beta, Matrix y) {
    for (int piece = 1; piece < pieces; piece++) {
      Merge.rows(1, n, 1, piece(piece, n), 0, 1, sums.address(), 0);
    }
    long to = y.buffer().segment().address();
    if (y.rows() == 1) {
      Merge.rows(1, n, alpha, sums.address(), 0, beta, to, 0);
    } else {
      Merge.column(n, alpha, sums.address(), beta, to, y.stride() * BYTES);
    }
  }

  /** Bytes from one piece's sums to the next's, whole cache lines. */
  private static long row(int n) {
    return (n * BYTES + 127) / 64 * 64;
  }
}
