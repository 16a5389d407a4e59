package dev.evolute.kernels.cpu.f32;

import dev.evolute.kernels.Epilogue;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Operand;
import dev.evolute.kernels.cpu.FastProducts;
import dev.evolute.kernels.cpu.Workers;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@code C = alpha sum_t A_t B_t + beta C} for one or two pairs of operands, or for a batch of
 * products: what is to be computed, and its split over threads. The loops of one thread stand in
 * {@link GemmBlock}.
 *
 * <p>C is row-major here: where it is a transposed view, {@code C^T = B^T A^T} is computed. Which
 * way a product takes depends on its sizes alone, so that results do not depend on the number of
 * threads.
 */
final class Gemm implements Workers.Task {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  static final int L = S.length();
  static final long BYTES = Float.BYTES;

  /** Only AVX-512 (and SVE) have the 32 registers that the larger tiles need. */
  static final boolean WIDE = S.vectorBitSize() >= 512;

  /** Columns of a panel of packed B. */
  static final int NR = 2 * L;

  /** Below this many multiply-adds a second thread costs more than it brings. */
  private static final long PARALLEL = 1_000_000;

  /** Least work of a unit, and most units for each thread. */
  private static final long UNIT = 500_000;

  private static final int UNITS = 8;

  /** Up to so many rows or columns of C a product is one pass over a matrix, not to be cut up. */
  private static final int FEW = 16;

  /** Columns of a unit, the block that stays in L2, and the least depth at which it pays. */
  private static final int WIDTH = 128;

  private static final int DEEP = 256;

  /** A pair of operands whose product is added to C. */
  static final class Term {
    int k;
    MemorySegment a;
    long aAddress;

    /** Bytes from one row of A to the next, and from one k to the next. */
    long ar;

    long ak;

    /** A stands in panels of NR rows, as a packed right operand of the transposed product. */
    boolean aPanels;

    /** Plain B, or null where it is packed. */
    Matrix b;

    /** Of plain or packed B. */
    long bAddress;

    /** Bytes from one row of plain B to the next. */
    long bRow() {
      return b.transposed() ? BYTES : b.stride() * BYTES;
    }

    /** Bytes from one column of plain B to the next. */
    long bCol() {
      return b.transposed() ? b.stride() * BYTES : BYTES;
    }

    private void set(Operand left, Operand right) {
      k = left.cols();
      if (left instanceof Packed packed) {
        aPanels = true;
        a = packed.panels();
        ar = BYTES;
        ak = NR * BYTES;
      } else {
        aPanels = false;
        Matrix plain = (Matrix) left;
        a = plain.buffer().segment();
        long stride = plain.stride() * BYTES;
        ar = plain.transposed() ? BYTES : stride;
        ak = plain.transposed() ? stride : BYTES;
      }
      aAddress = a.address();
      if (right instanceof Packed packed) {
        b = null;
        bAddress = packed.panels().address();
      } else {
        b = (Matrix) right;
        bAddress = b.buffer().segment().address();
      }
    }
  }

  final Term first = new Term();
  final Term second = new Term();
  boolean pair;
  float alpha;
  float beta;
  Matrix c;
  long cAddress;
  Epilogue epilogue;

  /** Bytes from one product of a batch to the next. */
  long aStep;

  long bStep;
  long cStep;

  private final Workers workers;

  /** What is asked first, or null. */
  private FastProducts fast;

  /** The loops of the calling thread; workers have their own. */
  private final GemmBlock own = new GemmBlock();

  private final SplitSum split = new SplitSum();

  /** Pieces of the sums of a thin product; 1: they are not cut. */
  private int pieces;

  private int batch;
  private int rowParts;
  private int colParts;
  private int batchParts;

  /** The unit that nobody has begun. */
  private final AtomicInteger next = new AtomicInteger();

  Gemm(Workers workers) {
    this.workers = workers;
  }

  /** Offers every product to this first, to none if null. */
  void offer(FastProducts fast) {
    this.fast = fast;
  }

  /**
   * The product {@code A B}, or {@code A B + D E} if d and e are given; shapes are checked by the
   * caller.
   */
  void run(
      double alpha,
      Operand a,
      Operand b,
      Operand d,
      Operand e,
      double beta,
      Matrix c,
      Epilogue epilogue) {
    if (fast != null && fast.run(alpha, a, b, d, e, beta, c, epilogue)) {
      return;
    }
    pair = d != null;
    boolean flip = c.transposed();
    first.set(flip ? b.t() : a, flip ? a.t() : b);
    if (pair) {
      second.set(flip ? e.t() : d, flip ? d.t() : e);
    }
    this.epilogue = epilogue;
    batch = 1;
    start(alpha, beta, flip ? c.t() : c);
  }

