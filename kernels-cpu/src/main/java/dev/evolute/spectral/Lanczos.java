package dev.evolute.spectral;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Kernels;
import java.util.Arrays;

/**
 * Lanczos' method with full reorthogonalisation and thick restart: both ends of the spectrum from
 * one Krylov space.
 *
 * <pre>
 *   w = A v_k,  h_jk = &lt;v_j, w&gt;,  w = w - sum_j h_jk v_j,  beta = ||w||,  v_{k+1} = w / beta
 *   H s = theta s,   x = sum_j s_j v_j   gives   ||A x - theta x|| = beta |s_k|
 * </pre>
 *
 * Vectors stay on the device in the operator's type; H, the projections and norms are fp64. A run
 * stops when the residual of every wanted end is small enough, judged at every step up to 64
 * vectors and at every (k / 32)-th step beyond, where the projected problem begins to cost: a run
 * overshoots by 3 products in 100 at most. It never stops because two successive values look alike.
 *
 * <p>The restart follows Wu and Simon (2000).
 */
public final class Lanczos {
  /** Which end of the spectrum. */
  public enum End {
    MIN,
    MAX,
    BOTH
  }

  /**
   * What a run is asked for. Start from {@link #defaults} and change what differs.
   *
   * @param end the ends wanted
   * @param minTolerance residual allowed at the lower end, relative to max(|theta_min|,
   *     |theta_max|), the operator's norm as far as the run knows it; 0 asks for all the element
   *     type can give, and is reported as converged only if the measured residual is 0
   * @param maxTolerance the same for the upper end
   * @param maxProducts products to spend at most, those that measure the final residuals included
   * @param maxBasis vectors of memory before a restart, 4 to 4096; 0 takes as many as fit into 1
   *     GiB, at least 24 and at most 128. Memory grows as they are used; a run holds one vector
   *     more, and the result's
   * @param seed of the random start vector
   * @param start where to start from, not necessarily of unit norm, read only; null starts at
   *     random
   * @param randomShare norm of the random vector added to {@code start}, relative to it. It lets
   *     the run see eigenvectors that {@code start} does not contain; with 0 an eigenvalue that has
   *     become the extreme one meanwhile may be missed, except that a run whose Krylov space ends
   *     (as at an exact eigenvector) begins again at random
   * @param vectors whether the result keeps the eigenvectors
   */
  public record Options(
      End end,
      double minTolerance,
      double maxTolerance,
      int maxProducts,
      int maxBasis,
      long seed,
      Buffer start,
      double randomShare,
      boolean vectors) {

    public Options {
      if (!(minTolerance >= 0 && maxTolerance >= 0)) {
        throw new IllegalArgumentException(
            "lanczos: tolerances "
                + minTolerance
                + " and "
                + maxTolerance
                + " given, they must be 0 or more");
      }
      int least = end == End.BOTH ? 3 : 2;
      if (maxProducts < least) {
        throw new IllegalArgumentException(
            "lanczos: maxProducts is "
                + maxProducts
                + "; one step and the final residuals need "
                + least);
      }
      if (maxBasis != 0 && (maxBasis < 4 || maxBasis > MOST_ROWS)) {
        throw new IllegalArgumentException(
            "lanczos: maxBasis is "
                + maxBasis
                + "; give 4 to "
                + MOST_ROWS
                + " vectors, or 0 to have it chosen");
      }
      if (!(randomShare >= 0 && randomShare < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "lanczos: randomShare is " + randomShare + ", it must be 0 or more and finite");
      }
    }

    /** Both ends to 1e-3, 1000 products, basis chosen, seed 1, random start, vectors kept. */
    public static Options defaults() {
      return new Options(End.BOTH, 1e-3, 1e-3, 1000, 0, 1, null, 0, true);
    }

    public Options withEnd(End wanted) {
      return new Options(
          wanted,
          minTolerance,
          maxTolerance,
          maxProducts,
          maxBasis,
          seed,
          start,
          randomShare,
          vectors);
    }

    public Options withTolerance(double both) {
      return withTolerances(both, both);
    }

    public Options withTolerances(double min, double max) {
      return new Options(end, min, max, maxProducts, maxBasis, seed, start, randomShare, vectors);
    }

    public Options withMaxProducts(int products) {
      return new Options(
          end, minTolerance, maxTolerance, products, maxBasis, seed, start, randomShare, vectors);
    }

    public Options withMaxBasis(int rows) {
      return new Options(
          end, minTolerance, maxTolerance, maxProducts, rows, seed, start, randomShare, vectors);
    }

    public Options withSeed(long value) {
      return new Options(
          end,
          minTolerance,
          maxTolerance,
          maxProducts,
          maxBasis,
          value,
          start,
          randomShare,
          vectors);
    }

    /** Starts from a vector; {@code share} 0.05 is a good choice along a training run. */
    public Options withStart(Buffer vector, double share) {
      return new Options(
          end, minTolerance, maxTolerance, maxProducts, maxBasis, seed, vector, share, vectors);
    }

    public Options withVectors(boolean kept) {
      return new Options(
          end, minTolerance, maxTolerance, maxProducts, maxBasis, seed, start, randomShare, kept);
    }

    private boolean wantsMin() {
      return end != End.MAX;
    }

    private boolean wantsMax() {
      return end != End.MIN;
    }

    private int ends() {
      return end == End.BOTH ? 2 : 1;
    }
  }

