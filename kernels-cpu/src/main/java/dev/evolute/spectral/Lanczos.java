package dev.evolute.spectral;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Kernels;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Lanczos' method: both ends of the spectrum from one Krylov space.
 *
 * <pre>
 *   A V = V H + W R,   H s = theta s,   x = V s   gives   ||A x - theta x|| = ||R s||
 * </pre>
 *
 * A run stops when the error of every wanted pair is small enough ({@link Stop} says which error),
 * judged at every step up to 64 vectors and at every (k / 32)-th step beyond, where the projected
 * problem begins to cost: a run overshoots by 3 products in 100 at most. It never stops because two
 * successive values look alike.
 *
 * <p>With its basis in memory ({@link KrylovSpace}) it orthogonalises fully and restarts thickly;
 * without ({@link ShortRecurrence}) it takes three vectors and gives values.
 */
public final class Lanczos {
  /** Which end of the spectrum. */
  public enum End {
    /** The smallest eigenvalue alone. */
    MIN,
    /** The largest alone. */
    MAX,
    /** Both, from one Krylov space. */
    BOTH
  }

  /** What must be within the tolerance for a run to stop. */
  public enum Stop {
    /**
     * The residual. An eigenvalue is that close, for certain; the value is far closer, but not
     * necessarily to the extreme eigenvalue.
     */
    RESIDUAL,
    /**
     * The estimated error of the value, {@link Eigenpair#estimate}: one to three products fewer. It
     * promises nothing: where two eigenvalues lie closer than the run resolves, the value may be
     * off by their distance.
     */
    ESTIMATE,
    /**
     * How far the extreme eigenvalue may lie beyond the value, at the risk asked for: {@link
     * ExtremeBound}. Two to three products more. Only the outermost pair has such a bound; others
     * stop on the residual, as does every pair of a start that holds nothing random.
     */
    BOUND
  }

  /** What a tolerance is relative to. */
  public enum Relative {
    /** The operator's norm as far as the run knows it, max(|theta_min|, |theta_max|). */
    NORM,
    /** The eigenvalue itself: many more products for a small one beside a large one. */
    VALUE
  }

  /** What a run is asked for; immutable. Start from {@link #defaults} and change what differs. */
  public static final class Options implements Cloneable {
    End end = End.BOTH;
    double minTolerance = 1e-3;
    double maxTolerance = 1e-3;
    Relative relative = Relative.NORM;
    Stop stop = Stop.RESIDUAL;
    double failure = 0.01;
    int maxProducts = 1000;
    int maxBasis;
    boolean basis = true;
    int block = 1;
    long seed = 1;
    Buffer start;
    double randomShare;
    List<Buffer> deflated = List.of();
    boolean vectors = true;
    boolean measured = true;

    private Options() {}

    private Options with(Consumer<Options> change) {
      try {
        Options o = (Options) clone();
        change.accept(o);
        return o;
      } catch (CloneNotSupportedException e) {
        throw new AssertionError(e);
      }
    }

    /**
     * Both ends, residuals to 1e-3 of the norm, 1000 products, basis chosen, seed 1, random start,
     * vectors kept.
     */
    public static Options defaults() {
      return new Options();
    }

    /** The ends wanted. */
    public Options withEnd(End wanted) {
      return with(o -> o.end = wanted);
    }

    /** The tolerance of both ends; see {@link #withTolerances}. */
    public Options withTolerance(double both) {
      return withTolerances(both, both);
    }

    /**
     * Errors allowed at the lower and the upper end, relative to the norm unless {@link
     * #withRelative} says otherwise; 0 asks for all the element type can give, and is reported as
     * converged only if the measured error is 0.
     */
    public Options withTolerances(double min, double max) {
      if (!(min >= 0 && max >= 0)) {
        throw new IllegalArgumentException(
            "lanczos: tolerances " + min + " and " + max + " given, they must be 0 or more");
      }
      return with(
          o -> {
            o.minTolerance = min;
            o.maxTolerance = max;
          });
    }

    /** What both tolerances are relative to; the norm, unless it is said. */
    public Options withRelative(Relative to) {
      return with(o -> o.relative = to);
    }

    /** What to stop on; {@link Stop#BOUND} with the risk of {@link #withFailure}, 0.01. */
    public Options withStop(Stop on) {
      return with(o -> o.stop = on);
    }

    /** Stops on {@link Stop#BOUND} at this risk, over the random start, of each end. */
    public Options withFailure(double probability) {
      if (!(probability > 0 && probability < 1)) {
        throw new IllegalArgumentException(
            "lanczos: failure probability " + probability + " given, it must lie between 0 and 1");
      }
      return with(
          o -> {
            o.stop = Stop.BOUND;
            o.failure = probability;
          });
    }

