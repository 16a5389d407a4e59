package dev.evolute.kernels.cpu.f32;

import dev.evolute.kernels.Matrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * One thread's part of a product {@link Gemm}, after Goto and van de Geijn and BLIS: loops over
 * blocks around one register tile.
 *
 * <pre>
 *   jc     columns of C, NC at a time
 *     pc   inner indices, kc at a time     block of B -> panels [k][NR] in L2, where that pays
 *       ic rows of C, MC at a time         block of A -> lines without gaps, where that pays
 *         rows and columns of a tile       {@link Tiles}
 * </pre>
 *
 * The tile broadcasts elements of A and loads vectors of B. It reads both wherever they stand, with
 * any strides, so that small products move nothing beforehand; only B's columns must be contiguous.
 * Large B is packed: panels pass from L2 to the tile without meeting in the same sets of the cache,
 * which rows a power of two apart would. What a tile cannot write itself (a width that is no whole
 * vectors, factors, sums to be added to C, memory on the heap) it leaves in a tile of its own,
 * which is merged.
 */
final class GemmBlock {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();
  private static final ValueLayout.OfFloat E = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final long BYTES = Float.BYTES;
  private static final int NR = Gemm.NR;

  /**
   * Depth and columns of a block of packed B: 512 KiB, half of L2, which feeds a panel to the tile
   * as fast as L1 would. Deep, because every pass over C costs more than a panel that leaves L1.
   */
  private static final int KC = (int) (4096 / BYTES);

  private static final int NC = 128;

  /** Depth of a block where B is read in place: NR columns of it and a tile's rows share L1. */
  private static final int SHALLOW = 192;

  /** Up to this depth a cut would cost more than a strip of B that crowds L1. */
  private static final int UNCUT = 320;

  /** Rows of a block of A where it is copied: it stays in L1 or L2. */
  private static final int MC = 40;

  /** Elements of B beyond which it pays to pack it. */
  private static final long LARGE = 192 * 1024 / BYTES;

  /** Rows of C that use each packed element of B; with fewer it does not pay. */
  private static final int REUSE = 96;

  /** Rows or columns of C up to which dot products are taken, and the least depth of one. */
  private static final int FEW = 16;

  private static final int LONG = 32 * L;

  /** Rows of B that may be copied for each tile over them. */
  private static final int COPIED = 4;

  private static final ThreadLocal<GemmBlock> OF_THREAD = ThreadLocal.withInitial(GemmBlock::new);

  private final MemorySegment tile =
      Arena.ofAuto().allocate(Tiles.ROWS[1] * (long) NR * 2 * BYTES, 64);
  private final MatrixVector vector = new MatrixVector();
  private final Dots dots = new Dots();
  private final PlainTiles plainTiles = new PlainTiles();
  private MemorySegment aCopy = MemorySegment.NULL;
  private MemorySegment bCopy = MemorySegment.NULL;

  private Gemm g;
  private int lot;
  private int i0;
  private int i1;

  /** Whether tiles may write C: no factor, and memory they can reach. */
  private boolean plain;

  /** First element of the block of B, bytes to the next k, and bytes per column to a panel's. */
  private long b;

  private long bRow;
  private long bPanel;

  /** How many k of the last panel stand where they can be read; the rest is copied. */
  private int inside;

  /** Shape of the tile that was found compiled last, so that a run of tiles asks once. */
  private int compiled = -1;

  GemmBlock() {}

  static GemmBlock ofThread() {
    return OF_THREAD.get();
  }

  /** Rows {@code [i0, i1)} and columns {@code [j0, j1)} of product {@code lot} of a batch. */
  void run(Gemm g, int lot, int i0, int i1, int j0, int j1) {
    if (i0 >= i1 || j0 >= j1) {
      return;
    }
    this.g = g;
    this.lot = lot;
    this.i0 = i0;
    this.i1 = i1;
    plain = g.alpha == 1 && Memory.reaches(g.c.buffer().segment());
    boolean second = g.pair && g.second.k > 0;
    if (g.first.k == 0 && !second) {
      keep(j0, j1);
      return;
    }
    int step = !g.pair && (thin(g, g.first) || once(g.first)) ? j1 - j0 : NC;
    for (int jc = j0; jc < j1; jc += step) {
      int jEnd = Math.min(j1, jc + step);
      if (g.first.k > 0) {
        term(g.first, jc, jEnd, g.beta, !second);
      }
      if (second) {
        term(g.second, jc, jEnd, g.first.k > 0 ? 1 : g.beta, true);
      }
    }
  }