  private static final int MOST_ROWS = 4096;
  private static final int TESTED_ALWAYS = 64;
  // The stop test leaves room for rounding between the recurrence and the measured residual.
  private static final double MARGIN = 0.9;
  private static final int KEPT_OF_CONVERGED_END = 3;
  private static final long START_STREAM = 0x6c616e637a6f73L;

  private final Options options;
  private final Products products;
  private final Kernels kernels;
  private final DType dtype;
  private final int n;
  final int limit;
  final KrylovBasis basis;
  // Symmetric [k x k], with stride limit.
  final double[] h;
  private final double[] column;

  // Rows 0 to k of the basis are orthonormal once the newest direction is accepted; h is [k x k].
  int k;
  private int steps;
  private int runs;
  private int earliestStop;
  private boolean startSeesAll;
  double beta;
  // Largest ||A v_j|| so far: a lower bound of the norm that is there before any Ritz value.
  private double columnNorm;

  private SymmetricEigen ritz;
  private double scale;
  private boolean minSettled;
  private boolean maxSettled;

  Lanczos(LinearOperator a, Options options) {
    this.options = options;
    this.products = new Products(a);
    this.dtype = a.dtype();
    this.kernels = a.device().kernels(dtype);
    this.n = (int) a.size();
    this.limit = Math.min(n, rows(options.maxBasis, n, dtype));
    this.basis = new KrylovBasis(a.device(), dtype, n, limit + 1);
    this.h = new double[limit * limit];
    this.column = new double[limit + 1];
  }

  /**
   * The ends of a symmetric operator's spectrum. Deterministic: the same operator, options and
   * device give the same numbers.
   *
   * <p>{@code converged} speaks of the interval round the value, which contains an eigenvalue. That
   * this is the extreme one is very likely, not certain: every Krylov method can settle on an
   * eigenvalue further in when the start vector hardly contains the extreme one.
   *
   * @throws ArithmeticException if a product holds a NaN or an infinity
   * @throws IllegalArgumentException if the start vector does not fit the operator or is no
   *     direction
   */
  public static Extremes extremes(LinearOperator a, Options options) {
    Lanczos lanczos = new Lanczos(a, options);
    try (lanczos.basis) {
      lanczos.search();
      return lanczos.result(a);
    }
  }

  /**
   * The start vector for the next point along a training run: the normalised sum of the
   * eigenvectors of the last one. The caller closes it.
   *
   * @throws IllegalArgumentException if the result holds no vectors
   */
  public static Buffer warmStart(Extremes last) {
    Buffer min = last.min() == null ? null : last.min().vector();
    Buffer max = last.max() == null ? null : last.max().vector();
    Buffer first = max == null ? min : max;
    if (first == null) {
      throw new IllegalArgumentException(
          "lanczos: the result holds no vectors to start from; ask for them with withVectors(true)");
    }
    Kernels kernels = first.device().kernels(first.dtype());
    Buffer start = first.device().allocate(first.dtype(), first.length());
    kernels.copy(first, start);
    // Where both ends are one vector their sum is still a direction.
    if (first == max && min != null) {
      kernels.axpby(1, min, 1, start);
    }
    kernels.normalise(start);
    return start;
  }

  private static int rows(int asked, int n, DType dtype) {
    if (asked != 0) {
      return asked;
    }
    long fit = (1L << 30) / ((long) n * dtype.bytes());
    return (int) Math.max(24, Math.min(128, fit));
  }

  private void search() {
    begin(options.start);
    while (true) {
      step();
      boolean exhausted = k == n || beta <= products.noise() * columnNorm;
      boolean spent = products.count() + options.ends() >= options.maxProducts;
      if (exhausted || spent || k == limit || testIsDue()) {
        project();
        if (exhausted && k < n && !startSeesAll && !spent) {
          // The caller's start lies in an invariant subspace, which says nothing of the rest.
          begin(null);
          continue;
        }
        if (exhausted || spent || (minSettled && maxSettled && steps >= earliestStop)) {
          return;
        }
        if (k == limit) {
          restart();
        }
      }
      accept();
    }
  }

  /** The newest direction becomes a basis vector. */
  void accept() {
    Buffer next = basis.row(k);
    kernels.axpby(1 / beta, next, 0, next);
  }

