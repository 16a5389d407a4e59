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
 * A Krylov space with its orthonormal basis in memory, from one start vector or a block of p.
 *
 * <pre>
 *   w = A v_k,  h_jk = &lt;v_j, w&gt;,  w = w - sum_j h_jk v_j,  h_{m+1,k} = ||w||,  v_{m+1} = w / ||w||
 *   A V = V H + W R,   W the m - k newest vectors, not yet multiplied;   ||A V s - theta V s|| = ||R s||
 * </pre>
 *
 * With one start vector m = k + 1 and this is Lanczos' method; with p it is Ruhe's band form of the
 * block method: a direction that vanishes is dropped and the block goes on narrower. Vectors stay
 * on the device in the operator's type; H and all sums are fp64.
 *
 * <p>The restart follows Wu and Simon (2000).
 */
final class KrylovSpace implements Krylov {
  private final Products products;
  private final Kernels kernels;
  private final StartVector starts;
  private final int n;
  // Dimension of what the deflated vectors leave.
  private final int room;
  private final int block;
  private final int limit;
  private final KrylovBasis deflated;
  private final int deflatedRows;
  final KrylovBasis basis;
  // Symmetric, with room for the rows of the block beyond.
  final double[] h;
  final int stride;
  private final double[] column;
  private final double[] correction;
  // The block's vectors and products, dense; null where vectors go one by one.
  private final Buffer blockIn;
  private final Buffer blockOut;
  // Null where nothing is gained by it.
  private final StepsAhead ahead;

  // Rows 0 to k + width - 1 of the basis are orthonormal; those from k on are not yet multiplied.
  int k;
  int width;
  private double norm;
  private double remainder;

  private final List<ExtremeBound.Cycle> cycles = new ArrayList<>();
  // Whether this cycle's first vectors are the last ones of the cycle remembered before.
  private boolean chained = true;
  private int entry;
  private int entryWidth;
  // Columns of this cycle that the recurrence holds for: up to the first direction that vanished.
  private int bandColumns;
  private boolean startSeesAll;
  private int randomVectors;
  private double randomShare;

  /**
   * @param limit vectors multiplied at most before a restart
   * @param deflated spans the directions to stay orthogonal to
   */
  KrylovSpace(
      LinearOperator a, Products products, long seed, int limit, int block, List<Buffer> deflated) {
    Device device = a.device();
    DType dtype = a.dtype();
    this.products = products;
    this.kernels = device.kernels(dtype);
    this.starts = new StartVector(kernels, seed);
    this.n = (int) a.size();
    this.room = n - deflated.size();
    if (room < 1) {
      throw new IllegalArgumentException(
          "lanczos: " + deflated.size() + " directions deflated of " + n + "; none is left");
    }
    this.block = Math.min(block, room);
    this.limit = Math.min(room, limit);
    this.stride = this.limit + this.block;
    this.h = new double[stride * stride];
    this.column = new double[Math.max(stride + 1, deflated.size())];
    this.correction = new double[column.length];
    this.basis = new KrylovBasis(device, dtype, n, stride + 1);
    this.deflated = new KrylovBasis(device, dtype, n, deflated.size());
    this.deflatedRows = deflated.size();
    boolean wide = this.block > 1;
    this.blockIn = wide ? device.allocate(dtype, (long) this.block * n) : null;
    this.blockOut = wide ? device.allocate(dtype, (long) this.block * n) : null;
    boolean alone = this.block == 1 && deflatedRows == 0;
    this.ahead = alone && device.runsAhead() ? new StepsAhead(device, dtype, stride) : null;
    boolean done = false;
    try {
      for (int i = 0; i < deflated.size(); i++) {
        Buffer q = this.deflated.row(i);
        kernels.copy(deflated.get(i), q);
        double before = kernels.normalise(q);
        double after = clear(this.deflated, i, q, column);
        if (!(before > 0 && after > 1e3 * products.rounding())) {
          throw new IllegalArgumentException(
              "lanczos: vector " + i + " to deflate depends on those before it or is no direction");
        }
        kernels.normalise(q);
      }
      done = true;
    } finally {
      if (!done) {
        close();
      }
    }
  }

