package dev.evolute.spectral;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Kernels;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.PrimitiveIterator;
import java.util.stream.Stream;

/**
 * What a {@link Tracker} remembers of one end of the spectrum, and what it makes of it at the next
 * point. Values are seen from outside: {@code outwards theta}, so that the largest is always the
 * outermost.
 */
final class TrackedEnd implements AutoCloseable {
  // Companions this share of the norm below the outermost are looked at at every point.
  private static final double BAND = 0.05;
  // A companion that may have come this many residuals near the outermost is looked at itself.
  private static final double NEAR = 4;
  // A remembered vector that lies in the space to this share of its square is there twice.
  private static final double KNOWN = 0.5;

  /**
   * A vector that was good at an earlier point.
   *
   * @param height its Ritz value times outwards
   * @param rate how far that had moved a point
   * @param age points since then
   */
  private record Remembered(Buffer vector, double height, double residual, double rate, int age) {
    /** What its eigenvalue may have reached, where eigenvalues move by so much at each point. */
    double reach(double move) {
      return height + residual + (age + 1) * Math.max(rate, move);
    }
  }

  private final int outwards;
  private final Tracker.Options options;
  private final double tolerance;
  private List<Remembered> latest = List.of();
  private List<Remembered> earlier = List.of();
  // The one of the two that the next point starts from.
  private List<Remembered> remembered = latest;
  private double move;

  // Of the present point: which of those remembered are in the space, and vectors it owes to this
  // end.
  private boolean[] taken;
  private int owed;

  TrackedEnd(int outwards, Tracker.Options options) {
    this.outwards = outwards;
    this.options = options;
    this.tolerance = outwards > 0 ? options.solve().maxTolerance() : options.solve().minTolerance();
  }

  boolean empty() {
    return latest.isEmpty();
  }

  Stream<Buffer> vectors() {
    return latest.stream().map(Remembered::vector);
  }

  /** Ritz pair of the space, counted from the outermost. */
  private int at(RitzSpace space, int i) {
    return outwards > 0 ? space.size() - 1 - i : i;
  }

  private double height(RitzSpace space, int i) {
    return outwards * space.value(at(space, i));
  }

  private double residual(RitzSpace space, int i) {
    return space.residual(at(space, i));
  }

  /** The outermost vector goes into the space. */
  void begin(RitzSpace space) {
    taken = new boolean[remembered.size()];
    owed = 0;
    take(space, 0);
  }

  private boolean take(RitzSpace space, int j) {
    taken[j] = true;
    return owe(space.add(remembered.get(j).vector));
  }

  /**
   * How far eigenvalues may have moved since the last point: as far as the outermost one did, with
   * the residual of its vector, and no less than half of what it was at the last point.
   */
  void measure(RitzSpace space) {
    double seen = Math.abs(height(space, 0) - remembered.getFirst().height) + residual(space, 0);
    move = Math.max(seen, 0.5 * move);
  }

  /** Companions that are near, or have not been looked at for long. */
  void refresh(RitzSpace space) {
    double near = height(space, 0) - BAND * space.norm();
    for (int j = 1; j < taken.length; j++) {
      Remembered r = remembered.get(j);
      if (r.age + 1 >= j * options.refreshEvery() || r.reach(move) > near) {
        take(space, j);
      }
    }
  }

  /**
   * How far the extreme eigenvalue may have reached.
   *
   * @param together the first Ritz vectors that it follows from, one, two, or all of them
   */
  private record Claim(double reach, int together) {}

  private Claim claim(RitzSpace space) {
    Claim least = null;
    double square = 0;
    for (int c = 1; c <= space.size(); c++) {
      double residual = residual(space, c - 1);
      square += residual * residual;
      double reach = coupled(height(space, 0), others(space, c), Math.sqrt(square));
      if (least == null || reach < least.reach) {
        least = new Claim(reach, c);
      }
    }
    return least;
  }

  /** Whether no eigenvalue may lie beyond the outermost Ritz value by more than the tolerance. */
  boolean settled(RitzSpace space) {
    double unit = options.solve().unit(space.norm(), space.value(at(space, 0)));
    double allowed = Math.max(tolerance * unit, space.noise());
    return claim(space).reach - height(space, 0) <= allowed;
  }

  /** What eigenvalues may have reached beside the first c Ritz vectors. */
  private double others(RitzSpace space, int c) {
    double reach = Double.NEGATIVE_INFINITY;
    if (c < space.size()) {
      reach = height(space, c) + residual(space, c);
    }
    for (int j = 0; j < taken.length; j++) {
      // Those never seen lie below the last one remembered.
      boolean last = j == taken.length - 1;
      if (!space.whole() && (last || !taken[j])) {
        reach = Math.max(reach, remembered.get(j).reach(move));
      }
    }
    return reach;
  }

  /** The larger eigenvalue of {@code (theta rho; rho mu)}. */
  static double coupled(double theta, double mu, double rho) {
    if (mu == Double.NEGATIVE_INFINITY) {
      return theta;
    }
    double half = 0.5 * (theta - mu);
    return 0.5 * (theta + mu) + Math.hypot(half, rho);
  }

  /** One product more: a companion that may have come near, or the residual that counts. */
  boolean grow(RitzSpace space) {
    for (int j = 1; j < taken.length; j++) {
      double near = height(space, 0) - NEAR * residual(space, 0);
      if (!taken[j] && remembered.get(j).reach(move) > near && take(space, j)) {
        return true;
      }
    }
    int worst = 0;
    for (int i = 1; i < claim(space).together; i++) {
      worst = residual(space, i) > residual(space, worst) ? i : worst;
    }
    return owe(space.expand(at(space, worst)));
  }

  private boolean owe(boolean added) {
    owed += added ? 1 : 0;
    return added;
  }

