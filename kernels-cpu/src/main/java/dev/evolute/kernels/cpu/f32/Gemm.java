package dev.evolute.kernels.cpu.f32;

import dev.evolute.kernels.Epilogue;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Operand;
import dev.evolute.kernels.cpu.Workers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@code C = alpha sum_t A_t B_t + beta C} for one or two pairs of operands, after Goto and van de
 * Geijn and BLIS: loops over blocks around one register tile.
 *
 * <pre>
 *   jc  columns of C, NC at a time            chunk of B -> panels [k][NR], where that pays
 *     kb  inner indices, KB at a time
 *       ic  rows of C, MC at a time           block of A -> rows without gaps, where that pays
 *         pc  inner indices, kc at a time
 *           jr  panels of NR columns          a panel of B stays in L1
 *             ir  rows of a tile              {@link Tiles}
 * </pre>
 *
 * The tile broadcasts elements of A and loads vectors of B. It reads both wherever they stand, with
 * any strides, so that small products move nothing beforehand. Only B's columns must be contiguous:
 * a transposed B is packed. C is row-major: where it is a transposed view, {@code C^T = B^T A^T} is
 * computed.
 *
 * <p>Which way is taken, and where k is cut, depends on the sizes of the product alone, so that
 * results do not depend on the number of threads.
 */
final class Gemm implements Workers.Task {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  static final int L = S.length();
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final ValueLayout.OfFloat E = ValueLayout.JAVA_FLOAT_UNALIGNED;
  static final long BYTES = Float.BYTES;

  /** Only AVX-512 (and SVE) have the 32 registers that the larger tiles need. */
  private static final boolean WIDE = S.vectorBitSize() >= 512;

  /** Columns of a panel of B. */
  static final int NR = 2 * L;

  /** Panel depth: KC x NR elements of B, 32 KiB, stay in L1 while rows of A pass by. */
  private static final int KC = 256;

  /** Up to this depth a cut would cost more than a panel that reaches into L2. */
  private static final int UNCUT = 384;

  /** Rows of a block of A, MC x KC elements in L2. */
  private static final int MC = 120;

  /** Inner indices and columns of B packed at a time: at most 8 MiB in f32, from L3. */
  private static final int KB = 8 * KC;

  private static final int NC = 1024;

  /** Below this many multiply-adds a second thread costs more than it brings. */
  private static final long PARALLEL = 400_000;

  /** What one thread packs into; grows to the largest product seen. */
  private static final class Scratch {
    MemorySegment a = MemorySegment.NULL;
    MemorySegment b = MemorySegment.NULL;
    final MemorySegment c = Arena.ofAuto().allocate(Tiles.ROWS[2] * 4L * L * BYTES, 64);

    void reserveA(long bytes) {
      if (a.byteSize() < bytes) {
        a = Arena.ofAuto().allocate(bytes, 64);
      }
    }

    void reserveB(long bytes) {
      if (b.byteSize() < bytes) {
        b = Arena.ofAuto().allocate(bytes, 64);
      }
    }
  }

  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  /** A pair of operands whose product is added to C. */
  private static final class Term {
    MemorySegment a;

    /** Bytes from one row of A to the next, and from one k to the next. */
    long ar;

    long ak;

    /** A stands in panels of NR rows, as a packed right operand of the transposed product. */
    boolean aPanels;

    /** Plain B, or null where it is packed. */
    Matrix b;

    MemorySegment panels;
    long address;
    long bAddress;
    int k;

    void set(Operand left, Operand right) {
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
      address = Memory.address("gemm", a);
      if (right instanceof Packed packed) {
        b = null;
        panels = packed.panels();
        Memory.address("gemm", panels);
      } else {
        b = (Matrix) right;
        bAddress = Memory.address("gemm", b.buffer().segment());
      }
    }
  }

  private final Workers workers;
  private final Term first = new Term();
  private final Term second = new Term();
  private boolean pair;
  private float alpha;
  private float beta;
  private Matrix c;
  private long cAddress;
  private boolean cReached;
  private Epilogue epilogue;
  private int batch;
  private long aStep;
  private long bStep;
  private long cStep;
  private int rowParts;
  private int colParts;
  private int batchParts;