  /** The first vectors: near {@code start} or, if it is null, at random; the others at random. */
  void begin(Buffer start, double share) {
    k = 0;
    width = 0;
    randomShare = 1;
    for (int i = 0; i < block; i++) {
      Buffer v = basis.row(i);
      if (i == 0 && start != null) {
        randomShare = starts.near(start, share, v);
      } else {
        starts.random(v);
      }
      double length = clear(deflated, deflatedRows, v, column) * clear(basis, i, v, column);
      if (!(length > 1e3 * products.rounding())) {
        throw new IllegalArgumentException(
            "lanczos: the start vector lies in the span of the deflated ones");
      }
      kernels.normalise(v);
      width++;
    }
    startSeesAll = start == null || share > 0 || block > 1;
    randomVectors = start == null ? block : block > 1 ? block - 1 : share > 0 ? 1 : 0;
    randomShare = block > 1 ? 1 : randomShare;
    enter();
  }

  private void enter() {
    entry = k;
    entryWidth = width;
    bandColumns = -1;
  }

  @Override
  public void step(int most) {
    int from = k;
    int count = Math.min(width, most);
    if (count > 1) {
      for (int i = 0; i < count; i++) {
        kernels.copy(basis.row(from + i), blockIn.view((long) i * n, n));
      }
      products.apply(Matrix.of(blockIn, count, n), Matrix.of(blockOut, count, n));
    }
    int rows = k + width;
    for (int i = 0; i < count; i++) {
      Buffer w = basis.row(rows);
      if (count > 1) {
        kernels.copy(blockOut.view((long) i * n, n), w);
      } else {
        products.apply(basis.row(from), w);
      }
      orthogonalise(rows, w);
      for (int j = 0; j < rows; j++) {
        set(j, k, column[j]);
      }
      set(rows, k, remainder);
      if (rows < room && remainder > products.noise() * norm) {
        kernels.axpby(1 / remainder, w, 0, w);
        rows++;
      } else if (bandColumns < 0) {
        // One vector's recurrence holds for the vanished direction too, as small as it is.
        bandColumns = k - entry + (entryWidth == 1 ? 1 : 0);
      }
      k++;
    }
    width = rows - k;
  }

  @Override
  public void steps(int count, int most) {
    // The first two steps of a cycle reach its begin, where the recurrence is another.
    boolean isAhead = ahead != null && width == 1 && k - entry >= 2;
    int some = Math.min(Math.min(count, most), Math.min(limit, room - 1) - k);
    if (!isAhead || some < 1) {
      step(most);
      return;
    }
    int taken = Math.min(some, StepsAhead.MOST);
    ahead.take(basis, products, k, taken);
    for (int i = 0; i < taken; i++) {
      int rows = k + 1;
      remainder = ahead.column(i, column);
      double size = Math.hypot(KrylovBasis.norm(column, rows), remainder);
      if (!ahead.isPlain(i) || !(remainder > products.noise() * Math.max(norm, size))) {
        // What came after it is of no use, and it is taken once more while the host looks.
        break;
      }
      norm = Math.max(norm, size);
      for (int j = 0; j < rows; j++) {
        set(j, k, column[j]);
      }
      set(rows, k, remainder);
      k++;
      if (i == taken - 1) {
        return;
      }
    }
    step(most - taken);
  }

  /**
   * Coefficients of w along the first rows into {@code column}, what remains into w, its norm into
   * {@code remainder}.
   */
  private void orthogonalise(int rows, Buffer w) {
    // The recurrence reaches back by the width of the block, unless a restart is in between.
    int from = Math.max(0, k - block);
    basis.dots(from, rows, w, column);
    for (int j = from; j < rows; j++) {
      products.check(column[j], w);
    }
    subtractDeflated(w);
    remainder = basis.subtract(from, rows, w, column);
    norm = Math.max(norm, Math.hypot(KrylovBasis.norm(column, rows), remainder));
    if (deflatedRows > 0) {
      subtractDeflated(w);
      remainder = kernels.nrm2(w);
    }
  }

  private void subtractDeflated(Buffer w) {
    deflated.dots(deflatedRows, w, correction);
    deflated.combine(deflatedRows, -1, correction, w);
  }

  /** Makes w orthogonal to rows, twice over; returns the share of its norm that is left. */
  private double clear(KrylovBasis rows, int count, Buffer w, double[] c) {
    double before = kernels.nrm2(w);
    for (int pass = 0; pass < 2 && count > 0; pass++) {
      rows.dots(count, w, c);
      rows.combine(count, -1, c, w);
    }
    return kernels.nrm2(w) / before;
  }

  private void set(int i, int j, double value) {
    h[i * stride + j] = value;
    h[j * stride + i] = value;
  }

