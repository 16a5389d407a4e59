package dev.evolute.spectral;

import java.util.List;

/**
 * What a random start says of the eigenvalues that a Krylov run has <em>not</em> seen: how far the
 * extreme eigenvalue may lie beyond the value found, at a stated risk.
 *
 * <p>Let x be a unit eigenvector of the extreme eigenvalue lambda, v the unit start and {@code
 * gamma = <x, v>}. The recurrence gives the component of x along every Lanczos vector, {@code <x,
 * v_j> = gamma p_j(lambda)} with the orthonormal Lanczos polynomials p_j, and Bessel's inequality
 * makes their squares sum to at most 1:
 *
 * <pre>
 *   gamma^2 sum_{j=0..k} p_j(lambda)^2 &lt;= 1
 * </pre>
 *
 * That holds for certain, after every step alike. The sum grows fast beyond the last Ritz value, so
 * a lambda far out needs a tiny gamma; and for a start drawn uniformly from the sphere of R^n
 *
 * <pre>
 *   P(|gamma| &lt;= delta) &lt;= delta sqrt(2 n / pi)
 * </pre>
 *
 * The only event with a probability is that the one draw of the start was as unlucky; a run may be
 * stopped whenever it likes without spoiling the statement. Among all polynomials of the degree
 * this sum gives the smallest bound (the Christoffel function of the spectral measure); van
 * Dorsselaer, Hochstenbach and van der Vorst, "Computing probabilistic bounds for extreme
 * eigenvalues of symmetric matrices with the Lanczos method", SIAM J. Matrix Anal. Appl. 22 (2000),
 * use its last term alone. It needs no bound of the spread and no gap, as the a-priori bound of
 * Kuczynski and Wozniakowski (1992) does, and is far tighter: see {@link Cost}.
 *
 * <p>Assumed: the random vector is independent of the operator and of what the caller starts from
 * (its seed was not used to find that start); the operator is symmetric and does not change. A warm
 * start with a random share of norm s counts as a start whose gamma is s times as long, by
 * Anderson's inequality. A block of p random vectors is unlucky only if all of them are: the
 * probability becomes {@code (delta^2 n / 2)^(p/2) / Gamma(p/2 + 1)}, and the sum the smallest
 * eigenvalue of its [p x p] analogue.
 */
public final class ExtremeBound {
  /**
   * One Krylov space between two restarts: {@code width} vectors come in, beside {@code
   * theta.length} Ritz vectors kept.
   *
   * @param theta Ritz values kept
   * @param coupling {@code [kept x width]}: projections of A between those and the vectors that
   *     come in
   * @param band {@code [columns x (2 width + 1)]}: column c of the projected operator from row
   *     {@code c - width} to {@code c + width}, counted from the vectors that come in
   */
  record Cycle(int width, double[] theta, double[][] coupling, double[][] band) {}

  // Where M is this badly conditioned its smallest eigenvalue is rounding.
  private static final double ROUNDING = 1e-13;
  private static final double BEYOND_ALL = 1e290;

  private final List<Cycle> cycles;
  private final double value;
  private final double noise;
  private final double scale;
  private final int outwards;
  private final double dimension;
  private final int randomVectors;
  private final double share;

  /**
   * @param value the Ritz value or Rayleigh quotient that the extreme eigenvalue lies beyond
   * @param outwards 1 at the upper end, -1 at the lower
   * @param dimension of the space that the start was drawn from
   * @param randomVectors vectors of the start that are random
   * @param share length of their random part, 1 if it is all of them
   */
  ExtremeBound(
      List<Cycle> cycles,
      double value,
      double noise,
      double scale,
      int outwards,
      long dimension,
      int randomVectors,
      double share) {
    this.cycles = List.copyOf(cycles);
    this.value = value;
    this.noise = noise;
    this.scale = scale;
    this.outwards = outwards;
    this.dimension = dimension;
    this.randomVectors = randomVectors;
    this.share = share;
  }

  /**
   * The bound at a risk: with probability at least {@code 1 - failure} over the random start, the
   * extreme eigenvalue does not lie beyond it; noise included.
   *
   * @param failure the risk, in (0, 1)
   */
  public double at(double failure) {
    if (!(failure > 0 && failure < 1)) {
      throw new IllegalArgumentException(
          "bound: failure probability " + failure + " given, it must lie between 0 and 1");
    }
    double inside = 0;
    // Nothing finer than noise is asked, which is added in the end.
    double outside = Math.max(Math.ulp(value), Math.max(noise, 0x1p-52 * scale));
    while (risk(outside) > failure) {
      inside = outside;
      outside *= 2;
      if (!(outside < BEYOND_ALL)) {
        return outwards * Double.POSITIVE_INFINITY;
      }
    }
    for (int i = 0; i < 60 && outside - inside > 1e-6 * outside; i++) {
      double middle = 0.5 * (inside + outside);
      if (risk(middle) > failure) {
        inside = middle;
      } else {
        outside = middle;
      }
    }
    return value + outwards * (outside + noise);
  }