  /** The first basis vector, from {@code start} or, if it is null, at random. */
  void begin(Buffer start) {
    Buffer v = basis.row(0);
    k = 0;
    columnNorm = 0;
    Arrays.fill(h, 0);
    // A start in every direction sees every eigenvalue: where its Krylov space ends, all are found.
    startSeesAll = start == null || options.randomShare > 0;
    if (startSeesAll) {
      CounterRandom.fillGaussian(options.seed, START_STREAM + runs, 1, v);
      double share = start == null ? 1 : options.randomShare;
      kernels.axpby(share / kernels.nrm2(v), v, 0, v);
    } else {
      kernels.fill(0, v);
    }
    // No start that knows nothing can tell an outlier from the bulk in fewer than about log n steps
    // (Garza-Vargas and Kulkarni 2020), however small its residual looks.
    earliestStop = start == null ? steps + (int) Math.ceil(Math.log(n) / 2) : 0;
    if (start != null) {
      if (start.length() != n || start.dtype() != dtype) {
        throw new IllegalArgumentException(
            "lanczos: the start vector has "
                + start.length()
                + " elements of "
                + start.dtype()
                + ", the operator takes "
                + n
                + " of "
                + dtype);
      }
      double norm = kernels.nrm2(start);
      if (!(norm > 0 && norm < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "lanczos: the start vector has norm " + norm + ", it must be a direction");
      }
      kernels.axpby(1 / norm, start, 1, v);
    }
    kernels.normalise(v);
    runs++;
  }

  /** One product: column k of h, beta, and the unscaled next direction in row k + 1; then k + 1. */
  void step() {
    Buffer w = basis.row(k + 1);
    products.apply(basis.row(k), w);
    k++;
    steps++;
    basis.dots(k, w, column);
    for (int j = 0; j < k; j++) {
      products.check(column[j], w);
    }
    beta = basis.subtract(k, w, column);
    columnNorm = Math.max(columnNorm, Math.hypot(KrylovBasis.norm(column, k), beta));
    for (int j = 0; j < k; j++) {
      h[j * limit + k - 1] = column[j];
      h[(k - 1) * limit + j] = column[j];
    }
  }

  private boolean testIsDue() {
    return steps >= earliestStop && (k < TESTED_ALWAYS || k % (k / (TESTED_ALWAYS / 2)) == 0);
  }

  /** Ritz values of the basis, the operator's norm as they show it, and which ends are settled. */
  void project() {
    ritz = SymmetricEigen.of(h, k, limit);
    double[] theta = ritz.values();
    scale = Math.max(Math.abs(theta[0]), Math.abs(theta[k - 1]));
    minSettled = !options.wantsMin() || settled(0, options.minTolerance);
    maxSettled = !options.wantsMax() || settled(k - 1, options.maxTolerance);
  }

  private boolean settled(int i, double tolerance) {
    double residual = beta * Math.abs(ritz.vectors()[i][k - 1]);
    return residual <= MARGIN * Math.max(tolerance, products.noise()) * scale;
  }

  /**
   * Keeps the Ritz vectors next to the ends, half the basis in all, and the newest direction. In
   * their span h is diagonal; its next column is measured by the next step like any other.
   */
  void restart() {
    int keep = Math.max(2, k / 2);
    int low = keep / 2;
    if (minSettled) {
      low = Math.min(low, KEPT_OF_CONVERGED_END);
    } else if (maxSettled) {
      low = keep - Math.min(keep - low, KEPT_OF_CONVERGED_END);
    }
    double[][] kept = new double[keep][];
    double[] theta = ritz.values();
    Arrays.fill(h, 0);
    for (int i = 0; i < keep; i++) {
      int from = i < low ? i : k - keep + i;
      kept[i] = ritz.vectors()[from];
      h[i * limit + i] = theta[from];
    }
    basis.rotate(k, kept);
    kernels.copy(basis.row(k), basis.row(keep));
    k = keep;
  }

  private Extremes result(LinearOperator a) {
    Eigenpair min = null;
    Eigenpair max = null;
    boolean done = false;
    try {
      if (options.wantsMin()) {
        min = measure(a, 0, options.minTolerance);
      }
      if (options.wantsMax()) {
        max = measure(a, k - 1, options.maxTolerance);
      }
      done = true;
      return new Extremes(min, max, products.count(), steps);
    } finally {
      if (!done && min != null && min.vector() != null) {
        min.vector().close();
      }
    }
  }

  private Eigenpair measure(LinearOperator a, int i, double tolerance) {
    Buffer x = a.device().allocate(dtype, n);
    boolean kept = false;
    try {
      basis.combine(k, 1, ritz.vectors()[i], x);
      products.normalise(x);
      Eigenpair pair = products.measure(x, basis.row(k), tolerance, scale);
      kept = options.vectors;
      return kept
          ? pair
          : new Eigenpair(pair.value(), null, pair.residual(), pair.noise(), pair.converged());
    } finally {
      if (!kept) {
        x.close();
      }
    }
  }
}