  /** The outermost Ritz vector; x is written. */
  void outermost(RitzSpace space, Buffer x) {
    space.vector(at(space, 0), x);
  }

  /** The end as the space shows it, where it is settled; that is what will be remembered. */
  Tracker.Followed found(LinearOperator a, RitzSpace space) {
    double bound = outwards * claim(space).reach;
    List<Remembered> now = new ArrayList<>();
    boolean done = false;
    try {
      now.add(seen(a, space, 0));
      int fresh = 1;
      int old = 1;
      while (now.size() < options.followed()) {
        while (old < taken.length && (taken[old] || isIn(space, remembered.get(old)))) {
          old++;
        }
        boolean either = old < taken.length;
        if (fresh < owed && !(either && remembered.get(old).height > height(space, fresh))) {
          now.add(seen(a, space, fresh++));
        } else if (either) {
          now.add(older(remembered.get(old++)));
        } else {
          break;
        }
      }
      done = true;
    } finally {
      if (!done) {
        close(now);
      }
    }
    Remembered outermost = now.getFirst();
    double value = outwards * outermost.height;
    Eigenpair pair =
        new Eigenpair(
            value,
            outermost.vector,
            outermost.residual,
            space.noise(),
            true,
            Math.abs(bound - value),
            null);
    return remember(a.device().kernels(a.dtype()), now, pair, bound);
  }

  private static boolean isIn(RitzSpace space, Remembered old) {
    return space.share(old.vector) >= KNOWN;
  }

  /** Ritz vector i from outside. */
  private Remembered seen(LinearOperator a, RitzSpace space, int i) {
    Buffer x = a.device().allocate(a.dtype(), a.size());
    space.vector(at(space, i), x);
    return seen(x, height(space, i), residual(space, i), i);
  }

  private Remembered seen(Buffer x, double height, double residual, int i) {
    double rate = 0;
    if (i < remembered.size()) {
      // Perturbation theory moves ordered eigenvalues: the i-th is compared with the i-th.
      Remembered old = remembered.get(i);
      rate = Math.abs(height - old.height) / (old.age + 1);
    }
    return new Remembered(x, height, residual, rate, 0);
  }

  /** One that was not looked at, a point older. */
  private static Remembered older(Remembered old) {
    return new Remembered(copy(old.vector), old.height, old.residual, old.rate, old.age + 1);
  }

  private static Buffer copy(Buffer x) {
    Buffer copy = x.device().allocate(x.dtype(), x.length());
    x.device().kernels(x.dtype()).copy(x, copy);
    return copy;
  }

  /** The end as an audit has found it, outermost first, which is what will be remembered. */
  Tracker.Followed audited(Kernels kernels, List<Eigenpair> pairs) {
    Eigenpair pair = pairs.getFirst();
    double bound =
        pair.extreme() == null
            ? pair.value() + outwards * (pair.residual() + pair.noise())
            : pair.extreme().at(options.solve().failure());
    List<Remembered> now = new ArrayList<>();
    for (Eigenpair p : pairs) {
      now.add(seen(p.vector(), outwards * p.value(), p.residual(), now.size()));
    }
    return remember(kernels, now, pair, bound);
  }

  private Tracker.Followed remember(
      Kernels kernels, List<Remembered> now, Eigenpair pair, double bound) {
    double overlap = empty() ? 1 : Math.abs(kernels.dot(pair.vector(), latest.getFirst().vector));
    double fromLatest = share(kernels, latest, pair.vector());
    double fromEarlier = share(kernels, earlier, pair.vector());
    close(earlier);
    earlier = latest;
    latest = List.copyOf(now);
    // At the edge of stability every second point is like this one.
    remembered = fromEarlier > fromLatest ? earlier : latest;
    return new Tracker.Followed(pair, bound, overlap, overlap * overlap < KNOWN);
  }

  /** The square of the share of x that lies in vectors, which are nearly orthogonal. */
  private static double share(Kernels kernels, List<Remembered> vectors, Buffer x) {
    double square = 0;
    for (Remembered r : vectors) {
      double c = kernels.dot(r.vector, x);
      square += c * c;
    }
    return square;
  }

  private static void close(List<Remembered> vectors) {
    vectors.forEach(r -> r.vector.close());
  }

  void save(List<Double> numbers, List<Buffer> vectors) {
    numbers.addAll(List.of(move, remembered == earlier ? 1.0 : 0.0));
    for (List<Remembered> generation : List.of(latest, earlier)) {
      numbers.add((double) generation.size());
      for (Remembered r : generation) {
        numbers.addAll(List.of(r.height, r.residual, r.rate, (double) r.age));
        vectors.add(r.vector);
      }
    }
  }

  void restore(PrimitiveIterator.OfDouble numbers, Iterator<Buffer> vectors) {
    close();
    move = numbers.nextDouble();
    boolean fromEarlier = numbers.nextDouble() == 1;
    latest = generation(numbers, vectors);
    earlier = generation(numbers, vectors);
    remembered = fromEarlier ? earlier : latest;
  }

  private static List<Remembered> generation(
      PrimitiveIterator.OfDouble numbers, Iterator<Buffer> vectors) {
    List<Remembered> all = new ArrayList<>();
    int count = (int) numbers.nextDouble();
    for (int i = 0; i < count; i++) {
      double height = numbers.nextDouble();
      double residual = numbers.nextDouble();
      double rate = numbers.nextDouble();
      int age = (int) numbers.nextDouble();
      all.add(new Remembered(copy(vectors.next()), height, residual, rate, age));
    }
    return List.copyOf(all);
  }

  @Override
  public void close() {
    close(latest);
    close(earlier);
    latest = List.of();
    earlier = List.of();
  }
}