  /** Many products of one shape; steps in elements. */
  void batch(
      int count,
      double alpha,
      Matrix a,
      long aStep,
      Matrix b,
      long bStep,
      double beta,
      Matrix c,
      long cStep) {
    if (fast != null && fast.batch(count, alpha, a, aStep, b, bStep, beta, c, cStep)) {
      return;
    }
    boolean flip = c.transposed();
    first.set(flip ? b.t() : a, flip ? a.t() : b);
    pair = false;
    epilogue = null;
    batch = count;
    this.aStep = (flip ? bStep : aStep) * BYTES;
    this.bStep = (flip ? aStep : bStep) * BYTES;
    this.cStep = cStep * BYTES;
    start(alpha, beta, flip ? c.t() : c);
  }

  private void start(double alpha, double beta, Matrix c) {
    int m = c.rows();
    int n = c.cols();
    if (m == 0 || n == 0 || batch == 0) {
      return;
    }
    this.c = c;
    cAddress = c.buffer().segment().address();
    this.alpha = (float) alpha;
    this.beta = (float) beta;
    if (alpha == 0) {
      // A and B are not read: NaN there must not come through.
      first.k = 0;
      second.k = 0;
    }
    pieces = batch == 1 ? GemmBlock.pieces(this) : 1;
    if (pieces > 1) {
      int count = m * n;
      split.reserve(pieces, count);
      next.set(0);
      workers.run(Math.min(workers.count(), pieces), this);
      split.merge(pieces, count, this.alpha, this.beta, c);
      if (epilogue != null) {
        Epilogues.run(epilogue, c, 0, m, 0, n);
      }
      return;
    }
    long work = (long) m * n * (first.k + (pair ? second.k : 0)) * batch;
    int parts = work < PARALLEL ? 1 : workers.count();
    if (parts == 1) {
      for (int i = 0; i < batch; i++) {
        own.run(this, i, 0, m, 0, n);
      }
      return;
    }
    batchParts = Math.min(parts, batch);
    share(m, n, parts / batchParts);
    refine(m, n, (int) Math.min(UNITS, work / parts / UNIT));
    next.set(0);
    workers.run(Math.min(parts, units()), this);
  }

  private int units() {
    return pieces > 1 ? pieces : batchParts * rowParts * colParts;
  }

  /**
   * Cuts a thread's part into units, at most so many, which go to whoever is free: a thread whose
   * processor is slower than the others, by nature or because another program has it, does less.
   */
  private void refine(int m, int n, int most) {
    if (most <= 1 || m <= FEW || n <= FEW) {
      return;
    }
    if (batch >= 2 * batchParts) {
      batchParts *= Math.min(most, batch / batchParts);
    } else if (Math.max(first.k, pair ? second.k : 0) >= DEEP) {
      colParts *= Math.min(most, (n / colParts + WIDTH - 1) / WIDTH);
    }
  }

  /** A grid of threads over C whose parts are as square as their number allows. */
  private void share(int m, int n, int parts) {
    rowParts = 1;
    colParts = parts;
    double least = Double.POSITIVE_INFINITY;
    for (int rows = 1; rows <= parts; rows++) {
      if (parts % rows == 0) {
        // What a part reads: its rows of A and its columns of B, whole panels of them.
        int cols = parts / rows;
        double moved = (double) m / rows + (double) (panels(n) + cols - 1) / cols * NR;
        if (moved < least) {
          least = moved;
          rowParts = rows;
          colParts = cols;
        }
      }
    }
  }

  @Override
  public void run(int part) {
    GemmBlock block = part == 0 ? own : GemmBlock.ofThread();
    int units = units();
    for (int unit = next.getAndIncrement(); unit < units; unit = next.getAndIncrement()) {
      run(block, unit);
    }
  }

  private void run(GemmBlock block, int unit) {
    if (pieces > 1) {
      int k0 = (int) ((long) first.k * unit / pieces);
      int k1 = (int) ((long) first.k * (unit + 1) / pieces);
      int count = c.rows() * c.cols();
      block.piece(this, count, k0, k1, split.piece(unit, count));
      return;
    }
    int col = unit % colParts;
    int row = unit / colParts % rowParts;
    int lot = unit / colParts / rowParts;
    int m = c.rows();
    int panels = panels(c.cols());
    int i0 = (int) ((long) m * row / rowParts);
    int i1 = (int) ((long) m * (row + 1) / rowParts);
    int j0 = (int) ((long) panels * col / colParts) * NR;
    int j1 = Math.min(c.cols(), (int) ((long) panels * (col + 1) / colParts) * NR);
    int from = (int) ((long) batch * lot / batchParts);
    int to = (int) ((long) batch * (lot + 1) / batchParts);
    for (int i = from; i < to; i++) {
      block.run(this, i, i0, i1, j0, j1);
    }
  }

  /** Panels of n columns. */
  static int panels(int n) {
    return (n + NR - 1) / NR;
  }
}