    /** Products to spend at most, those that measure the final residuals included. */
    public Options withMaxProducts(int products) {
      if (products < 2) {
        throw new IllegalArgumentException(
            "lanczos: maxProducts is "
                + products
                + "; one step and the final residual need 2, for both ends 3");
      }
      return with(o -> o.maxProducts = products);
    }

    /**
     * Vectors of memory before a restart, 4 to 4096; 0 takes as many as fit into 1 GiB, at least 24
     * and at most 128. Memory grows as they are used; a run holds a block more, and the result's.
     */
    public Options withMaxBasis(int rows) {
      if (rows != 0 && (rows < 4 || rows > MOST_ROWS)) {
        throw new IllegalArgumentException(
            "lanczos: maxBasis is "
                + rows
                + "; give 4 to "
                + MOST_ROWS
                + " vectors, or 0 to have it chosen");
      }
      return with(
          o -> {
            o.maxBasis = rows;
            o.basis = true;
          });
    }

    /**
     * Values only, from three vectors of memory: no basis, no vectors, no measured residuals. The
     * upper and lower end of the recurrence's own matrix, with residuals 2.5 times its own, which
     * is what rounding can make of them; the small end of a spectrum may take more products.
     */
    public Options withoutBasis() {
      return with(
          o -> {
            o.basis = false;
            o.vectors = false;
            o.measured = false;
          });
    }

    /**
     * Width p of the block: p products at a time ({@link LinearOperator#apply(Matrix, Matrix)}),
     * and up to p copies of a repeated eigenvalue are found. Takes more products for one value,
     * fewer passes over the operator.
     */
    public Options withBlock(int width) {
      if (width < 1 || width > 64) {
        throw new IllegalArgumentException(
            "lanczos: block width " + width + " given, it must be 1 to 64");
      }
      return with(o -> o.block = width);
    }

    /** Seed of the random start. */
    public Options withSeed(long value) {
      return with(o -> o.seed = value);
    }

    /**
     * Starts from a vector, not necessarily of unit norm, read only.
     *
     * @param vector {@code [n]}; null starts at random
     * @param share norm of the random vector added to it, relative to it. It lets the run see
     *     eigenvectors that {@code vector} does not contain, and {@link ExtremeBound} speak of
     *     them, provided that {@code vector} was not found with the same seed; with 0 an eigenvalue
     *     that has become the extreme one meanwhile may be missed, except that a run whose Krylov
     *     space ends (as at an exact eigenvector) goes on at random
     */
    public Options withStart(Buffer vector, double share) {
      if (!(share >= 0 && share < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "lanczos: randomShare is " + share + ", it must be 0 or more and finite");
      }
      return with(
          o -> {
            o.start = vector;
            o.randomShare = share;
          });
    }

    /**
     * Solves in the space orthogonal to these vectors, whose products are not taken: for invariant
     * subspaces found before, else the operator solved is the projected one.
     *
     * @param directions each {@code [n]}, linearly independent, read only
     */
    public Options withDeflated(List<Buffer> directions) {
      return with(o -> o.deflated = List.copyOf(directions));
    }

    /** Whether the result keeps the eigenvectors. */
    public Options withVectors(boolean kept) {
      return with(o -> o.vectors = kept);
    }

    /**
     * Whether value and residual are measured in the end, with one product a pair. Without, they
     * are the recurrence's: with a basis in memory the same up to noise.
     */
    public Options withMeasured(boolean wanted) {
      return with(o -> o.measured = wanted);
    }

    /** The ends wanted. */
    public End end() {
      return end;
    }

    /** Error allowed at the lower end, relative to what {@link #withRelative} says. */
    public double minTolerance() {
      return minTolerance;
    }

    /** Error allowed at the upper end, likewise. */
    public double maxTolerance() {
      return maxTolerance;
    }

    /** What a run stops on. */
    public Stop stop() {
      return stop;
    }

    /** The risk that {@link Stop#BOUND} stops at. */
    public double failure() {
      return failure;
    }

    /** Products to spend at most, those that measure the final residuals included. */
    public int maxProducts() {
      return maxProducts;
    }

    /** Whether value and residual are measured in the end. */
    public boolean measured() {
      return measured;
    }

    /** Whether the basis is kept in memory. */
    public boolean basis() {
      return basis;
    }

    /** Seed of the random start. */
    public long seed() {
      return seed;
    }

    /** What a tolerance is relative to. */
    double unit(double norm, double value) {
      return relative == Relative.NORM ? norm : Math.abs(value);
    }

    private int count(End wanted) {
      return end == wanted || end == End.BOTH ? 1 : 0;
    }
  }

  private static final int MOST_ROWS = 4096;