  @Override
  public int size() {
    return k;
  }

  @Override
  public boolean exhausted() {
    return width == 0;
  }

  @Override
  public boolean full() {
    return k + Math.max(width, 1) > limit;
  }

  @Override
  public double rounding() {
    return products.noise();
  }

  @Override
  public SymmetricEigen ritz() {
    return SymmetricEigen.of(h, k, stride);
  }

  @Override
  public double residual(double[] s) {
    double square = 0;
    for (int r = k; r < k + width; r++) {
      double sum = coupling(r, s);
      square += sum * sum;
    }
    return Math.sqrt(square);
  }

  /** {@code <v_r, A V s>}. */
  private double coupling(int r, double[] s) {
    double sum = 0;
    for (int c = 0; c < k; c++) {
      sum += h[r * stride + c] * s[c];
    }
    return sum;
  }

  /**
   * In the span of the Ritz vectors kept H is diagonal; its coupling to the newest vectors is
   * computed here and measured when those are multiplied.
   */
  @Override
  public void restart(SymmetricEigen ritz, int low, int high) {
    if (chained) {
      cycles.add(cycle());
      chained = bandColumns < 0;
    }
    int keep = low + high;
    double[][] kept = new double[keep][];
    double[] theta = new double[keep];
    double[][] couplings = new double[keep][width];
    for (int i = 0; i < keep; i++) {
      int from = i < low ? i : k - keep + i;
      kept[i] = ritz.vectors()[from];
      theta[i] = ritz.values()[from];
      for (int r = 0; r < width; r++) {
        couplings[i][r] = coupling(k + r, kept[i]);
      }
    }
    basis.rotate(k, kept);
    Arrays.fill(h, 0);
    for (int i = 0; i < keep; i++) {
      set(i, i, theta[i]);
      for (int r = 0; r < width; r++) {
        set(keep + r, i, couplings[i][r]);
      }
    }
    for (int r = 0; r < width; r++) {
      kernels.copy(basis.row(k + r), basis.row(keep + r));
    }
    k = keep;
    enter();
  }

  /** This cycle as the recurrence of one eigenvector's components sees it. */
  private ExtremeBound.Cycle cycle() {
    int p = entryWidth;
    int columns = bandColumns < 0 ? k - entry : bandColumns;
    double[] theta = new double[entry];
    double[][] couplings = new double[entry][p];
    for (int i = 0; i < entry; i++) {
      theta[i] = h[i * stride + i];
      for (int r = 0; r < p; r++) {
        couplings[i][r] = h[(entry + r) * stride + i];
      }
    }
    double[][] band = new double[columns][2 * p + 1];
    for (int c = 0; c < columns; c++) {
      for (int r = Math.max(0, c - p); r <= c + p; r++) {
        band[c][r - c + p] = h[(entry + r) * stride + entry + c];
      }
      // A direction that vanished may be as long as noise allows.
      band[c][2 * p] = Math.max(band[c][2 * p], products.noise() * norm);
    }
    return new ExtremeBound.Cycle(p, theta, couplings, band);
  }

  @Override
  public List<ExtremeBound.Cycle> cycles() {
    List<ExtremeBound.Cycle> all = new ArrayList<>(cycles);
    if (chained) {
      all.add(cycle());
    }
    return all;
  }

  @Override
  public boolean startSeesAll() {
    return startSeesAll;
  }

  @Override
  public int randomVectors() {
    return randomVectors;
  }

  @Override
  public double randomShare() {
    return randomShare;
  }

  @Override
  public void reseed() {
    Buffer v = basis.row(k);
    starts.random(v);
    clear(deflated, deflatedRows, v, column);
    clear(basis, k, v, column);
    kernels.normalise(v);
    for (int j = 0; j < k; j++) {
      set(k, j, 0);
    }
    width = 1;
    cycles.clear();
    chained = true;
    startSeesAll = true;
    randomVectors = 1;
    randomShare = 1;
    enter();
  }

  /** {@code x = V s}; x is overwritten. */
  void combine(double[] s, Buffer x) {
    kernels.fill(0, x);
    basis.combine(k, 1, s, x);
  }

  /** A row that no one needs any more: room for a last product. */
  Buffer scratch() {
    return basis.row(k + width);
  }

  @Override
  public void close() {
    basis.close();
    deflated.close();
    if (ahead != null) {
      ahead.close();
    }
    if (blockIn != null) {
      blockIn.close();
      blockOut.close();
    }
  }
}
