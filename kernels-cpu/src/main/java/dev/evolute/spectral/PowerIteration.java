package dev.evolute.spectral;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Kernels;
import java.util.ArrayList;
import java.util.List;

/**
 * Power iteration: two vectors of memory and a loop that fits on one screen. It is the reference
 * that {@link Lanczos} is held against, and takes tens to hundreds of times its products.
 *
 * <pre>
 *   x = (A - shift) x / s,  s about ||A - shift||;     theta = &lt;x, A x&gt; / &lt;x, x&gt;,  r = A x - theta x
 * </pre>
 *
 * The eigenvalue of largest magnitude by itself, either end of the spectrum by a shift of the norm,
 * several by staying orthogonal to those found. It stops on the residual {@code ||r||}, never on
 * the change between two values; that is looked at in each of the first 8 steps and every 8th one
 * beyond, and between two looks nothing comes back from the device, unless several are sought.
 */
public final class PowerIteration {
  /**
   * One eigenpair. Closing it frees the vector.
   *
   * @param pair value, vector, residual
   * @param products products used
   */
  public record Result(Eigenpair pair, int products) implements AutoCloseable {
    @Override
    public void close() {
      pair.vector().close();
    }
  }

  private static final long START_STREAM = 0x706f776572L;
  private static final int LOOK_EVERY = 8;

  private final LinearOperator a;
  private final Products products;
  private final Kernels kernels;
  private final double tolerance;
  private final long seed;
  // Largest ||A x|| seen: a lower bound of ||A||, and close to it once a run has settled.
  private double norm;

  private PowerIteration(LinearOperator a, double tolerance, long seed) {
    if (!(tolerance >= 0)) {
      throw new IllegalArgumentException(
          "power iteration: tolerance " + tolerance + " given, it must be 0 or more");
    }
    this.a = a;
    this.products = new Products(a);
    this.kernels = a.device().kernels(a.dtype());
    this.tolerance = tolerance;
    this.seed = seed;
  }

  /**
   * The eigenvalue of largest magnitude. Where lambda and -lambda are both eigenvalues of that
   * magnitude the method does not converge, and says so.
   *
   * @param tolerance residual allowed, relative to the operator's norm as far as it is known
   * @param maxProducts products to spend at most
   * @param seed of the start vector
   * @throws ArithmeticException if a product holds a NaN or an infinity
   */
  public static Result dominant(LinearOperator a, double tolerance, int maxProducts, long seed) {
    PowerIteration power = new PowerIteration(a, tolerance, seed);
    Eigenpair pair = power.run(0, maxProducts, List.of(), tolerance);
    return new Result(pair, power.products.count());
  }

  /**
   * Both ends: the dominant eigenvalue is one of them, the other dominates {@code A -+ ||A|| I}. A
   * third of the products at most goes into the first run; if that is not enough, as where the ends
   * are equally far from zero, both ends are sought by shifts.
   *
   * @param maxProducts products to spend at most, at least 3
   * @see #dominant
   */
  public static Extremes extremes(LinearOperator a, double tolerance, int maxProducts, long seed) {
    Eigenpairs pairs = eigenpairs(a, 1, 1, tolerance, maxProducts, seed);
    return new Extremes(
        pairs.smallest().getFirst(), pairs.largest().getFirst(), pairs.products(), pairs.steps());
  }