  /**
   * Whether a single row of tiles passes once over B where it stands. Else a tile wants columns
   * that stay in L2, above all where they are copied.
   */
  private boolean once(Gemm.Term t) {
    return i1 - i0 <= Tiles.ROWS[2] && t.k <= UNCUT && (t.b == null || !packs(t.b));
  }

  /** How many pieces a thin product's sums are cut into: {@link SplitSum}; 1: none. */
  static int pieces(Gemm g) {
    Gemm.Term t = g.first;
    if (g.pair || !thin(g, t)) {
      return 1;
    }
    boolean column = g.c.cols() == 1;
    boolean across = column ? t.ak != BYTES : t.bRow() != BYTES;
    return across ? SplitSum.pieces(column ? g.c.rows() : g.c.cols(), t.k) : 1;
  }

  /** Inner indices {@code [k0, k1)} of a thin product: n sums at y. */
  void piece(Gemm g, int n, int k0, int k1, long y) {
    this.g = g;
    lot = 0;
    vector(g.first, 0, n, k0, k1, 1, 0, y, BYTES);
  }

  /** Whether C is a single row or column, of matrices that {@link MatrixVector} reaches. */
  private static boolean thin(Gemm g, Gemm.Term t) {
    return (g.c.rows() == 1 || g.c.cols() == 1)
        && !t.aPanels
        && t.b != null
        && Memory.reaches(g.c.buffer().segment())
        && Memory.reaches(t.a)
        && Memory.reaches(t.b.buffer().segment());
  }

  /** Whether C is few and long dot products, of matrices that {@link Dots} reaches. */
  private boolean dots(Gemm.Term t) {
    return t.k >= LONG
        && Math.min(g.c.rows(), g.c.cols()) <= FEW
        && !t.aPanels
        && t.ak == BYTES
        && t.b != null
        && t.b.transposed()
        && Memory.reaches(t.a)
        && Memory.reaches(t.b.buffer().segment());
  }

  /** Adds one term of dot products. */
  private void dots(Gemm.Term t, int j0, int j1, float keep) {
    long br = t.b.stride() * BYTES;
    long row = NR * BYTES;
    for (int j = j0; j < j1; j += Dots.SIZE) {
      int cols = Math.min(Dots.SIZE, j1 - j);
      long bj = t.bAddress + lot * g.bStep + j * br;
      for (int i = i0; i < i1; i += Dots.SIZE) {
        int rows = Math.min(Dots.SIZE, i1 - i);
        long ai = t.aAddress + lot * g.aStep + i * t.ar;
        dots.run(rows, cols, t.k, ai, t.ar, bj, br, tile.address(), row);
        merge(rows, cols, row, keep, i, j);
      }
    }
  }

  /** Adds one term to a thin C. */
  private void vector(Gemm.Term t, int j0, int j1, float keep) {
    if (g.c.cols() == 1) {
      long step = g.c.stride() * BYTES;
      vector(t, i0, i1, 0, t.k, g.alpha, keep, g.cAddress + place(i0, 0), step);
    } else {
      vector(t, j0, j1, 0, t.k, g.alpha, keep, g.cAddress + place(0, j0), BYTES);
    }
  }

  /**
   * {@code y = alpha M x + beta y} for elements {@code [from, to)} of a thin C and inner indices
   * {@code [k0, k1)}; M is A where C is a column, else B transposed.
   */
  private void vector(
      Gemm.Term t, int from, int to, int k0, int k1, float alpha, float beta, long y, long step) {
    boolean column = g.c.cols() == 1;
    long a = t.aAddress + lot * g.aStep;
    long b = t.bAddress + lot * g.bStep;
    long row = column ? t.ar : t.bCol();
    long col = column ? t.ak : t.bRow();
    long xStep = column ? t.bRow() : t.ak;
    long x = vector.dense((column ? b : a) + k0 * xStep, xStep, k1 - k0);
    long m = (column ? a : b) + from * row + k0 * col;
    vector.run(alpha, to - from, k1 - k0, m, row, col, x, beta, y, step);
  }

