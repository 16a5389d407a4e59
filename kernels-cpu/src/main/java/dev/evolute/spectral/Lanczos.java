package dev.evolute.spectral;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Kernels;
import java.util.ArrayList;
import java.util.List;

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
    MIN,
    MAX,
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
    private End end = End.BOTH;
    private double minTolerance = 1e-3;
    private double maxTolerance = 1e-3;
    private Relative relative = Relative.NORM;
    private Stop stop = Stop.RESIDUAL;
    private double failure = 0.01;
    private int maxProducts = 1000;
    private int maxBasis;
    private boolean basis = true;
    private int block = 1;
    private long seed = 1;
    private Buffer start;
    private double randomShare;
    private List<Buffer> deflated = List.of();
    private boolean vectors = true;
    private boolean measured = true;

    private Options() {}

    /**
     * Both ends, residuals to 1e-3 of the norm, 1000 products, basis chosen, seed 1, random start,
     * vectors kept.
     */
    public static Options defaults() {
      return new Options();
    }

    /** The ends wanted. */
    public Options withEnd(End wanted) {
      Options o = copy();
      o.end = wanted;
      return o;
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
      Options o = copy();
      o.minTolerance = min;
      o.maxTolerance = max;
      return o;
    }

    public Options withRelative(Relative to) {
      Options o = copy();
      o.relative = to;
      return o;
    }

    /** What to stop on; {@link Stop#BOUND} with the risk of {@link #withFailure}, 0.01. */
    public Options withStop(Stop on) {
      Options o = copy();
      o.stop = on;
      return o;
    }

    /** Stops on {@link Stop#BOUND} at this risk, over the random start, of each end. */
    public Options withFailure(double probability) {
      if (!(probability > 0 && probability < 1)) {
        throw new IllegalArgumentException(
            "lanczos: failure probability " + probability + " given, it must lie between 0 and 1");
      }
      Options o = copy();
      o.stop = Stop.BOUND;
      o.failure = probability;
      return o;
    }

    /** Products to spend at most, those that measure the final residuals included. */
    public Options withMaxProducts(int products) {
      if (products < 2) {
        throw new IllegalArgumentException(
            "lanczos: maxProducts is "
                + products
                + "; one step and the final residual need 2, for both ends 3");
      }
      Options o = copy();
      o.maxProducts = products;
      return o;
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
      Options o = copy();
      o.maxBasis = rows;
      o.basis = true;
      return o;
    }

    /**
     * Values only, from three vectors of memory: no basis, no vectors, no measured residuals. The
     * upper and lower end of the recurrence's own matrix, with residuals 2.5 times its own, which
     * is what rounding can make of them; the small end of a spectrum may take more products.
     */
    public Options withoutBasis() {
      Options o = copy();
      o.basis = false;
      o.vectors = false;
      o.measured = false;
      return o;
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
      Options o = copy();
      o.block = width;
      return o;
    }

    /** Seed of the random start. */
    public Options withSeed(long value) {
      Options o = copy();
      o.seed = value;
      return o;
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
      Options o = copy();
      o.start = vector;
      o.randomShare = share;
      return o;
    }

    /**
     * Solves in the space orthogonal to these vectors, whose products are not taken: for invariant
     * subspaces found before, else the operator solved is the projected one.
     *
     * @param directions each {@code [n]}, linearly independent, read only
     */
    public Options withDeflated(List<Buffer> directions) {
      Options o = copy();
      o.deflated = List.copyOf(directions);
      return o;
    }

    /** Whether the result keeps the eigenvectors. */
    public Options withVectors(boolean kept) {
      Options o = copy();
      o.vectors = kept;
      return o;
    }

    /**
     * Whether value and residual are measured in the end, with one product a pair. Without, they
     * are the recurrence's: with a basis in memory the same up to noise.
     */
    public Options withMeasured(boolean wanted) {
      Options o = copy();
      o.measured = wanted;
      return o;
    }

    public End end() {
      return end;
    }

    public double minTolerance() {
      return minTolerance;
    }

    public double maxTolerance() {
      return maxTolerance;
    }

    public Stop stop() {
      return stop;
    }

    public double failure() {
      return failure;
    }

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

    public long seed() {
      return seed;
    }

    private int count(End wanted) {
      return end == wanted || end == End.BOTH ? 1 : 0;
    }

    private Options copy() {
      try {
        return (Options) clone();
      } catch (CloneNotSupportedException e) {
        throw new AssertionError(e);
      }
    }
  }

  private static final int MOST_ROWS = 4096;
  private static final int TESTED_ALWAYS = 64;
  // The stop test leaves room for rounding between the recurrence and the measured residual.
  private static final double MARGIN = 0.9;
  private static final int KEPT_OF_CONVERGED_END = 3;

  private final LinearOperator a;
  private final Options options;
  private final int smallest;
  private final int largest;
  // Pairs returned at each wanted end beyond those, as good as they have become meanwhile.
  private final int companions;
  private final Products products;
  private final Krylov space;
  private int steps;
  private int earliestStop;
  private boolean reseeded;

  private SymmetricEigen ritz;
  private double scale;
  private boolean minSettled;
  private boolean maxSettled;

  private Lanczos(LinearOperator a, Options options, int smallest, int largest, int companions) {
    this.a = a;
    this.options = options;
    this.products = new Products(a);
    long n = a.size() - options.deflated.size();
    this.smallest = (int) Math.min(smallest, n);
    this.largest = (int) Math.min(largest, n);
    this.companions = companions;
    if (options.maxProducts < 1 + measurements()) {
      throw new IllegalArgumentException(
          "lanczos: maxProducts is "
              + options.maxProducts
              + "; one step and the final residuals need "
              + (1 + measurements()));
    }
    if (options.basis) {
      int rows = rows(a, options, this.smallest + this.largest);
      KrylovSpace stored =
          new KrylovSpace(a, products, options.seed, rows, options.block, options.deflated);
      this.space = stored;
      closeUnless(() -> stored.begin(options.start, options.randomShare));
    } else {
      ShortRecurrence recurrence = shortRecurrence();
      this.space = recurrence;
      closeUnless(() -> recurrence.begin(options.start, options.randomShare));
    }
    if (options.start == null) {
      waitFromHere();
    }
  }

  private ShortRecurrence shortRecurrence() {
    if (options.vectors || options.measured) {
      throw new IllegalArgumentException(
          "lanczos: without a basis there are no vectors to keep or to measure");
    }
    if (options.block > 1 || !options.deflated.isEmpty() || smallest > 1 || largest > 1) {
      throw new IllegalArgumentException(
          "lanczos: without a basis there are no blocks, no deflation and no more than one value an"
              + " end, since the recurrence finds an eigenvalue several times over");
    }
    return new ShortRecurrence(a, products, options.seed);
  }

  private void closeUnless(Runnable begun) {
    boolean done = false;
    try {
      begun.run();
      done = true;
    } finally {
      if (!done) {
        space.close();
      }
    }
  }

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
    Eigenpairs pairs = solve(a, options, options.count(End.MIN), options.count(End.MAX), 0);
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
    return solve(a, options, smallest, largest, 0);
  }

  /**
   * The ends that the options name, each with Ritz pairs next to it that the run did not wait for:
   * not measured and not converged, for the next run to start from.
   */
  static Eigenpairs withCompanions(LinearOperator a, int companions, Options options) {
    return solve(a, options, options.count(End.MIN), options.count(End.MAX), companions);
  }

  private static Eigenpairs solve(
      LinearOperator a, Options options, int smallest, int largest, int companions) {
    Lanczos lanczos = new Lanczos(a, options, smallest, largest, companions);
    try (lanczos.space) {
      lanczos.search();
      return lanczos.result();
    }
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

  private int measurements() {
    return options.measured ? smallest + largest : 0;
  }

  private void waitFromHere() {
    // No start that knows nothing can tell an outlier from the bulk in fewer than about log n steps
    // (Garza-Vargas and Kulkarni 2020), however small its residual looks.
    earliestStop = steps + patience(a.size());
  }

  /** Steps before a random start in R^n may stop. */
  static int patience(long n) {
    return (int) Math.ceil(Math.log(n) / 2);
  }

  private void search() {
    while (true) {
      int left = options.maxProducts - measurements() - products.count();
      space.step(left);
      steps = products.count();
      boolean spent = steps + measurements() >= options.maxProducts;
      boolean exhausted = space.exhausted();
      if (exhausted || spent || space.full() || testIsDue()) {
        project();
        boolean settled = minSettled && maxSettled && steps >= earliestStop;
        // An invariant space that the caller chose says nothing of the rest; one from a random
        // start
        // holds every eigenvalue, but only one copy of each.
        boolean several = smallest > 1 || largest > 1;
        boolean blind = exhausted && (!space.startSeesAll() || (several && !reseeded));
        if (spent || allFound() || (settled && !blind)) {
          return;
        }
        if (space.full()) {
          restart();
        }
        if (exhausted) {
          space.reseed();
          if (!reseeded) {
            waitFromHere();
          }
          reseeded = true;
        }
      }
    }
  }

  /** Whether the space is exhausted and nothing that was asked for can lie outside. */
  private boolean allFound() {
    int k = space.size();
    boolean whole = k >= a.size() - options.deflated.size();
    boolean ends = space.startSeesAll() && smallest <= 1 && largest <= 1;
    return space.exhausted() && (whole || ends);
  }

  private boolean testIsDue() {
    int k = space.size();
    return steps >= earliestStop && (k < TESTED_ALWAYS || k % (k / (TESTED_ALWAYS / 2)) == 0);
  }

  /** Ritz values, the operator's norm as they show it, and which ends are settled. */
  private void project() {
    ritz = space.ritz();
    int k = space.size();
    double[] theta = ritz.values();
    scale = Math.max(Math.abs(theta[0]), Math.abs(theta[k - 1]));
    minSettled = k >= smallest;
    for (int i = 0; minSettled && i < smallest; i++) {
      minSettled = settled(i, -1, options.minTolerance);
    }
    maxSettled = k >= largest;
    for (int i = 0; maxSettled && i < largest; i++) {
      maxSettled = settled(k - 1 - i, 1, options.maxTolerance);
    }
  }

  private boolean settled(int i, int outwards, double tolerance) {
    double theta = ritz.values()[i];
    double residual = space.residual(ritz.vectors()[i]);
    double floor = space.rounding() * scale;
    double allowed = MARGIN * tolerance * unit(theta);
    return switch (options.stop) {
      case RESIDUAL -> residual <= Math.max(allowed, MARGIN * floor);
      case ESTIMATE -> estimate(i, residual) <= Math.max(allowed, MARGIN * floor);
      case BOUND -> {
        if (!outermost(i, outwards) || space.randomVectors() == 0) {
          yield residual <= Math.max(allowed, MARGIN * floor);
        }
        yield bound(theta, outwards).failure(theta + outwards * Math.max(allowed, 4 * floor))
            <= options.failure;
      }
    };
  }

  private double unit(double theta) {
    return options.relative == Relative.NORM ? scale : Math.abs(theta);
  }

  private boolean outermost(int i, int outwards) {
    return i == (outwards < 0 ? 0 : space.size() - 1);
  }

  /** {@code residual^2 / gap}; the gap is what the neighbour's residual leaves of it. */
  private double estimate(int i, double residual) {
    double gap = Double.POSITIVE_INFINITY;
    double[] theta = ritz.values();
    for (int j : new int[] {i - 1, i + 1}) {
      if (j >= 0 && j < space.size()) {
        double neighbour = space.residual(ritz.vectors()[j]);
        gap = Math.min(gap, Math.abs(theta[j] - theta[i]) - neighbour);
      }
    }
    // A single Ritz value has no neighbour that a gap could be seen to.
    boolean seen = gap > residual && gap < Double.POSITIVE_INFINITY;
    return seen ? residual * residual / gap : residual;
  }

  private ExtremeBound bound(double value, int outwards) {
    return new ExtremeBound(
        space.cycles(),
        value,
        space.rounding() * scale,
        scale,
        outwards,
        a.size(),
        space.randomVectors(),
        space.randomShare());
  }

  /** Keeps half the basis, next to the ends wanted: of an end that is settled only little more. */
  private void restart() {
    int keep = Math.max(2, space.size() / 2);
    int low = keep / 2;
    if (minSettled) {
      low = Math.min(low, smallest + KEPT_OF_CONVERGED_END - 1);
    } else if (maxSettled) {
      low = keep - Math.min(keep - low, largest + KEPT_OF_CONVERGED_END - 1);
    }
    low = Math.max(Math.min(low, keep - largest), smallest);
    space.restart(ritz, low, keep - low);
  }

  private Eigenpairs result() {
    List<Eigenpair> min = new ArrayList<>();
    List<Eigenpair> max = new ArrayList<>();
    boolean done = false;
    try {
      boolean converged = collect(smallest, -1, options.minTolerance, min);
      converged &= collect(largest, 1, options.maxTolerance, max);
      Eigenpairs pairs = new Eigenpairs(min, max, products.count(), steps, converged);
      done = true;
      return pairs;
    } finally {
      if (!done) {
        new Eigenpairs(min, max, 0, 0, false).close();
      }
    }
  }

  /** The pairs of one end, outermost first; returns whether all that were wanted have converged. */
  private boolean collect(int wanted, int outwards, double tolerance, List<Eigenpair> pairs) {
    int k = space.size();
    boolean converged = k >= wanted;
    int count = wanted == 0 ? 0 : Math.min(k, wanted + companions);
    for (int j = 0; j < count; j++) {
      boolean measured = options.measured && j < wanted;
      Eigenpair pair = pair(outwards < 0 ? j : k - 1 - j, outwards, tolerance, measured);
      pairs.add(pair);
      converged &= pair.converged() || j >= wanted;
    }
    return converged;
  }

  private Eigenpair pair(int i, int outwards, double tolerance, boolean measured) {
    double[] s = ritz.vectors()[i];
    double theta = ritz.values()[i];
    double noise = space.rounding() * scale;
    double recurrence = space.residual(s);
    Eigenpair pair = new Eigenpair(theta, null, recurrence, noise, false);
    if (measured || options.vectors) {
      KrylovSpace stored = (KrylovSpace) space;
      Buffer x = a.device().allocate(a.dtype(), a.size());
      boolean kept = false;
      try {
        stored.combine(s, x);
        products.normalise(x);
        pair =
            measured
                ? products.measure(x, stored.scratch(), 0, scale)
                : new Eigenpair(theta, x, recurrence, noise, false);
        kept = options.vectors;
      } finally {
        if (!kept) {
          x.close();
        }
      }
      pair = kept ? pair : pair.withoutVector();
    }
    return judged(pair, i, outwards, tolerance);
  }

  /** The pair with what else is known of it, and the verdict. */
  private Eigenpair judged(Eigenpair pair, int i, int outwards, double tolerance) {
    double value = pair.value();
    double residual = pair.residual();
    ExtremeBound extreme =
        outermost(i, outwards) && space.randomVectors() > 0 ? bound(value, outwards) : null;
    double estimate = estimate(i, residual);
    double allowed = tolerance * unit(value);
    boolean converged =
        switch (options.stop) {
          case RESIDUAL -> residual <= allowed;
          case ESTIMATE -> estimate <= allowed;
          case BOUND ->
              extreme == null
                  ? residual <= allowed
                  : extreme.failure(value + outwards * allowed) <= options.failure;
        };
    return new Eigenpair(
        value, pair.vector(), residual, pair.noise(), converged, estimate, extreme);
  }
}
