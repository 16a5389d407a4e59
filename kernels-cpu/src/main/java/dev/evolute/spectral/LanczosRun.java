package dev.evolute.spectral;

import dev.evolute.kernels.Buffer;
import dev.evolute.spectral.Lanczos.Options;
import java.util.ArrayList;
import java.util.List;

/** One run of {@link Lanczos}: grows a Krylov space until what was asked for is settled. */
final class LanczosRun {
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

  private LanczosRun(LinearOperator a, Options options, int smallest, int largest, int companions) {
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
      int rows = Lanczos.rows(a, options, this.smallest + this.largest);
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

  static Eigenpairs solve(
      LinearOperator a, Options options, int smallest, int largest, int companions) {
    LanczosRun run = new LanczosRun(a, options, smallest, largest, companions);
    try (run.space) {
      run.search();
      return run.result();
    }
  }

  private int measurements() {
    return options.measured ? smallest + largest : 0;
  }

  private void waitFromHere() {
    // No start that knows nothing can tell an outlier from the bulk in fewer than about log n steps
    // (Garza-Vargas and Kulkarni 2020), however small its residual looks.
    earliestStop = steps + Lanczos.patience(a.size());
  }

  private void search() {
    while (true) {
      int left = options.maxProducts - measurements() - products.count();
      space.steps(untilTest(), left);
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
    return testIsDue(space.size(), steps);
  }

  private boolean testIsDue(int k, int steps) {
    return steps >= earliestStop && (k < TESTED_ALWAYS || k % (k / (TESTED_ALWAYS / 2)) == 0);
  }

  /** Steps of one vector up to the next test. */
  private int untilTest() {
    int count = 1;
    while (!testIsDue(space.size() + count, steps + count)) {
      count++;
    }
    return count;
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
        yield bound(theta, outwards).failure(theta + outwards * least(Math.max(allowed, 4 * floor)))
            <= options.failure;
      }
    };
  }

  private double unit(double theta) {
    return options.unit(scale, theta);
  }

  /** The bound is a question about some distance; of an operator that is 0 there is none. */
  private static double least(double distance) {
    return Math.max(distance, Double.MIN_VALUE);
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
    int keep = space.size() / 2;
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
                  : extreme.failure(value + outwards * least(allowed)) <= options.failure;
        };
    return new Eigenpair(
        value, pair.vector(), residual, pair.noise(), converged, estimate, extreme);
  }
}