  /**
   * The risk that the extreme eigenvalue lies beyond a value, at most: 1 where nothing is known, as
   * for any value further in than the one found.
   */
  public double failure(double beyond) {
    double distance = outwards * (beyond - value) - noise;
    return distance > 0 ? risk(distance) : 1;
  }

  private double risk(double distance) {
    double mass = mass(value + outwards * distance);
    // gamma^2 is at most 1 / mass, and the random part of the start shorter by its share.
    double delta = 1 / (share * Math.sqrt(mass));
    int p = randomVectors;
    double halves = Math.pow(delta * Math.sqrt(dimension / 2), p);
    return Math.min(1, halves / gammaOfHalf(p + 2));
  }

  /** {@code Gamma(twice / 2)} by its recurrence. */
  private static double gammaOfHalf(int twice) {
    double gamma = twice % 2 == 0 ? 1 : Math.sqrt(Math.PI);
    for (int t = twice - 2; t > 0; t -= 2) {
      gamma *= t / 2.0;
    }
    return gamma;
  }

  /**
   * {@code sum_j p_j(lambda)^2}; of a block, the smallest eigenvalue of {@code sum_j P_j(lambda)'
   * P_j(lambda)}. Each cycle carries the components on, and the largest sum of any holds.
   */
  private double mass(double lambda) {
    int p = cycles.getFirst().width;
    double[][] in = new double[p][p];
    for (int r = 0; r < p; r++) {
      in[r][r] = 1;
    }
    double largest = 1;
    for (Cycle cycle : cycles) {
      double[] m = new double[p * p];
      double[][] kept = kept(cycle, in, lambda);
      for (double[] z : kept) {
        add(z, m);
      }
      int columns = cycle.band.length;
      double[][] z = new double[columns + p][];
      for (int r = 0; r < p; r++) {
        z[r] = in[r];
        add(z[r], m);
      }
      for (int c = 0; c < columns; c++) {
        z[c + p] = next(cycle, kept, z, c, lambda);
        add(z[c + p], m);
        if (Double.isNaN(m[0])) {
          // At a Ritz value of a space that is exhausted, 0 / 0: nothing is known there.
          return largest;
        }
        if (m[0] > BEYOND_ALL) {
          return BEYOND_ALL;
        }
      }
      largest = Math.max(largest, smallest(m, p));
      System.arraycopy(z, columns, in, 0, p);
    }
    return largest;
  }

  /** {@code (lambda - theta_i) z_i = sum_r h_ir z_r}: components along the Ritz vectors kept. */
  private static double[][] kept(Cycle cycle, double[][] in, double lambda) {
    double[][] z = new double[cycle.theta.length][in.length];
    for (int i = 0; i < z.length; i++) {
      for (int r = 0; r < in.length; r++) {
        double factor = cycle.coupling[i][r] / (lambda - cycle.theta[i]);
        for (int q = 0; q < in.length; q++) {
          z[i][q] += factor * in[r][q];
        }
      }
    }
    return z;
  }

  /** {@code h_{c+p,c} z_{c+p} = lambda z_c - sum_{r < c+p} h_rc z_r}. */
  private static double[] next(Cycle cycle, double[][] kept, double[][] z, int c, double lambda) {
    int p = cycle.width;
    double[] next = new double[p];
    for (int q = 0; q < p; q++) {
      double sum = lambda * z[c][q];
      for (int r = Math.max(0, c - p); r < c + p; r++) {
        sum -= cycle.band[c][r - c + p] * z[r][q];
      }
      if (c < p) {
        for (int i = 0; i < kept.length; i++) {
          sum -= cycle.coupling[i][c] * kept[i][q];
        }
      }
      next[q] = sum / cycle.band[c][2 * p];
    }
    return next;
  }

  private static void add(double[] z, double[] m) {
    int p = z.length;
    for (int i = 0; i < p; i++) {
      for (int j = 0; j < p; j++) {
        m[i * p + j] += z[i] * z[j];
      }
    }
  }

  private static double smallest(double[] m, int p) {
    if (p == 1) {
      return m[0];
    }
    double[] eigenvalues = SymmetricEigen.of(m, p, p).values();
    return eigenvalues[0] - ROUNDING * eigenvalues[p - 1];
  }

  @Override
  public String toString() {
    return (outwards > 0 ? "at most " : "at least ") + at(0.01) + " with probability 0.99";
  }
}