  private Lanczos() {}

  /**
   * The ends of a symmetric operator's spectrum. Deterministic: the same operator, options and
   * device give the same numbers.
   *
   * <p>{@code converged} speaks of the error that {@link Stop} names; how likely the pair is the
   * extreme one is what {@link Eigenpair#extreme} says.
   *
   * @throws ArithmeticException if a product holds a NaN or an infinity
   * @throws IllegalArgumentException if the start vector does not fit the operator or is no
   *     direction
   */
  public static Extremes extremes(LinearOperator a, Options options) {
    Eigenpairs pairs =
        LanczosRun.solve(a, options, options.count(End.MIN), options.count(End.MAX), 0);
    return new Extremes(
        pairs.smallest().isEmpty() ? null : pairs.smallest().getFirst(),
        pairs.largest().isEmpty() ? null : pairs.largest().getFirst(),
        pairs.products(),
        pairs.steps());
  }

  /**
   * Several eigenpairs at each end. A repeated eigenvalue is found once for each vector of the
   * block ({@link Options#withBlock}); more pairs than the operator has dimensions are all there
   * are. {@link Options#withEnd} has no say here.
   *
   * @param smallest pairs wanted at the lower end, 0 or more
   * @param largest pairs wanted at the upper end, 0 or more, one at least in all
   * @throws ArithmeticException if a product holds a NaN or an infinity
   */
  public static Eigenpairs eigenpairs(
      LinearOperator a, int smallest, int largest, Options options) {
    if (smallest < 0 || largest < 0 || smallest + largest < 1) {
      throw new IllegalArgumentException(
          "lanczos: "
              + smallest
              + " smallest and "
              + largest
              + " largest pairs asked for; ask for"
              + " one at least");
    }
    return LanczosRun.solve(a, options, smallest, largest, 0);
  }

  /**
   * The ends that the options name, each with Ritz pairs next to it that the run did not wait for:
   * not measured and not converged, for the next run to start from.
   */
  static Eigenpairs withCompanions(LinearOperator a, int companions, Options options) {
    return LanczosRun.solve(a, options, options.count(End.MIN), options.count(End.MAX), companions);
  }

  /**
   * The start vector for the next point along a training run: the normalised sum of the
   * eigenvectors of the last one. The caller closes it.
   *
   * @throws IllegalArgumentException if the result holds no vectors
   */
  public static Buffer warmStart(Extremes last) {
    List<Buffer> vectors = new ArrayList<>();
    for (Eigenpair pair : new Eigenpair[] {last.max(), last.min()}) {
      if (pair != null && pair.vector() != null) {
        vectors.add(pair.vector());
      }
    }
    if (vectors.isEmpty()) {
      throw new IllegalArgumentException(
          "lanczos: the result holds no vectors to start from; ask for them with withVectors(true)");
    }
    return sum(vectors);
  }

  /** The normalised sum. Pairs have their largest component positive, so none is its negative. */
  static Buffer sum(List<Buffer> vectors) {
    Buffer first = vectors.getFirst();
    Kernels kernels = first.device().kernels(first.dtype());
    Buffer sum = first.device().allocate(first.dtype(), first.length());
    vectors.forEach(vector -> kernels.axpby(1, vector, 1, sum));
    kernels.normalise(sum);
    return sum;
  }

  /** Vectors a run multiplies at most before it restarts. */
  static int rows(LinearOperator a, Options options, int pairs) {
    // Half of the basis is kept at a restart, and must hold the pairs wanted.
    int least = 2 * (pairs + options.block) - 2;
    if (options.maxBasis == 0) {
      long fit = (1L << 30) / (a.size() * a.dtype().bytes());
      return Math.max(least, (int) Math.max(24, Math.min(128, fit)));
    }
    if (options.maxBasis < Math.min(least, a.size())) {
      throw new IllegalArgumentException(
          "lanczos: maxBasis is "
              + options.maxBasis
              + "; "
              + pairs
              + " pairs with blocks of "
              + options.block
              + " need "
              + least
              + " vectors");
    }
    return options.maxBasis;
  }

  /** Vectors a run holds at most, the result's included. */
  static long vectors(LinearOperator a, Options options, int pairs) {
    if (!options.basis) {
      return 3;
    }
    long kept = options.vectors ? pairs : options.measured ? 1 : 0;
    long blocks = options.block > 1 ? 2L * options.block : 0;
    long rows = Math.min(rows(a, options, pairs), a.size());
    return rows + options.block + 1 + blocks + options.deflated.size() + kept;
  }

  /** Steps before a random start in R^n may stop. */
  static int patience(long n) {
    return (int) Math.ceil(Math.log(n) / 2);
  }
}
