package dev.evolute.spectral;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Kernels;

/**
 * Power iteration: three vectors of memory and a loop that fits on one screen. It is the reference
 * that {@link Lanczos} is held against, and takes tens to hundreds of times its products.
 *
 * <pre>
 *   y = A x,  theta = &lt;x, y&gt;,  r = y - theta x;   x = (A - shift) x / ||.|| = (r + (theta - shift) x) / ||.||
 * </pre>
 *
 * It stops on the residual {@code ||r||}, never on the change between two values.
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
    Eigenpair pair = power.run(0, maxProducts);
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
    if (maxProducts < 3) {
      throw new IllegalArgumentException(
          "power iteration: maxProducts is " + maxProducts + ", both ends need 3");
    }
    PowerIteration power = new PowerIteration(a, tolerance, seed);
    Eigenpair min = null;
    Eigenpair max = null;
    boolean done = false;
    try {
      Eigenpair first = power.run(0, maxProducts / 3);
      double shift = power.norm;
      if (!first.converged()) {
        first.vector().close();
        max = power.run(-shift, maxProducts / 3);
      } else if (first.value() > 0) {
        max = first;
      } else {
        min = first;
        max = power.run(-shift, maxProducts - power.products.count());
      }
      if (min == null) {
        min = power.run(shift, maxProducts - power.products.count());
      }
      done = true;
      int spent = power.products.count();
      return new Extremes(min, max, spent, spent);
    } finally {
      if (!done) {
        new Extremes(min, max, 0, 0).close();
      }
    }
  }

  private Eigenpair run(double shift, int budget) {
    if (budget < 1) {
      throw new IllegalArgumentException(
          "power iteration: " + budget + " products given, at least 1 is needed");
    }
    Buffer x = a.device().allocate(a.dtype(), a.size());
    boolean done = false;
    try (Buffer y = a.device().allocate(a.dtype(), a.size())) {
      CounterRandom.fillGaussian(seed, START_STREAM + products.count(), 1, x);
      kernels.normalise(x);
      for (int left = budget; ; left--) {
        products.apply(x, y);
        double theta = kernels.dot(x, y) / kernels.dot(x, x);
        products.check(theta, y);
        norm = Math.max(norm, kernels.nrm2(y));
        kernels.axpby(-theta, x, 1, y);
        double residual = kernels.nrm2(y);
        double noise = products.noise();
        if (residual <= Math.max(tolerance, noise) * norm || left == 1) {
          products.normalise(x);
          done = true;
          return new Eigenpair(theta, x, residual, noise * norm, residual <= tolerance * norm);
        }
        kernels.axpby(1, y, theta - shift, x);
        kernels.normalise(x);
      }
    } finally {
      if (!done) {
        x.close();
      }
    }
  }
}
