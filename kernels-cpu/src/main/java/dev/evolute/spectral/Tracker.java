package dev.evolute.spectral;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Kernels;
import java.util.ArrayList;
import java.util.List;

/**
 * Follows the ends of a spectrum while the operator changes, as a Hessian does along training: each
 * point starts from the Ritz vectors of the last one and a random part.
 *
 * <p>A warm start can lock on: an eigenvalue that overtakes the one followed is hardly in it. Three
 * things stand against that: the next eigenvectors inward are followed too, so that a pair that
 * crosses is seen on both sides; the random part lets through what comes from the bulk; and an
 * audit at regular points, or where the eigenvector has turned or the budget did not suffice. An
 * audit starts from as much random as followed, so that it sees everything and loses nothing, and
 * goes on until the extreme eigenvalue lies within the tolerance beyond the value at the risk of
 * the options: {@link Lanczos.Stop#BOUND}.
 */
public final class Tracker implements AutoCloseable {
  /**
   * How to follow.
   *
   * @param solve ends, tolerances, stop, seed and, as {@code maxProducts}, the budget of a point
   * @param followed eigenvectors followed at each end, at least 1
   * @param companionShare weight of those next to the outermost in the start, relative to it
   * @param randomShare weight of the random part
   * @param auditEvery points from one audit to the next, at least 1
   * @param auditProducts budget of an audit, and of the first point
   */
  public record Options(
      Lanczos.Options solve,
      int followed,
      double companionShare,
      double randomShare,
      int auditEvery,
      int auditProducts) {
    public Options {
      if (followed < 1 || auditEvery < 1) {
        throw new IllegalArgumentException(
            "tracker: "
                + followed
                + " vectors followed, an audit every "
                + auditEvery
                + " points; both must be at least 1");
      }
      if (!(companionShare >= 0 && randomShare >= 0)) {
        throw new IllegalArgumentException(
            "tracker: shares "
                + companionShare
                + " and "
                + randomShare
                + " given, they must be 0 or more");
      }
    }

    /**
     * Two vectors an end, an audit every 50 points, 20 products a point and 200 an audit; values
     * and residuals of the recurrence, which saves the product that would measure them.
     */
    public static Options of(Lanczos.Options solve) {
      return new Options(solve.withMeasured(false).withMaxProducts(20), 2, 0.3, 0.02, 50, 200);
    }

    public Options withAuditEvery(int points) {
      return new Options(solve, followed, companionShare, randomShare, points, auditProducts);
    }

    public Options withFollowed(int vectors) {
      return new Options(solve, vectors, companionShare, randomShare, auditEvery, auditProducts);
    }

    public Options withShares(double companion, double random) {
      return new Options(solve, followed, companion, random, auditEvery, auditProducts);
    }
  }

  /**
   * One end at one point.
   *
   * @param pair the outermost eigenpair; its vector is the tracker's, and freed at the next point
   * @param overlap {@code |<x, x'>|} with the last point's vector; 1 at the first point
   * @param crossed whether another direction has become the outermost one: less than half of x lies
   *     along the last point's
   */
  public record Followed(Eigenpair pair, double overlap, boolean crossed) {}

  /**
   * One point.
   *
   * @param min the lower end, null if it was not asked for
   * @param max the upper end, null if it was not asked for
   * @param products products used here
   * @param audited whether this point was audited
   */
  public record Point(Followed min, Followed max, int products, boolean audited) {
    /** Whether every end that was asked for has converged. */
    public boolean converged() {
      return (min == null || min.pair.converged()) && (max == null || max.pair.converged());
    }
  }

  private final Options options;
  private Eigenpairs last;
  private int points;
  private int sinceAudit;
  private boolean suspicious;

  public Tracker(Options options) {
    this.options = options;
  }

  /**
   * The ends of the operator as it is now.
   *
   * @throws ArithmeticException if a product holds a NaN or an infinity; the tracker then goes on
   *     from the last good point
   */
  public Point next(LinearOperator a) {
    boolean audit = last == null || suspicious || sinceAudit + 1 >= options.auditEvery;
    // A seed of its own for every point: the random part must know nothing of the vectors followed.
    Lanczos.Options solve =
        options.solve.withSeed(CounterRandom.bits(options.solve.seed(), points, 0));
    if (audit) {
      solve = solve.withMaxProducts(options.auditProducts).withFailure(options.solve.failure());
    }
    Eigenpairs found;
    if (last == null) {
      found = Lanczos.withCompanions(a, options.followed - 1, solve);
    } else {
      try (Buffer start = start()) {
        double share = audit ? 1 : options.randomShare;
        found = Lanczos.withCompanions(a, options.followed - 1, solve.withStart(start, share));
      }
    }
    Kernels kernels = a.device().kernels(a.dtype());
    Followed min = followed(kernels, found.smallest(), last == null ? null : last.smallest());
    Followed max = followed(kernels, found.largest(), last == null ? null : last.largest());
    if (last != null) {
      last.close();
    }
    last = found;
    points++;
    sinceAudit = audit ? 0 : sinceAudit + 1;
    Point point = new Point(min, max, found.products(), audit);
    suspicious = !audit && (!point.converged() || crossed(min) || crossed(max));
    return point;
  }

  private static boolean crossed(Followed end) {
    return end != null && end.crossed;
  }

  private static Followed followed(Kernels kernels, List<Eigenpair> now, List<Eigenpair> before) {
    if (now.isEmpty()) {
      return null;
    }
    Eigenpair outermost = now.getFirst();
    if (before == null) {
      return new Followed(outermost, 1, false);
    }
    double overlap = Math.abs(kernels.dot(outermost.vector(), before.getFirst().vector()));
    return new Followed(outermost, overlap, overlap * overlap < 0.5);
  }

  /** The vectors followed, the outermost with weight 1. */
  private Buffer start() {
    List<Buffer> outermost = new ArrayList<>();
    List<Buffer> companions = new ArrayList<>();
    for (List<Eigenpair> end : List.of(last.smallest(), last.largest())) {
      for (int j = 0; j < end.size(); j++) {
        (j == 0 ? outermost : companions).add(end.get(j).vector());
      }
    }
    Buffer start = Lanczos.sum(outermost);
    Kernels kernels = start.device().kernels(start.dtype());
    companions.forEach(v -> kernels.axpby(options.companionShare, v, 1, start));
    return start;
  }

  @Override
  public void close() {
    if (last != null) {
      last.close();
    }
  }
}