  /** Nothing to add: {@code C = beta C}; 0 clears, NaN too. */
  private void keep(int j0, int j1) {
    for (int i = i0; i < i1; i++) {
      scaleRow(g.beta, g.c.buffer().segment(), place(i, j0), j1 - j0);
    }
    if (g.epilogue != null) {
      Epilogues.run(g.epilogue, g.c, i0, i1, j0, j1 - j0);
    }
  }

  private static void scaleRow(float beta, MemorySegment c, long offset, int count) {
    for (int j = 0; j < count; j++) {
      long at = offset + j * BYTES;
      c.set(E, at, beta == 0 ? 0 : beta * c.get(E, at));
    }
  }

  /** Byte offset of element (i, j) of C in its buffer. */
  private long place(int i, int j) {
    return lot * g.cStep + ((long) i * g.c.stride() + j) * BYTES;
  }

  /**
   * Adds one term to columns {@code [j0, j1)}.
   *
   * @param keep what remains of C
   * @param last whether no term follows
   */
  private void term(Gemm.Term t, int j0, int j1, float keep, boolean last) {
    boolean thin = thin(g, t);
    if (thin || dots(t)) {
      if (thin) {
        vector(t, j0, j1, keep);
      } else {
        dots(t, j0, j1, keep);
      }
      if (last && g.epilogue != null) {
        Epilogues.run(g.epilogue, g.c, i0, i1, j0, j1 - j0);
      }
      return;
    }
    boolean packs = t.b != null && packs(t.b);
    boolean copies = !Memory.reaches(t.a) || packs && t.ak != BYTES && !t.aPanels;
    // A narrow B leaves room for deep blocks, but A's columns, one to a cache line, would not fit.
    boolean narrow = g.c.cols() <= 2 * NR && t.ak == BYTES;
    int depth = depth(t.k, packs || t.b == null || narrow);
    int height = copies ? MC : i1 - i0;
    for (int pc = 0; pc < t.k; pc += depth) {
      int kc = Math.min(depth, t.k - pc);
      if (packs) {
        bCopy = reserve(bCopy, (long) Gemm.panels(j1 - j0) * NR * kc * BYTES);
        Packing.panels(t.b, lot * g.bStep, pc, kc, j0, j1, bCopy);
      }
      for (int ic = i0; ic < i1; ic += height) {
        int mc = Math.min(height, i1 - ic);
        float rest = pc == 0 ? keep : 1;
        if (t.aPanels) {
          packedRows(t, ic, mc, pc, kc, j0, j1, rest, packs);
        } else if (copies) {
          boolean byRows = t.ak == BYTES;
          long line = ((byRows ? kc : mc) + Packing.PAD) * BYTES;
          aCopy = reserve(aCopy, line * (byRows ? mc : kc));
          long from = lot * g.aStep + ic * t.ar + pc * t.ak;
          Packing.block(t.a, from, t.ar, t.ak, mc, kc, aCopy);
          long ar = byRows ? line : BYTES;
          long ak = byRows ? BYTES : line;
          rows(t, aCopy.address(), ar, ak, ic, mc, pc, kc, j0, j1, rest, packs);
        } else {
          long a = t.aAddress + lot * g.aStep + ic * t.ar + pc * t.ak;
          rows(t, a, t.ar, t.ak, ic, mc, pc, kc, j0, j1, rest, packs);
        }
        if (last && g.epilogue != null && pc + kc == t.k) {
          Epilogues.run(g.epilogue, g.c, ic, ic + mc, j0, j1 - j0);
        }
      }
    }
  }

  /** Memory of at least that size: the old one, or new and larger. */
  private static MemorySegment reserve(MemorySegment memory, long bytes) {
    return memory.byteSize() >= bytes ? memory : Arena.ofAuto().allocate(bytes, 64);
  }

  /** Whether B is packed: transposed, on the heap, or large and used often. */
  private boolean packs(Matrix b) {
    return b.transposed()
        || !Memory.reaches(b.buffer().segment())
        || g.c.rows() >= REUSE && (long) b.rows() * b.cols() > LARGE;
  }