  Gemm(Workers workers) {
    this.workers = workers;
  }

  /** One product; shapes are checked by the caller. */
  void run(double alpha, Operand a, Operand b, double beta, Matrix c, Epilogue epilogue) {
    run(alpha, a, b, null, null, beta, c, epilogue);
  }

  /** The sum of two products if d and e are given; shapes are checked by the caller. */
  void run(
      double alpha,
      Operand a,
      Operand b,
      Operand d,
      Operand e,
      double beta,
      Matrix c,
      Epilogue epilogue) {
    pair = d != null;
    boolean flip = c.transposed();
    first.set(flip ? b.t() : a, flip ? a.t() : b);
    if (pair) {
      second.set(flip ? e.t() : d, flip ? d.t() : e);
    }
    this.c = flip ? c.t() : c;
    this.epilogue = epilogue;
    batch = 1;
    start(alpha, beta);
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
    boolean flip = c.transposed();
    first.set(flip ? b.t() : a, flip ? a.t() : b);
    pair = false;
    this.c = flip ? c.t() : c;
    epilogue = null;
    batch = count;
    this.aStep = (flip ? bStep : aStep) * BYTES;
    this.bStep = (flip ? aStep : bStep) * BYTES;
    this.cStep = cStep * BYTES;
    start(alpha, beta);
  }

  private void start(double alpha, double beta) {
    int m = c.rows();
    int n = c.cols();
    if (m == 0 || n == 0 || batch == 0) {
      return;
    }
    MemorySegment target = c.buffer().segment();
    cAddress = Memory.address("gemm", target);
    cReached = Memory.reaches(target);
    this.alpha = (float) alpha;
    this.beta = (float) beta;
    if (alpha == 0) {
      // A and B are not read: NaN there must not come through.
      first.k = 0;
      second.k = 0;
    }
    long work = (long) m * n * (first.k + (pair ? second.k : 0)) * batch;
    int parts = work < PARALLEL ? 1 : workers.count();
    if (parts == 1) {
      for (int i = 0; i < batch; i++) {
        block(i, 0, m, 0, panels(n));
      }
      return;
    }
    batchParts = Math.min(parts, batch);
    share(m, n, parts / batchParts);
    workers.run(batchParts * rowParts * colParts, this);
  }

