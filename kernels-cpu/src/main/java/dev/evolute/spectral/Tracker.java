package dev.evolute.spectral;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Kernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.PrimitiveIterator;

/**
 * Follows the ends of a spectrum while the operator changes a little from point to point, as a
 * Hessian does along training. A few eigenvectors are remembered at each end: the outermost and the
 * companions next to it, one of which may overtake it.
 *
 * <p>A point begins with the product of the outermost vector remembered. How far that has moved is
 * taken for how far the others may have ({@link TrackedEnd}), and with that the value found leaves
 * room for an extreme eigenvalue beyond it:
 *
 * <pre>
 *   lambda_max &lt;= the larger eigenvalue of ( theta  rho )      rho: residual of the Ritz vectors taken together
 *                                          (  rho   mu )      mu:  what the others may have reached
 * </pre>
 *
 * As long as that is wider than the tolerance, a companion that may have come as near as the
 * residual, or the residual itself, is the next product, and Rayleigh and Ritz's method on all of
 * them ({@link RitzSpace}) gives the next value. Two eigenvalues that cross are two vectors of one
 * space, and are told apart at no cost.
 *
 * <p>Nothing that is remembered knows of a direction that rises from the rest of the spectrum. An
 * audit sees it: a solve by {@link Lanczos} from as much random as remembered, which goes on until
 * the extreme eigenvalue lies within the tolerance beyond the value at the risk of the options. It
 * takes place at the first point, every {@code auditEvery} points, and wherever the budget of a
 * point does not settle it.
 */
public final class Tracker implements AutoCloseable {
  /**
   * How to follow.
   *
   * @param solve ends, tolerances, seed and the risk of an audit; what it stops on has no say
   * @param followed eigenvectors remembered at each end, at least 1
   * @param refreshEvery companion j is looked at every {@code j refreshEvery} points at the latest
   * @param auditEvery points from one audit to the next, at least 1
   * @param products what a point may take before it is audited; also bounds the memory, two vectors
   *     for each product
   * @param auditProducts budget of an audit
   */
  public record Options(
      Lanczos.Options solve,
      int followed,
      int refreshEvery,
      int auditEvery,
      int products,
      int auditProducts) {
    /**
     * Checks them.
     *
     * @throws IllegalArgumentException if a number of vectors or points is below 1, or there are
     *     fewer than 2 products a point
     */
    public Options {
      if (followed < 1 || refreshEvery < 1 || auditEvery < 1) {
        throw new IllegalArgumentException(
            "tracker: "
                + followed
                + " vectors followed, looked at every "
                + refreshEvery
                + " points, an audit every "
                + auditEvery
                + "; all three must be at least 1");
      }
      if (products < 2) {
        throw new IllegalArgumentException(
            "tracker: " + products + " products a point given, both ends need at least 2");
      }
    }

    /**
     * Three vectors an end, looked at every 4 points; 8 products a point, 200 an audit, every 50.
     */
    public static Options of(Lanczos.Options solve) {
      return new Options(solve, 3, 4, 50, 8, 200);
    }

    /** With so many eigenvectors remembered at each end, at least 1. */
    public Options withFollowed(int vectors) {
      return new Options(solve, vectors, refreshEvery, auditEvery, products, auditProducts);
    }

    /** With all of them looked at anew every so many points, at least 1. */
    public Options withRefreshEvery(int points) {
      return new Options(solve, followed, points, auditEvery, products, auditProducts);
    }

    /** With a search from a random start every so many points, at least 1. */
    public Options withAuditEvery(int points) {
      return new Options(solve, followed, refreshEvery, points, products, auditProducts);
    }

    /** With so many products a point at most, at least 2; audits have a budget of their own. */
    public Options withProducts(int most) {
      return new Options(solve, followed, refreshEvery, auditEvery, most, auditProducts);
    }
  }

  /**
   * One end at one point.
   *
   * @param pair the outermost eigenpair; its vector is the tracker's, and freed at the next point.
   *     Converged means that {@code bound} is within the tolerance of its value
   * @param bound the extreme eigenvalue lies between the value and this: at an audit at the risk of
   *     the options, between audits provided that nothing moved faster than the outermost vector
   *     did and nothing rose from outside of what is remembered
   * @param overlap {@code |<x, x'>|} with the last point's vector; 1 at the first point
   * @param crossed whether another direction has become the outermost one: less than half of x lies
   *     along the last point's
   */
  public record Followed(Eigenpair pair, double bound, double overlap, boolean crossed) {}

  /**
   * One point.
   *
   * @param min the lower end, null if it was not asked for
   * @param max the upper end, null if it was not asked for
   * @param products products used here, an audit's included
   * @param audited whether this point was audited
   */
  public record Point(Followed min, Followed max, int products, boolean audited) {
    /** Whether every end that was asked for has converged. */
    public boolean converged() {
      return (min == null || min.pair.converged()) && (max == null || max.pair.converged());
    }
  }