  /** Equal depths: a short last block would pay a whole pass over C for little work. */
  private static int depth(int k, boolean deep) {
    int most = deep ? KC : SHALLOW;
    int blocks = k <= Math.max(most, UNCUT) ? 1 : (k + most - 1) / most;
    return (k + blocks - 1) / blocks;
  }

  /** The rows of an A that stands in panels, panel by panel. */
  private void packedRows(
      Gemm.Term t, int ic, int mc, int pc, int kc, int j0, int j1, float keep, boolean packs) {
    for (int i = ic; i < ic + mc; ) {
      int q = i / NR;
      int end = Math.min(ic + mc, (q + 1) * NR);
      long a = t.aAddress + (((long) q * t.k + pc) * NR + i - q * NR) * BYTES;
      rows(t, a, t.ar, t.ak, i, end - i, pc, kc, j0, j1, keep, packs);
      i = end;
    }
  }

  /**
   * Rows {@code [i, i + mc)}, columns {@code [j0, j1)}.
   *
   * @param a element (i, pc) of A
   */
  private void rows(
      Gemm.Term t,
      long a,
      long ar,
      long ak,
      int i,
      int mc,
      int pc,
      int kc,
      int j0,
      int j1,
      float keep,
      boolean packs) {
    boolean plainB = !packs && t.b != null;
    int nr = plainB ? width(g.c.rows()) : NR;
    if (plainB) {
      strip(t, pc, kc, j0, j1, nr);
    } else {
      b = packs ? bCopy.address() : t.bAddress + ((long) j0 * t.k + (long) pc * NR) * BYTES;
      bRow = NR * BYTES;
      bPanel = (packs ? kc : t.k) * BYTES;
      inside = kc;
    }
    // Either a tile's rows of A stay in L1 while panels of B pass by from L2, or a strip of B does
    // while the rows of A pass by. A single row of tiles is the same either way.
    int tiles = tiles(mc, nr / L);
    boolean rowsFirst = !plainB || tiles == 1 || g.c.cols() <= 4 * NR && ak == BYTES;
    if (rowsFirst) {
      for (int s = 0, done = 0; s < tiles; s++) {
        int mr = (mc - done) / (tiles - s);
        int j = row(mr, nr, kc, a + done * ar, ar, ak, keep, i + done, j0, j1);
        for (; j < j1; j += nr) {
          tile(mr, Math.min(nr, j1 - j), kc, a + done * ar, ar, ak, keep, i + done, j, j0);
        }
        done += mr;
      }
      return;
    }
    for (int j = j0; j < j1; j += nr) {
      int width = Math.min(nr, j1 - j);
      tiles = tiles(mc, (width + L - 1) / L);
      for (int s = 0, done = 0; s < tiles; s++) {
        int mr = (mc - done) / (tiles - s);
        tile(mr, width, kc, a + done * ar, ar, ak, keep, i + done, j, j0);
        done += mr;
      }
    }
  }

  /**
   * Whole tiles of a row that write C themselves, where there are several and they are compiled: at
   * a small depth it takes longer to come to a tile than it takes itself.
   *
   * @return the first column that is left
   */
  private int row(
      int mr, int nr, int kc, long a, long ar, long ak, float keep, int i, int j0, int j1) {
    int nv = nr / L;
    if (!plain || keep != 0 || j1 - j0 < 2 * nr || !areCompiled(mr, nv)) {
      return j0;
    }
    int count = (j1 - j0) / nr;
    long c = g.cAddress + place(i, j0);
    Tiles.row(mr, nv, count, kc, a, ar, ak, b, bRow, nr * bPanel, c, g.c.stride() * BYTES);
    return j0 + count * nr;
  }