  /**
   * Several eigenpairs at each end, one after the other, each orthogonal to those before it at its
   * end: repeated eigenvalues are found as often as they are asked for. More than the operator has
   * dimensions are all there are.
   *
   * @param smallest pairs wanted at the lower end
   * @param largest pairs wanted at the upper end
   * @param maxProducts products to spend at most, at least one more than pairs
   * @see #extremes
   */
  public static Eigenpairs eigenpairs(
      LinearOperator a, int smallest, int largest, double tolerance, int maxProducts, long seed) {
    int low = (int) Math.min(smallest, a.size());
    int high = (int) Math.min(largest, a.size());
    if (low < 0 || high < 0 || low + high < 1 || maxProducts <= low + high) {
      throw new IllegalArgumentException(
          "power iteration: "
              + smallest
              + " smallest and "
              + largest
              + " largest pairs asked for with "
              + maxProducts
              + " products; ask for one at least, with one product more than pairs");
    }
    PowerIteration power = new PowerIteration(a, tolerance, seed);
    List<Eigenpair> min = new ArrayList<>();
    List<Eigenpair> max = new ArrayList<>();
    boolean done = false;
    try {
      // What a pair leaves undone shows in the residuals of those found orthogonal to it.
      double each = tolerance / Math.sqrt(1.0 + Math.max(low, high));
      Eigenpair first = power.run(0, Math.max(1, maxProducts / (low + high + 1)), List.of(), each);
      List<Eigenpair> end = first.value() > 0 ? max : min;
      boolean wanted = first.value() > 0 ? high > 0 : low > 0;
      if (first.converged() && wanted) {
        end.add(first);
      } else {
        first.vector().close();
      }
      double shift = power.norm;
      while (max.size() < high || min.size() < low) {
        boolean up = max.size() < high;
        int left = low + high - max.size() - min.size();
        int budget = (maxProducts - power.products.count()) / left;
        List<Eigenpair> found = up ? max : min;
        found.add(power.run(up ? -shift : shift, budget, found, each));
      }
      boolean converged =
          min.stream().allMatch(Eigenpair::converged)
              && max.stream().allMatch(Eigenpair::converged);
      int spent = power.products.count();
      Eigenpairs pairs = new Eigenpairs(min, max, spent, spent, converged);
      done = true;
      return pairs;
    } finally {
      if (!done) {
        new Eigenpairs(min, max, 0, 0, false).close();
      }
    }
  }

  /**
   * One pair of {@code A - shift}, orthogonal to those found.
   *
   * @param aim residual to stop at, relative to the norm; converged is judged by the tolerance
   */
  private Eigenpair run(double shift, int budget, List<Eigenpair> found, double aim) {
    if (budget < 1) {
      throw new IllegalArgumentException(
          "power iteration: " + budget + " products given, at least 1 is needed");
    }
    Buffer x = a.device().allocate(a.dtype(), a.size());
    boolean done = false;
    try (Buffer y = a.device().allocate(a.dtype(), a.size())) {
      CounterRandom.fillGaussian(seed, START_STREAM + products.count(), 1, x);
      clear(x, found);
      kernels.normalise(x);
      for (int step = 1; ; step++) {
        products.apply(x, y);
        boolean last = step == budget;
        if (last || step <= LOOK_EVERY || step % LOOK_EVERY == 0) {
          double length = kernels.nrm2(x);
          double theta = kernels.dot(x, y) / (length * length);
          products.check(theta, y);
          norm = Math.max(norm, kernels.nrm2(y) / length);
          kernels.axpby(-theta, x, 1, y);
          double residual = kernels.nrm2(y) / length;
          double noise = products.noise();
          if (last || residual <= Math.max(aim, noise) * norm) {
            products.normalise(x);
            done = true;
            return new Eigenpair(theta, x, residual, noise * norm, residual <= tolerance * norm);
          }
          // y holds A x - theta x.
          kernels.axpby(1 / length, y, (theta - shift) / length, x);
          kernels.normalise(x);
        } else {
          double s = norm + Math.abs(shift);
          kernels.axpby(1 / s, y, -shift / s, x);
        }
        clear(x, found);
      }
    } finally {
      if (!done) {
        x.close();
      }
    }
  }

  private void clear(Buffer x, List<Eigenpair> found) {
    for (Eigenpair pair : found) {
      kernels.axpby(-kernels.dot(pair.vector(), x), pair.vector(), 1, x);
    }
  }
}