  /** A grid of threads over C whose parts are as square as their number allows. */
  private void share(int m, int n, int parts) {
    rowParts = 1;
    colParts = parts;
    double least = Double.POSITIVE_INFINITY;
    for (int rows = 1; rows <= parts; rows++) {
      if (parts % rows == 0) {
        // What a part packs: its rows of A and its columns of B, whole panels of them.
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
    int col = part % colParts;
    int row = part / colParts % rowParts;
    int lot = part / colParts / rowParts;
    int m = c.rows();
    int panels = panels(c.cols());
    int i0 = (int) ((long) m * row / rowParts);
    int i1 = (int) ((long) m * (row + 1) / rowParts);
    int q0 = (int) ((long) panels * col / colParts);
    int q1 = (int) ((long) panels * (col + 1) / colParts);
    int from = (int) ((long) batch * lot / batchParts);
    int to = (int) ((long) batch * (lot + 1) / batchParts);
    for (int i = from; i < to; i++) {
      block(i, i0, i1, q0, q1);
    }
  }

  /** Panels of n columns. */
  static int panels(int n) {
    return (n + NR - 1) / NR;
  }

  /** Rows of the tallest tile with nv vectors. */
  private static int tallest(int nv) {
    return WIDE || nv == 1 ? Tiles.ROWS[nv] : 4;
  }

  /** Equal depths: a short last block would pay a whole pass over C for little work. */
  private static int depth(int k) {
    int blocks = k <= UNCUT ? 1 : (k + KC - 1) / KC;
    return Math.max(1, (k + blocks - 1) / blocks);
  }

  /** One thread's part of product {@code lot}: rows {@code [i0, i1)}, panels {@code [q0, q1)}. */
  private void block(int lot, int i0, int i1, int q0, int q1) {
    if (i0 >= i1 || q0 >= q1) {
      return;
    }
    boolean started = false;
    int wide = NC / NR;
    for (int qc = q0; qc < q1; qc += wide) {
      int qEnd = Math.min(q1, qc + wide);
      started = term(first, lot, i0, i1, qc, qEnd, false, !pair || second.k == 0);
      if (pair) {
        started = term(second, lot, i0, i1, qc, qEnd, started, true);
      }
      if (!started) {
        unchanged(lot, i0, i1, qc, qEnd);
      }
    }
  }

  /** What remains of C where there is nothing to add; 0 clears, NaN too. */
  private void unchanged(int lot, int i0, int i1, int q0, int q1) {
    int n = c.cols();
    int j0 = q0 * NR;
    int count = Math.min(n, q1 * NR) - j0;
    MemorySegment target = c.buffer().segment();
    for (int i = i0; i < i1; i++) {
      scaleRow(beta, target, lot * cStep + ((long) i * c.stride() + j0) * BYTES, count);
    }
    if (epilogue != null) {
      Epilogues.run(epilogue, c, i0, i1, j0, count);
    }
  }

  private static void scaleRow(float beta, MemorySegment c, long offset, int count) {
    for (int j = 0; j < count; j++) {
      long place = offset + j * BYTES;
      c.set(E, place, beta == 0 ? 0 : beta * c.get(E, place));
    }
  }

  /**
   * Adds one term to rows {@code [i0, i1)} and panels {@code [q0, q1)} of C.
   *
   * @param started whether C holds sums of this product already
   * @param last whether no term follows
   * @return whether C holds sums now
   */
  private boolean term(
      Term t, int lot, int i0, int i1, int q0, int q1, boolean started, boolean last) {
    int k = t.k;
    if (k == 0) {
      return started;
    }
    int n = c.cols();
    int j0 = q0 * NR;
    int j1 = Math.min(n, q1 * NR);
    Scratch scratch = SCRATCH.get();
    boolean packs = t.b != null && packs(t.b, n);
    boolean copies =
        !Memory.reaches(t.a) || !t.aPanels && j1 - j0 >= 6 * NR && c.rows() >= 64 && k >= 64;
    int nr = packs || t.b == null ? NR : width();
    long aBase = t.address + lot * aStep;
    int depth = depth(k);
    int chunk = packs ? depth * Math.max(1, KB / depth) : k;
    long bOffset = lot * bStep;
    for (int kb = 0; kb < k; kb += chunk) {
      int kd = Math.min(chunk, k - kb);
      if (packs) {
        scratch.reserveB((long) (q1 - q0) * NR * kd * BYTES);
        Packing.panels(t.b, bOffset, kb, kd, j0, j1, scratch.b);
      }
      for (int ic = i0; ic < i1; ic += MC) {
        int mc = Math.min(MC, i1 - ic);
        for (int pc = kb; pc < kb + kd; pc += depth) {
          int kc = Math.min(depth, kb + kd - pc);
          float keep = started || pc > 0 ? 1 : beta;
          long a = aBase + ic * t.ar + pc * t.ak;
          long ar = t.ar;
          long ak = t.ak;
          if (copies) {
            scratch.reserveA((long) (MC + Packing.PAD) * (UNCUT + Packing.PAD) * BYTES);
            boolean byRows = ak == BYTES;
            Packing.block(t.a, a - t.address, ar, ak, mc, kc, scratch.a);
            a = scratch.a.address();
            ar = byRows ? (kc + Packing.PAD) * BYTES : BYTES;
            ak = byRows ? BYTES : (mc + Packing.PAD) * BYTES;
          }
          for (int j = j0; j < j1; j += nr) {
            int width = Math.min(nr, j1 - j);
            long b;
            long bk = NR * BYTES;
            if (packs) {
              b = scratch.b.address() + ((long) (j - j0) * kd + (long) (pc - kb) * NR) * BYTES;
            } else if (t.b == null) {
              b = t.panels.address() + ((long) j * k + (long) pc * NR) * BYTES;
            } else if (width % L != 0) {
              bk = (width + L - 1) / L * L * BYTES;
              scratch.reserveB(bk * kc);
              Packing.panel(t.b, bOffset, pc, kc, j, width, scratch.b, 0, bk);
              b = scratch.b.address();
            } else {
              bk = t.b.stride() * BYTES;
              b = t.bAddress + bOffset + pc * bk + j * BYTES;
            }
            if (t.aPanels) {
              packedRows(t, ic, mc, pc, kc, b, bk, keep, j, width, scratch.c);
            } else {
              rows(a, ar, ak, mc, kc, b, bk, keep, lot, ic, j, width, scratch.c);
            }
          }
        }
        if (last && epilogue != null && kb + kd == k) {
          Epilogues.run(epilogue, c, ic, ic + mc, j0, j1 - j0);
        }
      }
    }
    return true;
  }

  /** Whether B is packed for this product: transposed, on the heap, or large. */
  private boolean packs(Matrix b, int n) {
    return b.transposed()
        || !Memory.reaches(b.buffer().segment())
        || c.rows() >= 96 && (long) b.rows() * n * BYTES > 192 * 1024;
  }

  /** Columns of a tile over plain B: as wide as leaves registers for all rows of a low C. */
  private int width() {
    int m = c.rows();
    return !WIDE || m > Tiles.ROWS[3] ? NR : m > Tiles.ROWS[4] ? 3 * L : 4 * L;
  }

  /** The rows of a left operand that stands in panels, panel by panel. */
  private void packedRows(
      Term t,
      int ic,
      int mc,
      int pc,
      int kc,
      long b,
      long bk,
      float keep,
      int j,
      int width,
      MemorySegment edge) {
    for (int i = ic; i < ic + mc; ) {
      int q = i / NR;
      int end = Math.min(ic + mc, (q + 1) * NR);
      long a = t.address + (((long) q * t.k + pc) * NR + i - q * NR) * BYTES;
      rows(a, t.ar, t.ak, end - i, kc, b, bk, keep, 0, i, j, width, edge);
      i = end;
    }
  }

  /** Tiles of nearly equal height over mc rows of one panel. */
  private void rows(
      long a,
      long ar,
      long ak,
      int mc,
      int kc,
      long b,
      long bk,
      float keep,
      int lot,
      int i,
      int j,
      int width,
      MemorySegment edge) {
    int nv = (width + L - 1) / L;
    int most = tallest(nv);
    int tiles = (mc + most - 1) / most;
    long cr = c.stride() * BYTES;
    long offset = lot * cStep + i * cr + j * BYTES;
    boolean whole = width % L == 0 && cReached;
    for (int t = 0, done = 0; t < tiles; t++) {
      int mr = (mc - done) / (tiles - t);
      if (whole) {
        Tiles.run(mr, nv, kc, a, ar, ak, b, bk, alpha, keep, cAddress + offset, cr);
      } else {
        long row = nv * L * BYTES;
        Tiles.run(mr, nv, kc, a, ar, ak, b, bk, alpha, 0, edge.address(), row);
        merge(edge, row, mr, width, keep, c.buffer().segment(), offset, cr);
      }
      done += mr;
      a += mr * ar;
      offset += mr * cr;
    }
  }

  /** {@code C = tile + beta C} for columns that are no whole vectors. */
  private static void merge(
      MemorySegment tile,
      long row,
      int rows,
      int width,
      float beta,
      MemorySegment c,
      long co,
      long cr) {
    for (int i = 0; i < rows; i++) {
      mergeRow(tile, i * row, width, beta, c, co);
      co += cr;
    }
  }

  private static void mergeRow(
      MemorySegment tile, long at, int width, float beta, MemorySegment c, long co) {
    FloatVector keep = FloatVector.broadcast(S, beta);
    int j = 0;
    for (; j <= width - L; j += L) {
      FloatVector x = FloatVector.fromMemorySegment(S, tile, at + j * BYTES, LE);
      if (beta != 0) {
        x = FloatVector.fromMemorySegment(S, c, co + j * BYTES, LE).fma(keep, x);
      }
      x.intoMemorySegment(c, co + j * BYTES, LE);
    }
    for (; j < width; j++) {
      float x = tile.get(E, at + j * BYTES);
      long place = co + j * BYTES;
      c.set(E, place, beta == 0 ? x : Math.fma(c.get(E, place), beta, x));
    }
  }
}