  /** B where it stands; only what cannot be read a whole vector wide is copied. */
  private void strip(Gemm.Term t, int pc, int kc, int j0, int j1, int nr) {
    bRow = t.b.stride() * BYTES;
    b = t.bAddress + lot * g.bStep + pc * bRow + j0 * BYTES;
    bPanel = BYTES;
    inside = kc;
    int width = (j1 - j0) % nr;
    if (width % L != 0) {
      int nv = (width + L - 1) / L;
      int j = j1 - width;
      inside = inside(t.b, pc, kc, j, nv);
      if (inside < kc) {
        // A row of B is copied in less time than a tile takes to add what is left of k to C. All
        // rows of C count, so that the order of sums does not depend on the number of threads.
        inside = kc <= COPIED * tiles(g.c.rows(), nv) ? 0 : inside;
        bCopy = reserve(bCopy, (kc - inside) * nv * L * BYTES);
        Packing.panel(t.b, lot * g.bStep, pc + inside, kc - inside, j, width, bCopy, 0, nv * L);
      }
    }
  }

  /**
   * How many of kc rows of B, from (p, j) on, can be read nv whole vectors wide: beyond the width
   * of a panel stands the next row, and what is computed from it is not used, but beyond the last
   * row there may be no memory.
   */
  private int inside(Matrix b, int p, int kc, int j, int nv) {
    long stride = b.stride();
    long first = lot * g.bStep / BYTES + p * stride + j;
    long room = b.buffer().length() - first - nv * L;
    return room < 0 ? 0 : (int) Math.min(kc, room / Math.max(1, stride) + 1);
  }

  /** Tiles of nearly equal height over m rows. */
  private static int tiles(int m, int nv) {
    int tallest = Gemm.WIDE || nv == 1 ? Tiles.ROWS[nv] : 4;
    return (m + tallest - 1) / tallest;
  }

  /** Columns of a tile over plain B: the fewer rows C has, the more vectors find registers. */
  private static int width(int m) {
    return !Gemm.WIDE || m > Tiles.ROWS[3] ? NR : m > Tiles.ROWS[4] ? 3 * L : 4 * L;
  }

  private void tile(
      int mr, int width, int kc, long a, long ar, long ak, float keep, int i, int j, int j0) {
    int nv = (width + L - 1) / L;
    long at = b + (j - j0) * bPanel;
    int direct = width == nv * L ? kc : inside;
    if (plain && keep == 0 && direct == kc && overhang(nv * L - width, width, i + mr)) {
      long cr = g.c.stride() * BYTES;
      sums(mr, nv, kc, a, ar, ak, at, bRow, g.cAddress + place(i, j), cr);
      return;
    }
    long row = nv * L * BYTES;
    long own = tile.address();
    if (direct > 0) {
      sums(mr, nv, direct, a, ar, ak, at, bRow, own, row);
      merge(mr, width, row, keep, i, j);
    }
    if (direct < kc) {
      sums(mr, nv, kc - direct, a + direct * ak, ar, ak, bCopy.address(), row, own, row);
      merge(mr, width, row, direct > 0 ? 1 : keep, i, j);
    }
  }

  /** A tile, in vectors or, until that is compiled, not. */
  private void sums(
      int mr, int nv, int kc, long a, long ar, long ak, long b, long bk, long c, long cr) {
    if (areCompiled(mr, nv)) {
      Tiles.run(mr, nv, kc, a, ar, ak, b, bk, c, cr);
    } else {
      plainTiles.run(mr, nv, kc, a, ar, ak, b, bk, c, cr);
    }
  }

  /** Whether tiles of a shape are compiled; if they are not, that is seen to. */
  private boolean areCompiled(int mr, int nv) {
    int shape = Tiles.shape(mr, nv);
    if (shape != compiled && PlainTiles.areReplaced(mr, nv)) {
      compiled = shape;
    }
    return shape == compiled;
  }

  /**
   * Whether a tile may write so many elements beyond its width: where C is as narrow as the tile,
   * they fall on rows from {@code next} on, which this thread has yet to write.
   */
  private boolean overhang(int count, int width, int next) {
    return count == 0 || g.c.stride() == width && (long) (i1 - next) * width >= count;
  }

  private void merge(int mr, int width, long row, float keep, int i, int j) {
    MemorySegment c = g.c.buffer().segment();
    long step = g.c.stride() * BYTES;
    if (Memory.reaches(c)) {
      long to = g.cAddress + place(i, j);
      Merge.rows(mr, width, g.alpha, tile.address(), row, keep, to, step);
      return;
    }
    for (int r = 0; r < mr; r++) {
      Merge.row(width, g.alpha, tile, r * row, keep, c, place(i, j) + r * step);
    }
  }
}