  /**
   * What a tracker goes on from.
   *
   * @param numbers what has been counted, and what is known of each vector
   * @param vectors those remembered; of a tracker at work they are its own, freed at its next point
   */
  public record State(double[] numbers, List<Buffer> vectors) {}

  private final Options options;
  private final TrackedEnd min;
  private final TrackedEnd max;
  private final List<TrackedEnd> ends = new ArrayList<>();
  private int points;
  private int sinceAudit;

  /** Of no point yet: the first one given to {@link #next} is searched from a random start. */
  public Tracker(Options options) {
    this.options = options;
    Lanczos.End wanted = options.solve.end();
    min = wanted == Lanczos.End.MAX ? null : new TrackedEnd(-1, options);
    max = wanted == Lanczos.End.MIN ? null : new TrackedEnd(1, options);
    for (TrackedEnd end : new TrackedEnd[] {max, min}) {
      if (end != null) {
        ends.add(end);
      }
    }
  }

  /**
   * The ends of the operator as it is now.
   *
   * @throws ArithmeticException if a product holds a NaN or an infinity; the tracker then goes on
   *     from the last good point
   */
  public Point next(LinearOperator a) {
    boolean due = ends.getFirst().empty() || sinceAudit + 1 >= options.auditEvery;
    Point point = due ? audited(a) : followed(a);
    points++;
    sinceAudit = point.audited ? 0 : sinceAudit + 1;
    return point;
  }

  /** What {@link #resume} makes another tracker go on from, with the same numbers to the bit. */
  public State state() {
    List<Double> numbers = new ArrayList<>(List.of((double) points, (double) sinceAudit));
    List<Buffer> vectors = new ArrayList<>();
    ends.forEach(end -> end.save(numbers, vectors));
    return new State(
        numbers.stream().mapToDouble(Double::doubleValue).toArray(), List.copyOf(vectors));
  }

  /**
   * Goes on from the state of a tracker with the same options.
   *
   * @param state its vectors are copied
   */
  public void resume(State state) {
    PrimitiveIterator.OfDouble numbers = Arrays.stream(state.numbers).iterator();
    Iterator<Buffer> vectors = state.vectors.iterator();
    points = (int) numbers.nextDouble();
    sinceAudit = (int) numbers.nextDouble();
    ends.forEach(end -> end.restore(numbers, vectors));
  }

  /** From what was remembered at the last point. */
  private Point audited(LinearOperator a) {
    // In one dimension the random vector may be the negative of the other.
    if (ends.getFirst().empty() || a.size() == 1) {
      return audited(a, null, 0);
    }
    try (Buffer start = Lanczos.sum(ends.stream().flatMap(TrackedEnd::vectors).toList())) {
      return audited(a, start, 0);
    }
  }

  /**
   * An audit.
   *
   * @param start what it starts from beside the random vector, or null
   * @param before products already taken at this point
   */
  private Point audited(LinearOperator a, Buffer start, int before) {
    // A seed of its own for every point: the random part must know nothing of what is remembered.
    Lanczos.Options solve =
        options
            .solve
            .withSeed(CounterRandom.bits(options.solve.seed(), points, 0))
            .withFailure(options.solve.failure())
            .withMeasured(false)
            .withMaxProducts(options.auditProducts)
            .withStart(start, start == null ? 0 : 1);
    Eigenpairs found = Lanczos.withCompanions(a, options.followed - 1, solve);
    Kernels kernels = a.device().kernels(a.dtype());
    return new Point(
        min == null ? null : min.audited(kernels, found.smallest()),
        max == null ? null : max.audited(kernels, found.largest()),
        before + found.products(),
        true);
  }

  private Point followed(LinearOperator a) {
    try (RitzSpace space = new RitzSpace(a, options.products)) {
      // All ends first: how far one has moved says how near the others may have come.
      ends.forEach(end -> end.begin(space));
      ends.forEach(end -> end.measure(space));
      ends.forEach(end -> end.refresh(space));
      boolean grown = true;
      while (grown) {
        grown = false;
        for (TrackedEnd end : ends) {
          grown |= !end.settled(space) && end.grow(space);
        }
      }
      if (!ends.stream().allMatch(end -> end.settled(space))) {
        try (Buffer start = outermost(a, space)) {
          return audited(a, start, space.count());
        }
      }
      return new Point(
          min == null ? null : min.found(a, space),
          max == null ? null : max.found(a, space),
          space.count(),
          false);
    }
  }

  /** The sum of the outermost Ritz vectors. */
  private Buffer outermost(LinearOperator a, RitzSpace space) {
    Kernels kernels = a.device().kernels(a.dtype());
    Buffer sum = a.device().allocate(a.dtype(), a.size());
    try (Buffer x = a.device().allocate(a.dtype(), a.size())) {
      for (TrackedEnd end : ends) {
        end.outermost(space, x);
        kernels.axpby(1, x, 1, sum);
      }
    }
    return sum;
  }

  @Override
  public void close() {
    ends.forEach(TrackedEnd::close);
  }
}
